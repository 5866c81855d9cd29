#include "supervisor.h"

#include "held_port.h"
#include "restart_policy.h"
#include "serve.h"
#include "services.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>

#include <godseye/base/json_text.h>
#include <godseye/base/spawn.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vcommerce {
namespace {

constexpr size_t kOutputBytesMax = 4096;     // of a child's line; it prints one
constexpr size_t kErrorBytesMax = 64 << 10;  // what a pipe holds
constexpr int kLastRoundsMax = 16;

std::string reason_of(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

struct Child {
  enum class State { kDown, kStarting, kUp, kGivenUp };

  std::string name;
  HeldPort port;
  int stage = 0;
  State state = State::kDown;
  pid_t pid = -1;
  int output = -1;  // of the child's standard output
  int errors = -1;  // of its standard error; only with a log
  LineGatherer log_lines;
  std::string line;
  base::TickTime started;
  base::TickTime start_at;     // while down
  base::TickTime next_report;  // while down
  std::string why_down;
  uint64_t restarts = 0;
  RestartPolicy policy;
};

}  // namespace

class Supervisor::Parts {
 public:
  Parts(SupervisorOptions given, base::Clock clock) : options_(std::move(given)), clock_(std::move(clock)) {}

  base::Status hold_ports() {
    for (const std::string& name : options_.services) {
      const KnownService* known = find_service(name);
      if (known == nullptr) return base::Error(base::ErrorCode::kInvalidArgument, "no such service: " + name);
      const uint16_t wanted =
          options_.base_port == 0 ? uint16_t{0} : static_cast<uint16_t>(options_.base_port + known->port_offset);
      auto port = HeldPort::take(options_.host, wanted);
      if (!port) return std::move(port).error().within(name);
      if (!addresses_.empty()) addresses_ += ',';
      children_.push_back(Child{.name = name, .port = *std::move(port), .stage = known->stage});
      addresses_ += name + "=" + socket_of(children_.back());
    }
    return base::ok();
  }

  base::Status open_log() {
    if (options_.log.empty()) return base::ok();
    auto log = LogFile::open(options_.log, options_.log_limits);
    if (!log) return std::move(log).error();
    log_.emplace(*std::move(log));
    return base::ok();
  }

