#include "fault_command.h"

#include <cstdio>

#include <godseye/base/json_text.h>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <vcommerce/runtime/adapter.h>
#include <vcommerce/v1/faults.grpc.pb.h>

namespace vcommerce {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};

void print(const v1::FaultList& list, bool json) {
  for (const v1::FaultSwitch& one : list.switches()) {
    if (json) {
      std::printf("{\"name\":%s,\"value\":%g,\"value_max\":%g,\"seconds_left\":%g,\"what\":%s}\n",
                  base::json_quoted(one.name()).c_str(), one.value(), one.value_max(), one.seconds_left(),
                  base::json_quoted(one.what()).c_str());
    } else if (one.value() > 0) {
      std::printf("%-30s %g, for another %.0f s\n", one.name().c_str(), one.value(), one.seconds_left());
    } else {
      std::printf("%-30s off (0 to %g): %s\n", one.name().c_str(), one.value_max(), one.what().c_str());
    }
  }
}

grpc::Status call(const FaultCommand& command, v1::FaultList& answer) {
  const auto stub = v1::Faults::NewStub(grpc::CreateChannel(command.address, grpc::InsecureChannelCredentials()));
  const auto context = runtime::outgoing(kTimeout);
  context->AddMetadata("fault-key", command.key);
  if (command.clear) {
    v1::ClearFaultRequest request;
    request.set_name(command.name);
    return stub->Clear(context.get(), request, &answer);
  }
  if (command.name.empty()) return stub->List(context.get(), {}, &answer);
  v1::SetFaultRequest request;
  request.set_name(command.name);
  request.set_value(command.value);
  request.set_seconds(static_cast<uint32_t>(command.lasts.count()));
  return stub->Set(context.get(), request, &answer);
}

}  // namespace

int run_fault_command(const FaultCommand& command) {
  v1::FaultList answer;
  const grpc::Status status = call(command, answer);
  if (!status.ok()) {
    std::fprintf(stderr, "vcommerce fault: %s: %s (%s)\n", command.address.c_str(), status.error_message().c_str(),
                 std::string(runtime::status_name(status.error_code())).c_str());
    return 1;
  }
  print(answer, command.json);
  return 0;
}

}  // namespace vcommerce
