#pragma once

#include "courier.h"

#include <chrono>
#include <memory>
#include <string>

// Mail over SMTP (libcurl, which stays in the source): `smtp://host:port`, or `smtps://` for TLS. The connection
// stays for the next message; one that was silent for 20 s is not used again. One caller at a time.
namespace vcommerce::email {

struct SmtpConfig {
  std::string url;  // "smtp://127.0.0.1:2525"
  std::string user;
  std::string password;
  std::chrono::milliseconds timeout{10'000};
};

// kInvalidArgument: not an address of the two kinds.
base::Result<std::unique_ptr<Sender>> smtp_sender(SmtpConfig config);

}  // namespace vcommerce::email
