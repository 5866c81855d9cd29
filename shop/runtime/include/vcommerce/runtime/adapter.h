#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include <godseye/base/error.h>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>
#include <vcommerce/runtime/names.h>

// For the one file of a service that speaks gRPC. (Includes gRPC: nothing else should include this.)
namespace vcommerce::runtime {

struct ServingCall;

// INVALID_ARGUMENT, "`field`: `why`". Both may quote input: it is bounded and escaped by whoever shows it.
grpc::Status invalid(std::string_view field, std::string_view why);

// An error of ours as gRPC says it: kInvalidArgument → INVALID_ARGUMENT, kNotFound → NOT_FOUND, kAlreadyExists →
// ALREADY_EXISTS, kUnavailable → UNAVAILABLE, kTimeout → DEADLINE_EXCEEDED, kTooLarge → INVALID_ARGUMENT, kQueueFull →
// RESOURCE_EXHAUSTED, kCancelled → CANCELLED, kPermissionDenied → PERMISSION_DENIED, kUnauthenticated →
// UNAUTHENTICATED, kUnimplemented → UNIMPLEMENTED, everything else INTERNAL.
grpc::Status status_of(const base::Error& error);
// The name in metrics and logs: "INVALID_ARGUMENT".
std::string_view status_name(grpc::StatusCode code);
// True for those that say that the service failed, not its caller: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED,
// UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. They alone count in `grpc.*.error.count`.
bool is_failure(grpc::StatusCode code);

// For a call to another service: its deadline is `timeout` from now, but never after that of the call which this thread
// serves, and it is cancelled with that one.
//   auto call = runtime::outgoing(1500ms);
//   const grpc::Status status = stub->Convert(call.get(), request, &answer);
std::unique_ptr<grpc::ClientContext> outgoing(std::chrono::milliseconds timeout);

// While it lives, calls of this thread are no longer those of the call that it serves: they have their own deadlines,
// and go on when its caller hangs up. For work that must not stop half way.
class Detached {
 public:
  Detached();
  ~Detached();
  Detached(const Detached&) = delete;
  Detached& operator=(const Detached&) = delete;

 private:
  ServingCall* serving_;
};

// The failure that the switches `unavailable` and `error_fraction` have in store for the call that this thread serves.
// The runtime puts it in the place of the answer in any case, as a network that loses answers; a handler that changes
// something and asks first, and returns it, fails before it did anything.
std::optional<grpc::Status> injected_failure();

}  // namespace vcommerce::runtime
