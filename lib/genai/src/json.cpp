#include "json.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include <godseye/base/utf8.h>
#include <godseye/genai/chat.h>
#include <godseye/genai/requests.h>

#include <simdjson.h>

namespace godseye::genai {

using base::Error;
using base::ErrorCode;

class JsonParser {
 public:
  explicit JsonParser(JsonDocument& document) : text_(document.text_), nodes_(document.nodes_) {}

  base::Status run() {
    skip_space();
    if (!value(0)) return failure();
    skip_space();
    if (at_ != text_.size()) return fail("bytes after the end"), failure();
    return base::ok();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool fail(const char* why, ErrorCode code = ErrorCode::kInvalidArgument) {
    if (why_ == nullptr) why_ = why, code_ = code;
    return false;
  }
  base::Status failure() const {
    return Error{code_, "not valid JSON: " + std::string(why_) + " at byte " + std::to_string(at_)};
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  // Opens a node; its end and next are set by close().
  bool open(JsonKind kind, uint32_t& index) {
    if (nodes_.size() >= kJsonItemsMax) return fail("more items than we take", ErrorCode::kTooLarge);
    index = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({.begin = static_cast<uint32_t>(at_), .kind = kind});
    return true;
  }
  bool close(uint32_t index) {
    nodes_[index].end = static_cast<uint32_t>(at_);
    nodes_[index].next = static_cast<uint32_t>(nodes_.size());
    return true;
  }
  bool value(size_t depth) {
    if (depth >= kJsonDepthMax) return fail("nested deeper than we take", ErrorCode::kTooLarge);
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      case 't':
        return word("true", JsonKind::kTrue);
      case 'f':
        return word("false", JsonKind::kFalse);
      case 'n':
        return word("null", JsonKind::kNull);
      default: {
        uint32_t index = 0;
        return open(JsonKind::kNumber, index) && (number() || fail("a value was expected")) && close(index);
      }
    }
  }
  bool word(std::string_view expected, JsonKind kind) {
    uint32_t index = 0;
    if (!open(kind, index)) return false;
    if (text_.substr(at_, expected.size()) != expected) return fail("a value was expected");
    at_ += expected.size();
    return close(index);
  }
  bool digits() {
    const size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }
  bool number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.' && (++at_, !digits())) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }
  bool string() {
    uint32_t index = 0;
    if (!open(JsonKind::kString, index)) return false;
    ++at_;
    while (true) {
      skip_plain();
      if (at_ >= text_.size()) return fail("a text without its end");
      const auto c = static_cast<uint8_t>(text_[at_]);
      if (c == '"') break;
      if (c < 0x20) return fail("a control character in a text");
      nodes_[index].escaped = true;
      if (!escape()) return fail("an escape that JSON does not have");
    }
    ++at_;
    return close(index);
  }
  // Over what is neither quote, backslash nor control character; eight bytes at a time.
  void skip_plain() {
    constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    while (at_ + 8 <= text_.size()) {
      uint64_t block = 0;
      std::memcpy(&block, text_.data() + at_, 8);
      const uint64_t quote = block ^ (kOnes * '"'), slash = block ^ (kOnes * '\\');
      const uint64_t hit = ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | ((block - kOnes * 0x20) & ~block);
      if ((hit & kHigh) != 0) break;
      at_ += 8;
    }
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' && static_cast<uint8_t>(text_[at_]) >= 0x20) {
      ++at_;
    }
  }
  bool escape() {
    if (at_ + 1 >= text_.size()) return false;
    const char c = text_[at_ + 1];
    if (c == 'u') {
      if (at_ + 6 > text_.size()) return false;
      for (size_t i = at_ + 2; i < at_ + 6; ++i) {
        if (std::isxdigit(static_cast<unsigned char>(text_[i])) == 0) return false;
      }
      at_ += 6;
      return true;
    }
    if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) return false;
    at_ += 2;
    return true;
  }
  bool object(size_t depth) {
    uint32_t index = 0;
    if (!open(JsonKind::kObject, index)) return false;
    ++at_;
    skip_space();
    if (peek() == '}') return ++at_, close(index);
    while (true) {
      if (peek() != '"') return fail("a name was expected");
      if (!string()) return false;
      skip_space();
      if (peek() != ':') return fail("a colon was expected");
      ++at_;
      skip_space();
      if (!value(depth + 1)) return false;
      skip_space();
      if (peek() == '}') return ++at_, close(index);
      if (peek() != ',') return fail("a comma or } was expected");
      ++at_;
      skip_space();
    }
  }
  // A list of nothing but numbers, from just behind its bracket. Otherwise `at_` is as it was.
  bool only_numbers() {
    const size_t from = at_;
    while (true) {
      if (!number()) break;
      skip_space();
      if (peek() == ']') return true;
      if (peek() != ',') break;
      ++at_;
      skip_space();
    }
    at_ = from;
    return false;
  }
  bool array(size_t depth) {
    uint32_t index = 0;
    if (!open(JsonKind::kArray, index)) return false;
    ++at_;
    skip_space();
    if (peek() == ']') return ++at_, close(index);
    if (only_numbers()) {
      nodes_[index].kind = JsonKind::kNumbers;
      return ++at_, close(index);
    }
    while (true) {
      if (!value(depth + 1)) return false;
      skip_space();
      if (peek() == ']') return ++at_, close(index);
      if (peek() != ',') return fail("a comma or ] was expected");
      ++at_;
      skip_space();
    }
  }

