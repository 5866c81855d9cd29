#include "server_calls.h"

#include "serving_call.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include <vcommerce/runtime/adapter.h>

namespace vcommerce::runtime {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Of a session's or user's name, as the SDK cuts it.
constexpr size_t kNameBytesMax = 200;
constexpr std::chrono::milliseconds kWaitStep{20};

std::optional<std::string_view> first(const Metadata& metadata, std::string_view name) {
  const auto found = metadata.find(grpc::string_ref(name.data(), name.size()));
  if (found == metadata.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

// Where the call happens in one thread, from its metadata to its status, this object is that stretch.
class ServerCall final : public grpc::experimental::Interceptor {
 public:
  ServerCall(Context& context, grpc::ServerContextBase* server, std::string_view method)
      : context_(context), server_(server), method_(method), began_(context.clock().tick()) {}
  ~ServerCall() override { end_scope(); }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      begin(*methods->GetRecvInitialMetadata());
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      if (serving_.injected) methods->ModifySendStatus(*serving_.injected);
      finish(methods->GetSendStatus());
    }
    methods->Proceed();
  }

 private:
  void begin(const Metadata& metadata) {
    const auto parent = sdk::extract([&](std::string_view name) { return first(metadata, name); });
    sdk::SpanOptions options{.resource = method_, .type = "grpc", .kind = "server"};
    options.parent = parent ? &*parent : nullptr;
    options.new_trace = !parent;
    span_ = context_.tracer().start("grpc.server", options);
    if (const auto session = first(metadata, "session_id")) span_.set_session(session->substr(0, kNameBytesMax));
    if (const auto user = first(metadata, "user_id")) span_.set_user(user->substr(0, kNameBytesMax));
    if (const auto tries = first(metadata, "grpc-previous-rpc-attempts")) span_.set_tag("grpc.retries", *tries);
    span_.set_tag("rpc.method", method_);
    scope_.emplace(span_);
    serving_.context = server_;
    serving_call() = &serving_;
    apply_switches();
  }

  void apply_switches() {
    Faults& faults = context_.faults();
    if (method_.starts_with("vcommerce.v1.Faults/")) return;
    if (const double wait_ms = faults.value("latency_ms"); wait_ms > 0) {
      wait(std::chrono::milliseconds(static_cast<int64_t>(wait_ms)));
    }
    if (faults.on("unavailable")) {
      serving_.injected = grpc::Status(grpc::StatusCode::UNAVAILABLE, "the switch `unavailable` is on");
    } else if (faults.strikes("error_fraction")) {
      serving_.injected = grpc::Status(grpc::StatusCode::INTERNAL, "the switch `error_fraction` struck");
    }
  }

  // Ends early when nobody waits for the answer any more: a server that stops cancels what it serves.
  void wait(std::chrono::milliseconds left) {
    for (; left.count() > 0 && !server_->IsCancelled(); left -= kWaitStep) {
      std::this_thread::sleep_for(std::min(left, kWaitStep));
    }
  }

  void finish(const grpc::Status& status) {
    const std::chrono::duration<double> lasted = context_.clock().tick() - began_;
    const std::string code = "status:" + std::string(status_name(status.error_code()));
    const std::string method = "method:" + std::string(method_);
    const std::array<std::string_view, 2> tags{method, code};
    sdk::Metrics& metrics = context_.metrics();
    metrics.count("grpc.server.request.count", 1, sdk::Tags(tags));
    metrics.distribution("grpc.server.duration", lasted.count(), sdk::Tags(tags));
    span_.set_tag("rpc.grpc.status_code", status_name(status.error_code()));
    if (!status.ok()) {
      const std::string error = status.error_message();
      const std::string_view name = status_name(status.error_code());
      if (is_failure(status.error_code())) {
        metrics.count("grpc.server.error.count", 1, sdk::Tags(tags));
        span_.set_error(name, error);
        context_.log().error("call failed", {{"method", method_}, {"grpc_status", name}, {"error", error}});
      } else {
        context_.log().info("call was refused", {{"method", method_}, {"grpc_status", name}, {"error", error}});
      }
    }
    end_scope();
    span_.finish();
  }

  void end_scope() {
    if (!scope_) return;
    scope_.reset();
    serving_call() = nullptr;
  }

  Context& context_;
  grpc::ServerContextBase* server_;
  std::string_view method_;
  base::TickTime began_;
  sdk::Span span_;
  std::optional<sdk::Scope> scope_;
  ServingCall serving_;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(Context& context) : context_(context) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    // "/vcommerce.v1.CartService/AddItem"; null for what no service of ours takes.
    std::string_view method = info->method() == nullptr ? "" : info->method();
    if (method.empty() || method.starts_with("/grpc.health.v1.")) return nullptr;
    method.remove_prefix(1);
    return new ServerCall(context_, info->server_context(), method);
  }

 private:
  Context& context_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> server_calls(Context& context) {
  return std::make_unique<Factory>(context);
}

}  // namespace vcommerce::runtime