  int run() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int one : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&signals, one);
    signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    while (!stopping_) {
      start_due();
      wait(next_event());
    }
    stop_all();
    ::close(signals_);
    return exit_code_;
  }

 private:
  std::string address_of(const Child& child) const { return options_.host + ":" + std::to_string(child.port.port()); }
  // Where its neighbours find it: a call costs less than over its port. Named after the port, which is held, so that
  // the name is nobody else's; no file, so that nothing is left behind.
  std::string socket_of(const Child& child) const { return "unix-abstract:vcommerce-" + address_of(child); }

  void say(std::string_view event, const std::vector<std::pair<std::string_view, std::string>>& fields) {
    const std::string line = event_line(options_.json, event, fields);
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
  }

  void start_due() {
    const base::TickTime now = clock_.tick();
    for (Child& child : children_) {
      if (child.state == Child::State::kDown && now >= child.start_at && is_its_turn(child)) start(child);
      if (child.state == Child::State::kStarting && now >= child.started + kStartWithin) ::kill(child.pid, SIGKILL);
      const bool down = child.state == Child::State::kDown || child.state == Child::State::kGivenUp;
      if (down && !child.why_down.empty() && now >= child.next_report) {
        child.next_report = now + kDownReportInterval;
        if (options_.report_down) options_.report_down(child.name, child.why_down);
      }
    }
  }

  // The first start waits for those of lower stages to answer, or to have died once.
  bool is_its_turn(const Child& child) const {
    return child.restarts > 0 || std::ranges::all_of(children_, [&](const Child& other) {
             const bool settled = other.state == Child::State::kUp || other.state == Child::State::kGivenUp;
             return other.stage >= child.stage || settled || other.restarts > 0;
           });
  }

  void start(Child& child) {
    int output[2];
    int errors[2] = {-1, -1};
    if (::pipe2(output, O_CLOEXEC) != 0) return died(child, std::strerror(errno), 0);
    if (log_ && ::pipe2(errors, O_CLOEXEC) != 0) {
      const std::string why = std::strerror(errno);
      for (const int end : output) ::close(end);
      return died(child, why, 0);
    }
    std::vector<std::string> arguments{options_.program, child.name,       "--listen",      address_of(child),
                                       "--listen-also",  socket_of(child), "--shared-port", "--supervised",
                                       "--address",      addresses_};
    arguments.insert(arguments.end(), options_.child_arguments.begin(), options_.child_arguments.end());
    child.started = clock_.tick();
    const auto pid = base::spawn(arguments, {.output = output[1], .error = errors[1]});
    for (const int end : {output[1], errors[1]}) {
      if (end >= 0) ::close(end);
    }
    for (const int end : {output[0], errors[0]}) {
      if (end >= 0) ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    child.output = output[0];
    child.errors = errors[0];
    if (!pid) {
      close_ends(child);
      return died(child, pid.error().message(), 0);
    }
    child.pid = *pid;
    child.line.clear();
    child.state = Child::State::kStarting;
  }

  // Until something happens or is due.
  void wait(std::chrono::milliseconds timeout) {
    std::vector<pollfd> watched{{.fd = signals_, .events = POLLIN, .revents = 0}};
    for (const Child& child : children_) {
      for (const int end : {child.output, child.errors}) {
        if (end >= 0) watched.push_back({.fd = end, .events = POLLIN, .revents = 0});
      }
    }
    ::poll(watched.data(), watched.size(), static_cast<int>(timeout.count()));
    for (Child& child : children_) {
      read_output(child);
      read_errors(child);
    }
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) stopping_ = true;
    }
    reap();
  }

  std::chrono::milliseconds next_event() const {
    const base::TickTime now = clock_.tick();
    base::TickTime next = now + std::chrono::seconds(10);
    for (const Child& child : children_) {
      if (child.state == Child::State::kDown && is_its_turn(child)) next = std::min(next, child.start_at);
      if (child.state == Child::State::kStarting) next = std::min(next, child.started + kStartWithin);
      if (child.state == Child::State::kGivenUp) next = std::min(next, child.next_report);
    }
    return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(next - now));
  }

  void read_output(Child& child) {
    if (child.output < 0) return;
    char room[1024];
    ssize_t size = 0;
    while ((size = ::read(child.output, room, sizeof room)) > 0) {
      if (child.line.size() < kOutputBytesMax) child.line.append(room, static_cast<size_t>(size));
    }
    if (child.state == Child::State::kStarting && child.line.starts_with("listening ") &&
        child.line.find('\n') != std::string::npos) {
      child.state = Child::State::kUp;
      child.why_down.clear();
      say(child.restarts == 0 ? "started" : "restarted", {{"service", child.name},
                                                          {"pid", std::to_string(child.pid)},
                                                          {"grpc", address_of(child)},
                                                          {"restarts", std::to_string(child.restarts)}});
      const auto up = [](const Child& one) { return one.state == Child::State::kUp; };
      if (!said_ready_ && std::ranges::all_of(children_, up)) {
        said_ready_ = true;
        say("ready", {{"services", std::to_string(children_.size())}});
      }
    }
    if (size == 0) close_end(child.output);
  }

  // At most so much at a time: one that prints without end must not keep the others waiting.
  void read_errors(Child& child) {
    if (child.errors < 0 || !log_) return;
    char room[kErrorBytesMax];
    const ssize_t size = ::read(child.errors, room, sizeof room);
    if (size > 0) child.log_lines.add({room, static_cast<size_t>(size)}, *log_);
    if (size == 0) close_end(child.errors);
  }

  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }

  // After a death: what it said last is still in its pipe.
  void close_ends(Child& child) {
    for (int rounds = 0; child.errors >= 0 && rounds < kLastRoundsMax; ++rounds) {
      pollfd ready{.fd = child.errors, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 0) <= 0) break;
      read_errors(child);
    }
    if (log_) child.log_lines.end(*log_);
    close_end(child.output);
    close_end(child.errors);
  }

  void reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto child = std::ranges::find(children_, pid, &Child::pid);
      if (child == children_.end()) continue;
      close_ends(*child);
      child->pid = -1;
      if (!stopping_) died(*child, reason_of(status), WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    }
  }

  void died(Child& child, const std::string& why, int exit_code) {
    const base::TickTime now = clock_.tick();
    child.why_down = why;
    child.next_report = now;
    // Told wrong things, it would die again and again; so it ends here, where somebody still looks.
    if (exit_code == kExitWrongSettings && child.restarts == 0) {
      child.state = Child::State::kGivenUp;
      say("failed", {{"service", child.name}, {"reason", "its settings are wrong (see above)"}});
      exit_code_ = kExitWrongSettings;
      stopping_ = true;
      return;
    }
    const auto pause = child.policy.died(child.started, now);
    child.state = pause ? Child::State::kDown : Child::State::kGivenUp;
    if (!pause) {
      say("given_up", {{"service", child.name}, {"reason", why}, {"restarts", std::to_string(child.restarts)}});
      return;
    }
    ++child.restarts;
    child.start_at = now + *pause;
    say("died", {{"service", child.name}, {"reason", why}, {"again_in_ms", std::to_string(pause->count())}});
  }

  void stop_all() {
    for (const Child& child : children_) {
      if (child.pid > 0) ::kill(child.pid, SIGTERM);
    }
    const base::TickTime until = clock_.tick() + kStopWithin;
    const auto running = [](const Child& child) { return child.pid > 0; };
    bool killed = false;
    while (std::ranges::any_of(children_, running)) {
      const base::TickTime now = clock_.tick();
      if (now >= until && !killed) {
        killed = true;
        for (const Child& child : children_) {
          if (child.pid > 0) ::kill(child.pid, SIGKILL);
        }
      }
      wait(std::chrono::milliseconds(killed ? 1000 : 200));
    }
    const uint64_t lost = log_ ? log_->lines_lost() : 0;
    if (lost > 0) say("log_incomplete", {{"lines_lost", std::to_string(lost)}});
    say("stopped", {{"services", std::to_string(children_.size())}});
  }

  SupervisorOptions options_;
  base::Clock clock_;
  std::vector<Child> children_;
  std::string addresses_;
  std::optional<LogFile> log_;
  int signals_ = -1;
  bool stopping_ = false;
  bool said_ready_ = false;
  int exit_code_ = 0;
};

Supervisor::Supervisor(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Supervisor::~Supervisor() = default;

base::Result<std::unique_ptr<Supervisor>> Supervisor::create(SupervisorOptions options, base::Clock clock) {
  auto parts = std::make_unique<Parts>(std::move(options), std::move(clock));
  if (base::Status held = parts->hold_ports(); !held) return std::move(held).error();
  if (base::Status opened = parts->open_log(); !opened) return std::move(opened).error();
  return std::unique_ptr<Supervisor>(new Supervisor(std::move(parts)));
}

int Supervisor::run() { return parts_->run(); }

std::string Supervisor::event_line(bool json, std::string_view event,
                                   const std::vector<std::pair<std::string_view, std::string>>& fields) {
  std::string line = json ? "{\"event\":" + base::json_quoted(event) : std::string(event);
  for (const auto& [name, value] : fields) {
    if (json) {
      line += ',' + base::json_quoted(name) + ':';
      const bool number = !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
      line += number ? value : base::json_quoted(value);
    } else {
      line += ' ' + std::string(name) + '=';
      line += value.find(' ') == std::string::npos ? value : base::json_quoted(value);
    }
  }
  return line + (json ? "}\n" : "\n");
}

}  // namespace vcommerce