  std::string_view text_;
  std::vector<JsonNode>& nodes_;
  size_t at_ = 0;
  const char* why_ = nullptr;
  ErrorCode code_ = ErrorCode::kInvalidArgument;
};

base::Status JsonDocument::parse(std::string_view text) {
  nodes_.clear();
  text_ = text;
  if (text.size() > kBodyBytesMax) {
    return Error{ErrorCode::kTooLarge, "more than " + std::to_string(kBodyBytesMax) + " bytes of JSON"};
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return Error{ErrorCode::kInvalidArgument, "not valid JSON: the text is not UTF-8"};
  }
  constexpr size_t kNodesAtOnce = 64;  // enough for a plain call
  if (text.size() > 2 * kNodesAtOnce) nodes_.reserve(kNodesAtOnce);
  base::Status parsed = JsonParser(*this).run();
  if (!parsed) nodes_.clear();
  return parsed;
}

namespace {

uint32_t hex4(std::string_view s) {
  uint32_t value = 0;
  std::from_chars(s.data(), s.data() + 4, value, 16);
  return value;
}

// `s` as it stands between the quotes of a string that the parser took. Half of a surrogate pair becomes U+FFFD.
void unescape(std::string_view s, std::string& out) {
  out.reserve(out.size() + s.size());
  for (size_t i = 0; i < s.size();) {
    const size_t slash = s.find('\\', i);
    out.append(s.substr(i, slash - i));
    if (slash == std::string_view::npos) return;
    const char c = s[slash + 1];
    i = slash + 2;
    switch (c) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        uint32_t code = hex4(s.substr(i, 4));
        i += 4;
        if (code >= 0xD800 && code < 0xDC00 && s.substr(i, 2) == "\\u") {
          const uint32_t low = hex4(s.substr(i + 2, 4));
          if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            i += 6;
          }
        }
        base::append_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
        break;
      }
      default:
        out += c;
    }
  }
}

}  // namespace

std::string_view Json::raw() const {
  return document_ ? document_->text().substr(node().begin, node().end - node().begin) : std::string_view();
}

std::string_view Json::text(std::forward_list<std::string>& decoded) const {
  if (!is_string()) return {};
  const std::string_view inside = raw().substr(1, raw().size() - 2);
  if (!node().escaped) return inside;
  unescape(inside, decoded.emplace_front());
  return decoded.front();
}

std::string Json::str() const {
  std::string out;
  if (!is_string()) return out;
  const std::string_view inside = raw().substr(1, raw().size() - 2);
  if (node().escaped) {
    unescape(inside, out);
  } else {
    out = inside;
  }
  return out;
}

bool Json::equals(std::string_view text) const {
  if (!is_string()) return false;
  if (node().escaped) return str() == text;
  return node().end - node().begin == text.size() + 2 && raw().substr(1, text.size()) == text;
}

