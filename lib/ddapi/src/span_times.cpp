#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

#include <godseye/ddapi/spans.h>

namespace godseye::ddapi {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kTimeMaxS = 4'102'444'800;  // 2100

base::Error no_time(std::string_view text) {
  return {base::ErrorCode::kInvalidArgument,
          "expected a time such as now-1h, 2026-01-31T12:00:00Z or a number since 1970 but found '" +
              std::string(text.substr(0, 60)) + "'"};
}

// Nanoseconds of `s`, `m`, `h`, `d`, `w`; 0 for other letters.
int64_t unit_ns(char c) {
  switch (c) {
    case 's':
      return kSecondNs;
    case 'm':
      return 60 * kSecondNs;
    case 'h':
      return 3600 * kSecondNs;
    case 'd':
      return 86400 * kSecondNs;
    case 'w':
      return 604800 * kSecondNs;
    default:
      return 0;
  }
}

// Takes `count` digits from the front.
bool take_digits(std::string_view& text, size_t count, int64_t& value) {
  if (text.size() < count) return false;
  const auto parsed = std::from_chars(text.data(), text.data() + count, value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + count || text.front() == '-') return false;
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Z, +02:00, -0500 or nothing (UTC). Seconds east.
bool take_offset(std::string_view& text, int64_t& offset_s) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return true;
  const bool west = text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return false;
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!take_digits(text, 2, hours)) return false;
  take(text, ':');
  if (!text.empty() && !take_digits(text, 2, minutes)) return false;
  offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return hours < 24 && minutes < 60;
}

bool read_iso(std::string_view text, int64_t& unix_ns) {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction_ns = 0, offset_s = 0;
  if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) || !take(text, '-') ||
      !take_digits(text, 2, day)) {
    return false;
  }
  if (take(text, 'T') || take(text, 't') || take(text, ' ')) {
    if (!take_digits(text, 2, hour) || !take(text, ':') || !take_digits(text, 2, minute)) return false;
    if (take(text, ':') && !take_digits(text, 2, second)) return false;
    if (take(text, '.')) {
      int64_t digit = 0;
      int64_t scale = kSecondNs / 10;
      while (!text.empty() && text.front() >= '0' && text.front() <= '9' && take_digits(text, 1, digit)) {
        fraction_ns += digit * scale;
        scale /= 10;
      }
    }
    if (!take_offset(text, offset_s)) return false;
  }
  if (!text.empty() || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
    return false;
  }
  std::tm parts{};
  parts.tm_year = static_cast<int>(year) - 1900;
  parts.tm_mon = static_cast<int>(month) - 1;
  parts.tm_mday = static_cast<int>(day);
  parts.tm_hour = static_cast<int>(hour);
  parts.tm_min = static_cast<int>(minute);
  parts.tm_sec = static_cast<int>(second);
  const int64_t seconds = static_cast<int64_t>(timegm(&parts)) - offset_s;
  if (seconds < 0 || seconds > kTimeMaxS) return false;
  unix_ns = seconds * kSecondNs + fraction_ns;
  return true;
}

}  // namespace

base::Result<int64_t> read_time(std::string_view text, int64_t now_ns, TimeUnit unit) {
  if (text.starts_with("now")) {
    std::string_view rest = text.substr(3);
    if (rest.empty()) return now_ns;
    const bool back = rest.front() == '-';
    int64_t count = 0;
    const auto parsed = std::from_chars(rest.data() + 1, rest.data() + rest.size(), count);
    const auto used = static_cast<size_t>(parsed.ptr - rest.data());
    const bool signed_number = back || rest.front() == '+';
    if (!signed_number || parsed.ec != std::errc() || count < 0 || used + 1 != rest.size()) return no_time(text);
    const int64_t length = unit_ns(rest.back());
    if (length == 0 || count > kTimeMaxS * kSecondNs / length) return no_time(text);
    const int64_t time_ns = now_ns + (back ? -count : count) * length;
    if (time_ns < 0) return int64_t{0};
    return time_ns;
  }
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && std::isfinite(number)) {
    const double seconds = unit == TimeUnit::kSeconds ? number : number / 1000;
    if (seconds < 0 || seconds > static_cast<double>(kTimeMaxS)) return no_time(text);
    int64_t whole = 0;
    const auto exact = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (exact.ec == std::errc() && exact.ptr == text.data() + text.size()) {
      return whole * (unit == TimeUnit::kSeconds ? kSecondNs : kSecondNs / 1000);
    }
    return static_cast<int64_t>(std::llround(seconds * 1e9));
  }
  int64_t unix_ns = 0;
  if (!read_iso(text, unix_ns)) return no_time(text);
  return unix_ns;
}

base::Result<int64_t> read_interval(std::string_view text) {
  int64_t count = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view rest = text.substr(static_cast<size_t>(parsed.ptr - text.data()));
  int64_t length = 0;
  if (rest.empty() || rest == "ms") length = kSecondNs / 1000;
  if (rest.size() == 1) length = unit_ns(rest.front());
  if (parsed.ec != std::errc() || count <= 0 || length == 0 || count > kTimeMaxS * kSecondNs / length) {
    return base::Error(base::ErrorCode::kInvalidArgument, "expected an interval such as 30s, 5m or 1h");
  }
  return count * length;
}

std::string format_time_ns(int64_t unix_ns) {
  const std::time_t time = static_cast<std::time_t>(unix_ns / kSecondNs);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(unix_ns % kSecondNs / 1'000'000));
  return text;
}

}  // namespace godseye::ddapi
