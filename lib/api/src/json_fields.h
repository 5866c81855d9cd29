#pragma once

#include "span_json.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/net/http_message.h>

// JSON objects written member by member straight into a text, for answers of tens of thousands of them.
namespace godseye::api {

inline void append_integer(std::string& out, int64_t value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

// Ids are texts: JavaScript has no 64-bit integers.
inline void append_id(std::string& out, uint64_t id) {
  char buffer[24];
  out += '"';
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, id).ptr);
  out += '"';
}

// Writes the fields of one object; those without a value are left out.
class Fields {
 public:
  explicit Fields(std::string& out) : out_(out) { out_ += '{'; }
  ~Fields() { out_ += '}'; }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  std::string& key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) key(name) += net::json_quoted(value);
  }
  void id(std::string_view name, uint64_t value) { append_id(key(name), value); }
  void integer(std::string_view name, int64_t value) { append_integer(key(name), value); }
  void boolean(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
  void number(std::string_view name, const std::optional<double>& value) {
    if (value) append_number(key(name), *value);
  }
  // A stored JSON text; what is none (a text that was cut) becomes {"value": text}.
  void json(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (is_json(value)) {
      key(name) += value;
    } else {
      key(name) += R"({"value":)" + net::json_quoted(value) + R"(,"truncated":true})";
    }
  }
  void texts(std::string_view name, const std::vector<std::string>& values) { append_texts(key(name), values); }
  void numbers(std::string_view name, const query::NumberPairs& pairs) {
    Fields inner(key(name));
    for (const auto& [k, value] : pairs) inner.quoted_number(k, value);
  }
  void quoted_number(std::string_view name, double value) {
    separate(name);
    append_number(out_, value);
  }
  void quoted_text(std::string_view name, std::string_view value) {
    separate(name);
    out_ += net::json_quoted(value);
  }

 private:
  void separate(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += net::json_quoted(name);
    out_ += ':';
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace godseye::api
