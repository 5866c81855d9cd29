#include "schema.h"

#include "json_writer.h"

namespace godseye::genai {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void write(Json schema, JsonWriter& w);

void write_member(const JsonMember& member, bool nullable, JsonWriter& w) {
  const std::string name = member.key.str();
  const Json value = member.value;
  if (name == "type" && value.is_string()) {
    w.key("type");
    const std::string type = lower(value.str());
    if (nullable) {
      w.open('[').value(type).value("null").close(']');
    } else {
      w.value(type);
    }
  } else if (member.is_either("anyOf")) {
    w.array("anyOf");
    for (const Json item : value.items()) write(item, w);
    w.close(']');
  } else if (name == "items") {
    w.key("items");
    write(value, w);
  } else if (name == "properties") {
    w.object("properties");
    for (const JsonMember property : value.members()) {
      w.key(property.key.str());
      write(property.value, w);
    }
    w.close('}');
  } else if (name == "example") {
    w.array("examples").raw(value.raw()).close(']');
  } else {
    for (const std::string_view count :
         {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}) {
      if (!member.is_either(count)) continue;
      w.maybe(count, value.integer());
      return;
    }
    if (name != "nullable" && !member.is_either("propertyOrdering")) w.raw_field(name, value.raw());
  }
}

// Depth is bounded by the document's.
void write(Json schema, JsonWriter& w) {
  if (!schema.is_object()) {
    w.raw(schema.exists() ? schema.raw() : std::string_view("{}"));
    return;
  }
  const bool nullable = schema["nullable"].boolean().value_or(false);
  w.open('{');
  for (const JsonMember member : schema.members()) write_member(member, nullable, w);
  w.close('}');
}

}  // namespace

std::string schema_from_gemini(Json schema) {
  std::string out;
  JsonWriter w(out);
  write(schema, w);
  return out;
}

}  // namespace godseye::genai
