#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/json_text.h>
#include <godseye/net/event_stream.h>
#include <godseye/net/uri.h>

// Requests and responses as handlers and callers see them: plain values, no sockets. Copyable where a copy makes sense;
// move large bodies.
namespace godseye::net {

// Header fields in order. Names compare without case; values have no surrounding blanks.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  // The first field called `name`; nullptr when absent. Valid as long as this object is unchanged.
  const std::string* find(std::string_view name) const;
  // The first value, or `fallback`.
  std::string_view get(std::string_view name, std::string_view fallback = {}) const;
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replace every field called `name` by one.
  void set(std::string_view name, std::string value);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }
  void reserve(size_t fields) { fields_.reserve(fields); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// True when the two are equal but for ASCII case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

struct HttpRequest {
  std::string method{};    // as sent, "GET"
  std::string target{};    // as sent, path and query
  std::string raw_path{};  // the path as sent: split this at '/' and decode the pieces, else %2F becomes a separator
  std::string path{};      // decoded; for comparing and logging
  QueryPairs query{};      // decoded
  Headers headers{};
  std::string body{};               // Content-Encoding already undone; the header is still there
  std::string remote_address{};     // "127.0.0.1", "::1", or "unix" for a Unix socket; without the port
  bool remote_is_loopback = false;  // 127/8, ::1, or a Unix socket
};

struct HttpResponse {
  int status = 200;
  // Content-Length, Connection and Transfer-Encoding are the server's; a field with control characters is left out and
  // counted (HttpServerStats::bad_response_headers).
  Headers headers{};
  std::string body{};
  // Set: `body` is ignored and the answer is text/event-stream until the stream is closed.
  std::shared_ptr<EventStream> stream{};
  // Set: `body` is ignored and the answer comes in pieces, each asked for when the one before is written, so that a
  // large answer is neither held in memory nor waited for. Called on a worker thread, one call at a time. `piece` is
  // empty; leaving it so ends the answer. False: it cannot be completed, the connection is cut so that the client
  // knows.
  std::function<bool(std::string& piece)> pieces{};
};

// `body` with Content-Type: application/json.
HttpResponse json_response(int status, std::string body);
// {"errors":["<text>"]}: what the server itself answers to what it refuses, and Datadog's v1 shape.
HttpResponse error_response(int status, std::string_view text);
using base::json_quoted;

}  // namespace godseye::net
