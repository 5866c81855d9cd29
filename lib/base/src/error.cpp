#include <cerrno>
#include <system_error>

#include <godseye/base/error.h>

namespace godseye::base {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kTooLarge:
      return "too_large";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kQueueFull:
      return "queue_full";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kUnimplemented:
      return "unimplemented";
    case ErrorCode::kNoSpace:
      return "no_space";
  }
  return "unknown";
}

bool Error::retryable() const {
  return code_ == ErrorCode::kUnavailable || code_ == ErrorCode::kTimeout || code_ == ErrorCode::kQueueFull ||
         code_ == ErrorCode::kNoSpace;
}

Error Error::within(std::string_view context) && {
  std::string message(context);
  message += ": ";
  message += message_;
  return {code_, std::move(message)};
}

Error errno_error(std::string_view what, int errno_value) {
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(errno_value);
  const bool no_space = errno_value == ENOSPC || errno_value == EDQUOT;
  return {no_space ? ErrorCode::kNoSpace : ErrorCode::kIo, std::move(message)};
}

}  // namespace godseye::base
