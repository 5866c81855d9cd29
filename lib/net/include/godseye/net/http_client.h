#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/http_message.h>

// `HttpClient` makes HTTP/1.1 calls over TCP, TLS or a Unix socket, blocking the calling thread for at most the call's
// timeout. Connections are kept and reused per origin.
//
//   HttpClient client;
//   HttpCall call{.method = "POST", .url = "http://engine/?query=…", .unix_socket = "/data/engine.sock", .body = rows};
//   Result<HttpReply> reply = client.send(call);
//
// A status of 400 or 500 is a reply, not an error. Errors: kUnavailable (cannot connect, or the connection broke before
// a reply), kTimeout, kTooLarge (reply beyond its limit), kInvalidArgument (URL, header), kCorrupt (not HTTP),
// kCancelled (`stop` was called), kPermissionDenied (see `address_allowed`). Redirects are not followed.
// Retries: a kept connection may have been closed by the server at the moment it is reused. If that shows before any
// byte of the reply, the call is repeated once on a fresh connection when it is idempotent. Nothing else is retried.
// Threads: all functions from any thread; calls run side by side, each on a connection of its own.
namespace godseye::net {

struct HttpCall {
  std::string method = "GET";
  std::string url{};                          // http:// or https://
  std::string unix_socket{};                  // path; then the host of `url` is only the Host header
  Headers headers{};                          // Host, Content-Length and Connection are the client's
  std::string_view body{};                    // must live until send() returns; sent without a copy
  std::chrono::milliseconds timeout{10'000};  // for everything: resolving, connecting, sending, receiving
  size_t reply_bytes_max = 64 * 1024 * 1024;
  std::optional<bool> idempotent{};  // unset: GET, HEAD, PUT, DELETE, OPTIONS are
};

struct HttpReply {
  int status = 0;
  Headers headers{};
  std::string body{};
};

struct HttpClientConfig {
  size_t idle_per_origin_max = 8;
  std::chrono::milliseconds idle_max{30'000};  // a kept connection older than this is not reused
  std::string tls_ca_file{};                   // empty: the system's certificates
  bool tls_verify = true;                      // false only for tests and explicit settings
  // Asked for each address that a host resolves to, as a number ("192.0.2.1", "fe80::1"), before it is connected to:
  // what was asked about is what is connected to. When all are refused the call fails with kPermissionDenied. Empty:
  // all may be used. From any thread.
  std::function<bool(std::string_view address)> address_allowed{};
};

struct HttpClientStats {
  uint64_t calls = 0;
  uint64_t failures = 0;
  uint64_t connects = 0;
  uint64_t retries = 0;
  uint64_t idle_now = 0;
};

class HttpClient {
 public:
  explicit HttpClient(HttpClientConfig config = {});
  // Requires: no call is running.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  base::Result<HttpReply> send(const HttpCall& call);
  // Running and later calls fail with kCancelled. For shutting down.
  void stop();
  HttpClientStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::net
