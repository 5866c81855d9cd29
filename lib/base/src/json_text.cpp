#include <array>
#include <cstdint>

#include <godseye/base/json_text.h>

namespace godseye::base {

size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto follows = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const uint8_t head = byte(0);
  if (head < 0x80) return 1;
  if (head >= 0xc2 && head <= 0xdf) return follows(1) ? 2 : 0;
  if (head >= 0xe0 && head <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (head == 0xe0 && byte(1) < 0xa0) return 0;  // longer than needed
    if (head == 0xed && byte(1) > 0x9f) return 0;  // a surrogate
    return 3;
  }
  if (head < 0xf0 || head > 0xf4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  if (head == 0xf0 && byte(1) < 0x90) return 0;
  return head == 0xf4 && byte(1) > 0x8f ? 0 : 4;
}

namespace {

// ASCII that stands in a JSON string as it is.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  size_t run = 0;  // bytes in front of `i` that go out as they are
  size_t i = 0;
  const auto flush = [&] {
    out.append(text.substr(i - run, run));
    run = 0;
  };
  while (i < text.size()) {
    const size_t begin = i;
    while (i < text.size() && kPlain[static_cast<uint8_t>(text[i])]) ++i;
    run += i - begin;
    if (i == text.size()) break;
    const auto c = static_cast<uint8_t>(text[i]);
    if (c >= 0x80) {
      const size_t length = utf8_length(text.substr(i, 4));
      if (length > 0) {
        run += length;
        i += length;
        continue;
      }
    }
    flush();
    if (c >= 0x80) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
    ++i;
  }
  flush();
  out += '"';
}

std::string json_quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_string(text, out);
  return out;
}

}  // namespace godseye::base
