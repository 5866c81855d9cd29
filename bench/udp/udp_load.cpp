// Sends DogStatsD metrics at a steady rate and says how many it sent: the sending end of a loss measurement.
//   udp_load --to 127.0.0.1:8125 --rate 500000 --seconds 10
// Metrics are packed into datagrams of at most 1432 bytes as clients buffer them, sent in groups with sendmmsg each
// millisecond. Half are counters, a third gauges, the rest distributions, over `--contexts` contexts with five tags.
// Bounded: it ends after `--seconds` (at most 600). Exit code 1 when it fell behind the rate by more than 1 %.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <godseye/dogstatsd/encode.h>
#include <godseye/net/listen_address.h>

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace godseye;

constexpr size_t kPacketBytes = 1432;
constexpr size_t kGroupMax = 64;
constexpr auto kPace = std::chrono::milliseconds(1);

struct Packet {
  std::string bytes;
  int metrics = 0;
};

// Every context once, in packets as full as a client makes them.
std::vector<Packet> make_packets(int contexts) {
  std::vector<Packet> packets(1);
  for (int i = 0; i < contexts; ++i) {
    const std::string name = "load.metric." + std::to_string(i % 40);
    const std::string tags = "env:prod,service:s" + std::to_string(i % 10) + ",model:m" + std::to_string(i % 7) +
                             ",version:1,endpoint:/v" + std::to_string(i);
    const double value = i % 100 + 0.5;
    dogstatsd::MetricMessage metric;
    metric.name = name;
    metric.kind = i % 6 < 3   ? dogstatsd::MetricKind::kCounter
                  : i % 6 < 5 ? dogstatsd::MetricKind::kGauge
                              : dogstatsd::MetricKind::kDistribution;
    metric.values = {&value, 1};
    metric.tags = tags;
    std::string line;
    dogstatsd::append_metric(metric, line);
    if (packets.back().bytes.size() + line.size() > kPacketBytes) packets.emplace_back();
    packets.back().bytes += line;
    ++packets.back().metrics;
  }
  return packets;
}

int open_socket(const net::ListenAddress& to) {
  const bool v6 = to.family == net::ListenAddress::Family::kIpv6;
  const int fd = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in v4_address{};
  v4_address.sin_family = AF_INET;
  v4_address.sin_port = htons(to.port);
  ::inet_pton(AF_INET, to.host.c_str(), &v4_address.sin_addr);
  sockaddr_in6 v6_address{};
  v6_address.sin6_family = AF_INET6;
  v6_address.sin6_port = htons(to.port);
  ::inet_pton(AF_INET6, to.host.c_str(), &v6_address.sin6_addr);
  const int result = v6 ? ::connect(fd, reinterpret_cast<sockaddr*>(&v6_address), sizeof v6_address)
                        : ::connect(fd, reinterpret_cast<sockaddr*>(&v4_address), sizeof v4_address);
  if (result == 0) return fd;
  std::perror("udp_load: connect");
  ::close(fd);
  return -1;
}

struct Sent {
  uint64_t metrics = 0;
  uint64_t packets = 0;
  uint64_t refused = 0;  // by the kernel at the sending end
};

// Sends up to `count` packets beginning at `next`, which moves on.
bool send_group(int fd, const std::vector<Packet>& packets, size_t count, size_t& next, Sent& sent) {
  std::array<mmsghdr, kGroupMax> messages{};
  std::array<iovec, kGroupMax> parts{};
  for (size_t i = 0; i < count; ++i) {
    const std::string& bytes = packets[(next + i) % packets.size()].bytes;
    parts[i] = {const_cast<char*>(bytes.data()), bytes.size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int done = ::sendmmsg(fd, messages.data(), static_cast<unsigned>(count), 0);
  if (done <= 0) {
    // A closed port answers with ECONNREFUSED on the next send; nobody is listening.
    ++sent.refused;
    return sent.refused < 1000;
  }
  for (int i = 0; i < done; ++i) sent.metrics += static_cast<uint64_t>(packets[(next + i) % packets.size()].metrics);
  sent.packets += static_cast<uint64_t>(done);
  next = (next + static_cast<size_t>(done)) % packets.size();
  return true;
}

int run(const net::ListenAddress& to, double rate, int seconds, int contexts) {
  const std::vector<Packet> packets = make_packets(contexts);
  const int fd = open_socket(to);
  if (fd < 0) return 2;
  Sent sent;
  size_t next = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + std::chrono::seconds(seconds);
  const double per_packet = static_cast<double>(contexts) / static_cast<double>(packets.size());
  for (auto now = start; now < end; now = std::chrono::steady_clock::now()) {
    const double due = rate * std::chrono::duration<double>(now - start).count();
    const double missing = (due - static_cast<double>(sent.metrics)) / per_packet;
    if (missing < 1) {
      std::this_thread::sleep_for(kPace);
      continue;
    }
    if (!send_group(fd, packets, std::min(kGroupMax, static_cast<size_t>(missing)), next, sent)) break;
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ::close(fd);
  std::printf("sent_metrics=%llu sent_packets=%llu refused_groups=%llu seconds=%.3f metrics_per_second=%.0f\n",
              static_cast<unsigned long long>(sent.metrics), static_cast<unsigned long long>(sent.packets),
              static_cast<unsigned long long>(sent.refused), took, static_cast<double>(sent.metrics) / took);
  return static_cast<double>(sent.metrics) < 0.99 * rate * seconds ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sends DogStatsD metrics over UDP at a steady rate");
  app.footer("example: udp_load --to 127.0.0.1:8125 --rate 500000 --seconds 10");
  std::string to;
  double rate = 500'000;
  int seconds = 10;
  int contexts = 10'000;
  app.add_option("--to", to, "HOST:PORT of the receiver")->required();
  app.add_option("--rate", rate, "metrics per second")->check(CLI::Range(1.0, 1e8));
  app.add_option("--seconds", seconds, "how long, in seconds")->check(CLI::Range(1, 600));
  app.add_option("--contexts", contexts, "distinct contexts")->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  const auto address = net::parse_listen_address(to);
  if (!address || address->family == net::ListenAddress::Family::kUnix || address->port == 0) {
    std::fprintf(stderr, "udp_load: --to %s is not a UDP HOST:PORT\n", to.c_str());
    return 2;
  }
  return run(*address, rate, seconds, contexts);
}
