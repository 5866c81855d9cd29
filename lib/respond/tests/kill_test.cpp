#include "fakes/fake_queries.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include <godseye/base/temp_dir.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/notify/notifier.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/webhooks.h>
#include <godseye/respond/responder.h>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// A process that evaluates, stores and notifies is killed with SIGKILL at random points. Afterwards every transition
// was delivered at least once, no group transitioned twice the same way, and what came twice came with one id.
namespace godseye::respond {
namespace {

constexpr int kRounds = 60;
constexpr int kSessions = 5;

// An HTTP receiver in the test's own thread, so that the test may fork: it answers 200, sometimes 500, and sometimes
// hangs up without an answer.
class LocalReceiver {
 public:
  LocalReceiver() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    GE_ASSERT(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "loopback has a free port");
    GE_ASSERT(listen(listener_, 64) == 0, "a bound socket can listen");
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~LocalReceiver() {
    close_connections();
    close(listener_);
  }
  int port() const { return port_; }
  void close_in_child() const { close(listener_); }

  // Serves for at most `limit`, or until `enough` requests were answered in this call.
  void serve(std::chrono::milliseconds limit, int enough, unsigned& seed) {
    const auto until = std::chrono::steady_clock::now() + limit;
    int answered = 0;
    while (answered < enough && std::chrono::steady_clock::now() < until) {
      std::vector<pollfd> polled = {{.fd = listener_, .events = POLLIN, .revents = 0}};
      for (const auto& [fd, buffer] : connections_) polled.push_back({.fd = fd, .events = POLLIN, .revents = 0});
      if (poll(polled.data(), polled.size(), 5) <= 0) continue;
      if ((polled[0].revents & POLLIN) != 0) connections_[accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)];
      for (size_t i = 1; i < polled.size(); ++i) {
        if (polled[i].revents != 0) answered += read_some(polled[i].fd, seed);
      }
    }
  }
  void close_connections() {
    for (const auto& [fd, buffer] : connections_) close(fd);
    connections_.clear();
  }

  std::map<std::string, int> delivered;  // by `$ID`: how often answered with 200
  int requests = 0;

 private:
  int read_some(int fd, unsigned& seed) {
    char bytes[8192];
    const ssize_t count = read(fd, bytes, sizeof bytes);
    if (count <= 0) {
      close(fd);
      connections_.erase(fd);
      return 0;
    }
    std::string& buffer = connections_[fd];
    buffer.append(bytes, static_cast<size_t>(count));
    const size_t header = buffer.find("\r\n\r\n");
    const size_t length_at = buffer.find("Content-Length: ");
    if (header == std::string::npos || length_at == std::string::npos) return 0;
    const size_t length = std::stoul(buffer.substr(length_at + 16));
    if (buffer.size() < header + 4 + length) return 0;
    const std::string id = buffer.substr(header + 4, length);
    buffer.clear();
    ++requests;
    const unsigned dice = static_cast<unsigned>(rand_r(&seed)) % 10;
    if (dice == 0) {
      close(fd);
      connections_.erase(fd);
      return 1;
    }
    const char* status = dice == 1 ? "500 Oops" : "200 OK";
    const std::string reply = std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 0\r\n\r\n";
    if (dice != 1) ++delivered[id];
    (void)!write(fd, reply.data(), reply.size());
    return 1;
  }

