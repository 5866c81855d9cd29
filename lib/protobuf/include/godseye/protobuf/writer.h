#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

// Writes the wire format of protocol buffers: the few field types that our encoders need. What is written is the
// caller's own; one thread at a time.
namespace godseye::protobuf {

class Writer {
 public:
  const std::string& text() const { return out_; }
  bool empty() const { return out_.empty(); }
  // What was written; the writer is empty afterwards.
  std::string take() { return std::exchange(out_, {}); }
  // int32 to uint64, enums and booleans.
  void number(uint32_t field, uint64_t value);
  void fixed32(uint32_t field, uint32_t value);
  void fixed64(uint32_t field, uint64_t value);
  // A packed field of varints.
  void packed(uint32_t field, std::span<const uint64_t> values);
  void real(uint32_t field, double value);
  void zigzag32(uint32_t field, int32_t value);
  // Strings, bytes and messages.
  void bytes(uint32_t field, std::string_view value);

 private:
  void varint(uint64_t value);
  std::string out_;
};

}  // namespace godseye::protobuf
