#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Writing and reading the small integers and texts of journal records (docs/formats/journal.md): little endian,
// LEB128 varints, zigzag for signed ones.
namespace godseye::store {

inline void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}
inline void put_signed(std::string& out, int64_t value) {
  put_varint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}
template <typename T>
void put_raw(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void put_string(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

// Reads what the functions above wrote. After a failure every read gives zeros and `failed()` stays true.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  bool failed() const { return failed_; }
  bool at_end() const { return bytes_.empty(); }
  void fail() { failed_ = true; }

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }
  int64_t signed_varint() {
    const uint64_t value = varint();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  // A number of things of which each takes at least `bytes_each`: never more than what is left can hold.
  size_t count(size_t bytes_each) {
    const uint64_t value = varint();
    if (value > bytes_.size() / bytes_each) failed_ = true;
    return failed_ ? 0 : value;
  }
  template <typename T>
  T raw() {
    T value{};
    if (bytes_.size() < sizeof value) {
      failed_ = true;
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view view(size_t size) {
    if (size > bytes_.size()) failed_ = true;
    if (failed_) return {};
    const std::string_view text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
  }
  std::string string() { return std::string(view(count(1))); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace godseye::store
