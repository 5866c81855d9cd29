#include "text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <godseye/base/json_text.h>
#include <godseye/notify/render.h>

#include <sodium.h>
#include <time.h>

namespace godseye::notify {

namespace {

constexpr std::string_view kMask = "•••";
// Shorter ones are words.
constexpr size_t kTokenBytesMin = 24;
constexpr size_t kSecretBytesMin = 4;

bool token_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

// A long run of letters and digits together is a key more likely than a word.
bool looks_secret(std::string_view word) {
  if (word.size() < kTokenBytesMin) return false;
  const auto has = [&](auto test) {
    return std::any_of(word.begin(), word.end(), [&](char c) { return test(static_cast<unsigned char>(c)) != 0; });
  };
  return has([](int c) { return std::isdigit(c); }) && has([](int c) { return std::isalpha(c); });
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::string cut_text(std::string_view text, size_t bytes_max) {
  constexpr std::string_view kCut = "…";
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max < kCut.size() ? 0 : bytes_max - kCut.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)).append(kCut);
}

std::string one_line(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t size = base::utf8_length(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (size == 0) {
      out += "\xef\xbf\xbd";
    } else if (byte < 0x20 || byte == 0x7f ||
               (size == 2 && byte == 0xc2 && static_cast<unsigned char>(text[at + 1]) < 0xa0)) {
      out += ' ';
    } else {
      out += text.substr(at, size);
    }
    at += std::max<size_t>(size, 1);
  }
  return out;
}

std::string masked_answer(std::string_view answer, const Secrets& secrets, size_t bytes_max) {
  std::string text = one_line(answer.substr(0, bytes_max * 4));
  for (const auto& [name, secret] : secrets) {
    if (secret.size() >= kSecretBytesMin) replace_all(text, secret, kMask);
  }
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && token_character(text[end])) ++end;
    const std::string_view word = std::string_view(text).substr(at, end - at);
    out += looks_secret(word) ? kMask : word;
    if (end < text.size()) out += text[end];
    at = end + 1;
  }
  return cut_text(out, bytes_max);
}

std::string signature_header(std::string_view secret, int64_t now_s, std::string_view body) {
  const std::string time = std::to_string(now_s);
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, bytes(time), time.size());
  crypto_auth_hmacsha256_update(&state, bytes("."), 1);
  crypto_auth_hmacsha256_update(&state, bytes(body), body.size());
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256_final(&state, mac);
  sodium_memzero(&state, sizeof state);
  char hex[2 * sizeof mac + 1];
  sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
  return "t=" + time + ",v1=" + hex;
}

std::string console_line(const Notification& n) {
  std::string line = n.title + " | " + n.reason;
  if (!n.text.empty()) line += " | " + n.text;
  if (!n.monitor_url.empty()) line += " | " + n.monitor_url;
  return cut_text(one_line(line), 2000);
}

std::string iso_time(int64_t unix_s) {
  const time_t time = unix_s;
  struct tm parts{};
  char text[40] = "";
  if (::gmtime_r(&time, &parts) != nullptr) ::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string mail_time(int64_t unix_s) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t time = unix_s;
  struct tm parts{};
  if (::gmtime_r(&time, &parts) == nullptr) return "Thu, 01 Jan 1970 00:00:00 +0000";
  char text[60] = "";
  ::strftime(text, sizeof text, " %Y %H:%M:%S +0000", &parts);
  return std::string(kDays[static_cast<size_t>(parts.tm_wday)]) + ", " + std::to_string(parts.tm_mday) + " " +
         kMonths[static_cast<size_t>(parts.tm_mon)] + text;
}

std::string_view status_colour(AlertStatus status) {
  switch (status) {
    case AlertStatus::kAlert:
      return "#d63b3b";
    case AlertStatus::kWarn:
      return "#e0a100";
    case AlertStatus::kNoData:
      return "#8a8f98";
    case AlertStatus::kOk:
      break;
  }
  return "#2f9e62";
}

}  // namespace godseye::notify
