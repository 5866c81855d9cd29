// Receives DogStatsD over UDP into an aggregator, as the server does, and says what arrived: the receiving end of a
// loss measurement, without store and HTTP.
//   udp_sink --seconds 15            prints `listening=127.0.0.1:PORT`, then after 15 s one line of counts
// Buckets are cut each second instead of each ten, by advancing the aggregator's clock: ten times the real cutting
// work. Exit code 1 when the kernel dropped a datagram.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/base/log.h>
#include <godseye/net/datagram_receiver.h>
#include <godseye/pipeline/aggregator.h>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

namespace {

using namespace godseye;

// The machine's time, ten times as fast from its first call on.
class FastClock {
 public:
  base::WallTime now() const { return start_ + 10 * (clock_.wall() - start_); }

 private:
  base::Clock clock_ = base::system_clock();
  base::WallTime start_ = clock_.wall();
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int run(const net::ListenAddress& address, int seconds) {
  const FastClock clock;
  pipeline::Aggregator aggregator({});
  auto receiver = net::DatagramReceiver::start({.address = address}, [&](std::span<const std::string_view> packets) {
    aggregator.add_packets(packets, clock.now());
  });
  if (!receiver) {
    std::fprintf(stderr, "udp_sink: %s\n", receiver.error().message().c_str());
    return 2;
  }
  std::printf("listening=%s\n", (*receiver)->address().text().c_str());
  std::fflush(stdout);
  uint64_t points = 0;
  for (int second = 0; second < seconds; ++second) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    points += aggregator.cut(clock.now()).points.size();
  }
  (*receiver)->stop();
  const pipeline::AggregatorStats stats = aggregator.stats();
  const net::DatagramReceiverStats udp = (*receiver)->stats();
  std::printf(
      "metrics=%llu packets=%llu dropped_by_kernel=%llu errors=%llu points_cut=%llu cpu_seconds=%.2f "
      "receive_buffer_kib=%zu\n",
      static_cast<unsigned long long>(stats.events_in), static_cast<unsigned long long>(udp.packets),
      static_cast<unsigned long long>(udp.dropped_by_kernel), static_cast<unsigned long long>(stats.errors_total()),
      static_cast<unsigned long long>(points), cpu_seconds(), udp.receive_buffer_bytes >> 10);
  return udp.dropped_by_kernel == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Receives DogStatsD over UDP and counts");
  app.footer("example: udp_sink --listen 127.0.0.1:8125 --seconds 15");
  std::string listen = "127.0.0.1:0";
  int seconds = 15;
  app.add_option("--listen", listen, "HOST:PORT; port 0 picks one");
  app.add_option("--seconds", seconds, "how long, in seconds")->check(CLI::Range(1, 600));
  CLI11_PARSE(app, argc, argv);
  base::init_log("udp_sink", "info");
  const auto address = net::parse_listen_address(listen);
  if (!address) {
    std::fprintf(stderr, "udp_sink: %s\n", address.error().message().c_str());
    return 2;
  }
  return run(*address, seconds);
}
