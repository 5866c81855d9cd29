#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// The little of protocol buffers that a DDSketch needs. The reader never leaves its bytes; a message that is cut short
// or malformed makes next() answer false and broken() true.
namespace godseye::ddtrace {

class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view bytes) : rest_(bytes) {}

  bool next() {
    if (rest_.empty() || broken_) return false;
    uint64_t key = 0;
    if (!take_varint(key) || key >> 3 == 0 || key >> 3 > 0x1fffffff) return fail();
    field_ = static_cast<uint32_t>(key >> 3);
    wire_ = static_cast<uint32_t>(key & 7);
    number_ = 0;
    bytes_ = {};
    switch (wire_) {
      case 0:
        return take_varint(number_) || fail();
      case 1:
        return take_fixed(8);
      case 2: {
        uint64_t size = 0;
        if (!take_varint(size) || size > rest_.size()) return fail();
        bytes_ = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
      }
      case 5:
        return take_fixed(4);
      default:
        return fail();
    }
  }

  bool broken() const { return broken_; }
  uint32_t field() const { return field_; }
  bool is_bytes() const { return wire_ == 2; }
  std::string_view bytes() const { return bytes_; }
  uint64_t varint() const { return number_; }
  double fixed_double() const { return wire_ == 1 ? std::bit_cast<double>(number_) : 0; }
  int32_t zigzag32() const {
    const auto value = static_cast<uint32_t>(number_);
    return static_cast<int32_t>(value >> 1 ^ (~(value & 1) + 1));
  }

 private:
  bool fail() {
    broken_ = true;
    return false;
  }
  bool take_varint(uint64_t& out) {
    uint64_t value = 0;
    for (size_t i = 0; i < 10 && i < rest_.size(); ++i) {
      const auto byte = static_cast<uint8_t>(rest_[i]);
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) != 0) continue;
      rest_.remove_prefix(i + 1);
      out = value;
      return true;
    }
    return false;
  }
  bool take_fixed(size_t width) {
    if (rest_.size() < width) return fail();
    std::memcpy(&number_, rest_.data(), width);
    rest_.remove_prefix(width);
    return true;
  }

  std::string_view rest_;
  bool broken_ = false;
  uint32_t field_ = 0;
  uint32_t wire_ = 0;
  uint64_t number_ = 0;
  std::string_view bytes_;
};

class ProtobufWriter {
 public:
  const std::string& text() const { return out_; }
  void real(uint32_t field, double value) {
    varint(field << 3 | 1);
    char bytes[8];
    std::memcpy(bytes, &value, 8);
    out_.append(bytes, 8);
  }
  void zigzag32(uint32_t field, int32_t value) {
    varint(field << 3);
    varint(static_cast<uint32_t>(value) << 1 ^ static_cast<uint32_t>(value >> 31));
  }
  void bytes(uint32_t field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    out_.append(value);
  }

 private:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }
  std::string out_;
};

}  // namespace godseye::ddtrace
