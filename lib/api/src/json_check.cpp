#include "span_json.h"

#include <cstdint>
#include <vector>

namespace godseye::api {
namespace {

constexpr size_t kStoredJsonDepthMax = 256;

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  bool check() {
    // A bit per open bracket: set for an object.
    std::vector<bool> open;
    if (!value(open)) return false;
    while (!open.empty()) {
      skip();
      if (at_ == text_.size()) return false;
      const char c = text_[at_++];
      if (c == (open.back() ? '}' : ']')) {
        open.pop_back();
      } else if (c == ',') {
        if ((open.back() && !key()) || !value(open)) return false;
      } else {
        return false;
      }
    }
    skip();
    return at_ == text_.size();
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }
  bool next_is(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool key() { return next_is('"') && string() && next_is(':'); }

  // A scalar, or the begin of a nest down to its first scalar or an empty bracket.
  bool value(std::vector<bool>& open) {
    while (true) {
      skip();
      if (at_ == text_.size()) return false;
      const char c = text_[at_];
      if (c != '{' && c != '[') return scalar();
      ++at_;
      if (next_is(c == '{' ? '}' : ']')) return true;
      if (open.size() == kStoredJsonDepthMax) return false;
      open.push_back(c == '{');
      if (c == '{' && !key()) return false;
    }
  }

  bool scalar() {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return string();
    }
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return true;
      }
    }
    return number();
  }

  bool digits() {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > begin;
  }

  bool number() {
    if (text_[at_] == '-') ++at_;
    const bool zero = at_ < text_.size() && text_[at_] == '0';
    const size_t begin = at_;
    if (!digits() || (zero && at_ - begin > 1)) return false;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  bool string() {
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_++]);
      if (c == '"') return true;
      if (c < 0x20) return false;
      if (c == '\\') {
        if (!escape()) return false;
      } else if (c >= 0x80 && !multibyte(c)) {
        return false;
      }
    }
    return false;
  }

  bool escape() {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (size_t i = 0; i < 4; ++i, ++at_) {
      if (at_ == text_.size() ||
          std::string_view("0123456789abcdefABCDEF").find(text_[at_]) == std::string_view::npos) {
        return false;
      }
    }
    return true;
  }

  // The rest of a character of UTF-8.
  bool multibyte(unsigned char lead) {
    const size_t more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more == 0 || text_.size() - at_ < more) return false;
    const auto second = static_cast<unsigned char>(text_[at_]);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool outside = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
    if (overlong || outside) return false;
    for (size_t i = 0; i < more; ++i) {
      if ((static_cast<unsigned char>(text_[at_++]) & 0xc0) != 0x80) return false;
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

bool is_json(std::string_view text) { return Checker(text).check(); }

}  // namespace godseye::api
