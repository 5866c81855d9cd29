#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

#include <boost/json.hpp>

// What the management codecs share: bounded parsing and field readers whose errors name the field. Boost.JSON stays
// behind the codecs' doors.
namespace godseye::ddapi {

namespace json = boost::json;

// kInvalidArgument with position for what is not JSON, kTooLarge beyond `bytes_max` or `depth_max`.
base::Result<json::value> parse_json(std::string_view text, size_t bytes_max, size_t depth_max);
base::Result<json::object> parse_object(std::string_view text, size_t bytes_max, size_t depth_max);

// `path: expected what`.
base::Error expected(std::string_view path, std::string_view what);

// Takes fields out of an object one by one; what is left at the end is unknown. After the first error the readers do
// nothing. A null is an absent field, and leaves the target empty.
class FieldReader {
 public:
  FieldReader(json::object object, std::string path) : object_(std::move(object)), path_(std::move(path)) {}

  bool has(std::string_view name) const { return object_.contains(name); }
  // The field, removed; nothing when absent or null. `was_null` tells the two apart for merging.
  std::optional<json::value> take(std::string_view name);

  void text(std::string_view name, std::string& into);
  void text(std::string_view name, std::optional<std::string>& into);
  void number(std::string_view name, std::optional<double>& into);
  void integer(std::string_view name, std::optional<int64_t>& into);
  void boolean(std::string_view name, std::optional<bool>& into);
  void texts(std::string_view name, std::vector<std::string>& into);
  void texts(std::string_view name, std::optional<std::vector<std::string>>& into);
  void ignore(std::initializer_list<std::string_view> names);

  std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  }
  void fail(base::Error error) {
    if (status_) status_ = std::move(error);
  }
  const base::Status& status() const { return status_; }
  json::object& rest() { return object_; }

 private:
  json::object object_;
  std::string path_;
  base::Status status_ = base::ok();
};

// `text` as an object; `{}` when it is none (ours were valid when stored).
json::object stored_object(std::string_view text);
json::array text_array(const std::vector<std::string>& texts);
// A number as JSON writes it: integers without a fraction. NaN and infinities, which JSON lacks, become null.
json::value number_value(double value);
json::value time_or_null(int64_t unix_s);

}  // namespace godseye::ddapi
