#include "backend_call.h"

namespace vcommerce::frontend {

base::Error error_of(const grpc::Status& status, std::string_view service) {
  using base::ErrorCode;
  std::string message = status.error_message();
  const std::string_view name = runtime::status_name(status.error_code());
  const std::string inside = std::string(service) + ": " + std::string(name) + ": " + message;
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE: {
      const size_t colon = message.find(':');
      const size_t dot = message.substr(0, colon).rfind('.');
      if (colon != std::string::npos && dot != std::string::npos) message.erase(0, dot + 1);
      return {ErrorCode::kInvalidArgument, message};
    }
    case grpc::StatusCode::NOT_FOUND:
      return {ErrorCode::kNotFound, message};
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return {ErrorCode::kAlreadyExists, message};
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return {ErrorCode::kPermissionDenied, message};
    case grpc::StatusCode::UNAVAILABLE:
      return {ErrorCode::kUnavailable, inside};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {ErrorCode::kTimeout, inside};
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return {ErrorCode::kQueueFull, inside};
    case grpc::StatusCode::CANCELLED:
      return {ErrorCode::kCancelled, inside};
    default:
      return {ErrorCode::kInternal, inside};
  }
}

runtime::Money money_of(const v1::Money& money) {
  auto good = runtime::from_proto(money);
  return good ? *std::move(good) : runtime::Money();
}

}  // namespace vcommerce::frontend
