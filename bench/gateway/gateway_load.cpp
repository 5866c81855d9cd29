// gateway_load: chat completions over a fixed set of connections from one thread, with nothing of lib/net's streaming
// half in it, so that what is measured does not measure itself. Prints one line of JSON.
//   closed loop: each connection sends its next request when the answer is there
//   --rate R: requests leave at R a second, latency counted from when each was due (a late server is not excused)
//   --stream: time to the first event as well; --open: hold all streams open and report how many run
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/net/io_loop.h>
#include <godseye/net/uri.h>

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string to;
  std::string path = "/v1/chat/completions";
  std::string model = "bench-simulator";
  std::vector<std::string> headers;
  int connections = 32;
  double seconds = 5;
  double rate = 0;
  bool stream = false;
  bool open = false;
};

struct Connection {
  int fd = -1;
  bool busy = false;
  Clock::time_point due;
  std::string received;
  bool first_seen = false;
};

struct Totals {
  std::vector<double> latencies_us;
  std::vector<double> first_us;
  size_t errors = 0;
  size_t statuses = 0;
};

constexpr std::string_view kWord = "aaaaaaaa";

double us(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

std::string make_request(const Options& options, const godseye::net::Url& url) {
  std::string prompt;
  prompt = std::string(kWord) + ": ";
  while (prompt.size() < 1024) prompt += "Please recommend a warm jacket for a rainy week in the mountains. ";
  prompt.resize(1024);
  std::string body = R"({"model":")" + options.model +
                     R"(","messages":[{"role":"system","content":"You are a shop assistant."},)"
                     R"({"role":"user","content":")" +
                     prompt + R"("}])" + (options.stream ? R"(,"stream":true})" : "}");
  std::string head = "POST " + options.path + " HTTP/1.1\r\nHost: " + url.authority() +
                     "\r\nAuthorization: Bearer bench\r\nContent-Type: application/json\r\nAccept: */*\r\n"
                     "User-Agent: gateway_load\r\n";
  for (const std::string& header : options.headers) head += header + "\r\n";
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

int open_connection(const godseye::net::Url& url) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(url.port);
  inet_pton(AF_INET, url.host.c_str(), &address.sin_addr);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    std::perror("gateway_load: connect");
    std::exit(1);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

// True when `received` holds one whole answer.
bool is_complete(const std::string& received) {
  const size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string_view head = std::string_view(received).substr(0, end + 2);
  if (head.find("chunked") != std::string_view::npos) return received.ends_with("\r\n0\r\n\r\n");
  for (const char* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const size_t at = head.find(name);
    if (at != std::string_view::npos) {
      return received.size() >= end + 4 + std::strtoul(received.c_str() + at + 18, nullptr, 10);
    }
  }
  return false;
}

