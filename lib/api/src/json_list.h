#pragma once

#include <string>

// JSON written by hand, the way the answers of this library are small enough for.
namespace godseye::api {

// "[a,b]" of what `write` makes of each item.
template <typename Items, typename Write>
std::string json_list(const Items& items, Write write) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += write(item);
  }
  return out + ']';
}

inline std::string span_members(size_t start, size_t end) {
  return "\"start\":" + std::to_string(start) + ",\"end\":" + std::to_string(end);
}

}  // namespace godseye::api
