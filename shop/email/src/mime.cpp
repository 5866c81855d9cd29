#include "mime.h"

#include <algorithm>
#include <array>

#include <godseye/base/json_text.h>

#include <fmt/format.h>

namespace vcommerce::email {

using base::Error;
using base::ErrorCode;

namespace {

// "=_" cannot occur in quoted-printable text: an "=" is always followed by hexadecimal digits or the end of the line.
constexpr std::string_view kBoundary = "=_vcommerce_alternative";
constexpr size_t kAddressMax = 254;
constexpr size_t kLocalMax = 64;
constexpr size_t kLineMax = 76;    // quoted-printable, with its soft break
constexpr size_t kWordBytes = 42;  // of text in one encoded word: 56 in base64, 68 with its frame

bool letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool local_character(char c) {
  return letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

bool dots_fit(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

bool plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) out += i + j > bytes.size() ? '=' : kLetters[group >> (18 - 6 * j) & 63];
  }
  return out;
}

// `utf8` in pieces of at most kWordBytes, cut between characters; what is not UTF-8 becomes U+FFFD.
std::string encoded_words(std::string_view utf8) {
  std::string out;
  std::string piece;
  const auto flush = [&] {
    if (piece.empty()) return;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64(piece) + "?=";
    piece.clear();
  };
  while (!utf8.empty()) {
    const size_t length = base::utf8_length(utf8);
    const std::string_view character = length == 0 ? std::string_view("\xef\xbf\xbd") : utf8.substr(0, length);
    if (piece.size() + character.size() > kWordBytes) flush();
    piece += character;
    utf8.remove_prefix(std::max<size_t>(length, 1));
  }
  flush();
  return out;
}

std::string mailbox_header(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return mailbox.address;
  if (!plain(mailbox.name) || mailbox.name.size() > 60) {
    return encoded_words(mailbox.name) + "\r\n <" + mailbox.address + ">";
  }
  std::string out = "\"";
  for (const char c : mailbox.name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"\r\n <" + mailbox.address + ">";
}

std::string part(std::string_view type, std::string_view body) {
  return fmt::format(
      "--{}\r\nContent-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n",
      kBoundary, type, quoted_printable(body));
}

}  // namespace

base::Status check_address(std::string_view address, std::string_view field) {
  const Error wrong(ErrorCode::kInvalidArgument,
                    std::string(field) + ": is no mail address that we take (name@domain)");
  const size_t at = address.find('@');
  if (at == std::string_view::npos || address.size() > kAddressMax) return wrong;
  const std::string_view local = address.substr(0, at);
  const std::string_view domain = address.substr(at + 1);
  if (!dots_fit(local) || local.size() > kLocalMax || !std::all_of(local.begin(), local.end(), local_character)) {
    return wrong;
  }
  const bool domain_characters =
      std::all_of(domain.begin(), domain.end(), [](char c) { return letter_or_digit(c) || c == '-' || c == '.'; });
  if (!dots_fit(domain) || !domain_characters || domain.front() == '-' || domain.back() == '-') return wrong;
  return base::ok();
}

std::string encoded_text(std::string_view utf8) {
  // Text that looks like an encoded word already would be decoded by the reader, into anything.
  const bool as_it_is = plain(utf8) && utf8.size() <= 60 && utf8.find("=?") == std::string_view::npos;
  return as_it_is ? std::string(utf8) : encoded_words(utf8);
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool line_ends = i + 1 == text.size() || text[i + 1] == '\n';
    // A blank at the end of a line is lost on the way; a dot or "From " at its beginning may be changed.
    const bool literal =
        (c > 0x20 && c < 0x7f && c != '=' && !(column == 0 && (c == '.' || c == 'F'))) || (c == ' ' && !line_ends);
    const size_t width = literal ? 1 : 3;
    if (column + width > kLineMax - 1) {
      out += "=\r\n";
      column = 0;
    }
    out += literal ? std::string(1, static_cast<char>(c)) : fmt::format("={:02X}", c);
    column += width;
  }
  return out;
}

std::string date_header(base::WallTime time) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(days).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string render(const Mail& mail, base::WallTime now) {
  const std::string domain = mail.from.address.substr(mail.from.address.find('@') + 1);
  return fmt::format(
      "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@{}>\r\nMIME-Version: 1.0\r\n"
      "Auto-Submitted: auto-generated\r\nContent-Type: multipart/alternative;\r\n "
      "boundary=\"{}\"\r\n\r\n{}{}--{}--\r\n",
      mailbox_header(mail.from), mailbox_header(mail.to), encoded_text(mail.subject), date_header(now), mail.id, domain,
      kBoundary, part("plain", mail.text), part("html", mail.html), kBoundary);
}

}  // namespace vcommerce::email
