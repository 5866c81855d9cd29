#include <cstring>

#include <godseye/protobuf/reader.h>

namespace godseye::protobuf {

bool Reader::next() {
  if (rest_.empty() || broken_) return false;
  const std::optional<uint64_t> key = take_varint();
  if (!key || *key >> 3 == 0 || *key >> 3 > 0x1fffffff) return fail();
  field_ = static_cast<uint32_t>(*key >> 3);
  wire_ = static_cast<uint32_t>(*key & 7);
  number_ = 0;
  bytes_ = {};
  if (wire_ == 1) return take_fixed(8);
  if (wire_ == 5) return take_fixed(4);
  if (wire_ != 0 && wire_ != 2) return fail();
  const std::optional<uint64_t> value = take_varint();
  if (!value) return fail();
  if (wire_ == 0) {
    number_ = *value;
    return true;
  }
  if (*value > rest_.size()) return fail();
  bytes_ = rest_.substr(0, *value);
  rest_.remove_prefix(*value);
  return true;
}

std::optional<uint64_t> Reader::take_varint() {
  uint64_t value = 0;
  for (size_t i = 0; i < 10 && i < rest_.size(); ++i) {
    const auto byte = static_cast<uint8_t>(rest_[i]);
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    rest_.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

bool Reader::fail() {
  broken_ = true;
  return false;
}

bool Reader::take_fixed(size_t width) {
  if (rest_.size() < width) return fail();
  std::memcpy(&number_, rest_.data(), width);
  rest_.remove_prefix(width);
  return true;
}

}  // namespace godseye::protobuf
