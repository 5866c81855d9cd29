#include "json_fields.h"

#include <algorithm>

namespace godseye::gateway {

using base::Error;
using base::ErrorCode;
namespace json = boost::json;

namespace {

constexpr size_t kDepthMax = 32;

base::Result<json::value> parse(std::string_view text, std::string_view what) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code failed;
  json::value value = json::parse(text, failed, {}, options);
  if (failed) return Error(ErrorCode::kInvalidArgument, std::string(what) + ": not JSON (" + failed.message() + ")");
  return value;
}

}  // namespace

base::Result<json::object> parse_object(std::string_view text, std::string_view what) {
  base::Result<json::value> value = parse(text, what);
  if (!value) return std::move(value).error();
  if (!value->is_object()) return Error(ErrorCode::kInvalidArgument, std::string(what) + ": expected a JSON object");
  return std::move(value->as_object());
}

base::Result<json::array> parse_array(std::string_view text, std::string_view what) {
  base::Result<json::value> value = parse(text, what);
  if (!value) return std::move(value).error();
  if (!value->is_array()) return Error(ErrorCode::kInvalidArgument, std::string(what) + ": expected a JSON array");
  return std::move(value->as_array());
}

const json::value* Fields::find(std::string_view name) {
  asked_.push_back(name);
  return object_.if_contains(name);
}

void Fields::wrong(std::string_view name, const std::string& expected) {
  if (error_.empty()) error_ = path(name) + ": " + expected;
}

void Fields::required(std::string_view name) {
  if (object_.if_contains(name) == nullptr) wrong(name, "is missing");
}

bool Fields::flag(std::string_view name, bool fallback) {
  const json::value* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) return wrong(name, "expected true or false"), fallback;
  return value->as_bool();
}

double Fields::number(std::string_view name, double fallback, double min, double max) {
  const json::value* value = find(name);
  if (value == nullptr) return fallback;
  const double got = value->is_number() ? value->to_number<double>() : std::numeric_limits<double>::quiet_NaN();
  if (!(got >= min && got <= max)) {
    wrong(name,
          "expected a number from " + json::serialize(json::value(min)) + " to " + json::serialize(json::value(max)));
    return fallback;
  }
  return got;
}

int64_t Fields::whole(std::string_view name, int64_t fallback, int64_t min, int64_t max) {
  const json::value* value = find(name);
  if (value == nullptr) return fallback;
  boost::system::error_code failed;
  const int64_t got = value->is_number() ? value->to_number<int64_t>(failed) : 0;
  if (!value->is_number() || failed || got < min || got > max) {
    wrong(name, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return fallback;
  }
  return got;
}

int64_t Fields::whole_or_null(std::string_view name, int64_t fallback, int64_t min, int64_t max) {
  const json::value* value = object_.if_contains(name);
  if (value != nullptr && value->is_null()) return asked_.push_back(name), fallback;
  return whole(name, fallback, min, max);
}

std::string Fields::text(std::string_view name, std::string_view fallback, size_t bytes_max) {
  const json::value* value = find(name);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) return wrong(name, "expected a string"), std::string(fallback);
  if (value->as_string().size() > bytes_max) {
    wrong(name, "has " + std::to_string(value->as_string().size()) + " bytes, at most " + std::to_string(bytes_max) +
                    " are taken");
    return std::string(fallback);
  }
  return std::string(value->as_string());
}

std::vector<std::string> Fields::texts(std::string_view name, size_t count_max, size_t bytes_max) {
  std::vector<std::string> out;
  const json::array* items = array(name);
  if (items == nullptr) return out;
  if (items->size() > count_max) wrong(name, "at most " + std::to_string(count_max) + " items are taken");
  for (const json::value& item : *items) {
    if (!item.is_string() || item.as_string().empty() || item.as_string().size() > bytes_max) {
      wrong(name, "expected strings of 1 to " + std::to_string(bytes_max) + " bytes");
      return {};
    }
    out.emplace_back(item.as_string());
  }
  return out;
}

const json::object* Fields::object(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) return wrong(name, "expected an object"), nullptr;
  return &value->as_object();
}

const json::array* Fields::array(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) return wrong(name, "expected an array"), nullptr;
  return &value->as_array();
}

base::Status Fields::finish(bool ignore_unknown) const {
  if (!error_.empty()) return Error(ErrorCode::kInvalidArgument, error_);
  if (ignore_unknown) return base::ok();
  for (const auto& member : object_) {
    if (std::find(asked_.begin(), asked_.end(), std::string_view(member.key())) != asked_.end()) continue;
    std::string known;
    for (const std::string_view name : asked_) known += (known.empty() ? "" : ", ") + std::string(name);
    return Error(ErrorCode::kInvalidArgument,
                 path(base::quoted(std::string_view(member.key()), 60)) + ": unknown, expected one of " + known);
  }
  return base::ok();
}

}  // namespace godseye::gateway
