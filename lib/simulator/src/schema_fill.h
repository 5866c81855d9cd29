#pragma once

#include "context.h"
#include "json.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <godseye/base/random.h>

// Values for a JSON Schema (or Gemini's subset of OpenAPI) out of a conversation: arguments of a tool call, or an
// answer that has to be JSON. What the conversation holds is used; what it does not is left out where the schema allows
// and otherwise filled with the plainest value that fits. Types, enums, const, $ref into $defs, anyOf/oneOf/allOf,
// bounds and lengths are kept; `pattern` is not.
namespace godseye::simulator {

inline constexpr size_t kFillDepthMax = 12;
inline constexpr size_t kFillItemsMax = 100;

// Names of places in `text` ("weather in Paris and Berlin"): capitalised words after in, at, for, to, near, from.
std::vector<std::string> places_in(std::string_view text);

struct FillSource {
  std::string_view question;
  std::string_view answer;                // empty: arguments of a tool are filled
  std::span<const SeenProduct> products;  // chosen for the answer
  size_t place = 0;                       // which of the places is meant
};

class SchemaFiller {
 public:
  SchemaFiller(const json::value& schema, const FillSource& source, base::Random& random);
  json::value fill();

 private:
  std::optional<json::value> value(const json::value& schema, std::string_view name, bool required, size_t depth);
  std::optional<json::value> choice(const json::array& options, bool required);
  std::optional<json::value> text(const json::object& schema, std::string_view name, bool required);
  std::optional<json::value> number(const json::object& schema, std::string_view name, bool required, bool integer);
  json::value list(const json::object& schema, std::string_view name, size_t depth);
  json::value object(const json::object& schema, size_t depth);
  std::optional<std::string> known_text(std::string_view name, std::string_view format) const;
  std::optional<std::string> product_text(std::string_view name) const;
  const json::value* resolve(const json::value& schema) const;
  bool is_argument() const { return source_.answer.empty(); }

  const json::value& root_;
  const FillSource& source_;
  base::Random& random_;
  std::vector<std::string> places_;
  std::vector<double> numbers_;
  size_t numbers_used_ = 0;
  const SeenProduct* product_ = nullptr;
  size_t items_ = 0;
};

}  // namespace godseye::simulator
