#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include <godseye/dogstatsd/decode.h>

namespace godseye::dogstatsd {
namespace {

constexpr double kPowersOfTen[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
// Longer numbers than this are refused; a double needs 17 digits and no client writes hundreds.
constexpr size_t kNumberBytesMax = 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equals_ignoring_case(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  return true;
}

// `[-]digits[.digits]` of at most 15 digits: mantissa and power of ten are exact doubles, so one division rounds right.
bool parse_short_decimal(std::string_view text, double& value) {
  const char* at = text.data();
  const char* end = at + text.size();
  const bool negative = *at == '-';
  at += negative;
  if (at == end || end - at > 16) return false;
  uint64_t mantissa = 0;
  int digits = 0;
  int decimals = 0;
  bool point = false;
  for (; at != end; ++at) {
    if (is_digit(*at)) {
      mantissa = mantissa * 10 + static_cast<uint64_t>(*at - '0');
      ++digits;
      decimals += point;
    } else if (*at == '.' && !point) {
      point = true;
    } else {
      return false;
    }
  }
  if (digits == 0 || digits > 15) return false;
  const auto exact = static_cast<double>(mantissa);
  value = decimals == 0 ? exact : exact / kPowersOfTen[decimals];
  if (negative) value = -value;
  return true;
}

// Go: `_` only between digits, or between the base prefix and a digit. Copies `text` without them to `out`.
bool strip_underscores(std::string_view text, bool hex, std::string& out) {
  char last = hex ? '0' : ' ';  // the prefix counts as a digit
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto digit = [hex](char d) { return hex ? is_hex_digit(d) : is_digit(d); };
    if (c != '_') {
      out.push_back(c);
    } else if (!digit(last) || i + 1 == text.size() || !digit(text[i + 1])) {
      return false;
    }
    last = c;
  }
  return true;
}

// `digits` has neither sign nor prefix. Go rounds what is too small to zero and refuses what is too large.
bool parse_unsigned(std::string_view digits, bool hex, double& value) {
  if (digits.empty() || !(is_digit(digits[0]) || digits[0] == '.' || (hex && is_hex_digit(digits[0])))) return false;
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, format);
  if (end != digits.data() + digits.size()) return false;
  if (error == std::errc()) return std::isfinite(value);
  if (error != std::errc::result_out_of_range) return false;
  const std::string copy = (hex ? "0x" : "") + std::string(digits);
  value = std::strtod(copy.c_str(), nullptr);
  return std::isfinite(value);
}

bool parse_general(std::string_view text, double& value) {
  if (text.size() > kNumberBytesMax) return false;
  if (equals_ignoring_case(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else {
    const bool hex = text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x';
    if (hex) text.remove_prefix(2);
    // Go insists on the exponent of a hexadecimal number.
    if (hex && text.find_first_of("pP") == std::string_view::npos) return false;
    std::string stripped;
    if (text.find('_') != std::string_view::npos) {
      if (!strip_underscores(text, hex, stripped)) return false;
      text = stripped;
    }
    if (!parse_unsigned(text, hex, value)) return false;
  }
  if (negative) value = -value;
  return true;
}

}  // namespace

bool parse_number(std::string_view text, double& value) {
  if (text.empty()) return false;
  return parse_short_decimal(text, value) || parse_general(text, value);
}

}  // namespace godseye::dogstatsd
