#pragma once

#include <cmath>
#include <optional>
#include <string_view>

#include <boost/json.hpp>

// Bounded JSON for this library's sources; Boost.JSON does not pass the doors.
namespace godseye::simulator {

namespace json = boost::json;

inline constexpr size_t kJsonDepthMax = 32;

inline std::optional<json::value> parse_json(std::string_view text) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::value value = json::parse(text, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

// Any finite number.
inline std::optional<double> as_number(const json::value& value) {
  if (const double* number = value.if_double()) return std::isfinite(*number) ? std::optional(*number) : std::nullopt;
  if (const int64_t* number = value.if_int64()) return static_cast<double>(*number);
  if (const uint64_t* number = value.if_uint64()) return static_cast<double>(*number);
  return std::nullopt;
}

inline std::string_view text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

}  // namespace godseye::simulator