Json Json::operator[](std::string_view name) const {
  Json found;
  for (const JsonMember member : members()) {
    if (member.is(name)) found = member.value;
  }
  return found;
}

Json Json::either(std::string_view camel) const {
  Json found;
  for (const JsonMember member : members()) {
    if (member.is_either(camel)) found = member.value;
  }
  return found;
}

std::optional<double> Json::number() const {
  if (!exists() || kind() != JsonKind::kNumber) return {};
  double value = 0;
  const std::string_view s = raw();
  const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (code != std::errc() || !std::isfinite(value)) return {};
  return value;
}

std::optional<int64_t> Json::integer() const {
  if (!exists()) return {};
  std::string_view s = raw();
  if (is_string()) s = s.substr(1, s.size() - 2);  // int64 in protobuf's JSON are texts
  if (s.empty() || (!is_string() && kind() != JsonKind::kNumber)) return {};
  int64_t value = 0;
  const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (code == std::errc() && end == s.data() + s.size()) return value;
  const std::optional<double> real = number();
  if (!real) return {};
  if (*real >= 9223372036854775807.0) return std::numeric_limits<int64_t>::max();
  if (*real <= -9223372036854775808.0) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(*real);
}

std::optional<bool> Json::boolean() const {
  if (is(JsonKind::kTrue)) return true;
  if (is(JsonKind::kFalse)) return false;
  return {};
}

size_t Json::size() const {
  size_t n = 0;
  for ([[maybe_unused]] const Json item : items()) ++n;
  for ([[maybe_unused]] const JsonMember member : members()) ++n;
  if (is(JsonKind::kNumbers)) n = numbers().size();
  return n;
}

std::vector<double> Json::numbers() const {
  std::vector<double> out;
  if (!is(JsonKind::kNumbers)) return out;
  const std::string_view s = raw();
  for (size_t i = 1; i < s.size();) {
    if (s[i] != '-' && (s[i] < '0' || s[i] > '9')) {
      ++i;
      continue;
    }
    double value = 0;
    const auto [end, code] = std::from_chars(s.data() + i, s.data() + s.size(), value);
    out.push_back(code == std::errc() ? value : 0);
    i = static_cast<size_t>(end - s.data());
  }
  return out;
}

Json::Items Json::items() const {
  if (!is(JsonKind::kArray)) return {document_, 0, 0};
  return {document_, index_ + 1, node().next};
}

Json::Members Json::members() const {
  if (!is(JsonKind::kObject)) return {document_, 0, 0};
  return {document_, index_ + 1, node().next};
}

bool camel_or_snake(std::string_view key, std::string_view camel) {
  size_t k = 0;
  for (const char c : camel) {
    if (k >= key.size()) return false;
    if (key[k] == c) {
      ++k;
    } else if (c >= 'A' && c <= 'Z' && key[k] == '_' && k + 1 < key.size() && key[k + 1] == c - 'A' + 'a') {
      k += 2;
    } else {
      return false;
    }
  }
  return k == key.size();
}

bool JsonMember::is_either(std::string_view camel) const {
  const std::string_view raw = key.raw();
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (inside.find('\\') != std::string_view::npos) return camel_or_snake(key.str(), camel);
  return camel_or_snake(inside, camel);
}

void note_unknown(Json object, std::initializer_list<std::string_view> known, std::string_view prefix,
                  std::vector<std::string>& dropped, bool camel) {
  for (const JsonMember member : object.members()) {
    bool found = !member.value;
    for (const std::string_view name : known) {
      if (found) break;
      found = camel ? member.is_either(name) : member.is(name);
    }
    if (found) continue;
    // Names are the client's: they go into a header.
    std::string name(prefix);
    if (!name.empty()) name += '.';
    for (const char c : member.key.str().substr(0, 64)) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      name += plain ? c : '?';
    }
    add_dropped(dropped, name);
  }
}

bool is_json(std::string_view text, bool object) {
  JsonDocument document;
  return document.parse(text) && (!object || document.root().is_object());
}

}  // namespace godseye::genai
