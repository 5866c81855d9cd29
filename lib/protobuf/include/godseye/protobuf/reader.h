#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

// Reads the wire format of protocol buffers field by field, without copies and without ever leaving the bytes.
//
//   Reader reader(body);
//   while (reader.next()) {
//     if (reader.field() == 1) name = reader.bytes();
//   }
//   if (reader.broken()) ...   // cut short or malformed: what was read before is right
//
// Pure; nothing allocates. Views live as long as the bytes. A plain value: one thread at a time.
namespace godseye::protobuf {

// The signed number that a varint of type sint32 stands for.
inline int32_t zigzag(uint64_t value) {
  return static_cast<int32_t>(static_cast<uint32_t>(value >> 1) ^ (~static_cast<uint32_t>(value & 1) + 1));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  // Advances to the next field. Read it with the accessor that fits its type, or not at all: then it is skipped. Groups
  // (obsolete) are malformed.
  bool next();

  bool broken() const { return broken_; }
  uint32_t field() const { return field_; }
  bool is_bytes() const { return wire_ == 2; }
  // Of a field of another wire type: 0 or empty.
  uint64_t varint() const { return number_; }
  int64_t integer() const { return static_cast<int64_t>(number_); }
  int32_t zigzag32() const { return zigzag(number_); }
  double fixed_double() const { return wire_ == 1 ? std::bit_cast<double>(number_) : 0; }
  std::string_view bytes() const { return bytes_; }

  // For packed fields: one varint after the other until `at_end`; nothing when it is cut short or longer than 10 bytes.
  std::optional<uint64_t> take_varint();
  bool at_end() const { return rest_.empty(); }

 private:
  bool fail();
  bool take_fixed(size_t width);

  std::string_view rest_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t field_ = 0;
  uint32_t wire_ = 0;
  bool broken_ = false;
};

}  // namespace godseye::protobuf
