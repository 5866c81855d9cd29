#pragma once

#include <cstdint>
#include <forward_list>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// JSON as this library needs it: every value knows its bytes in the body, so that a guard can replace exactly one
// string and a schema travels verbatim; names given twice stay visible; the text needs no padding and is not copied. A
// document is one flat array of nodes; parsing it again reuses the memory. Lists of plain numbers (embeddings) are one
// node.
namespace godseye::genai {

enum class JsonKind : uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kNumbers, kObject };

struct JsonNode {
  uint32_t begin = 0;  // of the value in the text; strings with their quotes
  uint32_t end = 0;
  uint32_t next = 0;  // the node after this value and all in it
  JsonKind kind = JsonKind::kNull;
  bool escaped = false;  // a string with backslashes
};

class JsonDocument;

// A value, or nothing: looking into nothing gives nothing. Valid as long as document and text.
class Json {
 public:
  Json() = default;
  Json(const JsonDocument* document, uint32_t index) : document_(document), index_(index) {}

  explicit operator bool() const { return document_ != nullptr && kind() != JsonKind::kNull; }
  bool exists() const { return document_ != nullptr; }
  JsonKind kind() const { return node().kind; }
  bool is(JsonKind kind) const { return document_ != nullptr && node().kind == kind; }
  bool is_string() const { return is(JsonKind::kString); }
  bool is_object() const { return is(JsonKind::kObject); }
  bool is_array() const { return is(JsonKind::kArray) || is(JsonKind::kNumbers); }
  uint32_t begin() const { return document_ ? node().begin : 0; }
  uint32_t end() const { return document_ ? node().end : 0; }

  std::string_view raw() const;  // the JSON text; empty for nothing
  // The member `name`; the last one if it is there twice, as most parsers have it.
  Json operator[](std::string_view name) const;
  // The same under `name` in lowerCamelCase or in snake_case, as Google's parsers accept.
  Json either(std::string_view camel) const;
  // A string's text: a view into the body, or into `decoded` if it has escapes. Empty for anything else.
  std::string_view text(std::forward_list<std::string>& decoded) const;
  std::string str() const;
  bool equals(std::string_view text) const;  // a string with this text
  std::optional<int64_t> integer() const;    // whole numbers and texts of digits; clamped
  std::optional<double> number() const;
  std::optional<bool> boolean() const;
  size_t size() const;  // items or members
  std::vector<double> numbers() const;

  class Items;
  class Members;
  Items items() const;      // of an array; empty for anything else, and for kNumbers
  Members members() const;  // of an object; likewise

 private:
  const JsonNode& node() const;
  const JsonDocument* document_ = nullptr;
  uint32_t index_ = 0;
};

class JsonDocument {
 public:
  // kInvalidArgument with the byte where it went wrong; kTooLarge beyond the limits of requests.h.
  base::Status parse(std::string_view text);
  // Gives memory for more than `nodes` back.
  void keep_at_most(size_t nodes) {
    if (nodes_.capacity() > nodes) nodes_ = {};
  }
  Json root() const { return nodes_.empty() ? Json() : Json(this, 0); }
  std::string_view text() const { return text_; }
  const std::vector<JsonNode>& nodes() const { return nodes_; }

 private:
  friend class JsonParser;
  std::string_view text_;
  std::vector<JsonNode> nodes_;
};

inline const JsonNode& Json::node() const { return document_->nodes()[index_]; }

class Json::Items {
 public:
  Items(const JsonDocument* document, uint32_t first, uint32_t last) : d_(document), first_(first), last_(last) {}
  struct Iterator {
    const JsonDocument* d;
    uint32_t i;
    Json operator*() const { return {d, i}; }
    Iterator& operator++() { return i = d->nodes()[i].next, *this; }
    bool operator!=(const Iterator& other) const { return i != other.i; }
  };
  Iterator begin() const { return {d_, first_}; }
  Iterator end() const { return {d_, last_}; }

 private:
  const JsonDocument* d_;
  uint32_t first_, last_;
};

struct JsonMember {
  Json key;
  Json value;
  bool is(std::string_view name) const { return key.equals(name); }
  bool is_either(std::string_view camel) const;
};

class Json::Members {
 public:
  Members(const JsonDocument* document, uint32_t first, uint32_t last) : d_(document), first_(first), last_(last) {}
  struct Iterator {
    const JsonDocument* d;
    uint32_t i;
    JsonMember operator*() const { return {{d, i}, {d, i + 1}}; }
    Iterator& operator++() { return i = d->nodes()[i + 1].next, *this; }
    bool operator!=(const Iterator& other) const { return i != other.i; }
  };
  Iterator begin() const { return {d_, first_}; }
  Iterator end() const { return {d_, last_}; }

 private:
  const JsonDocument* d_;
  uint32_t first_, last_;
};

// `key` is `camel` in lowerCamelCase or snake_case.
bool camel_or_snake(std::string_view key, std::string_view camel);
// Adds "prefix.name" to `dropped` for members of `object` that are not among `known` and not null.
void note_unknown(Json object, std::initializer_list<std::string_view> known, std::string_view prefix,
                  std::vector<std::string>& dropped, bool camel = false);
// Parses `text`; true if it is one JSON value (of kind object if asked).
bool is_json(std::string_view text, bool object = false);

}  // namespace godseye::genai
