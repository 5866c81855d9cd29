#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

#include <simdjson.h>

// A parsed body and the few ways in which the decoders look into it.
namespace godseye::llmobs {

namespace dom = simdjson::dom;

class Document {
 public:
  // JSON, repaired where needed; or MessagePack, turned into JSON. `what` names the body in errors.
  static base::Result<Document> parse(std::string_view body, std::string_view what);
  static base::Result<Document> parse_msgpack(std::string_view body, std::string_view what);

  dom::element root() const { return root_; }

 private:
  base::Status parse_text(std::string_view json, std::string_view what);

  std::unique_ptr<dom::parser> parser_ = std::make_unique<dom::parser>();  // elements point into it: it must not move
  dom::element root_;
};

// The value of `name`; nothing when the parent is no object, the field is absent or null.
std::optional<dom::element> field(dom::element parent, std::string_view name);
std::optional<dom::element> field(std::optional<dom::element> parent, std::string_view name);
// The field if it is an object or array.
std::optional<dom::object> object_field(dom::element parent, std::string_view name);
// Text of a string; numbers and booleans as JSON writes them; empty for everything else.
std::string text_of(std::optional<dom::element> element);
std::string text_field(dom::element parent, std::string_view name);
// Any number, or a text that is one; nothing for anything else and for what is not finite.
std::optional<double> number_of(std::optional<dom::element> element);
// As an integer, cut and clamped.
std::optional<int64_t> integer_of(std::optional<dom::element> element);
// Minified JSON; empty when absent.
std::string json_of(std::optional<dom::element> element);
// The object without the field `name`.
std::string json_without(dom::object object, std::string_view name);

}  // namespace godseye::llmobs
