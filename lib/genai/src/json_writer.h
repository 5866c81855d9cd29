#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godseye::genai {

// `text` between quotes, escaped. Invalid UTF-8 is passed on: what comes from a JsonDocument is valid.
void append_json_string(std::string_view text, std::string& out);

// Appends JSON to a string and sets the commas. The caller closes what it opens.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& open(char bracket) { return before(), out_ += bracket, comma_ = false, *this; }
  JsonWriter& close(char bracket) { return out_ += bracket, comma_ = true, *this; }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(int64_t number);
  JsonWriter& value(int number) { return value(static_cast<int64_t>(number)); }
  JsonWriter& value(uint32_t number) { return value(static_cast<int64_t>(number)); }
  JsonWriter& value(double number);  // null if not finite
  JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& raw(std::string_view json) { return before(), out_ += json, comma_ = true, *this; }

  template <typename T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name), value(v);
  }
  // Nothing if there is no value or the text is empty.
  template <typename T>
  JsonWriter& maybe(std::string_view name, const std::optional<T>& v) {
    if (v) field(name, *v);
    return *this;
  }
  JsonWriter& maybe(std::string_view name, std::string_view text) {
    if (!text.empty()) field(name, text);
    return *this;
  }
  JsonWriter& raw_field(std::string_view name, std::string_view json) { return key(name), raw(json); }
  JsonWriter& object(std::string_view name) { return key(name), open('{'); }
  JsonWriter& array(std::string_view name) { return key(name), open('['); }

 private:
  void before() {
    if (comma_) out_ += ',';
  }
  std::string& out_;
  bool comma_ = false;
};

// Text of a number in JSON: integers without fraction, shortest form that reads back.
std::string json_number(double value);

}  // namespace godseye::genai
