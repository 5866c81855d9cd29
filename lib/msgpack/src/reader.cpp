#include <cmath>
#include <limits>

#include <godseye/msgpack/reader.h>

namespace godseye::msgpack {

Type Reader::type() const {
  if (broken_) return Type::kBroken;
  if (at_ == end_) return Type::kEnd;
  const uint8_t head = *at_;
  if (head <= 0x7f || head >= 0xe0) return Type::kInteger;
  if (head <= 0x8f) return Type::kMap;
  if (head <= 0x9f) return Type::kArray;
  if (head <= 0xbf) return Type::kString;
  if (head == 0xc0) return Type::kNil;
  if (head == 0xc1) return Type::kBroken;
  if (head <= 0xc3) return Type::kBool;
  if (head <= 0xc6) return Type::kBinary;
  if (head <= 0xc9) return Type::kExtension;
  if (head <= 0xcb) return Type::kDouble;
  if (head <= 0xd3) return Type::kInteger;
  if (head <= 0xd8) return Type::kExtension;
  if (head <= 0xdb) return Type::kString;
  return head <= 0xdd ? Type::kArray : Type::kMap;
}

bool Reader::binary(std::string_view& out) {
  if (broken_) return false;
  if (at_ == end_) return fail();
  switch (*at_) {
    case 0xc4:
      return left() < 2 ? fail() : sized(2, at_[1], out);
    case 0xc5:
      return left() < 3 ? fail() : sized(3, big_endian<uint16_t>(1), out);
    case 0xc6:
      return left() < 5 ? fail() : sized(5, big_endian<uint32_t>(1), out);
    default:
      return false;
  }
}

bool Reader::number(Number& out) {
  if (broken_) return false;
  if (at_ == end_) return fail();
  const uint8_t head = *at_;
  const auto take_unsigned = [&](size_t width, uint64_t value) {
    out.kind = Number::Kind::kUnsigned;
    out.u = value;
    at_ += width;
    return true;
  };
  const auto take_signed = [&](size_t width, int64_t value) {
    if (value >= 0) return take_unsigned(width, static_cast<uint64_t>(value));
    out.kind = Number::Kind::kSigned;
    out.i = value;
    at_ += width;
    return true;
  };
  if (head <= 0x7f) return take_unsigned(1, head);
  if (head >= 0xe0) return take_signed(1, static_cast<int8_t>(head));
  if (head < 0xca || head > 0xd3) return false;
  static constexpr uint8_t kWidths[] = {4, 8, 1, 2, 4, 8, 1, 2, 4, 8};
  const size_t width = kWidths[head - 0xca];
  if (left() < 1 + width) return fail();
  switch (head) {
    case 0xca:
      out.kind = Number::Kind::kDouble;
      out.d = std::bit_cast<float>(big_endian<uint32_t>(1));
      break;
    case 0xcb:
      out.kind = Number::Kind::kDouble;
      out.d = std::bit_cast<double>(big_endian<uint64_t>(1));
      break;
    case 0xcc:
      return take_unsigned(2, at_[1]);
    case 0xcd:
      return take_unsigned(3, big_endian<uint16_t>(1));
    case 0xce:
      return take_unsigned(5, big_endian<uint32_t>(1));
    case 0xcf:
      return take_unsigned(9, big_endian<uint64_t>(1));
    case 0xd0:
      return take_signed(2, static_cast<int8_t>(at_[1]));
    case 0xd1:
      return take_signed(3, big_endian<int16_t>(1));
    case 0xd2:
      return take_signed(5, big_endian<int32_t>(1));
    default:
      return take_signed(9, big_endian<int64_t>(1));
  }
  at_ += 1 + width;
  return true;
}

bool Reader::unsigned_integer(uint64_t& out) {
  Number value;
  if (!number(value)) return false;
  switch (value.kind) {
    case Number::Kind::kUnsigned:
      out = value.u;
      break;
    case Number::Kind::kSigned:
      out = static_cast<uint64_t>(value.i);
      break;
    case Number::Kind::kDouble:
      if (std::isnan(value.d)) {
        out = 0;
      } else if (value.d >= 18446744073709551615.0) {
        out = std::numeric_limits<uint64_t>::max();
      } else if (value.d <= -9223372036854775808.0) {
        out = static_cast<uint64_t>(std::numeric_limits<int64_t>::min());
      } else {
        out = value.d < 0 ? static_cast<uint64_t>(static_cast<int64_t>(value.d)) : static_cast<uint64_t>(value.d);
      }
      break;
  }
  return true;
}

bool Reader::signed_integer(int64_t& out) {
  Number value;
  if (!number(value)) return false;
  switch (value.kind) {
    case Number::Kind::kUnsigned:
      out = static_cast<int64_t>(value.u);
      break;
    case Number::Kind::kSigned:
      out = value.i;
      break;
    case Number::Kind::kDouble:
      if (std::isnan(value.d)) {
        out = 0;
      } else if (value.d >= 9223372036854775807.0) {
        out = std::numeric_limits<int64_t>::max();
      } else if (value.d <= -9223372036854775808.0) {
        out = std::numeric_limits<int64_t>::min();
      } else {
        out = static_cast<int64_t>(value.d);
      }
      break;
  }
  return true;
}

bool Reader::real(double& out) {
  Number value;
  if (!number(value)) return false;
  switch (value.kind) {
    case Number::Kind::kUnsigned:
      out = static_cast<double>(value.u);
      break;
    case Number::Kind::kSigned:
      out = static_cast<double>(value.i);
      break;
    case Number::Kind::kDouble:
      out = value.d;
      break;
  }
  return true;
}

bool Reader::skip_head(uint64_t& inside) {
  inside = 0;
  uint32_t count = 0;
  std::string_view bytes;
  Number ignored;
  switch (type()) {
    case Type::kNil:
    case Type::kBool:
      ++at_;
      return true;
    case Type::kInteger:
    case Type::kDouble:
      return number(ignored);
    case Type::kString:
      return string(bytes);
    case Type::kBinary:
      return binary(bytes);
    case Type::kArray:
      if (!array(count)) return false;
      inside = count;
      return true;
    case Type::kMap:
      if (!map(count)) return false;
      inside = uint64_t{count} * 2;
      return true;
    case Type::kExtension: {
      const uint8_t head = *at_;
      if (head >= 0xd4) return sized(0, 2 + (size_t{1} << (head - 0xd4)), bytes);
      if (head == 0xc7) return left() < 3 ? fail() : sized(3, at_[1], bytes);
      if (head == 0xc8) return left() < 4 ? fail() : sized(4, big_endian<uint16_t>(1), bytes);
      return left() < 6 ? fail() : sized(6, big_endian<uint32_t>(1), bytes);
    }
    case Type::kEnd:
    case Type::kBroken:
      break;
  }
  return fail();
}

bool Reader::skip() {
  // Counts what is still to come instead of recursing; each value takes a byte, so it ends.
  uint64_t pending = 1;
  while (pending > 0) {
    uint64_t inside = 0;
    if (!skip_head(inside)) return false;
    pending += inside - 1;
  }
  return true;
}

}  // namespace godseye::msgpack
