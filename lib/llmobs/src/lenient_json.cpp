#include <charconv>

#include <godseye/base/hash.h>
#include <godseye/base/json_text.h>
#include <godseye/llmobs/lenient_json.h>
#include <godseye/msgpack/json.h>

namespace godseye::llmobs {
namespace {

constexpr std::string_view kReplacement = "\\ufffd";
constexpr size_t kInteger64DigitsMax = 18;  // more may not fit 64 bits

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The four hexadecimal digits of an escape at `at` (its backslash), -1 when it is none.
int32_t escape_value(std::string_view json, size_t at) {
  if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return -1;
  int32_t value = 0;
  const char* first = json.data() + at + 2;
  const auto [end, code] = std::from_chars(first, first + 4, value, 16);
  return code == std::errc() && end == first + 4 ? value : -1;
}

// Copies the escape at `at`, lone surrogates replaced; returns how many bytes it took.
size_t copy_escape(std::string_view json, size_t at, std::string& out) {
  const int32_t value = escape_value(json, at);
  if (value >= 0xd800 && value <= 0xdbff) {
    const int32_t second = escape_value(json, at + 6);
    if (second >= 0xdc00 && second <= 0xdfff) {
      out += json.substr(at, 12);
      return 12;
    }
  }
  if (value >= 0xd800 && value <= 0xdfff) {
    out += kReplacement;
    return 6;
  }
  const size_t size = value >= 0 ? 6 : 2;
  out += json.substr(at, size);
  return std::min(size, json.size() - at);
}

// Copies the string whose opening quote is at `at`; returns the position behind it.
size_t copy_string(std::string_view json, size_t at, std::string& out) {
  out += '"';
  size_t i = at + 1;
  while (i < json.size() && json[i] != '"') {
    if (json[i] == '\\') {
      i += copy_escape(json, i, out);
      continue;
    }
    size_t end = i;
    while (end < json.size() && json[end] != '"' && json[end] != '\\') ++end;
    // Escapes control characters too, which JSON forbids and clients send; its quotes are ours already.
    const size_t before = out.size();
    base::append_json_string(json.substr(i, end - i), out);
    out.erase(before, 1);
    out.pop_back();
    i = end;
  }
  if (i < json.size()) out += '"';
  return i + 1;
}

size_t copy_number(std::string_view json, size_t at, std::string& out) {
  size_t i = at + (json[at] == '-' ? 1 : 0);
  const size_t digits = i;
  while (i < json.size() && is_digit(json[i])) ++i;
  const bool integer = i == json.size() || (json[i] != '.' && json[i] != 'e' && json[i] != 'E');
  const bool too_long = integer && i - digits > kInteger64DigitsMax;
  out += json.substr(at, i - at);
  if (too_long) out += ".0";
  return i;
}

}  // namespace

std::string repair_json(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 16);
  size_t i = 0;
  while (i < json.size()) {
    const char c = json[i];
    const std::string_view rest = json.substr(i);
    if (c == '"') {
      i = copy_string(json, i, out);
    } else if (rest.starts_with("NaN")) {
      out += "null";
      i += 3;
    } else if (rest.starts_with("Infinity")) {
      out += "null";
      i += 8;
    } else if (rest.starts_with("-Infinity")) {
      out += "null";
      i += 9;
    } else if (is_digit(c) || (c == '-' && rest.size() > 1 && is_digit(rest[1]))) {
      i = copy_number(json, i, out);
    } else if (c == '.' && rest.size() > 1) {
      // The fraction behind copied digits: digits of it are no integer.
      out += c;
      ++i;
      while (i < json.size() && is_digit(json[i])) out += json[i++];
    } else if ((c == 'e' || c == 'E') && !out.empty() && is_digit(out.back())) {
      out += c;
      ++i;
      if (i < json.size() && (json[i] == '+' || json[i] == '-')) out += json[i++];
      while (i < json.size() && is_digit(json[i])) out += json[i++];
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

namespace {

bool parse_decimal128(std::string_view text, TraceId& out) {
  unsigned __int128 value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    const auto digit = static_cast<unsigned>(c - '0');
    if (value > (~static_cast<unsigned __int128>(0) - digit) / 10) return false;
    value = value * 10 + digit;
  }
  out.high = static_cast<uint64_t>(value >> 64);
  out.low = static_cast<uint64_t>(value);
  return true;
}

bool parse_hex(std::string_view text, uint64_t& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return code == std::errc() && end == text.data() + text.size();
}

bool all_hex(std::string_view text) {
  for (const char c : text) {
    if (!is_hex(c)) return false;
  }
  return !text.empty();
}

uint64_t hashed(std::string_view text) {
  const uint64_t hash = base::hash64(text);
  return hash == 0 ? 1 : hash;
}

}  // namespace

TraceId parse_trace_id(std::string_view text) {
  TraceId id;
  if (text.empty()) return id;
  if (all_hex(text) && text.size() == 32) {
    parse_hex(text.substr(0, 16), id.high);
    parse_hex(text.substr(16), id.low);
    return id;
  }
  if (all_hex(text) && text.size() == 16 && parse_hex(text, id.low)) return id;
  if (parse_decimal128(text, id)) return id;
  id.low = hashed(text);
  id.high = 0;
  return id;
}

uint64_t parse_span_id(std::string_view text) {
  if (text.empty()) return 0;
  TraceId decimal;
  if (parse_decimal128(text, decimal) && decimal.high == 0) return decimal.low;
  uint64_t value = 0;
  if (text.size() == 16 && all_hex(text) && parse_hex(text, value)) return value;
  return hashed(text);
}

}  // namespace godseye::llmobs
