#include "channels.h"

#include "client_calls.h"

#include <cstdio>
#include <vector>

#include <godseye/base/json_text.h>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace vcommerce::runtime {
namespace {

// Of an answer; a page of the catalogue is a tenth of it.
constexpr int kAnswerBytesMax = 4 << 20;
// A service that was away is tried again this soon, so that an order does not wait for gRPC's two minutes.
constexpr int kReconnectMsMin = 100;
constexpr int kReconnectMsMax = 2'000;
// What a connection may take to be made, greetings included, before the calls that wait for it fail. gRPC calls it the
// least pause between attempts. On a busy machine a tenth of a second is not enough.
constexpr int kConnectMs = 2'000;

std::string method_name(std::string_view text) {
  const size_t slash = text.find('/');
  std::string out = "{\"service\":" + base::json_quoted(text.substr(0, slash));
  if (slash != std::string_view::npos) out += ",\"method\":" + base::json_quoted(text.substr(slash + 1));
  return out + "}";
}

}  // namespace

std::string service_config(const ChannelOptions& options) {
  // gRPC 1.51 counts this time from a clock that lags by up to a second (it forgets the fraction of its first second),
  // so calls would end early, short ones at once. A deadline that a call sets itself is exact.
  const std::chrono::milliseconds lasts = options.timeout + std::chrono::seconds(1);
  char timeout[32];
  std::snprintf(timeout, sizeof timeout, "\"%lld.%03llds\"", static_cast<long long>(lasts.count() / 1000),
                static_cast<long long>(lasts.count() % 1000));
  std::string methods;
  for (const std::string& name : options.retry_safe) methods += (methods.empty() ? "" : ",") + method_name(name);
  std::string config = "{\"methodConfig\":[{\"name\":[{}],\"timeout\":" + std::string(timeout) + "}";
  if (!methods.empty()) {
    // gRPC draws each pause from 0 to what the growth says. The throttle stops retries of a service that mostly fails.
    config +=
        ",{\"name\":[" + methods + "],\"timeout\":" + timeout +
        ",\"retryPolicy\":{\"maxAttempts\":" + std::to_string(kAttemptsMax) +
        ",\"initialBackoff\":\"0.050s\",\"maxBackoff\":\"0.500s\",\"backoffMultiplier\":2,"
        "\"retryableStatusCodes\":[\"UNAVAILABLE\"]}}],\"retryThrottling\":{\"maxTokens\":10,\"tokenRatio\":0.5}}";
  } else {
    config += "]}";
  }
  return config;
}

std::shared_ptr<grpc::Channel> make_channel(Context& context, std::string_view callee, const std::string& address,
                                            const ChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(service_config(options));
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMin);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  // Names of services are not looked up in what a DNS server says about configuration, nor sent through a proxy.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(client_calls(context, std::string(callee)));
  return grpc::experimental::CreateCustomChannelWithInterceptors(address, grpc::InsecureChannelCredentials(), arguments,
                                                                 std::move(interceptors));
}

}  // namespace vcommerce::runtime
