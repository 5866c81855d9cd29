#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

// A list of names as one column: ",a,b,", so that one of them is found by its ",name,". Empty is "".
namespace godseye::registry {

inline std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "," : "") + name + ",";
  return text;
}

inline std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    if (end > 0) names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

}  // namespace godseye::registry
