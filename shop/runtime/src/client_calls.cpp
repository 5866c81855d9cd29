#include "client_calls.h"

#include <array>
#include <chrono>
#include <string>

#include <grpcpp/client_context.h>
#include <vcommerce/runtime/adapter.h>

namespace vcommerce::runtime {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

// How gRPC 1.51 words it; a newer one says "DNS query" or "C-ares".
bool is_name_failure(const grpc::Status& status) {
  const std::string& text = status.error_message();
  return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
         (text.find("DNS") != std::string::npos || text.find("C-ares") != std::string::npos);
}

class ClientCall final : public grpc::experimental::Interceptor {
 public:
  ClientCall(Context& context, const std::string& callee, std::string_view method)
      : context_(context), callee_(callee), method_(method), began_(context.clock().tick()) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    bool hijack = false;
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      hijack = context_.faults().strikes("dns_errors");
      span_ = context_.tracer().start("grpc.client", {.resource = method_, .type = "grpc", .kind = "client"});
      span_.set_tag("rpc.method", method_);
      span_.set_tag("peer.service", callee_);
      auto* metadata = methods->GetSendInitialMetadata();
      // One family of headers is enough between services that read both: W3C's say everything in two.
      sdk::inject(span_.context(), [&](std::string_view name, std::string_view value) {
        if (name.starts_with("x-datadog-")) return;
        metadata->emplace(std::string(name), std::string(value));
      });
    }
    // Of a call that was hijacked below: nobody was asked, so the answer is made here.
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_RECV_MESSAGE)) {
      methods->FailHijackedRecvMessage();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_RECV_STATUS)) {
      *methods->GetRecvStatus() = {grpc::StatusCode::UNAVAILABLE,
                                   "DNS resolution failed for " + callee_ + ": the switch `dns_errors` struck"};
      finish(*methods->GetRecvStatus());
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_STATUS))
      finish(*methods->GetRecvStatus());
    if (hijack) return methods->Hijack();
    methods->Proceed();
  }

 private:
  void finish(const grpc::Status& status) {
    const std::chrono::duration<double> lasted = context_.clock().tick() - began_;
    const std::string caller = "caller:" + context_.service();
    const std::string callee = "callee:" + callee_;
    const std::string method = "method:" + std::string(method_);
    const std::string code = "status:" + std::string(status_name(status.error_code()));
    const std::array<std::string_view, 4> tags{caller, callee, method, code};
    sdk::Metrics& metrics = context_.metrics();
    metrics.count("grpc.client.request.count", 1, sdk::Tags(tags));
    metrics.distribution("grpc.client.duration", lasted.count(), sdk::Tags(tags));
    span_.set_tag("rpc.grpc.status_code", status_name(status.error_code()));
    if (is_failure(status.error_code())) {
      metrics.count("grpc.client.error.count", 1, sdk::Tags(tags));
      if (is_name_failure(status)) metrics.count("dns.error.count", 1, {callee});
      span_.set_error(status_name(status.error_code()), status.error_message());
    }
    span_.finish();
  }

  Context& context_;
  const std::string& callee_;  // the factory's
  std::string method_;
  base::TickTime began_;
  sdk::Span span_;
};

class Factory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  Factory(Context& context, std::string callee) : context_(context), callee_(std::move(callee)) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* info) override {
    std::string_view method = info->method() == nullptr ? "" : info->method();
    if (method.starts_with('/')) method.remove_prefix(1);
    return new ClientCall(context_, callee_, method);
  }

 private:
  Context& context_;
  std::string callee_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> client_calls(Context& context,
                                                                                    std::string callee) {
  return std::make_unique<Factory>(context, std::move(callee));
}

}  // namespace vcommerce::runtime
