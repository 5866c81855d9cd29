#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/api/errors.h>
#include <godseye/api/management_routes.h>

// What the management routes share.
namespace godseye::api {

// A whole non-negative number; nothing for anything else.
inline std::optional<int64_t> whole_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// The query parameter as a number in [0, max], larger ones cut; `fallback` when absent or no number.
inline size_t number_parameter(const Request& request, std::string_view name, size_t fallback, size_t max) {
  const std::optional<int64_t> value = whole_number(request.query(name));
  return std::min(max, value ? static_cast<size_t>(*value) : fallback);
}

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

inline std::vector<std::string> split_list(std::string_view text, char separator = ',') {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t at = std::min(text.find(separator), text.size());
    if (at > 0) parts.emplace_back(text.substr(0, at));
    text.remove_prefix(std::min(at + 1, text.size()));
  }
  return parts;
}

// `status:alert "two words" title:x` as words; quotes group.
struct SearchWord {
  std::string key;    // lower case; empty for a bare word
  std::string value;  // lower case
};
std::vector<SearchWord> search_words(std::string_view text);

inline int64_t now_s(const ManagementParts& parts) { return base::unix_seconds(parts.clock.wall()); }
inline void changed(const ManagementParts& parts, std::string_view topic) {
  if (parts.on_change) parts.on_change(topic);
}

}  // namespace godseye::api
