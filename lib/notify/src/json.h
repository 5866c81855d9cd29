#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

// What the sources share of Boost.JSON, which stays behind the door.
namespace godseye::notify {

namespace json = boost::json;

// `text` as an object; `{}` when it is none (ours were valid when stored).
inline json::object stored_object(std::string_view text) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  return !failed && value.is_object() ? std::move(value.as_object()) : json::object();
}

inline std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : std::string();
}

inline int64_t integer_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->as_int64() : 0;
}

}  // namespace godseye::notify
