#include "json_values.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace godseye::ddtrace {

namespace dom = simdjson::dom;

std::string repaired_list(std::string_view json) {
  if (!json.ends_with("...")) return std::string(json);
  size_t depth = 0;
  bool in_string = false;
  size_t end = 0;  // behind the last whole element
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && depth > 0 && --depth == 1) {
      end = i + 1;
    }
  }
  return end == 0 ? "[]" : std::string(json.substr(0, end)) + "]";
}

bool json_real(dom::element element, double& out) {
  if (element.get(out) == simdjson::SUCCESS) return true;  // integers too
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return false;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size();
}

bool json_unsigned(dom::element element, uint64_t& out) {
  if (element.get(out) == simdjson::SUCCESS) return true;
  int64_t integer = 0;
  if (element.get(integer) == simdjson::SUCCESS) {
    out = static_cast<uint64_t>(integer);
    return true;
  }
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    return code == std::errc() && end == text.data() + text.size();
  }
  double real = 0;
  if (element.get(real) != simdjson::SUCCESS || std::isnan(real)) return false;
  out = real <= 0 ? 0 : real >= 18446744073709551615.0 ? UINT64_MAX : static_cast<uint64_t>(real);
  return true;
}

bool json_signed(dom::element element, int64_t& out) {
  if (element.get(out) == simdjson::SUCCESS) return true;
  double real = 0;
  if (!json_real(element, real) || std::isnan(real)) return false;
  out = real >= 9223372036854775807.0    ? std::numeric_limits<int64_t>::max()
        : real <= -9223372036854775808.0 ? std::numeric_limits<int64_t>::min()
                                         : static_cast<int64_t>(real);
  return true;
}

bool scalar_text(dom::element element, std::string& out) {
  switch (element.type()) {
    case dom::element_type::STRING: {
      std::string_view text;
      if (element.get(text) != simdjson::SUCCESS) return false;
      out = text;
      return true;
    }
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
    case dom::element_type::BOOL:
      out = simdjson::minify(element);
      return true;
    default:
      return false;
  }
}

namespace {

bool read_id(dom::element element, uint64_t& high, uint64_t& low) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return parse_hex128(text, high, low);
  high = 0;
  return json_unsigned(element, low);
}

signal::Text object_text(dom::object parent, const char* name, BatchBuilder& builder) {
  dom::object object;
  if (parent[name].get(object) != simdjson::SUCCESS || object.size() == 0) return {};
  return builder.value(simdjson::minify(object));
}

}  // namespace

bool read_link(dom::element element, BatchBuilder& builder) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return false;
  signal::SpanLink link;
  dom::element field;
  uint64_t ignored = 0;
  if (object["trace_id"].get(field) != simdjson::SUCCESS || !read_id(field, link.trace_id_high, link.trace_id_low)) {
    return false;
  }
  if (object["span_id"].get(field) != simdjson::SUCCESS || !read_id(field, ignored, link.span_id)) return false;
  if (object["trace_id_high"].get(field) == simdjson::SUCCESS) read_id(field, ignored, link.trace_id_high);
  std::string_view text;
  if (object["tracestate"].get(text) == simdjson::SUCCESS) link.tracestate = builder.value(text);
  uint64_t flags = 0;
  if (object["flags"].get(field) == simdjson::SUCCESS && json_unsigned(field, flags)) {
    link.flags = static_cast<uint32_t>(flags);
  }
  link.attributes = object_text(object, "attributes", builder);
  builder.link(link);
  return true;
}

bool read_event(dom::element element, BatchBuilder& builder) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return false;
  signal::SpanEvent event;
  dom::element field;
  std::string_view name;
  if (object["name"].get(name) != simdjson::SUCCESS) return false;
  event.name = builder.value(name);
  if (object["time_unix_nano"].get(field) == simdjson::SUCCESS && !json_signed(field, event.time_ns)) return false;
  event.attributes = object_text(object, "attributes", builder);
  builder.event(event);
  return true;
}

}  // namespace godseye::ddtrace
