#pragma once

#include <string_view>

#include <godseye/base/error.h>
#include <godseye/net/http_message.h>

// The one place where our errors become HTTP answers, in Datadog's shapes (spec datadog-api.md 1.1).
namespace godseye::api {

// 400 kInvalidArgument, 404 kNotFound, 409 kAlreadyExists, 401 kUnauthenticated, 403 kPermissionDenied, 413 kTooLarge,
// 429 kQueueFull, 501 kUnimplemented, 503 kUnavailable, kNoSpace and kCancelled, 504 kTimeout, 500 the rest.
int http_status(base::ErrorCode code);

// v1 and many v2: {"errors":["message"]}. 429 and 503 get Retry-After.
net::HttpResponse error_response(const base::Error& error);
net::HttpResponse error_response(int status, std::string_view message);

// v2 JSON:API: {"errors":[{"status":"404","title":"Not Found","detail":"message"}]}.
net::HttpResponse json_api_error(const base::Error& error);
net::HttpResponse json_api_error(int status, std::string_view detail);

}  // namespace godseye::api
