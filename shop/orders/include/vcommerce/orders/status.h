#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/sdk/trace.h>

#include <grpcpp/support/status.h>
#include <vcommerce/runtime/adapter.h>

// For adapters alone (includes gRPC): errors of the order side over the wire and back.
namespace vcommerce {

// As runtime::status_of, but a rule or a limit that forbids something is FAILED_PRECONDITION: the caller did no wrong
// and the service did not fail.
inline grpc::Status order_status(const base::Error& error) {
  if (error.code() == base::ErrorCode::kPermissionDenied || error.code() == base::ErrorCode::kTooLarge) {
    return {grpc::StatusCode::FAILED_PRECONDITION, error.message()};
  }
  return runtime::status_of(error);
}

// What a neighbour answered. Everything that is not an answer about the request itself may be asked again:
// kUnavailable.
inline base::Error error_of(std::string_view neighbour, const grpc::Status& status) {
  using base::ErrorCode;
  const ErrorCode code = [&] {
    switch (status.error_code()) {
      case grpc::StatusCode::INVALID_ARGUMENT:
        return ErrorCode::kInvalidArgument;
      case grpc::StatusCode::NOT_FOUND:
        return ErrorCode::kNotFound;
      case grpc::StatusCode::ALREADY_EXISTS:
        return ErrorCode::kAlreadyExists;
      case grpc::StatusCode::FAILED_PRECONDITION:
        return ErrorCode::kPermissionDenied;
      case grpc::StatusCode::DEADLINE_EXCEEDED:
        return ErrorCode::kTimeout;
      default:
        return ErrorCode::kUnavailable;
    }
  }();
  const bool answered = code != ErrorCode::kUnavailable && code != ErrorCode::kTimeout;
  return {code,
          answered ? status.error_message() : std::string(neighbour) + " does not answer: " + status.error_message()};
}

// Who is behind the call that this thread serves: "session.id" or "user.id"; empty: not said.
inline std::string caller(std::string_view item) {
  const sdk::SpanContext* context = sdk::active_context();
  return context == nullptr ? std::string() : std::string(context->baggage_item(item).substr(0, 128));
}

}  // namespace vcommerce
