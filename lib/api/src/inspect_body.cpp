#include "inspect_body.h"

#include <array>

#include <godseye/api/inspect_routes.h>
#include <godseye/api/json_limits.h>

#include <boost/json.hpp>

namespace godseye::api {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

constexpr size_t kDepthMax = 8;  // our own bodies are flat

Error wrong(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Result<json::object> parse_object(std::string_view body) {
  if (Status fits = check_json_limits(body, kDepthMax, kInspectTextBytesMax); !fits) return std::move(fits).error();
  boost::system::error_code failed;
  json::value value = json::parse(body, failed);
  if (failed) return wrong("the body is not JSON: " + failed.message());
  if (!value.is_object()) return wrong("the body is not a JSON object");
  return std::move(value.as_object());
}

// Reads members one after the other; the first wrong one is remembered.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  bool text(std::string_view name, std::string& out) {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return false;
    if (!value->is_string()) return fail(name, "a string");
    out = std::string_view(value->get_string());
    return true;
  }
  void text(std::string_view name, std::optional<std::string>& out) {
    std::string value;
    if (text(name, value)) out = std::move(value);
  }
  void flag(std::string_view name, bool& out) {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_bool()) {
      fail(name, "true or false");
      return;
    }
    out = value->get_bool();
  }
  void texts(std::string_view name, size_t count_max, std::vector<std::string>& out) {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_array() || value->get_array().size() > count_max) {
      fail(name, "an array of at most " + std::to_string(count_max) + " strings");
      return;
    }
    for (const json::value& item : value->get_array()) {
      if (!item.is_string()) {
        fail(name, "an array of strings");
        return;
      }
      out.emplace_back(std::string_view(item.get_string()));
    }
  }
  Status status() const { return error_ ? Status(*error_) : base::ok(); }

 private:
  bool fail(std::string_view name, std::string_view expected) {
    if (!error_) error_ = wrong("\"" + std::string(name) + "\" must be " + std::string(expected));
    return false;
  }
  const json::object& object_;
  std::optional<Error> error_;
};

}  // namespace

Result<TextToInspect> parse_text_to_inspect(std::string_view body) {
  Result<json::object> object = parse_object(body);
  if (!object) return std::move(object).error();
  Members members(*object);
  TextToInspect out;
  std::string source;
  members.text("text", out.text);
  members.text("source", source);
  members.text("session", out.session);
  members.flag("redact", out.redact);
  members.flag("explain", out.explain);
  members.text("answer", out.answer);
  members.text("question", out.question);
  members.text("context", out.context);
  members.text("finish_reason", out.finish_reason);
  members.text("system_prompt", out.system_prompt);
  members.texts("canaries", kCanariesMax, out.canaries);
  members.text("catalogue", out.catalogue);
  if (Status good = members.status(); !good) return std::move(good).error();
  if (!out.text && !out.answer) return wrong("\"text\" (or \"answer\") is missing");
  if (out.session.size() > kSessionNameBytesMax)
    return wrong("\"session\" is longer than " + std::to_string(kSessionNameBytesMax) + " bytes");
  if (!source.empty()) {
    Result<guard::Source> parsed = guard::parse_source(source);
    if (!parsed) return std::move(parsed).error();
    out.source = *parsed;
  }
  return out;
}

Result<ImageToInspect> parse_image_to_inspect(std::string_view body) {
  Result<json::object> object = parse_object(body);
  if (!object) return std::move(object).error();
  Members members(*object);
  ImageToInspect out;
  std::string image;
  const bool there = members.text("image", image);
  members.text("filename", out.file_name);
  members.text("content_type", out.content_type);
  members.flag("decode", out.decode);
  if (Status good = members.status(); !good) return std::move(good).error();
  if (!there) return wrong("\"image\" (the file in base64) is missing");
  Result<std::string> bytes = decode_base64(image);
  if (!bytes) return std::move(bytes).error().within("\"image\"");
  out.bytes = *std::move(bytes);
  return out;
}

Result<std::string> decode_base64(std::string_view text) {
  static constexpr auto kValues = [] {
    std::array<int8_t, 256> values{};
    values.fill(-1);
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < kAlphabet.size(); ++i) values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
    values['-'] = 62;
    values['_'] = 63;
    return values;
  }();
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  uint32_t group = 0;
  int sextets = 0;
  bool ended = false;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      ended = true;
      continue;
    }
    const int8_t value = kValues[static_cast<uint8_t>(c)];
    if (value < 0 || ended) return wrong("not base64");
    group = group << 6 | static_cast<uint32_t>(value);
    if (++sextets < 4) continue;
    out += static_cast<char>(group >> 16);
    out += static_cast<char>(group >> 8);
    out += static_cast<char>(group);
    group = 0;
    sextets = 0;
  }
  if (sextets == 1) return wrong("not base64: a character is missing at the end");
  if (sextets >= 2) out += static_cast<char>(group >> (sextets == 2 ? 4 : 10));
  if (sextets == 3) out += static_cast<char>(group >> 2);
  return out;
}

}  // namespace godseye::api
