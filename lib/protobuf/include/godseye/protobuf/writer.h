#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Writes the wire format of protocol buffers: the few field types that our encoders need. What is written is the
// caller's own; one thread at a time.
namespace godseye::protobuf {

class Writer {
 public:
  const std::string& text() const { return out_; }
  void real(uint32_t field, double value);
  void zigzag32(uint32_t field, int32_t value);
  void bytes(uint32_t field, std::string_view value);

 private:
  void varint(uint64_t value);
  std::string out_;
};

}  // namespace godseye::protobuf
