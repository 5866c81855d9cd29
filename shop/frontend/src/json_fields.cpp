#include "json_fields.h"

#include <boost/json.hpp>

namespace vcommerce::frontend {
namespace {

namespace json = boost::json;

base::Error wrong(std::string_view field, std::string_view why) {
  return {base::ErrorCode::kInvalidArgument, std::string(field.substr(0, 64)) + ": " + std::string(why)};
}

base::Status take(const json::object& object, const std::string& prefix, Fields& out);

base::Status take_one(const std::string& name, const json::value& value, Fields& out) {
  if (out.list().size() >= kFieldsMax) return base::Error(base::ErrorCode::kTooLarge, "body: more than 64 fields");
  if (value.is_object()) return take(value.get_object(), name + ".", out);
  if (value.is_array()) return wrong(name, "must not be a list");
  if (value.is_null()) return base::ok();
  if (value.is_string()) {
    const std::string_view text(value.get_string().data(), value.get_string().size());
    if (text.size() > kFieldBytesMax) return wrong(name, "longer than " + std::to_string(kFieldBytesMax) + " bytes");
    if (!is_utf8_text(text)) return wrong(name, "not UTF-8 text");
    out.add(name, std::string(text));
  } else if (value.is_bool()) {
    out.add(name, value.get_bool() ? "1" : "");
  } else {
    out.add(name, json::serialize(value));
  }
  return base::ok();
}

base::Status take(const json::object& object, const std::string& prefix, Fields& out) {
  for (const auto& member : object) {
    const std::string name = prefix + std::string(member.key().data(), member.key().size());
    if (!is_utf8_text(name) || name.size() > 128) return wrong("body", "a member's name cannot be read");
    if (base::Status done = take_one(name, member.value(), out); !done) return done;
  }
  return base::ok();
}

}  // namespace

base::Result<Fields> json_fields(std::string_view text) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return wrong("body", "not JSON: " + error.message());
  if (!value.is_object()) return wrong("body", "not a JSON object");
  Fields fields;
  if (base::Status done = take(value.get_object(), "", fields); !done) return std::move(done).error();
  return fields;
}

}  // namespace vcommerce::frontend
