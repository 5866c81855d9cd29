#pragma once

#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/protobuf/reader.h>

namespace godseye::sdk {

// A message that was encoded, field by number. What is absent is empty or 0; of a field that comes again: the first.
class ProtoTree {
 public:
  explicit ProtoTree(std::string_view bytes) : bytes_(bytes) {}

  std::vector<ProtoTree> all(uint32_t field) const {
    std::vector<ProtoTree> out;
    for (protobuf::Reader reader(bytes_); reader.next();) {
      if (reader.field() == field) out.emplace_back(reader.bytes());
    }
    return out;
  }
  ProtoTree at(uint32_t field) const { return ProtoTree(text(field)); }
  std::string text(uint32_t field) const {
    const auto found = all(field);
    return found.empty() ? std::string() : found[0].bytes_;
  }
  uint64_t number(uint32_t field) const {
    for (protobuf::Reader reader(bytes_); reader.next();) {
      if (reader.field() == field) return reader.varint();
    }
    return 0;
  }
  double real(uint32_t field) const { return std::bit_cast<double>(number(field)); }

  // A list of KeyValue as `a=1,b=[x,y]`.
  std::string attributes(uint32_t field) const {
    std::string out;
    for (const ProtoTree& pair : all(field)) out += (out.empty() ? "" : ",") + pair.text(1) + "=" + value(pair.at(2));
    return out;
  }
  // Of one key among them.
  std::string attribute(uint32_t field, std::string_view key) const {
    for (const ProtoTree& pair : all(field)) {
      if (pair.text(1) == key) return value(pair.at(2));
    }
    return "(absent)";
  }

 private:
  static std::string value(const ProtoTree& any) {
    protobuf::Reader reader(any.bytes_);
    if (!reader.next()) return {};
    if (reader.field() == 1) return std::string(reader.bytes());
    if (reader.field() == 2) return reader.varint() != 0 ? "true" : "false";
    if (reader.field() == 3) return std::to_string(reader.integer());
    if (reader.field() == 4) return std::to_string(reader.fixed_double());
    std::string out = "[";
    for (const ProtoTree& one : ProtoTree(reader.bytes()).all(1)) out += (out.size() > 1 ? "," : "") + value(one);
    return out + "]";
  }

  std::string bytes_;
};

}  // namespace godseye::sdk
