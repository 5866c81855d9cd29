#include "probe.h"

#include <future>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vcommerce/v1/faults.grpc.pb.h>

namespace vcommerce::runtime {
namespace {

using namespace std::chrono_literals;

grpc::Status set_fault(testing::TestHost& host, std::string_view name, double value, std::string_view key = "test-key",
                       uint32_t seconds = 60) {
  const auto stub = v1::Faults::NewStub(host.channel());
  grpc::ClientContext call;
  if (!key.empty()) call.AddMetadata("fault-key", std::string(key));
  v1::SetFaultRequest request;
  request.set_name(std::string(name));
  request.set_value(value);
  request.set_seconds(seconds);
  v1::FaultList answer;
  return stub->Set(&call, request, &answer);
}

template <typename Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

TEST(Host, SaysThatItServesAndSendsItsCheck) {
  const auto host = probe(echo);
  EXPECT_EQ(health_of(host->channel()), 1);
  EXPECT_TRUE(host->metric_arrives("_sc|probeservice.health|0"));
}

TEST(Host, AnswersAtItsSecondAddressToo) {
  const auto sdk = sdk::Sdk::start(
      {.service = "probeservice", .statsd_url = "udp://127.0.0.1:9", .agent_url = "http://127.0.0.1:1"}, -1);
  ASSERT_TRUE(sdk);
  const ServiceInfo info = probe_info();
  const Host::Config config{.listen_also = "unix-abstract:vcommerce-test-" + std::to_string(getpid())};
  const auto start = [&] {
    next_handler() = echo;
    return Host::start(info, *Settings::from(info.settings, {}), config, **sdk, base::system_clock());
  };
  const auto host = start();
  ASSERT_TRUE(host) << host.error().message();
  for (const std::string& at : {(*host)->address(), config.listen_also}) {
    EXPECT_TRUE(say(grpc::CreateChannel(at, grpc::InsecureChannelCredentials()), "hello").ok()) << at;
  }
  const auto second = start();
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find(config.listen_also), std::string::npos) << second.error().message();
}

TEST(Host, RefusesMessagesAndMetadataBeyondItsLimits) {
  testing::TestHost::Config config;
  config.limits.message_bytes_max = 1000;
  config.limits.metadata_bytes_max = 2000;
  const auto host = probe(echo, std::move(config));
  EXPECT_TRUE(say(host->channel(), std::string(990, 'x')).ok());
  EXPECT_EQ(say(host->channel(), std::string(1001, 'x')).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto stub = v1::Probe::NewStub(host->channel());
  grpc::ClientContext call;
  call.AddMetadata("session_id", std::string(5000, 's'));
  v1::ProbeText answer;
  EXPECT_EQ(stub->Say(&call, {}, &answer).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // Such a client may lose its connection; the server goes on.
  EXPECT_TRUE(eventually([&] { return say(host->channel(), "and goes on").ok(); }));
}

// More calls than threads: what cannot run is refused at once, and what runs is answered.
TEST(Host, RefusesCallsBeyondItsThreads) {
  std::promise<void> go_on;
  auto wait = go_on.get_future().share();
  std::atomic<int> inside = 0;
  testing::TestHost::Config config;
  config.limits.threads_max = 4;
  const auto host = probe(
      [&inside, wait](Context&, grpc::ServerContext&, const std::string&, std::string&) {
        ++inside;
        wait.wait();
        return grpc::Status::OK;
      },
      std::move(config));
  std::vector<std::future<grpc::Status>> calls;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 12; ++i) {
    calls.push_back(std::async(std::launch::async, [&] {
      grpc::Status status = say(host->channel(), "");
      if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) ++refused;
      return status;
    }));
  }
  EXPECT_TRUE(eventually([&] { return inside + refused == 12; })) << inside << " inside, " << refused << " refused";
  EXPECT_LE(inside, 4);
  go_on.set_value();
  int answered = 0;
  for (auto& call : calls) answered += call.get().ok();
  EXPECT_EQ(answered, inside);
  EXPECT_TRUE(eventually([&] { return say(host->channel(), "").ok(); }));
}

TEST(Host, NamesThePortThatItCannotHave) {
  const auto first = probe(echo);
  auto sdk = sdk::Sdk::start({.service = "x"}, -1);
  ASSERT_TRUE(sdk);
  const ServiceInfo info = probe_info();
  const auto second =
      Host::start(info, *Settings::from(info.settings, {}), {.listen = first->address()}, **sdk, base::system_clock());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find(first->address()), std::string::npos) << second.error().message();
}

