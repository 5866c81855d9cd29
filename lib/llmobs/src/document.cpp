#include "document.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <godseye/base/json_text.h>
#include <godseye/llmobs/lenient_json.h>
#include <godseye/llmobs/llmobs.h>
#include <godseye/msgpack/json.h>

namespace godseye::llmobs {

using base::Error;
using base::ErrorCode;

base::Result<Document> Document::parse(std::string_view body, std::string_view what) {
  const size_t start = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  // No JSON document begins with a byte above ASCII, and every MessagePack map and array does.
  if (start != std::string_view::npos && static_cast<uint8_t>(body[0]) >= 0x80 && !body.starts_with("\xEF\xBB\xBF")) {
    return parse_msgpack(body, what);
  }
  Document document;
  if (base::Status parsed = document.parse_text(body, what); !parsed) return std::move(parsed).error();
  return document;
}

base::Result<Document> Document::parse_msgpack(std::string_view body, std::string_view what) {
  std::string json;
  base::Result<size_t> taken = msgpack::append_json(body, json);
  if (!taken) return std::move(taken).error().within(what);
  if (*taken != body.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 std::string(what) + ": bytes after the end at byte " + std::to_string(*taken)};
  }
  Document document;
  if (base::Status parsed = document.parse_text(json, what); !parsed) return std::move(parsed).error();
  return document;
}

base::Status Document::parse_text(std::string_view json, std::string_view what) {
  if (parser_->allocate(std::max<size_t>(json.size(), 64), kJsonDepthMax) != simdjson::SUCCESS) {
    return Error{ErrorCode::kTooLarge, std::string(what) + " is too large to parse"};
  }
  simdjson::error_code code = parser_->parse(json.data(), json.size()).get(root_);
  if (code == simdjson::STRING_ERROR || code == simdjson::UTF8_ERROR || code == simdjson::NUMBER_ERROR ||
      code == simdjson::UNESCAPED_CHARS || code == simdjson::TAPE_ERROR || code == simdjson::N_ATOM_ERROR) {
    const std::string repaired = repair_json(json);
    if (repaired.size() > parser_->capacity() &&
        parser_->allocate(repaired.size(), kJsonDepthMax) != simdjson::SUCCESS) {
      return Error{ErrorCode::kTooLarge, std::string(what) + " is too large to parse"};
    }
    code = parser_->parse(repaired.data(), repaired.size()).get(root_);
  }
  if (code == simdjson::SUCCESS) return base::ok();
  const std::string reason = code == simdjson::DEPTH_ERROR
                                 ? "nested deeper than " + std::to_string(kJsonDepthMax) + " levels"
                                 : std::string(simdjson::error_message(code));
  return Error{ErrorCode::kInvalidArgument, std::string(what) + " is not valid JSON: " + reason};
}

std::optional<dom::element> field(dom::element parent, std::string_view name) {
  dom::object object;
  dom::element value;
  if (parent.get(object) != simdjson::SUCCESS || object.at_key(name).get(value) != simdjson::SUCCESS) return {};
  if (value.is_null()) return {};
  return value;
}

std::optional<dom::element> field(std::optional<dom::element> parent, std::string_view name) {
  return parent ? field(*parent, name) : std::nullopt;
}

std::optional<dom::object> object_field(dom::element parent, std::string_view name) {
  const std::optional<dom::element> value = field(parent, name);
  dom::object object;
  if (!value || value->get(object) != simdjson::SUCCESS) return {};
  return object;
}

std::string text_of(std::optional<dom::element> element) {
  if (!element) return {};
  std::string_view text;
  if (element->get(text) == simdjson::SUCCESS) return std::string(text);
  if (element->is_array() || element->is_object() || element->is_null()) return {};
  return simdjson::minify(*element);
}

std::string text_field(dom::element parent, std::string_view name) { return text_of(field(parent, name)); }

std::optional<double> number_of(std::optional<dom::element> element) {
  if (!element) return {};
  double value = 0;
  std::string_view text;
  if (element->get(value) != simdjson::SUCCESS) {
    if (element->get(text) != simdjson::SUCCESS) return {};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) return {};
  }
  if (!std::isfinite(value)) return {};
  return value;
}

std::optional<int64_t> integer_of(std::optional<dom::element> element) {
  if (!element) return {};
  int64_t integer = 0;
  if (element->get(integer) == simdjson::SUCCESS) return integer;
  const std::optional<double> value = number_of(element);
  if (!value) return {};
  if (*value >= 9223372036854775807.0) return std::numeric_limits<int64_t>::max();
  if (*value <= -9223372036854775808.0) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(*value);
}

std::string json_of(std::optional<dom::element> element) {
  return element ? simdjson::minify(*element) : std::string();
}

std::string json_without(dom::object object, std::string_view name) {
  std::string out = "{";
  for (const auto& [key, value] : object) {
    if (key == name) continue;
    if (out.size() > 1) out += ',';
    base::append_json_string(key, out);
    out += ':';
    out += simdjson::minify(value);
  }
  out += '}';
  return out;
}

}  // namespace godseye::llmobs
