#include <charconv>
#include <cmath>

#include <godseye/msgpack/json.h>
#include <godseye/msgpack/reader.h>

namespace godseye::msgpack {
namespace {

using base::Error;
using base::ErrorCode;

// How many bytes at the front of `text` are one well-formed UTF-8 character (RFC 3629); 0: none.
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

template <typename T>
void append_number(T value, std::string& out) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

void append_number(const Number& number, std::string& out) {
  switch (number.kind) {
    case Number::Kind::kUnsigned:
      return append_number(number.u, out);
    case Number::Kind::kSigned:
      return append_number(number.i, out);
    case Number::Kind::kDouble:
      if (!std::isfinite(number.d)) {
        out += "null";
        return;
      }
      return append_number(number.d, out);
  }
}

class Transcoder {
 public:
  Transcoder(std::string_view document, std::string& out) : reader_(document), out_(out) {}

  bool value(size_t depth) {
    if (depth > kJsonDepthMax) {
      too_deep_ = true;
      return false;
    }
    switch (reader_.type()) {
      case Type::kNil:
        out_ += "null";
        return reader_.nil();
      case Type::kBool: {
        bool flag = false;
        reader_.boolean(flag);
        out_ += flag ? "true" : "false";
        return true;
      }
      case Type::kInteger:
      case Type::kDouble: {
        Number number;
        if (!reader_.number(number)) return false;
        append_number(number, out_);
        return true;
      }
      case Type::kString:
      case Type::kBinary: {
        std::string_view text;
        if (!reader_.text(text)) return false;
        append_json_string(text, out_);
        return true;
      }
      case Type::kArray:
        return array(depth);
      case Type::kMap:
        return map(depth);
      case Type::kExtension:
        out_ += "null";
        return reader_.skip();
      case Type::kEnd:
      case Type::kBroken:
        break;
    }
    return false;
  }

  Error error() const {
    const std::string at = " at byte " + std::to_string(reader_.position());
    if (too_deep_) {
      return {ErrorCode::kInvalidArgument,
              "MessagePack is nested deeper than " + std::to_string(kJsonDepthMax) + " levels" + at};
    }
    return {ErrorCode::kInvalidArgument, "MessagePack ends early or is damaged" + at};
  }
  size_t position() const { return reader_.position(); }

 private:
  bool array(size_t depth) {
    uint32_t count = 0;
    if (!reader_.array(count)) return false;
    out_ += '[';
    for (uint32_t i = 0; i < count; ++i) {
      if (i > 0) out_ += ',';
      if (!value(depth + 1)) return false;
    }
    out_ += ']';
    return true;
  }

  bool map(size_t depth) {
    uint32_t pairs = 0;
    if (!reader_.map(pairs)) return false;
    out_ += '{';
    for (uint32_t i = 0; i < pairs; ++i) {
      if (i > 0) out_ += ',';
      if (!key(depth + 1)) return false;
      out_ += ':';
      if (!value(depth + 1)) return false;
    }
    out_ += '}';
    return true;
  }

  bool key(size_t depth) {
    const Type type = reader_.type();
    if (type == Type::kString || type == Type::kBinary) return value(depth);
    // Another scalar as text; what has parts itself has no sensible text.
    if (type == Type::kArray || type == Type::kMap || type == Type::kExtension) {
      out_ += "\"\"";
      return reader_.skip();
    }
    out_ += '"';
    if (!value(depth)) return false;
    out_ += '"';
    return true;
  }

  Reader reader_;
  std::string& out_;
  bool too_deep_ = false;
};

}  // namespace

base::Result<size_t> append_json(std::string_view document, std::string& out) {
  const size_t before = out.size();
  Transcoder transcoder(document, out);
  if (!transcoder.value(0)) {
    out.resize(before);
    return transcoder.error();
  }
  return transcoder.position();
}

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
    const auto c = static_cast<uint8_t>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++run;
      ++i;
      continue;
    }
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

}  // namespace godseye::msgpack
