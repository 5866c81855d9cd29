#pragma once

#include <optional>

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

// The call that a thread of the server is in: from the moment its metadata is there to its status. Handlers are
// synchronous, so that is one stretch of one thread.
namespace vcommerce::runtime {

struct ServingCall {
  const grpc::ServerContextBase* context = nullptr;
  std::optional<grpc::Status> injected;
};

// Null: this thread serves none. Written by the server's interceptor alone.
ServingCall*& serving_call();

}  // namespace vcommerce::runtime
