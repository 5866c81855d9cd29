#include <bit>

#include <godseye/msgpack/writer.h>

namespace godseye::msgpack {

template <typename T>
void Writer::big_endian(uint8_t head, T value) {
  char bytes[1 + sizeof(T)];
  bytes[0] = static_cast<char>(head);
  for (size_t i = 0; i < sizeof(T); ++i) bytes[sizeof(T) - i] = static_cast<char>(value >> (8 * i));
  out_.append(bytes, sizeof bytes);
}

void Writer::unsigned_integer(uint64_t value) {
  if (value <= 0x7f) {
    byte(static_cast<uint8_t>(value));
  } else if (value <= 0xff) {
    big_endian<uint8_t>(0xcc, static_cast<uint8_t>(value));
  } else if (value <= 0xffff) {
    big_endian<uint16_t>(0xcd, static_cast<uint16_t>(value));
  } else if (value <= 0xffffffff) {
    big_endian<uint32_t>(0xce, static_cast<uint32_t>(value));
  } else {
    big_endian<uint64_t>(0xcf, value);
  }
}

void Writer::signed_integer(int64_t value) {
  if (value >= 0) {
    unsigned_integer(static_cast<uint64_t>(value));
  } else if (value >= -32) {
    byte(static_cast<uint8_t>(value));
  } else if (value >= INT8_MIN) {
    big_endian<uint8_t>(0xd0, static_cast<uint8_t>(value));
  } else if (value >= INT16_MIN) {
    big_endian<uint16_t>(0xd1, static_cast<uint16_t>(value));
  } else if (value >= INT32_MIN) {
    big_endian<uint32_t>(0xd2, static_cast<uint32_t>(value));
  } else {
    big_endian<uint64_t>(0xd3, static_cast<uint64_t>(value));
  }
}

void Writer::real(double value) { big_endian<uint64_t>(0xcb, std::bit_cast<uint64_t>(value)); }

void Writer::string(std::string_view text) {
  const size_t size = text.size();
  if (size <= 31) {
    byte(static_cast<uint8_t>(0xa0 | size));
  } else if (size <= 0xff) {
    big_endian<uint8_t>(0xd9, static_cast<uint8_t>(size));
  } else if (size <= 0xffff) {
    big_endian<uint16_t>(0xda, static_cast<uint16_t>(size));
  } else {
    big_endian<uint32_t>(0xdb, static_cast<uint32_t>(size));
  }
  out_.append(text);
}

void Writer::binary(std::string_view bytes) {
  const size_t size = bytes.size();
  if (size <= 0xff) {
    big_endian<uint8_t>(0xc4, static_cast<uint8_t>(size));
  } else if (size <= 0xffff) {
    big_endian<uint16_t>(0xc5, static_cast<uint16_t>(size));
  } else {
    big_endian<uint32_t>(0xc6, static_cast<uint32_t>(size));
  }
  out_.append(bytes);
}

void Writer::array(uint32_t count) {
  if (count <= 15) {
    byte(static_cast<uint8_t>(0x90 | count));
  } else if (count <= 0xffff) {
    big_endian<uint16_t>(0xdc, static_cast<uint16_t>(count));
  } else {
    big_endian<uint32_t>(0xdd, count);
  }
}

void Writer::map(uint32_t pairs) {
  if (pairs <= 15) {
    byte(static_cast<uint8_t>(0x80 | pairs));
  } else if (pairs <= 0xffff) {
    big_endian<uint16_t>(0xde, static_cast<uint16_t>(pairs));
  } else {
    big_endian<uint32_t>(0xdf, pairs);
  }
}

}  // namespace godseye::msgpack
