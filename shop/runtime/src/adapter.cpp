#include "serving_call.h"

#include <string>
#include <utility>

#include <vcommerce/runtime/adapter.h>

namespace vcommerce::runtime {

ServingCall*& serving_call() {
  thread_local ServingCall* call = nullptr;
  return call;
}

grpc::Status invalid(std::string_view field, std::string_view why) {
  std::string text(field);
  text += ": ";
  text += why;
  return {grpc::StatusCode::INVALID_ARGUMENT, std::move(text)};
}

grpc::Status status_of(const base::Error& error) {
  const auto code = [&] {
    switch (error.code()) {
      case base::ErrorCode::kInvalidArgument:
      case base::ErrorCode::kTooLarge:
        return grpc::StatusCode::INVALID_ARGUMENT;
      case base::ErrorCode::kNotFound:
        return grpc::StatusCode::NOT_FOUND;
      case base::ErrorCode::kAlreadyExists:
        return grpc::StatusCode::ALREADY_EXISTS;
      case base::ErrorCode::kUnauthenticated:
        return grpc::StatusCode::UNAUTHENTICATED;
      case base::ErrorCode::kPermissionDenied:
        return grpc::StatusCode::PERMISSION_DENIED;
      case base::ErrorCode::kUnavailable:
        return grpc::StatusCode::UNAVAILABLE;
      case base::ErrorCode::kTimeout:
        return grpc::StatusCode::DEADLINE_EXCEEDED;
      case base::ErrorCode::kQueueFull:
        return grpc::StatusCode::RESOURCE_EXHAUSTED;
      case base::ErrorCode::kCancelled:
        return grpc::StatusCode::CANCELLED;
      case base::ErrorCode::kUnimplemented:
        return grpc::StatusCode::UNIMPLEMENTED;
      default:
        return grpc::StatusCode::INTERNAL;
    }
  }();
  return {code, error.message()};
}

std::string_view status_name(grpc::StatusCode code) {
  static constexpr std::string_view kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto index = static_cast<size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "UNKNOWN";
}

bool is_failure(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

std::unique_ptr<grpc::ClientContext> outgoing(std::chrono::milliseconds timeout) {
  const ServingCall* serving = serving_call();
  auto call = serving == nullptr ? std::make_unique<grpc::ClientContext>()
                                 : grpc::ClientContext::FromServerContext(*serving->context);
  // gRPC takes a relative time as one of its own, monotonic clock.
  call->set_deadline(gpr_time_from_millis(timeout.count(), GPR_TIMESPAN));
  return call;
}

Detached::Detached() : serving_(std::exchange(serving_call(), nullptr)) {}
Detached::~Detached() { serving_call() = serving_; }

std::optional<grpc::Status> injected_failure() {
  const ServingCall* serving = serving_call();
  return serving == nullptr ? std::nullopt : serving->injected;
}

}  // namespace vcommerce::runtime