  int listener_ = -1;
  int port_ = 0;
  std::map<int, std::string> connections_;
};

std::vector<registry::TransitionRow> all_transitions(registry::Registry& registry) {
  return *registry.fetch<std::vector<registry::TransitionRow>>(
      [](registry::ReadSession& s) { return registry::list_transitions(s, 0, "", 1'000'000); });
}

// The process under test. Values flip at each cut, so each cut is a transition of each session. `drain`: make no new
// ones and end when nothing is owed.
[[noreturn]] void run_child(const std::filesystem::path& path, bool drain) {
  auto registry = registry::Registry::open({.path = path, .sync = registry::Sync::kNormal});
  if (!registry) _exit(3);
  const base::Clock clock = base::system_clock();
  notify::Notifier notifier(**registry, nullptr, notify::real_transport({.allow_private = true}), clock,
                            {.attempts_max = 1000,
                             .backoff = std::chrono::milliseconds(2),
                             .backoff_max = std::chrono::milliseconds(5),
                             .circuit_failures = 0});
  // Each attack opens an incident of its own, so that they can be counted.
  Responder responder({.incidents = {.reopen = std::chrono::seconds(-1)}}, clock, [&] { notifier.wake(); });
  FakeQueries queries;
  monitor::Evaluator evaluator(**registry, queries, responder, clock, {.transitions_per_commit_max = 2});
  const std::vector<registry::TransitionRow> before = all_transitions(**registry);
  int64_t cut_s = before.empty() ? 1'000 : before.front().time_s;
  const auto ends = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < ends) {
    auto owed = (*registry)->fetch<std::optional<int64_t>>(
        [](registry::ReadSession& s) { return registry::next_delivery_ms(s); });
    if (drain && owed && !*owed) _exit(0);
    if (!drain && owed && !*owed) {
      cut_s += 10;
      std::vector<std::pair<std::string, double>> sessions;
      for (int i = 0; i < kSessions; ++i)
        sessions.emplace_back("s" + std::to_string(i), cut_s / 10 % 2 == 0 ? 0.9 : 0.1);
      queries.set(sessions);
      if (!evaluator.evaluate(base::WallTime(std::chrono::seconds(cut_s)))) _exit(4);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  _exit(5);
}

TEST(KillNine, EveryTransitionIsDeliveredAndNoneHappensTwice) {
  base::TempDir dir;
  LocalReceiver receiver;
  unsigned seed = 77;
  printf("seed %u\n", seed);
  {
    auto registry = *registry::Registry::open({.path = dir.file("registry.sqlite")});
    ASSERT_TRUE(registry->write([&](registry::WriteSession& s) -> base::Status {
      base::Status hook = registry::create_webhook(
          s,
          {.name = "ops", .url = "http://127.0.0.1:" + std::to_string(receiver.port()) + "/", .payload = R"("$ID")"});
      if (!hook) return hook;
      registry::ChannelRow unlimited = **registry::find_channel(s, "webhook", "ops");
      unlimited.rate_per_minute = 0;
      if (base::Status changed = registry::update_channel(s, unlimited); !changed) return changed;
      return registry::create_monitor(s,
                                      R"({"type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
                     "message":"{{#is_alert}}@incident-x {{/is_alert}}@webhook-ops"})",
                                      "", 1)
          .transform([](registry::MonitorRow) { return base::Ok{}; });
    }));
  }
  for (int round = 0; round <= kRounds; ++round) {
    const bool drain = round == kRounds;
    const pid_t child = fork();
    if (child == 0) {
      receiver.close_in_child();
      run_child(dir.file("registry.sqlite"), drain);
    }
    int status = 0;
    if (drain) {
      for (int i = 0; i < 600 && waitpid(child, &status, WNOHANG) == 0; ++i) {
        receiver.serve(std::chrono::milliseconds(50), 1000, seed);
      }
      ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the last child did not deliver everything";
      break;
    }
    // Killed after some requests, or after some time: before, between and after commits and calls.
    receiver.serve(std::chrono::milliseconds(20 + rand_r(&seed) % 150), 1 + rand_r(&seed) % 40, seed);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    receiver.close_connections();
  }

  auto registry = *registry::Registry::open({.path = dir.file("registry.sqlite")});
  std::vector<registry::TransitionRow> transitions = all_transitions(*registry);
  std::reverse(transitions.begin(), transitions.end());
  std::map<std::string, registry::GroupStatus> states;
  std::set<std::string> ids;
  for (const registry::TransitionRow& row : transitions) {
    const auto known = states.find(row.group);
    const registry::GroupStatus from = known == states.end() ? registry::GroupStatus::kOk : known->second;
    EXPECT_EQ(row.from, from) << "a transition was lost or repeated for " << row.group << " at " << row.time_s;
    EXPECT_NE(row.from, row.to);
    states[row.group] = row.to;
    EXPECT_TRUE(ids.insert("\"" + row.event_id + "\"").second);
  }
  int duplicates = 0;
  for (const std::string& id : ids) EXPECT_GE(receiver.delivered[id], 1) << id << " was never delivered";
  for (const auto& [id, count] : receiver.delivered) {
    EXPECT_TRUE(ids.contains(id)) << "delivered, but no transition: " << id;
    duplicates += count - 1;
  }
  auto stored = *registry->fetch<std::vector<registry::GroupStateRow>>(
      [](registry::ReadSession& s) { return registry::list_group_states(s, 1); });
  for (const registry::GroupStateRow& row : stored) EXPECT_EQ(row.status, states[row.group]);
  const size_t triggered = static_cast<size_t>(std::count_if(
      transitions.begin(), transitions.end(), [](const auto& row) { return row.to == registry::GroupStatus::kAlert; }));
  EXPECT_EQ(*registry->fetch<size_t>([](registry::ReadSession& s) { return registry::count_incidents(s, {}); }),
            triggered)
      << "one incident an attack";
  EXPECT_GT(transitions.size(), static_cast<size_t>(kRounds));
  printf("%d kills, %zu transitions, %d requests, %d delivered twice\n", kRounds, transitions.size(), receiver.requests,
         duplicates);
}

}  // namespace
}  // namespace godseye::respond
