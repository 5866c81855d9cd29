#include "json.h"

#include <cmath>
#include <cstdio>
#include <ctime>

#include <godseye/ddapi/monitor.h>

namespace godseye::ddapi {

using base::Error;
using base::ErrorCode;

base::Result<json::value> parse_json(std::string_view text, size_t bytes_max, size_t depth_max) {
  if (text.size() > bytes_max) {
    return Error(ErrorCode::kTooLarge, "the body has " + std::to_string(text.size()) + " bytes, at most " +
                                           std::to_string(bytes_max) + " are taken");
  }
  json::parse_options options;
  options.max_depth = depth_max;
  json::stream_parser parser({}, options);
  boost::system::error_code code;
  const size_t read = parser.write_some(text.data(), text.size(), code);
  if (!code && read < text.size() && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument,
                 "not JSON: something follows the value at byte " + std::to_string(read + 1));
  }
  if (!code) parser.finish(code);
  if (code == json::error::too_deep) {
    return Error(ErrorCode::kTooLarge, "the JSON nests deeper than " + std::to_string(depth_max) + " levels");
  }
  if (code) {
    return Error(ErrorCode::kInvalidArgument,
                 "not JSON: " + code.message() + " at byte " + std::to_string(std::min(read + 1, text.size())));
  }
  return parser.release();
}

base::Result<json::object> parse_object(std::string_view text, size_t bytes_max, size_t depth_max) {
  base::Result<json::value> value = parse_json(text, bytes_max, depth_max);
  if (!value) return std::move(value).error();
  if (!value->is_object()) return Error(ErrorCode::kInvalidArgument, "expected a JSON object");
  return std::move(value->as_object());
}

Error expected(std::string_view path, std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string(path) + ": expected " + std::string(what)};
}

std::optional<json::value> FieldReader::take(std::string_view name) {
  if (!status_) return std::nullopt;
  auto* found = object_.if_contains(name);
  if (found == nullptr) return std::nullopt;
  json::value value = std::move(*found);
  object_.erase(name);
  if (value.is_null()) return std::nullopt;
  return value;
}

void FieldReader::text(std::string_view name, std::string& into) {
  std::optional<json::value> value = take(name);
  if (!value) return;
  if (!value->is_string()) return fail(expected(path_of(name), "a string"));
  into = json::value_to<std::string>(*value);
}

void FieldReader::text(std::string_view name, std::optional<std::string>& into) {
  std::optional<json::value> value = take(name);
  if (!value) return;
  if (!value->is_string()) return fail(expected(path_of(name), "a string"));
  into = json::value_to<std::string>(*value);
}

void FieldReader::number(std::string_view name, std::optional<double>& into) {
  std::optional<json::value> value = take(name);
  if (!value) return;
  boost::system::error_code code;
  const double number = value->is_number() ? value->to_number<double>(code) : NAN;
  if (!std::isfinite(number)) return fail(expected(path_of(name), "a number"));
  into = number;
}

void FieldReader::integer(std::string_view name, std::optional<int64_t>& into) {
  std::optional<json::value> value = take(name);
  if (!value) return;
  boost::system::error_code code;
  // 5.0 counts as 5, as in clients that know only one kind of number.
  const int64_t number = value->is_number() ? value->to_number<int64_t>(code) : 0;
  if (!value->is_number() || code) return fail(expected(path_of(name), "an integer"));
  into = number;
}

void FieldReader::boolean(std::string_view name, std::optional<bool>& into) {
  std::optional<json::value> value = take(name);
  if (!value) return;
  if (!value->is_bool()) return fail(expected(path_of(name), "true or false"));
  into = value->as_bool();
}

void FieldReader::texts(std::string_view name, std::vector<std::string>& into) {
  std::optional<std::vector<std::string>> texts_read;
  texts(name, texts_read);
  if (texts_read) into = *std::move(texts_read);
}

void FieldReader::texts(std::string_view name, std::optional<std::vector<std::string>>& into) {
  std::optional<json::value> value = take(name);
  if (!value) return;
  if (!value->is_array()) return fail(expected(path_of(name), "an array of strings"));
  std::vector<std::string> texts;
  for (const json::value& element : value->as_array()) {
    if (!element.is_string()) return fail(expected(path_of(name), "an array of strings"));
    texts.push_back(json::value_to<std::string>(element));
  }
  into = std::move(texts);
}

void FieldReader::ignore(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) object_.erase(name);
}

json::object stored_object(std::string_view text) {
  base::Result<json::value> value = parse_json(text, 16 << 20, 64);
  if (!value || !value->is_object()) return {};
  return std::move(value->as_object());
}

json::array text_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

json::value number_value(double value) {
  if (!std::isfinite(value)) return nullptr;
  constexpr double kExact = 9007199254740992.0;  // beyond 2^53 a double is no longer every integer
  if (std::floor(value) == value && std::fabs(value) < kExact) return static_cast<int64_t>(value);
  return value;
}

json::value time_or_null(int64_t unix_s) {
  if (unix_s == 0) return nullptr;
  return json::value(format_time(unix_s));
}

std::vector<std::string> object_keys(std::string_view text) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : stored_object(text)) keys.emplace_back(key);
  return keys;
}

std::string format_time(int64_t unix_s) {
  const std::time_t time = static_cast<std::time_t>(unix_s);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.000000+00:00", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

}  // namespace godseye::ddapi
