#include "json_text.h"

#include <charconv>
#include <cstdint>
#include <cstdio>

#include <godseye/base/utf8.h>

namespace godseye::store {

namespace {

constexpr uint32_t kReplacement = 0xFFFD;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void skip_blank() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\t' || text_[0] == '\n' || text_[0] == '\r')) advance(1);
  }
  bool take(char c) {
    skip_blank();
    if (text_.empty() || text_[0] != c) return false;
    advance(1);
    return true;
  }
  bool at_end() {
    skip_blank();
    return text_.empty();
  }
  bool string(std::string& out) {
    if (!take('"')) return false;
    while (!text_.empty()) {
      const char c = text_[0];
      advance(1);
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
      } else if (!escape(out)) {
        return false;
      }
    }
    return false;
  }

 private:
  void advance(size_t n) { text_.remove_prefix(n); }
  bool hex(uint32_t& value) {
    if (text_.size() < 4) return false;
    const auto read = std::from_chars(text_.data(), text_.data() + 4, value, 16);
    if (read.ptr != text_.data() + 4) return false;
    advance(4);
    return true;
  }
  bool escape(std::string& out) {
    if (text_.empty()) return false;
    const char c = text_[0];
    advance(1);
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (const size_t at = kNames.find(c); at != std::string_view::npos) {
      out += kValues[at];
      return true;
    }
    uint32_t point = 0;
    if (c != 'u' || !hex(point)) return false;
    if (point >= 0xD800 && point < 0xDC00 && text_.starts_with("\\u")) {
      const std::string_view before = text_;
      uint32_t low = 0;
      advance(2);
      if (!hex(low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      } else {
        text_ = before;
      }
    }
    base::append_utf8(out, point >= 0xD800 && point < 0xE000 ? kReplacement : point);
    return true;
  }

  std::string_view text_;
};

}  // namespace

bool parse_json_strings(std::string_view json, std::vector<std::string>& out) {
  Scanner in(json);
  if (!in.take('[')) return false;
  if (in.take(']')) return in.at_end();
  do {
    if (!in.string(out.emplace_back())) {
      out.pop_back();
      return false;
    }
  } while (in.take(','));
  return in.take(']') && in.at_end();
}

}  // namespace godseye::store
