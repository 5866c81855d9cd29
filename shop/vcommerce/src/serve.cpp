#include "serve.h"

#include <csignal>
#include <cstdio>

#include <grpc/support/log.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace vcommerce {
namespace {

// After a graceful stop has had its time: a handler that does not end must not keep the process.
constexpr unsigned kStopSecondsMax = 10;
static_assert(std::chrono::seconds(kStopSecondsMax) > runtime::Host::kStopWithin);

int fail(const runtime::ServiceInfo& info, const base::Error& error) {
  std::fprintf(stderr, "vcommerce %s: %s\n", std::string(info.name).c_str(), error.message().c_str());
  return error.code() == base::ErrorCode::kInvalidArgument ? kExitWrongSettings : kExitCannotStart;
}

// gRPC writes its own lines to standard error; among JSON they would be noise that no reader can take apart.
sdk::Sdk* grpc_log = nullptr;
void write_grpc_log(gpr_log_func_args* line) {
  if (grpc_log != nullptr) grpc_log->log().warn("gRPC says", {{"text", line->message}, {"file", line->file}});
}

}  // namespace

int serve(const runtime::ServiceInfo& info, ServeOptions options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread
  if (options.supervised) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() == 1) return 0;  // the parent ended before the line above
  }
  auto settings = runtime::Settings::from(info.settings, options.settings);
  if (!settings) return fail(info, settings.error());
  auto sdk = sdk::Sdk::start(std::move(options.sdk), STDERR_FILENO);
  if (!sdk) return fail(info, sdk.error());
  grpc_log = sdk->get();
  ::gpr_set_log_function(write_grpc_log);
  auto host = runtime::Host::start(info, *settings, std::move(options.host), **sdk, base::system_clock());
  if (!host) {
    ::gpr_set_log_function(nullptr);
    return fail(info, host.error());
  }
  std::printf("listening grpc=%s\n", (*host)->address().c_str());
  std::fflush(stdout);
  (*sdk)->log().info("started", {{"address", (*host)->address()}});
  int received = 0;
  ::sigwait(&signals, &received);
  ::alarm(kStopSecondsMax);
  (*host)->stop(runtime::Host::kStopWithin);
  (*sdk)->log().info("stopped");
  host->reset();
  ::gpr_set_log_function(nullptr);
  return 0;
}

}  // namespace vcommerce
