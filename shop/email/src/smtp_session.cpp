#include "smtp_session.h"

#include <algorithm>

namespace vcommerce::email {

namespace {

constexpr size_t kPathMax = 256;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// True, and `rest` is what follows, when `line` begins with `word` in whatever case.
bool begins(std::string_view line, std::string_view word, std::string_view& rest) {
  if (line.size() < word.size() ||
      !std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) { return a == upper(b); })) {
    return false;
  }
  rest = line.substr(word.size());
  return true;
}

// "<a@b> SIZE=3" → "a@b"; false: no path in brackets, or one with what does not belong into it.
bool path_of(std::string_view text, std::string& path) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  const size_t end = text.find('>');
  if (!text.starts_with('<') || end == std::string_view::npos || end > kPathMax) return false;
  path = text.substr(1, end - 1);
  return std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string SmtpSession::wrong(std::string_view answer) {
  if (++errors_ < kErrorsMax) return std::string(answer) + "\r\n";
  closed_ = true;
  return "421 too many errors\r\n";
}

std::string SmtpSession::on_bytes(std::string_view bytes) {
  std::string out;
  while (!bytes.empty() && !closed_) {
    const size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (line_.size() + piece.size() > kLineMax) {
      line_too_long_ = true;
    } else {
      line_ += piece;
    }
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    const std::string line = std::move(line_);
    line_.clear();
    const bool too_long = line_too_long_;
    line_too_long_ = false;
    if (too_long && in_data_) {
      message_too_long_ = true;
    } else {
      out += too_long ? wrong("500 the line is too long") : on_line(line);
    }
  }
  return out;
}

std::string SmtpSession::on_line(std::string_view line) { return in_data_ ? on_data_line(line) : on_command(line); }

std::string SmtpSession::on_data_line(std::string_view line) {
  if (line != ".") {
    if (line.starts_with('.')) line.remove_prefix(1);
    if (mail_.message.size() + line.size() + 2 > kMessageMax) message_too_long_ = true;
    if (!message_too_long_) mail_.message.append(line).append("\r\n");
    return {};
  }
  in_data_ = false;
  const bool too_long = message_too_long_;
  const bool kept = !too_long && deliver_(mail_);
  mail_ = {};
  has_sender_ = false;
  message_too_long_ = false;
  if (too_long) return wrong("552 the message is too long");
  return kept ? "250 kept\r\n" : wrong("452 could not be kept");
}

std::string SmtpSession::on_command(std::string_view line) {
  std::string_view rest;
  if (begins(line, "EHLO", rest)) return "250-vcommerce\r\n250-8BITMIME\r\n250 SIZE 1048576\r\n";
  if (begins(line, "HELO", rest)) return "250 vcommerce\r\n";
  if (begins(line, "NOOP", rest)) return "250 ok\r\n";
  if (begins(line, "RSET", rest)) {
    mail_ = {};
    has_sender_ = false;
    return "250 ok\r\n";
  }
  if (begins(line, "QUIT", rest)) {
    closed_ = true;
    return "221 bye\r\n";
  }
  if (begins(line, "MAIL FROM:", rest)) {
    mail_ = {};
    has_sender_ = path_of(rest, mail_.from);
    return has_sender_ ? "250 ok\r\n" : wrong("501 MAIL FROM:<address>");
  }
  if (begins(line, "RCPT TO:", rest)) {
    if (!has_sender_) return wrong("503 MAIL first");
    if (mail_.to.size() >= kRecipientsMax) return wrong("452 too many recipients");
    std::string to;
    if (!path_of(rest, to) || to.empty()) return wrong("501 RCPT TO:<address>");
    mail_.to.push_back(std::move(to));
    return "250 ok\r\n";
  }
  if (begins(line, "DATA", rest)) {
    if (mail_.to.empty()) return wrong("503 RCPT first");
    in_data_ = true;
    return "354 end with a dot\r\n";
  }
  return wrong("502 not known here");
}

}  // namespace vcommerce::email
