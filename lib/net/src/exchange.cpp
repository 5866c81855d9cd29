#include "exchange.h"

#include "http1.h"

#include <exception>

#include <godseye/base/log.h>
#include <godseye/net/content_coding.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;

Error malformed(std::string text) { return {ErrorCode::kInvalidArgument, std::move(text)}; }

bool compressible(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  return content_type.starts_with("text/") || content_type == "application/json" ||
         content_type == "application/javascript" || content_type == "image/svg+xml" ||
         content_type == "application/x-ndjson" || content_type == "application/manifest+json";
}

void compress(const ServerCore& core, const HttpRequest& request, HttpResponse& response) {
  const size_t least = core.config.response_gzip_bytes_min;
  if (least == 0 || response.body.size() < least || response.stream || response.pieces) return;
  if (response.headers.find("Content-Encoding") || !compressible(response.headers.get("Content-Type"))) return;
  // A cache between us and the client must know that the answer depends on the request's header either way.
  response.headers.add("Vary", "Accept-Encoding");
  if (!accepts_gzip(request.headers.get("Accept-Encoding"))) return;
  response.body = gzip(response.body);
  response.headers.set("Content-Encoding", "gzip");
}

// Set when the body could not be decoded.
base::Result<base::Ok> decode_body(ServerCore& core, HttpRequest& request) {
  const std::string* coding = request.headers.find("Content-Encoding");
  if (!coding || request.body.empty() || equal_ignoring_case(*coding, "identity")) return base::ok();
  base::Result<std::string> decoded = decode_content(*coding, request.body, core.config.body_bytes_max);
  if (!decoded) return std::move(decoded).error();
  request.body = *std::move(decoded);
  return base::ok();
}

HttpResponse undecodable(ServerCore& core, const Error& error) {
  switch (error.code()) {
    case ErrorCode::kTooLarge:
      count(core.too_large);
      return error_response(413, error.message());
    case ErrorCode::kUnimplemented:
      count(core.malformed);
      return error_response(415, error.message());
    default:
      count(core.malformed);
      return error_response(400, error.message());
  }
}

}  // namespace

base::Status parse_target(HttpRequest& request) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(std::string_view(request.target).substr(0, scheme.size()), scheme)) continue;
    const size_t end = request.target.find_first_of("/?", scheme.size());
    if (end == scheme.size() || request.target.size() == scheme.size())
      return malformed("the request target names no host");
    request.target.erase(0, end);
    // "http://host?query" asks for the root.
    if (!request.target.starts_with('/')) request.target.insert(0, "/");
    break;
  }
  std::string_view target = request.target;
  if (target == "*" && request.method == "OPTIONS") target = "/*";
  if (!target.starts_with('/')) return malformed("the request target must start with /");
  const size_t question = target.find('?');
  request.raw_path = target.substr(0, question);
  base::Result<std::string> path = percent_decode(request.raw_path);
  if (!path) return std::move(path).error().within("path");
  if (path->find('\0') != std::string::npos) return malformed("the path holds a zero byte");
  request.path = *std::move(path);
  if (question != std::string_view::npos) {
    base::Result<QueryPairs> query = parse_query(target.substr(question + 1));
    if (!query) return std::move(query).error();
    request.query = *std::move(query);
  }
  return base::ok();
}

base::Status check_framing(const Headers& headers, bool http_1_0) {
  int lengths = 0;
  int hosts = 0;
  int encodings = 0;
  bool chunked = true;
  for (const auto& [name, value] : headers) {
    if (equal_ignoring_case(name, "Content-Length")) {
      ++lengths;
      if (value.find_first_not_of("0123456789") != std::string::npos) return malformed("bad Content-Length");
    } else if (equal_ignoring_case(name, "Host")) {
      ++hosts;
    } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
      ++encodings;
      chunked = chunked && equal_ignoring_case(value, "chunked");
    }
  }
  if (lengths > 1) return malformed("Content-Length occurs more than once");
  if (hosts > 1) return malformed("Host occurs more than once");
  if (encodings == 0) return base::ok();
  if (lengths > 0) return malformed("Transfer-Encoding and Content-Length exclude each other");
  if (encodings > 1 || !chunked) return malformed("the only Transfer-Encoding understood is chunked, once");
  if (http_1_0) return malformed("Transfer-Encoding does not exist in HTTP/1.0");
  return base::ok();
}

HttpResponse run_handler(ServerCore& core, HttpRequest& request) {
  if (core.cut.load(std::memory_order_relaxed)) return error_response(503, "shutting down");
  try {
    if (base::Status decoded = decode_body(core, request); !decoded) return undecodable(core, decoded.error());
    HttpResponse response = core.handler(request);
    compress(core, request, response);
    return response;
  } catch (const std::exception& failure) {
    spdlog::error("handler of {} {} failed: {}", request.method, base::quoted(request.path),
                  base::quoted(failure.what()));
  } catch (...) {
    spdlog::error("handler of {} {} failed", request.method, base::quoted(request.path));
  }
  count(core.handler_failures);
  return error_response(500, "Internal Server Error");
}

bool ask_for_piece(ServerCore& core, const std::function<bool(std::string&)>& pieces, std::string& piece) {
  if (core.cut.load(std::memory_order_relaxed)) return false;
  try {
    if (pieces(piece)) return true;
  } catch (const std::exception& failure) {
    spdlog::error("an answer in pieces failed: {}", base::quoted(failure.what()));
  } catch (...) {
    spdlog::error("an answer in pieces failed");
  }
  count(core.handler_failures);
  return false;
}

std::string render_head(ServerCore& core, const HttpResponse& response, ResponseFraming framing) {
  std::string head = framing.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head.append(reason_phrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) {
    const bool ours = equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
                      equal_ignoring_case(name, "Transfer-Encoding");
    if (ours || !is_token(name) || !is_field_value(value)) {
      count(core.bad_response_headers);
      continue;
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (response.stream) {
    head += "Content-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n";
    head += framing.http_1_0 ? "" : "Transfer-Encoding: chunked\r\n";
  } else if (response.pieces) {
    head += framing.http_1_0 ? "" : "Transfer-Encoding: chunked\r\n";
  } else if (response.status != 204 && response.status != 304) {
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  if (!framing.keep_alive) {
    head += "Connection: close\r\n";
  } else if (framing.http_1_0) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

}  // namespace godseye::net
