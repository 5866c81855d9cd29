#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Appends MessagePack to a string, every value in its shortest form. A map or array head promises how many values the
// caller writes next; nothing checks that it does.
namespace godseye::msgpack {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void nil() { byte(0xc0); }
  void boolean(bool value) { byte(value ? 0xc3 : 0xc2); }
  void unsigned_integer(uint64_t value);
  void signed_integer(int64_t value);
  void real(double value);
  void string(std::string_view text);  // Requires: below 4 GiB, as for binary
  void binary(std::string_view bytes);
  void array(uint32_t count);
  void map(uint32_t pairs);
  // MessagePack that is there already.
  void raw(std::string_view bytes) { out_.append(bytes); }

 private:
  void byte(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  template <typename T>
  void big_endian(uint8_t head, T value);

  std::string& out_;
};

}  // namespace godseye::msgpack
