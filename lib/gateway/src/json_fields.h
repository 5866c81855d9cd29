#pragma once

#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/log.h>
#include <godseye/base/result.h>

#include <boost/json.hpp>

// Strict reading of JSON objects: every member is named, typed and bounded, an unknown one is an error. The first
// error stays; after it everything reads as the fallback.
//   Fields fields(object, "auto_block");
//   config.refused_count = fields.whole("refused_count", 3, 1, 64);
//   if (Status wrong = fields.finish(); !wrong) return wrong.error();
namespace godseye::gateway {

// The whole text as one JSON object; kInvalidArgument names `what`. Depth at most 32.
base::Result<boost::json::object> parse_object(std::string_view text, std::string_view what);
base::Result<boost::json::array> parse_array(std::string_view text, std::string_view what);

class Fields {
 public:
  Fields(const boost::json::object& object, std::string where) : object_(object), where_(std::move(where)) {}

  bool flag(std::string_view name, bool fallback);
  int64_t whole(std::string_view name, int64_t fallback, int64_t min, int64_t max);
  double number(std::string_view name, double fallback, double min, double max);
  std::string text(std::string_view name, std::string_view fallback, size_t bytes_max);
  // Null reads as the fallback.
  int64_t whole_or_null(std::string_view name, int64_t fallback, int64_t min, int64_t max);
  std::vector<std::string> texts(std::string_view name, size_t count_max, size_t bytes_max);
  const boost::json::object* object(std::string_view name);
  const boost::json::array* array(std::string_view name);
  void required(std::string_view name);
  void wrong(std::string_view name, const std::string& expected);
  // Members that nobody asked for are errors, unless `ignore_unknown`.
  base::Status finish(bool ignore_unknown = false) const;

 private:
  const boost::json::value* find(std::string_view name);
  std::string path(std::string_view name) const {
    return where_.empty() ? std::string(name) : where_ + "." + std::string(name);
  }

  const boost::json::object& object_;
  const std::string where_;
  std::vector<std::string_view> asked_;
  std::string error_;
};

}  // namespace godseye::gateway
