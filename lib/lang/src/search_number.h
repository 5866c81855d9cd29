#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

// Numbers of search queries: `500`, `-1.5`, `20ms`.
namespace godseye::lang {

struct SearchNumber {
  double value = 0;  // nanoseconds with a unit
  bool has_unit = false;
};

inline std::optional<SearchNumber> read_search_number(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || !std::isfinite(value)) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  if (unit.empty()) return SearchNumber{.value = value};
  static constexpr std::array<std::pair<std::string_view, double>, 14> kUnits = {{{"ns", 1},
                                                                                  {"us", 1e3},
                                                                                  {"µs", 1e3},
                                                                                  {"ms", 1e6},
                                                                                  {"s", 1e9},
                                                                                  {"sec", 1e9},
                                                                                  {"m", 60e9},
                                                                                  {"min", 60e9},
                                                                                  {"h", 3600e9},
                                                                                  {"hr", 3600e9},
                                                                                  {"hour", 3600e9},
                                                                                  {"d", 86400e9},
                                                                                  {"day", 86400e9},
                                                                                  {"w", 604800e9}}};
  for (const auto& [name, factor] : kUnits) {
    if (unit == name) return SearchNumber{.value = value * factor, .has_unit = true};
  }
  return std::nullopt;
}

}  // namespace godseye::lang
