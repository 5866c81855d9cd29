#include <charconv>
#include <cmath>

#include <godseye/base/json_text.h>
#include <godseye/msgpack/json.h>
#include <godseye/msgpack/reader.h>

namespace godseye::msgpack {
namespace {

using base::Error;
using base::ErrorCode;

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
        base::append_json_string(text, out_);
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

}  // namespace godseye::msgpack
