#include <cstring>

#include <godseye/protobuf/writer.h>

namespace godseye::protobuf {

void Writer::real(uint32_t field, double value) {
  varint(field << 3 | 1);
  char bytes[8];
  std::memcpy(bytes, &value, 8);
  out_.append(bytes, 8);
}

void Writer::zigzag32(uint32_t field, int32_t value) {
  varint(field << 3);
  varint(static_cast<uint32_t>(value) << 1 ^ static_cast<uint32_t>(value >> 31));
}

void Writer::bytes(uint32_t field, std::string_view value) {
  varint(field << 3 | 2);
  varint(value.size());
  out_.append(value);
}

void Writer::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
  out_ += static_cast<char>(value);
}

}  // namespace godseye::protobuf
