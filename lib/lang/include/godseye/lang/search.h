#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/lang/metric_query.h>

// Datadog's search language for events and spans: text ⇄ syntax tree, pure functions without state.
//
//   service:(shop OR "cart api") @http.status_code:[500 TO 599] -env:dev @duration:>20ms "timed out"
//
// What stands side by side is joined by AND, which binds stronger than OR; `-`, `!` and NOT negate what follows. A bare
// word or "phrase" is a free text; `key:value` names a reserved attribute or a tag, `@key:value` an attribute of the
// span. Values may be words with `*` (any run) and `?` (one character), "quoted" texts in which those are ordinary,
// parentheses of values, ranges and comparisons. A backslash makes the next character ordinary, anywhere.
// The tree knows nothing of columns: which keys exist is the business of `query`. Trees are plain values.
//
// Errors are kInvalidArgument with one sentence: `column 14: expected ')' but found the end` (bytes from 1;
// `error_column` reads the number back), kUnimplemented for `CIDR(…)` and calculated fields (`#name`), kTooLarge beyond
// the bounds below and those of metric_query.h on bytes, depth and nodes.
namespace godseye::lang {

inline constexpr size_t kSearchTermBytesMax = 4096;  // one key, word or phrase

// A text to compare with. Without `glob` it stands for itself; with it `*` and `?` are wildcards and a backslash makes
// the byte after it ordinary.
struct SearchValue {
  std::string text;
  bool glob = false;
  bool operator==(const SearchValue&) const = default;
};

// One end of a range or the right side of a comparison. `is_number` where the text reads as a number, perhaps with a
// unit of time: `20ms` has number 2e7 and `has_unit` (units are nanoseconds; without one the number is as written).
struct SearchBound {
  std::string text;   // as written, unescaped
  bool open = false;  // `*`: no bound
  bool inclusive = true;
  bool is_number = false;
  bool has_unit = false;
  double number = 0;
  bool operator==(const SearchBound& other) const {
    return open == other.open && inclusive == other.inclusive && text == other.text;
  }
};

struct SearchNode {
  enum class Kind : uint8_t {
    kEverything,  // `*` or an empty query
    kText,        // free text: `value`
    kTerm,        // `key:value`
    kExists,      // `key:*`
    kRange,       // `key:[a TO b]`, `key:>a`: `low`, `high`
    kNot,         // one child
    kAnd,         // two and more, never kAnd or kEverything
    kOr           // two and more, never kOr
  };
  Kind kind = Kind::kEverything;
  bool attribute = false;  // the key was written with `@`
  std::string key;         // without `@`; "*": any attribute. kTerm, kExists, kRange
  SearchValue value;
  bool quoted = false;  // kText: a phrase; its words stand in this order
  SearchBound low;
  SearchBound high;
  std::vector<SearchNode> children;
  Column column;
};
bool operator==(const SearchNode& a, const SearchNode& b);

base::Result<SearchNode> parse_search(std::string_view text);

// Canonical text: parse_search(to_text(x)) == x.
std::string to_text(const SearchNode& node);

// `value` against a glob of SearchValue. Linear for one star, at worst the product of the lengths.
bool search_glob_matches(std::string_view pattern, std::string_view value);

// `text` so that it stands for itself as a value: quoted where needed.
std::string quoted_search_value(std::string_view text);

}  // namespace godseye::lang
