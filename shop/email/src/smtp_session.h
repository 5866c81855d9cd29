#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// The server's side of one SMTP conversation (RFC 5321, as much as a mailbox needs): bytes in, bytes out. Pure; the
// socket is the caller's. Limits: 1,000 bytes a line, 1 MiB a message, 50 recipients, 100 errors.
namespace vcommerce::email {

struct ReceivedMail {
  std::string from;
  std::vector<std::string> to;
  std::string message;  // CRLF, dots unstuffed
};

class SmtpSession {
 public:
  static constexpr size_t kLineMax = 1'000;
  static constexpr size_t kMessageMax = size_t{1} << 20;
  static constexpr size_t kRecipientsMax = 50;
  static constexpr int kErrorsMax = 100;

  // `deliver` is given each message; false: it could not be kept (452).
  explicit SmtpSession(std::function<bool(const ReceivedMail&)> deliver) : deliver_(std::move(deliver)) {}

  static std::string greeting() { return "220 vcommerce mailbox\r\n"; }
  // What to answer to `bytes`, which may be any part of the conversation.
  std::string on_bytes(std::string_view bytes);
  // The conversation is over: send what there is and close.
  bool closed() const { return closed_; }

 private:
  std::string on_line(std::string_view line);
  std::string on_command(std::string_view line);
  std::string on_data_line(std::string_view line);
  std::string wrong(std::string_view answer);

  std::function<bool(const ReceivedMail&)> deliver_;
  std::string line_;
  bool line_too_long_ = false;
  bool in_data_ = false;
  bool has_sender_ = false;
  bool message_too_long_ = false;
  bool closed_ = false;
  int errors_ = 0;
  ReceivedMail mail_;
};

}  // namespace vcommerce::email
