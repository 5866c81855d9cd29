#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

// Reads the wire format of protocol buffers field by field, without copies and without ever leaving the bytes. A
// message that is cut short or malformed makes `next` answer false and `broken` true.
namespace godseye::ddapi {

class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view bytes) : rest_(bytes) {}

  // Advances to the next field. Read it with exactly one of the accessors below that fits its wire type; a field of
  // another type than expected is skipped by not reading it.
  bool next() {
    if (rest_.empty() || broken_) return false;
    const std::optional<uint64_t> key = take_varint();
    if (!key || *key >> 3 == 0 || *key >> 3 > 0x1fffffff) return fail();
    field_ = static_cast<uint32_t>(*key >> 3);
    wire_ = static_cast<uint32_t>(*key & 7);
    number_ = 0;
    bytes_ = {};
    switch (wire_) {
      case 0:
        return take_number(take_varint());
      case 1:
        return take_fixed(8);
      case 2:
        return take_bytes();
      case 5:
        return take_fixed(4);
      default:
        return fail();  // groups are obsolete; the schemas we read have none
    }
  }

  bool broken() const { return broken_; }
  uint32_t field() const { return field_; }
  bool is_bytes() const { return wire_ == 2; }
  uint64_t varint() const { return number_; }
  int64_t integer() const { return static_cast<int64_t>(number_); }
  double fixed_double() const {
    double out = 0;
    std::memcpy(&out, &number_, sizeof out);
    return out;
  }
  std::string_view bytes() const { return bytes_; }

  // For packed fields: one varint after the other.
  std::optional<uint64_t> take_varint() {
    uint64_t value = 0;
    for (size_t i = 0; i < 10 && i < rest_.size(); ++i) {
      const auto byte = static_cast<uint8_t>(rest_[i]);
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) != 0) continue;
      rest_.remove_prefix(i + 1);
      return value;
    }
    return std::nullopt;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  bool fail() {
    broken_ = true;
    return false;
  }
  bool take_number(std::optional<uint64_t> value) {
    if (!value) return fail();
    number_ = *value;
    return true;
  }
  bool take_fixed(size_t width) {
    if (rest_.size() < width) return fail();
    std::memcpy(&number_, rest_.data(), width);
    rest_.remove_prefix(width);
    return true;
  }
  bool take_bytes() {
    const std::optional<uint64_t> length = take_varint();
    if (!length || *length > rest_.size()) return fail();
    bytes_ = rest_.substr(0, *length);
    rest_.remove_prefix(*length);
    return true;
  }

  std::string_view rest_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t field_ = 0;
  uint32_t wire_ = 0;
  bool broken_ = false;
};

inline int32_t zigzag(uint64_t value) {
  return static_cast<int32_t>(static_cast<uint32_t>(value >> 1) ^ (~static_cast<uint32_t>(value & 1) + 1));
}

}  // namespace godseye::ddapi
