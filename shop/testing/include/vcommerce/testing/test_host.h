#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>

#include <vcommerce/runtime/host.h>

// A service in a test's own process, over real gRPC on a free port of loopback, with what it says about itself in
// reach:
//
//   auto host = testing::TestHost::start(currency::info(), {.settings = {{"rates-file", path}}});
//   auto stub = v1::CurrencyService::NewStub(host->channel());
//   ...
//   EXPECT_TRUE(host->metric_arrives("currency.conversion.count:1|c", "to:JPY"));
//
// Threads: the test's one. Nothing here sleeps; what waits, polls with a bound of kWaitMax.
namespace vcommerce::testing {

class MetricSocket;

class TestHost {
 public:
  struct Config {
    std::map<std::string, std::string> settings;
    std::map<std::string, std::string, std::less<>> addresses;  // of other services
    std::string fault_key = "test-key";
    base::Clock clock = base::system_clock();
    runtime::Host::Limits limits;
    std::function<void()> crash;
  };

  // Null, with a failure of the running test, when it does not start.
  static std::unique_ptr<TestHost> start(const runtime::ServiceInfo& info, Config config);
  static std::unique_ptr<TestHost> start(const runtime::ServiceInfo& info) { return start(info, Config{}); }
  // As start(); the error is the caller's to look at.
  static base::Result<std::unique_ptr<TestHost>> create(const runtime::ServiceInfo& info, Config config);
  ~TestHost();

  const std::string& address() const { return host_->address(); }
  // Without interceptors: what any client of the world would use.
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }
  runtime::Context& context() { return host_->context(); }
  runtime::Host& host() { return *host_; }

  // True when a DogStatsD line arrives, or has arrived, that begins with `start` and holds `tag` (empty: any).
  bool metric_arrives(std::string_view start, std::string_view tag = {});
  // The value of the latest such line; -1 when there is none (after waiting).
  double metric_value(std::string_view start, std::string_view tag = {});
  // True when a log line with `text` in it is written, or has been.
  bool log_arrives(std::string_view text);
  std::vector<std::string> metric_lines() const;

  static constexpr std::chrono::seconds kWaitMax{10};

 private:
  TestHost() = default;
  std::string find_line(std::string_view start, std::string_view tag) const;

  std::unique_ptr<MetricSocket> socket_;
  int log_ = -1;
  std::unique_ptr<sdk::Sdk> sdk_;
  std::unique_ptr<runtime::Host> host_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace vcommerce::testing
