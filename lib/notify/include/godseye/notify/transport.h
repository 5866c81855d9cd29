#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/notify/channel.h>

// How messages leave the process: HTTP by lib/net, SMTP by libcurl. A fake in tests.
//
// Addresses. Unless told otherwise only public addresses are connected to: loopback, private, link-local, shared,
// multicast and reserved ones fail with kPermissionDenied. A name is resolved first and the address that was checked is
// the one connected to, so a name that changes in between gains nothing; redirects are not followed.
// Threads: all functions from any thread; each call blocks for at most its timeout.
namespace godseye::notify {

struct HttpMessage {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{15'000};
};

struct MailMessage {
  MailSettings server;
  std::string password;
  std::vector<std::string> to;
  std::string data;  // the whole message, lines end with CR LF
  std::chrono::milliseconds timeout{15'000};
};

struct Answer {
  int status = 0;                       // HTTP, or the last SMTP reply code
  std::string text;                     // at most kAnswerBytesMax of it
  std::chrono::seconds retry_after{0};  // as the receiver asked; 0: it did not
};
inline constexpr size_t kAnswerBytesMax = 4096;

class Transport {
 public:
  virtual ~Transport() = default;
  // Errors: kUnavailable, kTimeout (a retry may help), kPermissionDenied (address), kInvalidArgument, kCancelled.
  virtual base::Result<Answer> post(const HttpMessage& message) = 0;
  // An answer with a status of 400 or more was refused; 5xx for good.
  virtual base::Result<Answer> mail(const MailMessage& message) = 0;
  // Running calls return soon with kCancelled, later ones at once.
  virtual void stop() {}
};

struct TransportConfig {
  bool allow_private = false;  // any address may be called
  std::string ca_file;         // PEM; empty: the system's certificates
};
std::unique_ptr<Transport> real_transport(TransportConfig config = {});

// False for loopback, private, link-local, shared (RFC 6598), unspecified, multicast, documentation and reserved
// addresses, also inside IPv6 (mapped, 6to4, NAT64), and for what is no address.
bool is_public_address(std::string_view address);

}  // namespace godseye::notify
