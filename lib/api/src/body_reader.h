#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/api/json_limits.h>
#include <godseye/base/json_text.h>
#include <godseye/base/result.h>

#include <boost/json.hpp>

// Reads one JSON object of a request, strictly: each member by name, type and bound; the first thing that is wrong is
// kept, and what nobody asked for is wrong. After an error everything reads as absent.
namespace godseye::api {

class BodyReader {
 public:
  // An empty body reads as {}.
  explicit BodyReader(std::string_view body) {
    if (body.empty()) return;
    if (base::Status limits = check_json_limits(body); !limits) {
      error_ = limits.error();
      return;
    }
    boost::system::error_code failed;
    boost::json::value value = boost::json::parse(body, failed);
    if (failed || !value.is_object()) {
      wrong("expected a JSON object" + (failed ? " (" + failed.message() + ")" : std::string()));
    } else {
      object_ = std::move(value.as_object());
    }
  }

  std::optional<std::string> text(std::string_view name, size_t bytes_max) {
    const boost::json::value* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_string() || value->as_string().size() > bytes_max) {
      wrong(std::string(name) + ": expected a string of at most " + std::to_string(bytes_max) + " bytes");
      return std::nullopt;
    }
    return std::string(value->as_string());
  }
  std::string required(std::string_view name, size_t bytes_max) {
    std::optional<std::string> value = text(name, bytes_max);
    if (!value || value->empty()) wrong(std::string(name) + ": is missing");
    return std::move(value).value_or("");
  }
  std::optional<int64_t> whole(std::string_view name, int64_t min, int64_t max) {
    const boost::json::value* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    boost::system::error_code failed;
    const int64_t got = value->is_number() ? value->to_number<int64_t>(failed) : 0;
    if (!value->is_number() || failed || got < min || got > max) {
      wrong(std::string(name) + ": expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
      return std::nullopt;
    }
    return got;
  }
  std::optional<bool> flag(std::string_view name) {
    const boost::json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) return wrong(std::string(name) + ": expected true or false"), std::nullopt;
    return value->as_bool();
  }
  std::optional<std::vector<std::string>> texts(std::string_view name) {
    const boost::json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    std::vector<std::string> out;
    if (!value->is_array()) return wrong(std::string(name) + ": expected a list of strings"), std::nullopt;
    for (const boost::json::value& item : value->as_array()) {
      if (!item.is_string()) return wrong(std::string(name) + ": expected a list of strings"), std::nullopt;
      out.emplace_back(item.as_string());
    }
    return out;
  }
  bool has(std::string_view name) const { return object_.contains(name); }
  void wrong(std::string what) {
    if (!error_) error_.emplace(base::ErrorCode::kInvalidArgument, std::move(what));
  }

  base::Status done() {
    for (const auto& member : object_) {
      if (error_ || std::find(asked_.begin(), asked_.end(), std::string_view(member.key())) != asked_.end()) continue;
      std::string known;
      for (const std::string_view name : asked_) known += (known.empty() ? "" : ", ") + std::string(name);
      wrong("unknown member " + base::json_quoted(std::string_view(member.key()).substr(0, 60)) + "; known are " +
            known);
    }
    if (error_) return *error_;
    return base::ok();
  }

 private:
  const boost::json::value* find(std::string_view name) {
    asked_.push_back(name);
    return object_.if_contains(name);
  }
  boost::json::object object_;
  std::vector<std::string_view> asked_;
  std::optional<base::Error> error_;
};

}  // namespace godseye::api
