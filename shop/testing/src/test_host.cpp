#include "metric_socket.h"

#include <cstdlib>
#include <thread>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vcommerce/testing/test_host.h>

namespace vcommerce::testing {
namespace {

template <typename Condition>
bool poll(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + TestHost::kWaitMax;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string read_all(int descriptor) {
  std::string text;
  char room[4096];
  for (ssize_t size; (size = ::pread(descriptor, room, sizeof room, static_cast<off_t>(text.size()))) > 0;) {
    text.append(room, static_cast<size_t>(size));
  }
  return text;
}

}  // namespace

base::Result<std::unique_ptr<TestHost>> TestHost::create(const runtime::ServiceInfo& info, Config config) {
  std::unique_ptr<TestHost> made(new TestHost());
  made->socket_ = std::make_unique<MetricSocket>();
  made->log_ = ::memfd_create("log", MFD_CLOEXEC);
  sdk::Settings settings{.service = std::string(info.name), .statsd_url = made->socket_->url()};
  settings.agent_url = "http://127.0.0.1:1";  // nobody: spans wait in memory
  settings.metric_interval = std::chrono::milliseconds(5);
  settings.shutdown_wait = std::chrono::milliseconds(0);
  auto sdk = sdk::Sdk::start(std::move(settings), made->log_);
  if (!sdk) return std::move(sdk).error();
  made->sdk_ = *std::move(sdk);
  auto values = runtime::Settings::from(info.settings, config.settings);
  if (!values) return std::move(values).error();
  runtime::Host::Config host{.addresses = std::move(config.addresses), .fault_key = std::move(config.fault_key)};
  host.limits = config.limits;
  host.crash = std::move(config.crash);
  auto started = runtime::Host::start(info, *values, std::move(host), *made->sdk_, std::move(config.clock));
  if (!started) return std::move(started).error();
  made->host_ = *std::move(started);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  made->channel_ = grpc::CreateCustomChannel(made->address(), grpc::InsecureChannelCredentials(), arguments);
  return made;
}

std::unique_ptr<TestHost> TestHost::start(const runtime::ServiceInfo& info, Config config) {
  auto made = create(info, std::move(config));
  if (!made) {
    ADD_FAILURE() << made.error().message();
    return nullptr;
  }
  return *std::move(made);
}

TestHost::~TestHost() {
  host_.reset();
  sdk_.reset();
  if (log_ >= 0) ::close(log_);
}

std::vector<std::string> TestHost::metric_lines() const { return socket_->lines(); }

std::string TestHost::find_line(std::string_view start, std::string_view tag) const {
  const std::vector<std::string> lines = socket_->lines();
  for (size_t i = lines.size(); i-- > 0;) {
    if (lines[i].starts_with(start) && lines[i].find(tag) != std::string::npos) return lines[i];
  }
  return {};
}

bool TestHost::metric_arrives(std::string_view start, std::string_view tag) {
  return poll([&] { return !find_line(start, tag).empty(); });
}

double TestHost::metric_value(std::string_view start, std::string_view tag) {
  if (!metric_arrives(start, tag)) return -1;
  const std::string line = find_line(start, tag);
  const size_t colon = line.find(':');
  return colon == std::string::npos ? -1 : std::strtod(line.c_str() + colon + 1, nullptr);
}

bool TestHost::log_arrives(std::string_view text) {
  return poll([&] { return read_all(log_).find(text) != std::string::npos; });
}

}  // namespace vcommerce::testing