TEST(Host, StopsOnceWhatRunsIsOver) {
  std::promise<void> inside;
  std::promise<void> go_on;
  auto wait = go_on.get_future().share();
  const auto host = probe([&inside, wait](Context&, grpc::ServerContext&, const std::string&, std::string& answer) {
    inside.set_value();
    wait.wait();
    answer = "done";
    return grpc::Status::OK;
  });
  std::string answer;
  auto running = std::async(std::launch::async, [&] { return say(host->channel(), "", &answer); });
  inside.get_future().wait();
  auto stopping = std::async(std::launch::async, [&] { host->host().stop(10s); });
  // New calls are refused while the old one goes on.
  EXPECT_TRUE(eventually([&] { return health_of(host->channel()) != 1; }));
  go_on.set_value();
  EXPECT_TRUE(running.get().ok());
  EXPECT_EQ(answer, "done");
  stopping.get();
}

TEST(Host, CancelsWhatTakesLongerThanItHas) {
  std::promise<void> inside;
  const auto host = probe([&inside](Context&, grpc::ServerContext& call, const std::string&, std::string&) {
    inside.set_value();
    while (!call.IsCancelled()) std::this_thread::sleep_for(1ms);
    return grpc::Status::OK;
  });
  auto running = std::async(std::launch::async, [&] { return say(host->channel(), ""); });
  inside.get_future().wait();
  host->host().stop(50ms);
  EXPECT_FALSE(running.get().ok());
}

TEST(FaultSwitches, NeedTheKey) {
  const auto host = probe(echo);
  EXPECT_EQ(set_fault(*host, "latency_ms", 1, "").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(set_fault(*host, "latency_ms", 1, "test-kez").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(set_fault(*host, "latency_ms", 1, "test-key-longer").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(set_fault(*host, "latency_ms", 1).ok());
  const auto without = probe(echo, {.fault_key = ""});
  EXPECT_EQ(set_fault(*without, "latency_ms", 1).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST(FaultSwitches, RefuseNamesAndValuesThatAreNone) {
  const auto host = probe(echo);
  const grpc::Status unknown = set_fault(*host, "no.such", 1);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(unknown.error_message().find("probe.odd"), std::string::npos);
  EXPECT_EQ(set_fault(*host, "error_fraction", 1.5).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(set_fault(*host, "error_fraction", -0.1).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(set_fault(*host, "error_fraction", std::nan("")).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(set_fault(*host, "error_fraction", 1, "test-key", 3601).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(FaultSwitches, UnavailableIsSeenByCallsAndHealth) {
  const auto host = probe(echo);
  ASSERT_TRUE(set_fault(*host, "unavailable", 1).ok());
  EXPECT_EQ(say(host->channel(), "").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(eventually([&] { return health_of(host->channel()) == 2; }));
  EXPECT_TRUE(host->metric_arrives("_sc|probeservice.health|2"));
  ASSERT_TRUE(set_fault(*host, "unavailable", 0).ok());
  EXPECT_TRUE(say(host->channel(), "").ok());
  EXPECT_TRUE(eventually([&] { return health_of(host->channel()) == 1; }));
}

TEST(FaultSwitches, ErrorsAreToldToTheHandlerFirst) {
  std::atomic<int> refused = 0;
  const auto host = probe([&refused](Context&, grpc::ServerContext&, const std::string&, std::string&) {
    if (auto failure = injected_failure()) {
      ++refused;
      return *failure;
    }
    return grpc::Status::OK;
  });
  ASSERT_TRUE(set_fault(*host, "error_fraction", 1).ok());
  EXPECT_EQ(say(host->channel(), "").error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(refused, 1);
  EXPECT_TRUE(host->metric_arrives("grpc.server.error.count:1|c", "status:INTERNAL"));
}

TEST(FaultSwitches, LatencyHoldsACallBack) {
  const auto host = probe(echo);
  ASSERT_TRUE(set_fault(*host, "latency_ms", 40).ok());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(say(host->channel(), "").ok());
  EXPECT_GE(std::chrono::steady_clock::now() - began, 40ms);
}

TEST(FaultSwitches, CrashEndsTheProcess) {
  std::promise<void> crashed;
  bool once = false;
  testing::TestHost::Config config;
  config.crash = [&] {
    if (!std::exchange(once, true)) crashed.set_value();
  };
  const auto host = probe(echo, std::move(config));
  ASSERT_TRUE(set_fault(*host, "crash", 1).ok());
  EXPECT_EQ(crashed.get_future().wait_for(10s), std::future_status::ready);
}

}  // namespace
}  // namespace vcommerce::runtime