double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  const auto at = static_cast<size_t>(p * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

class Load {
 public:
  Load(const Options& options, const godseye::net::Url& url)
      : options_(options), request_(make_request(options, url)), word_(request_.find(kWord)), epoll_(epoll_create1(0)) {
    connections_.resize(static_cast<size_t>(options.connections));
    for (size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].fd = open_connection(url);
      watch(connections_[i].fd, i);
      idle_.push_back(i);
    }
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    watch(timer_, kTimer);
  }

  void run() {
    start_ = Clock::now();
    const auto end =
        start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    next_ = start_;
    size_t opened = 0;
    while (Clock::now() < end) {
      if (options_.open) {
        // 500 a second, so that the listen queue is not what is measured.
        while (opened < connections_.size() && us(Clock::now() - start_) > static_cast<double>(opened) * 2000) {
          send_on(opened++, Clock::now());
        }
      } else if (options_.rate <= 0) {
        while (!idle_.empty()) begin(Clock::now());
      } else {
        while (next_ <= Clock::now()) {
          backlog_.push_back(next_);
          next_ += std::chrono::nanoseconds(static_cast<int64_t>(1e9 / options_.rate));
        }
        while (!idle_.empty() && !backlog_.empty()) {
          begin(backlog_.front());
          backlog_.pop_front();
        }
        arm(next_);
      }
      take_events();
    }
    seconds_ = us(Clock::now() - start_) / 1e6;
  }

  void report() {
    size_t streaming = 0;
    for (const Connection& connection : connections_) streaming += connection.busy && connection.first_seen ? 1 : 0;
    const size_t done = totals_.latencies_us.size();
    std::printf(
        "{\"requests\":%zu,\"rps\":%.1f,\"errors\":%zu,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,"
        "\"first_p50_us\":%.1f,\"first_p99_us\":%.1f,\"streams_open\":%zu,\"backlog\":%zu}\n",
        done, static_cast<double>(done) / seconds_, totals_.errors, percentile(totals_.latencies_us, 0.5),
        percentile(totals_.latencies_us, 0.9), percentile(totals_.latencies_us, 0.99),
        percentile(totals_.first_us, 0.5), percentile(totals_.first_us, 0.99), streaming, backlog_.size());
  }

 private:
  static constexpr size_t kTimer = ~size_t{0};

  void watch(int fd, size_t key) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = key;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void arm(Clock::time_point when) {
    const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
    itimerspec spec{};
    spec.it_value.tv_sec = since / 1'000'000'000;
    spec.it_value.tv_nsec = since % 1'000'000'000;
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
  }
  void begin(Clock::time_point due) {
    const size_t at = idle_.front();
    idle_.pop_front();
    send_on(at, due);
  }
  // No two prompts are the same: nothing may be answered from what was found in the one before.
  void next_word() {
    for (size_t i = word_ + kWord.size(); i-- > word_;) {
      if (++request_[i] <= 'z') return;
      request_[i] = 'a';
    }
  }
  void send_on(size_t at, Clock::time_point due) {
    next_word();
    Connection& connection = connections_[at];
    connection.busy = true;
    connection.due = due;
    connection.first_seen = false;
    connection.received.clear();
    if (send(connection.fd, request_.data(), request_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request_.size())) {
      ++totals_.errors;
    }
  }
  void take_events() {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, options_.open ? 1 : 20);
    for (int i = 0; i < count; ++i) {
      const size_t at = events[i].data.u64;
      if (at == kTimer) {
        uint64_t ignored = 0;
        (void)!read(timer_, &ignored, sizeof(ignored));
      } else {
        receive(at);
      }
    }
  }
  void receive(size_t at) {
    Connection& connection = connections_[at];
    const ssize_t got = recv(connection.fd, buffer_, sizeof(buffer_), MSG_DONTWAIT);
    if (got <= 0) {
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      ++totals_.errors;
      epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.fd, nullptr);
      connection.busy = false;
      return;
    }
    const auto now = Clock::now();
    connection.received.append(buffer_, static_cast<size_t>(got));
    if (options_.stream && !connection.first_seen && connection.received.find("data: ") != std::string::npos) {
      connection.first_seen = true;
      totals_.first_us.push_back(us(now - connection.due));
    }
    if (!is_complete(connection.received)) return;
    if (connection.received.compare(9, 3, "200") != 0) ++totals_.errors;
    totals_.latencies_us.push_back(us(now - connection.due));
    connection.busy = false;
    if (!options_.open) idle_.push_back(at);
  }

  const Options& options_;
  std::string request_;
  const size_t word_;  // where the prompt's own word stands
  const int epoll_;
  int timer_ = -1;
  std::vector<Connection> connections_;
  std::deque<size_t> idle_;
  std::deque<Clock::time_point> backlog_;
  Clock::time_point start_, next_;
  double seconds_ = 0;
  Totals totals_;
  char buffer_[65536];
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Chat completions over a fixed set of connections; prints one line of JSON, times in microseconds");
  app.footer("example: gateway_load --to http://127.0.0.1:8081 --connections 8 --seconds 5 --rate 1000");
  app.add_option("--to", options.to, "http://127.0.0.1:PORT")->required();
  app.add_option("--path", options.path, "of the requests");
  app.add_option("--model", options.model, "in the requests");
  app.add_option("--header", options.headers, "Name: value");
  app.add_option("--connections", options.connections, "kept open at a time")->check(CLI::Range(1, 20'000));
  app.add_option("--seconds", options.seconds, "how long")->check(CLI::Range(0.1, 60.0));
  app.add_option("--rate", options.rate, "requests per second; 0: as fast as answers come");
  app.add_flag("--stream", options.stream, "ask for streams, and time their first event");
  app.add_flag("--open", options.open, "hold all streams open and say how many run");
  CLI11_PARSE(app, argc, argv);
  if (options.open) options.stream = true;
  const auto url = godseye::net::parse_url(options.to);
  if (!url) {
    std::fprintf(stderr, "gateway_load: %s\n", url.error().message().c_str());
    return 1;
  }
  godseye::net::raise_descriptor_limit();
  auto load = std::make_unique<Load>(options, *url);
  load->run();
  load->report();
  return 0;
}
