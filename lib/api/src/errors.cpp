#include <godseye/api/errors.h>

namespace godseye::api {
namespace {

// Long enough to matter, short enough that a client notices recovery: one aggregation interval.
constexpr const char* kRetryAfterSeconds = "10";

std::string_view reason(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status >= 500 ? "Internal Server Error" : "Error";
  }
}

net::HttpResponse with_retry_after(net::HttpResponse response) {
  if (response.status == 429 || response.status == 503) response.headers.set("Retry-After", kRetryAfterSeconds);
  return response;
}

}  // namespace

int http_status(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidArgument:
      return 400;
    case base::ErrorCode::kNotFound:
      return 404;
    case base::ErrorCode::kAlreadyExists:
      return 409;
    case base::ErrorCode::kUnauthenticated:
      return 401;
    case base::ErrorCode::kPermissionDenied:
      return 403;
    case base::ErrorCode::kTooLarge:
      return 413;
    case base::ErrorCode::kQueueFull:
      return 429;
    case base::ErrorCode::kUnimplemented:
      return 501;
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kNoSpace:
    case base::ErrorCode::kCancelled:
      return 503;
    case base::ErrorCode::kTimeout:
      return 504;
    case base::ErrorCode::kIo:
    case base::ErrorCode::kCorrupt:
    case base::ErrorCode::kInternal:
      break;
  }
  return 500;
}

net::HttpResponse error_response(const base::Error& error) {
  return error_response(http_status(error.code()), error.message());
}

net::HttpResponse error_response(int status, std::string_view message) {
  return with_retry_after(net::error_response(status, message));
}

net::HttpResponse json_api_error(const base::Error& error) {
  return json_api_error(http_status(error.code()), error.message());
}

net::HttpResponse json_api_error(int status, std::string_view detail) {
  std::string body = R"({"errors":[{"status":")" + std::to_string(status) + R"(","title":)";
  body += net::json_quoted(reason(status));
  body += R"(,"detail":)" + net::json_quoted(detail) + "}]}";
  return with_retry_after(net::json_response(status, std::move(body)));
}

}  // namespace godseye::api
