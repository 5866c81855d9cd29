#include "pii/plain_text.h"

#include "utf8.h"

namespace godseye::guard::pii {

namespace {

// U+00C0 to U+017F, one ASCII letter each ('*' for the two signs among them).
constexpr std::string_view kLatin =
    "AAAAAAACEEEEIIIIDNOOOOO*OUUUUYTsaaaaaaaceeeeiiiidnooooo*"
    "ouuuuytyAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLl"
    "LlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
static_assert(kLatin.size() == 192);

bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x34F || c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0x300 && c <= 0x36F) || (c >= 0xFE00 && c <= 0xFE0F) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

// First of ten digits in a row, for the scripts that numbers are typed in.
constexpr char32_t kZeros[] = {0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6};

char plain_char(char32_t c) {
  if (c < 0x80) return static_cast<char>(c);
  for (const char32_t zero : kZeros) {
    if (c >= zero && c < zero + 10) return static_cast<char>('0' + (c - zero));
  }
  if (c >= 0xC0 && c < 0x180) return kLatin[c - 0xC0] == '*' ? kSymbol : kLatin[c - 0xC0];
  if (c >= 0xFF01 && c <= 0xFF5E) return static_cast<char>(c - 0xFEE0);
  if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000) return ' ';
  if (c == 0x2028 || c == 0x2029 || c == 0x85) return '\n';
  if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212) return '-';
  if (c == 0x3002 || c == 0x2024) return '.';
  if (c >= 0x2018 && c <= 0x201F) return '\'';
  if (c >= 0x2460 && c <= 0x2468) return static_cast<char>('1' + (c - 0x2460));
  const bool letter = (c >= 0x180 && c < 0x2000) || (c >= 0x3040 && c < 0xE000) || (c >= 0x20000 && c < 0x32000);
  return letter ? kLetter : kSymbol;
}

}  // namespace

void plain_text(std::string_view text, PlainText& out) {
  out.chars.clear();
  out.lower.clear();
  out.start.clear();
  out.end.clear();
  uint32_t other = 0;
  for (const char c : text) other += static_cast<uint8_t>(c) >= 0x80 || c == '\0';
  out.ascii = other == 0;
  if (out.ascii) {
    out.chars = text;
    out.lower = text;
    for (char& c : out.lower) c = is_upper(c) ? static_cast<char>(c + 32) : c;
    return;
  }
  out.chars.reserve(text.size());
  out.lower.reserve(text.size());
  out.start.reserve(text.size());
  out.end.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    // Most bytes are ASCII and stand for themselves.
    if (static_cast<uint8_t>(text[i]) < 0x80 && text[i] != '\0') {
      out.chars += text[i];
      out.lower += is_upper(text[i]) ? static_cast<char>(text[i] + 32) : text[i];
      out.start.push_back(static_cast<uint32_t>(i));
      out.end.push_back(static_cast<uint32_t>(i + 1));
      ++i;
      continue;
    }
    const utf8::Decoded decoded = utf8::decode(text, i);
    const size_t next = i + decoded.length;
    if (!(decoded.valid && is_invisible(decoded.code_point))) {
      char c = decoded.valid ? plain_char(decoded.code_point) : kSymbol;
      if (c == '\0') c = kSymbol;
      out.chars += c;
      out.lower += is_upper(c) ? static_cast<char>(c + 32) : c;
      out.start.push_back(static_cast<uint32_t>(i));
      out.end.push_back(static_cast<uint32_t>(next));
    }
    i = next;
  }
}

}  // namespace godseye::guard::pii
