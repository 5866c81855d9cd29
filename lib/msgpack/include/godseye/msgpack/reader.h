#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

// `Reader` walks MessagePack bytes value by value, without copies and without ever leaving the bytes: strings come out
// as views into them. Nothing allocates, nothing recurses, nothing throws.
//
//   Reader reader(body);
//   uint32_t count = 0;
//   if (!reader.array(count)) return error(reader.position());
//   for (uint32_t i = 0; i < count; ++i) { std::string_view text; if (!reader.string(text)) … }
//
// Each reading function answers false when the next value is of another type (nothing is consumed: read it as what it
// is, or skip() it) or when the bytes end inside it; then `broken()` is true and stays so. A length is believed only
// if the bytes that remain could hold that many values, so a count may be used to reserve memory for elements of a
// byte. Threads: a reader belongs to one.
namespace godseye::msgpack {

enum class Type : uint8_t { kEnd, kNil, kBool, kInteger, kDouble, kString, kBinary, kArray, kMap, kExtension, kBroken };

// A number of any of MessagePack's widths. `kind` says which member holds it.
struct Number {
  enum class Kind : uint8_t { kUnsigned, kSigned, kDouble } kind = Kind::kUnsigned;  // kSigned: below zero
  uint64_t u = 0;
  int64_t i = 0;
  double d = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : begin_(reinterpret_cast<const uint8_t*>(bytes.data())), at_(begin_), end_(begin_ + bytes.size()) {}

  // What comes next; kEnd when nothing does, kBroken for a byte that begins no value.
  Type type() const;
  bool at_end() const { return at_ == end_; }
  bool broken() const { return broken_; }
  size_t position() const { return static_cast<size_t>(at_ - begin_); }
  // The bytes from `from` (an earlier position()) to here.
  std::string_view bytes_since(size_t from) const {
    return {reinterpret_cast<const char*>(begin_ + from), position() - from};
  }

  bool nil();  // consumes a nil
  bool boolean(bool& out);
  bool number(Number& out);            // any integer or float
  bool string(std::string_view& out);  // str
  bool binary(std::string_view& out);  // bin
  // str or bin: old encoders have no bin, some newer ones send str as bin.
  bool text(std::string_view& out) { return string(out) || (!broken_ && binary(out)); }
  bool array(uint32_t& count);
  bool map(uint32_t& pairs);

  // Any number as an unsigned integer: below zero by its bits, a fraction cut off, beyond the range clamped, NaN zero.
  bool unsigned_integer(uint64_t& out);
  // Likewise signed; above the range by its bits.
  bool signed_integer(int64_t& out);
  // Any number.
  bool real(double& out);

  // Passes over one value with all that is in it. False when the bytes end inside it.
  bool skip();

 private:
  bool fail() {
    broken_ = true;
    return false;
  }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  // A big-endian integer `offset` bytes from here; the caller checked that it is there.
  template <typename T>
  T big_endian(size_t offset) const;
  bool sized(size_t head, size_t size, std::string_view& out);
  bool counted(size_t head, uint64_t count, uint32_t values_each, uint32_t& out);
  // Passes over one value's head and, of a scalar, its bytes; `inside` is how many values follow that belong to it.
  bool skip_head(uint64_t& inside);

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  bool broken_ = false;
};

template <typename T>
T Reader::big_endian(size_t offset) const {
  T value;
  std::memcpy(&value, at_ + offset, sizeof value);
  if constexpr (sizeof(T) == 2) value = static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  if constexpr (sizeof(T) == 4) value = static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  if constexpr (sizeof(T) == 8) value = static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  return value;
}

inline bool Reader::sized(size_t head, size_t size, std::string_view& out) {
  if (left() - head < size) return fail();
  out = {reinterpret_cast<const char*>(at_ + head), size};
  at_ += head + size;
  return true;
}

inline bool Reader::counted(size_t head, uint64_t count, uint32_t values_each, uint32_t& out) {
  if (left() - head < count * values_each) return fail();  // every value takes a byte
  out = static_cast<uint32_t>(count);
  at_ += head;
  return true;
}

inline bool Reader::nil() {
  if (broken_ || at_ == end_ || *at_ != 0xc0) return false;
  ++at_;
  return true;
}

inline bool Reader::boolean(bool& out) {
  if (broken_ || at_ == end_ || (*at_ != 0xc2 && *at_ != 0xc3)) return false;
  out = *at_++ == 0xc3;
  return true;
}

inline bool Reader::string(std::string_view& out) {
  if (broken_) return false;
  if (at_ == end_) return fail();
  const uint8_t head = *at_;
  if (head >= 0xa0 && head <= 0xbf) return sized(1, head & 0x1fu, out);
  if (head < 0xd9 || head > 0xdb) return false;
  if (head == 0xd9) return left() < 2 ? fail() : sized(2, at_[1], out);
  if (head == 0xda) return left() < 3 ? fail() : sized(3, big_endian<uint16_t>(1), out);
  return left() < 5 ? fail() : sized(5, big_endian<uint32_t>(1), out);
}

inline bool Reader::array(uint32_t& count) {
  if (broken_) return false;
  if (at_ == end_) return fail();
  const uint8_t head = *at_;
  if (head >= 0x90 && head <= 0x9f) return counted(1, head & 0x0fu, 1, count);
  if (head == 0xdc) return left() < 3 ? fail() : counted(3, big_endian<uint16_t>(1), 1, count);
  if (head == 0xdd) return left() < 5 ? fail() : counted(5, big_endian<uint32_t>(1), 1, count);
  return false;
}

inline bool Reader::map(uint32_t& pairs) {
  if (broken_) return false;
  if (at_ == end_) return fail();
  const uint8_t head = *at_;
  if (head >= 0x80 && head <= 0x8f) return counted(1, head & 0x0fu, 2, pairs);
  if (head == 0xde) return left() < 3 ? fail() : counted(3, big_endian<uint16_t>(1), 2, pairs);
  if (head == 0xdf) return left() < 5 ? fail() : counted(5, big_endian<uint32_t>(1), 2, pairs);
  return false;
}

}  // namespace godseye::msgpack
