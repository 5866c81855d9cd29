#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include <godseye/notify/transport.h>

// The adapter to libcurl: one SMTP conversation a call, each with a handle of its own. Nothing else in the project sees
// libcurl's types (docs/decisions/0009-mail-by-libcurl.md).
namespace godseye::notify {

class SmtpClient {
 public:
  // `address_allowed` empty: all. From any thread.
  SmtpClient(std::function<bool(std::string_view)> address_allowed, std::string ca_file);

  base::Result<Answer> send(const MailMessage& message);
  void stop() { stopping_.store(true); }

 private:
  const std::function<bool(std::string_view)> address_allowed_;
  const std::string ca_file_;
  std::atomic<bool> stopping_{false};
};

}  // namespace godseye::notify
