#include "cursor.h"
#include "expression_parser.h"
#include "scope_parser.h"

#include <charconv>

#include <godseye/lang/metric_query.h>

namespace godseye::lang {

bool operator==(const Scope& a, const Scope& b) {
  return a.kind == b.kind && a.key == b.key && a.value == b.value && a.values == b.values && a.children == b.children;
}

bool operator==(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.number == b.number && a.series == b.series && a.name == b.name &&
         a.keyword == b.keyword && a.op == b.op && a.children == b.children;
}

base::Result<MetricQuery> parse_metric_query(std::string_view text) {
  Cursor cursor(text);
  if (cursor.failed()) return cursor.take_error();
  ExpressionParser parser(cursor, false);
  MetricQuery query;
  do {
    if (query.expressions.size() == kQueryExpressionsMax) {
      cursor.fail_sentence(cursor.column(), "more than " + std::to_string(kQueryExpressionsMax) + " queries",
                           base::ErrorCode::kTooLarge);
      return cursor.take_error();
    }
    if (!parser.parse(query.expressions.emplace_back())) return cursor.take_error();
  } while (cursor.accept(','));
  if (!cursor.at_end()) {
    cursor.fail("an operator, ',' or the end");
    return cursor.take_error();
  }
  return query;
}

base::Result<Scope> parse_scope(std::string_view text) {
  Cursor cursor(text);
  if (cursor.failed()) return cursor.take_error();
  Scope scope;
  if (!parse_scope(cursor, scope)) return cursor.take_error();
  if (!cursor.at_end() && !cursor.fail("the end of the scope")) return cursor.take_error();
  return scope;
}

base::Result<Expression> parse_formula(std::string_view text, std::span<const std::string> names) {
  Cursor cursor(text);
  if (cursor.failed()) return cursor.take_error();
  Expression expression;
  if (!ExpressionParser(cursor, true, names).parse(expression)) return cursor.take_error();
  if (!cursor.at_end()) {
    cursor.fail("an operator or the end");
    return cursor.take_error();
  }
  return expression;
}

bool glob_matches(std::string_view pattern, std::string_view value) {
  // Greedy with one step back to the last star: enough, since a later star makes earlier choices irrelevant.
  size_t p = 0;
  size_t v = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (v < value.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = v;
    } else if (p < pattern.size() && pattern[p] == value[v]) {
      ++p;
      ++v;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      v = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<uint32_t> error_column(std::string_view message) {
  constexpr std::string_view kPrefix = "column ";
  const size_t at = message.find(kPrefix);
  if (at == std::string_view::npos) return std::nullopt;
  uint32_t column = 0;
  const char* begin = message.data() + at + kPrefix.size();
  const auto parsed = std::from_chars(begin, message.data() + message.size(), column);
  if (parsed.ec != std::errc() || parsed.ptr == message.data() + message.size() || *parsed.ptr != ':')
    return std::nullopt;
  return column;
}

}  // namespace godseye::lang
