#include <cstring>

#include <godseye/protobuf/writer.h>

namespace godseye::protobuf {
namespace {

// Little-endian, as this machine and the format have it.
template <typename Value>
void append_raw(Value value, std::string& out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

}  // namespace

void Writer::number(uint32_t field, uint64_t value) {
  varint(field << 3);
  varint(value);
}

void Writer::fixed32(uint32_t field, uint32_t value) {
  varint(field << 3 | 5);
  append_raw(value, out_);
}

void Writer::fixed64(uint32_t field, uint64_t value) {
  varint(field << 3 | 1);
  append_raw(value, out_);
}

void Writer::packed(uint32_t field, std::span<const uint64_t> values) {
  Writer inner;
  for (const uint64_t value : values) inner.varint(value);
  bytes(field, inner.out_);
}

void Writer::real(uint32_t field, double value) {
  varint(field << 3 | 1);
  append_raw(value, out_);
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
