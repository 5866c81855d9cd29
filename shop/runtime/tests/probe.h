#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <godseye/sdk/trace.h>

#include <grpcpp/impl/codegen/client_unary_call.h>
#include <vcommerce/runtime/adapter.h>
#include <vcommerce/runtime/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/probe.grpc.pb.h>

// A service whose handler is a function of the test, and short ways to call it.
namespace vcommerce::runtime {

using Handler = std::function<grpc::Status(Context&, grpc::ServerContext&, const std::string&, std::string&)>;

// What the next probe does: `make` is a plain function and takes nothing else along.
inline Handler& next_handler() {
  static Handler handler;
  return handler;
}

class ProbeService final : public Service, public v1::Probe::Service {
 public:
  explicit ProbeService(Context& context) : context_(context), handler_(next_handler()) {}

  std::vector<grpc::Service*> grpc_services() override { return {this}; }
  grpc::Status Say(grpc::ServerContext* call, const v1::ProbeText* request, v1::ProbeText* answer) override {
    return handler_(context_, *call, request->text(), *answer->mutable_text());
  }
  grpc::Status SayAgain(grpc::ServerContext* call, const v1::ProbeText* request, v1::ProbeText* answer) override {
    return Say(call, request, answer);
  }

 private:
  Context& context_;
  Handler handler_;
};

inline constexpr char kProbe[] = "probeservice";

inline ServiceInfo probe_info(std::string_view name = kProbe) {
  return {.name = name,
          .what = "a probe",
          .settings = {{"greeting", "hello", "what it says"}},
          .faults = {{"probe.odd", "a switch of its own", 10}},
          .make = [](const Settings&, Context& context) -> base::Result<std::unique_ptr<Service>> {
            return std::unique_ptr<Service>(std::make_unique<ProbeService>(context));
          }};
}

inline std::unique_ptr<testing::TestHost> probe(Handler handler, testing::TestHost::Config config = {},
                                                std::string_view name = kProbe) {
  next_handler() = std::move(handler);
  return testing::TestHost::start(probe_info(name), std::move(config));
}

inline grpc::Status echo(Context&, grpc::ServerContext&, const std::string& text, std::string& answer) {
  answer = text;
  return grpc::Status::OK;
}

inline grpc::Status say(const std::shared_ptr<grpc::Channel>& channel, const std::string& text,
                        std::string* answer = nullptr, bool again = false) {
  const auto stub = v1::Probe::NewStub(channel);
  const auto call = outgoing(std::chrono::seconds(10));
  v1::ProbeText request;
  v1::ProbeText response;
  request.set_text(text);
  const grpc::Status status =
      again ? stub->SayAgain(call.get(), request, &response) : stub->Say(call.get(), request, &response);
  if (answer != nullptr) *answer = response.text();
  return status;
}

// 1 SERVING, 2 NOT_SERVING (grpc.health.v1), -1 when the call fails.
inline int health_of(const std::shared_ptr<grpc::Channel>& channel) {
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check", grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext call;
  const grpc::ByteBuffer request;
  grpc::ByteBuffer answer;
  grpc::Slice empty;
  const grpc::ByteBuffer nothing(&empty, 1);
  if (!grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(channel.get(), method, &call, nothing,
                                                                             &answer)
           .ok()) {
    return -1;
  }
  grpc::Slice slice;
  if (!answer.DumpToSingleSlice(&slice).ok()) return -1;
  // Field 1, a varint; absent is 0.
  return slice.size() == 2 && slice.begin()[0] == 0x08 ? slice.begin()[1] : 0;
}

}  // namespace vcommerce::runtime
