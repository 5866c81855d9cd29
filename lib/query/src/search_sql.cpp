#include "search_sql.h"

#include <charconv>
#include <cmath>

#include <godseye/query/span_engine.h>

namespace godseye::query {
namespace {

using lang::SearchBound;
using lang::SearchNode;
using KeyKind = SpanKey::Kind;

constexpr std::string_view kNothing = "0";

std::optional<double> plain_number(const lang::SearchValue& value) {
  double number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, number);
  if (value.glob || parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<uint64_t> plain_id(std::string_view text) {
  uint64_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return id;
}

std::string literal(uint64_t value) { return "toUInt64(" + std::to_string(value) + ")"; }

class Translator {
 public:
  Translator(int64_t from_ns, int64_t to_ns, SqlParameters& parameters)
      : from_ns_(from_ns), to_ns_(to_ns), parameters_(parameters) {}

  std::string translate(const SearchNode& node, SpanTable table) {
    switch (node.kind) {
      case SearchNode::Kind::kEverything:
        return "1";
      case SearchNode::Kind::kText:
        return free_text(node, table);
      case SearchNode::Kind::kTerm:
      case SearchNode::Kind::kExists:
      case SearchNode::Kind::kRange:
        return keyed(node, table);
      case SearchNode::Kind::kNot:
        return "NOT (" + translate(node.children[0], table) + ")";
      case SearchNode::Kind::kAnd:
      case SearchNode::Kind::kOr:
        break;
    }
    std::string text;
    for (const SearchNode& child : node.children) {
      if (!text.empty()) text += node.kind == SearchNode::Kind::kAnd ? " AND " : " OR ";
      text += translate(child, table);
    }
    return "(" + text + ")";
  }

  const base::Status& status() const { return status_; }

 private:
  void fail(const SearchNode& node, std::string_view sentence) {
    if (!status_) return;
    status_ = base::Error(base::ErrorCode::kInvalidArgument,
                          "column " + std::to_string(node.column.value) + ": " + std::string(sentence));
  }

  std::string contains(std::string_view expression, const SearchNode& node) {
    if (!node.value.glob) {
      return "positionCaseInsensitiveUTF8(" + std::string(expression) + ", " + parameters_.text(node.value.text) +
             ") > 0";
    }
    // A wildcard at an end says nothing inside of a text.
    return std::string(expression) + " ILIKE " + parameters_.text("%" + like_of_glob(node.value.text) + "%");
  }

  // Free text looks where people would: what was done, what went wrong, what was said.
  std::string free_text(const SearchNode& node, SpanTable table) {
    const std::string done = "(" + contains("resource", node) + " OR " + contains("name", node) + " OR ";
    if (table == SpanTable::kLlm) {
      return done + contains("input", node) + " OR " + contains("output", node) + " OR " +
             contains("error_message", node) + ")";
    }
    return done + contains("meta['error.message']", node) + " OR (is_llm AND " + elsewhere(node, SpanTable::kLlm) +
           "))";
  }

  // The spans that fulfil `node` in the other table.
  std::string elsewhere(const SearchNode& node, SpanTable other) {
    // With `start` the engine finds them by the key of the table.
    return "(start, trace_id_low, span_id) IN (SELECT start, trace_id_low, span_id FROM " +
           std::string(table_name(other)) + " WHERE " + time_condition(from_ns_, to_ns_) + " AND " +
           translate(node, other) + ")";
  }

  std::string keyed(const SearchNode& node, SpanTable table) {
    if (node.key == "*") return anywhere(node, table);
    if (node.key == "tags" && !node.attribute) return bare_tag(node, table);
    const SpanKey key = resolve_span_key(node.key, table);
    if (key.table && *key.table != table) return elsewhere(node, *key.table);
    if (key.kind == KeyKind::kEvaluation) return evaluated(node, key.evaluation);
    if (node.kind == SearchNode::Kind::kExists) return exists(key);
    if (node.kind == SearchNode::Kind::kRange) return range(node, key);
    switch (key.kind) {
      case KeyKind::kText:
        return equals(key.column, node.value);
      case KeyKind::kNumber:
      case KeyKind::kTime:
        return number_equals(node, key);
      case KeyKind::kStatus:
        return status_is(node);
      case KeyKind::kTraceId:
        return trace_is(node, table);
      case KeyKind::kId:
        return id_is(node, key);
      case KeyKind::kAttribute:
        return attribute_is(node, key);
      case KeyKind::kLlmTag:
        return llm_tag_is(node, key);
      case KeyKind::kEvaluation:
        break;  // above
    }
    return std::string(kNothing);
  }

  std::string equals(const std::string& expression, const lang::SearchValue& value) {
    if (value.glob) return expression + " LIKE " + parameters_.text(like_of_glob(value.text));
    return expression + " = " + parameters_.text(value.text);
  }

  std::string number_equals(const SearchNode& node, const SpanKey& key) {
    if (node.value.glob)
      return text_expression(key, parameters_) + " LIKE " + parameters_.text(like_of_glob(node.value.text));
    const std::optional<double> number = plain_number(node.value);
    if (!number) {
      fail(node, "expected a number for '" + node.key + "'");
      return std::string(kNothing);
    }
    if (key.kind == KeyKind::kTime) return "toUnixTimestamp64Milli(start) = " + number_text(*number);
    return key.column + " = " + number_text(*number);
  }

  std::string status_is(const SearchNode& node) {
    const std::string& text = node.value.text;
    if (node.value.glob)
      return text_expression({.kind = KeyKind::kStatus}, parameters_) + " LIKE " + parameters_.text(like_of_glob(text));
    if (text == "error" || text == "1" || text == "true") return "error = 1";
    if (text == "ok" || text == "0" || text == "false") return "error = 0";
    return std::string(kNothing);
  }

  std::string trace_is(const SearchNode& node, SpanTable table) {
    std::string same(kNothing);
    if (const std::optional<TraceId> id = node.value.glob ? std::nullopt : parse_trace_id(node.value.text)) {
      same = "trace_id_low = " + literal(id->low);
      if (id->exact) same = "(" + same + " AND trace_id_high = " + literal(id->high) + ")";
    }
    if (table == SpanTable::kLlm) same = "(" + same + " OR " + equals("llm_trace_id", node.value) + ")";
    return same;
  }

  std::string id_is(const SearchNode& node, const SpanKey& key) {
    if (node.value.text == "undefined" && key.column == "parent_id") return "parent_id = 0";
    const std::optional<uint64_t> id = node.value.glob ? std::nullopt : plain_id(node.value.text);
    return id ? key.column + " = " + literal(*id) : std::string(kNothing);
  }

  std::string attribute_is(const SearchNode& node, const SpanKey& key) {
    const std::string name = parameters_.text(key.name);
    std::string text = equals("meta[" + name + "]", node.value);
    // An absent key reads as an empty text.
    if (node.value.text.empty() || node.value.glob) text = "(mapContains(meta, " + name + ") AND " + text + ")";
    if (const std::optional<double> number = plain_number(node.value)) {
      text = "(" + text + " OR (mapContains(metrics, " + name + ") AND metrics[" + name +
             "] = " + number_text(*number) + "))";
    }
    return text;
  }

  std::string llm_tag_is(const SearchNode& node, const SpanKey& key) {
    if (!node.value.glob) return "has(tags, " + parameters_.text(key.name + ":" + node.value.text) + ")";
    return "arrayExists(t -> t LIKE " + parameters_.text(like_pattern(key.name) + ":" + like_of_glob(node.value.text)) +
           ", tags)";
  }

  std::string evaluated(const SearchNode& node, const EvaluationKey& key) {
    std::string condition = evaluation_field(key) + " != ''";
    if (node.kind == SearchNode::Kind::kTerm) {
      condition = equals(evaluation_field(key), node.value);
      if (const std::optional<double> number = plain_number(node.value)) {
        condition = "(" + condition + " OR ifNull(" + evaluation_number(key) + " = " + number_text(*number) + ", 0))";
      }
    }
    if (node.kind == SearchNode::Kind::kRange) {
      const bool numbers = (node.low.open || node.low.is_number) && (node.high.open || node.high.is_number);
      const std::string field = numbers ? evaluation_number(key) : evaluation_field(key);
      const auto bound = [&](const SearchBound& one, char comparison) {
        return numbers ? number_bound(field, one, comparison, {}) : text_bound(field, one, comparison);
      };
      condition = "ifNull(1" + bound(node.low, '>') + bound(node.high, '<') + ", 0)";
    }
    return evaluation_matches(key, condition, from_ns_, parameters_);
  }

  std::string exists(const SpanKey& key) {
    switch (key.kind) {
      case KeyKind::kText:
        return key.column + " != ''";
      case KeyKind::kNumber:
        return key.minus_is_absent ? key.column + " >= 0" : "1";
      case KeyKind::kId:
        return key.column + " != 0";
      case KeyKind::kAttribute: {
        const std::string name = parameters_.text(key.name);
        return "(mapContains(meta, " + name + ") OR mapContains(metrics, " + name + "))";
      }
      case KeyKind::kLlmTag:
        return "arrayExists(t -> startsWith(t, " + parameters_.text(key.name + ":") + "), tags)";
      default:
        return "1";
    }
  }

  std::string range(const SearchNode& node, const SpanKey& key) {
    const bool numbers = (node.low.open || node.low.is_number) && (node.high.open || node.high.is_number);
    const bool texts = key.kind == KeyKind::kText || key.kind == KeyKind::kAttribute || key.kind == KeyKind::kLlmTag;
    if (!numbers && !texts) {
      fail(node, "expected numbers in a range of '" + node.key + "'");
      return std::string(kNothing);
    }
    if (!numbers || key.kind == KeyKind::kText) {
      const std::string expression = text_expression(key, parameters_);
      return "(" + expression + " != ''" + text_bound(expression, node.low, '>') +
             text_bound(expression, node.high, '<') + ")";
    }
    const std::string expression = number_expression(key, parameters_);
    return "ifNull(1" + number_bound(expression, node.low, '>', key) + number_bound(expression, node.high, '<', key) +
           ", 0)";
  }

  std::string text_bound(const std::string& expression, const SearchBound& bound, char comparison) {
    if (bound.open) return "";
    return " AND " + expression + " " + comparison + (bound.inclusive ? "= " : " ") + parameters_.text(bound.text);
  }

  static std::string number_bound(const std::string& expression, const SearchBound& bound, char comparison,
                                  const SpanKey& key) {
    if (bound.open) return "";
    const double number = bound.has_unit ? bound.number * key.units_per_ns : bound.number;
    return " AND " + expression + " " + comparison + (bound.inclusive ? "= " : " ") + number_text(number);
  }

  // `*:x`: any attribute, without case.
  std::string anywhere(const SearchNode& node, SpanTable table) {
    if (node.kind == SearchNode::Kind::kRange) {
      fail(node, "expected a text after '*:'");
      return std::string(kNothing);
    }
    const std::string pattern =
        parameters_.text(node.value.glob ? like_of_glob(node.value.text) : like_pattern_plain(node.value.text));
    if (table == SpanTable::kLlm) {
      return "(arrayExists(t -> substring(t, position(t, ':') + 1) ILIKE " + pattern +
             ", CAST(tags, 'Array(String)')) OR service ILIKE " + pattern + " OR model_name ILIKE " + pattern + ")";
    }
    return "(arrayExists(v -> v ILIKE " + pattern + ", mapValues(meta)) OR service ILIKE " + pattern +
           " OR resource ILIKE " + pattern + " OR name ILIKE " + pattern + ")";
  }

  std::string bare_tag(const SearchNode& node, SpanTable table) {
    if (node.kind == SearchNode::Kind::kExists) return "1";
    if (node.value.glob || node.kind == SearchNode::Kind::kRange) {
      fail(node, "expected a tag without wildcards after 'tags:'");
      return std::string(kNothing);
    }
    const std::string name = parameters_.text(node.value.text);
    if (table == SpanTable::kLlm) return "has(tags, " + name + ")";
    return "mapContains(meta, " + name + ")";
  }

  static std::string like_pattern_plain(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
      if (c == '%' || c == '_' || c == '\\') pattern += '\\';
      pattern += c;
    }
    return pattern;
  }

  const int64_t from_ns_;
  const int64_t to_ns_;
  SqlParameters& parameters_;
  base::Status status_ = base::ok();
};

}  // namespace

std::string time_condition(int64_t from_ns, int64_t to_ns) {
  return "start >= fromUnixTimestamp64Nano(toInt64(" + std::to_string(from_ns) +
         "), 'UTC') AND start < fromUnixTimestamp64Nano(toInt64(" + std::to_string(to_ns) + "), 'UTC')";
}

std::string like_of_glob(std::string_view glob) {
  std::string pattern;
  for (size_t i = 0; i < glob.size(); ++i) {
    char c = glob[i];
    if (c == '*' || c == '?') {
      pattern += c == '*' ? '%' : '_';
      continue;
    }
    if (c == '\\' && i + 1 < glob.size()) c = glob[++i];
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

base::Result<std::string> search_condition(const lang::SearchNode& node, SpanTable table, int64_t from_ns,
                                           int64_t to_ns, SqlParameters& parameters) {
  Translator translator(from_ns, to_ns, parameters);
  std::string condition = translator.translate(node, table);
  if (!translator.status()) return translator.status().error();
  return condition;
}

}  // namespace godseye::query
