#include "expression_parser.h"

#include "calendar_rollup.h"
#include "comparison.h"
#include "functions.h"
#include "scope_parser.h"

#include <charconv>
#include <utility>

// Grammar (spec queries.md 1):
//   expr   := term (('+' | '-') term)*
//   term   := factor (('*' | '/' | '%') factor)*
//   factor := number | '-' factor | '(' expr ')' | function '(' arguments ')' | series | name of a query
//   series := [aggregator ':'] metric '{' scope '}' ['by' '{' key (',' key)* '}'] modifier*
//   aggregator := 'avg' | 'sum' | 'min' | 'max' | 'count' | 'p99.9' | 'stddev' | 'count' '(' 'v' ':' 'v' comparator
//   number ')'
namespace godseye::lang {
namespace {

constexpr std::string_view kExpectedFactor = "a metric query, a function, a number or '('";
constexpr std::string_view kExpectedAggregator =
    "an aggregator (avg, sum, min, max, count, p50, p99.9, stddev, count(v: v > 5))";
constexpr std::string_view kExpectedModifier = "a modifier: as_count(), as_rate(), rollup(…), fill(…) or weighted()";
constexpr std::string_view kExpectedRollup =
    "a rollup method (avg, sum, min, max, count), a number of seconds, or daily, weekly, monthly or yearly";

struct RollupName {
  std::string_view name;
  RollupMethod method;
};
constexpr RollupName kRollupNames[] = {{"avg", RollupMethod::kAvg},
                                       {"sum", RollupMethod::kSum},
                                       {"min", RollupMethod::kMin},
                                       {"max", RollupMethod::kMax},
                                       {"count", RollupMethod::kCount}};
struct FillName {
  std::string_view name;
  FillMethod method;
};
constexpr FillName kFillNames[] = {{"linear", FillMethod::kLinear},
                                   {"last", FillMethod::kLast},
                                   {"zero", FillMethod::kZero},
                                   {"null", FillMethod::kNull}};

// A bare or quoted word.
std::string_view plain_or_quoted(Cursor& cursor) {
  if (const auto quoted = cursor.quoted()) return *quoted;
  return cursor.word(false);
}

// Whole seconds in 1..`max`.
bool parse_seconds(Cursor& cursor, uint32_t max, uint32_t& out) {
  const uint32_t column = cursor.column();
  const std::string expected = "a whole number of seconds from 1 to " + std::to_string(max);
  const auto number = cursor.number();
  if (cursor.failed()) return false;
  if (!number) return cursor.fail(expected);
  if (*number < 1 || *number > max || *number != static_cast<double>(static_cast<uint32_t>(*number))) {
    return cursor.fail_sentence(column, "expected " + expected);
  }
  out = static_cast<uint32_t>(*number);
  return true;
}

}  // namespace

bool read_aggregator(std::string_view word, SpaceAggregator& aggregator, double& percentile) {
  constexpr std::pair<std::string_view, SpaceAggregator> kNames[] = {
      {"avg", SpaceAggregator::kAvg}, {"sum", SpaceAggregator::kSum},     {"min", SpaceAggregator::kMin},
      {"max", SpaceAggregator::kMax}, {"count", SpaceAggregator::kCount}, {"stddev", SpaceAggregator::kStddev}};
  for (const auto& [name, value] : kNames) {
    if (word == name) {
      aggregator = value;
      return true;
    }
  }
  if (word.size() < 2 || word[0] != 'p' || word.back() == '.' || word[1] < '0' || word[1] > '9') return false;
  double value = 0;
  const auto parsed = std::from_chars(word.data() + 1, word.data() + word.size(), value, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != word.data() + word.size() || !(value >= 0 && value <= 100))
    return false;
  aggregator = SpaceAggregator::kPercentile;
  percentile = value;
  return true;
}

bool ExpressionParser::parse(Expression& out) {
  if (!parse_term(out)) return false;
  for (;;) {
    const char c = cursor_.peek();
    if (c != '+' && c != '-') return !cursor_.failed();
    cursor_.accept(c);
    Expression right;
    if (!parse_term(right)) return false;
    fold(static_cast<BinaryOperator>(c), out, std::move(right));
  }
}

bool ExpressionParser::parse_term(Expression& out) {
  if (!parse_factor(out)) return false;
  for (;;) {
    const char c = cursor_.peek();
    if (c != '*' && c != '/' && c != '%') return !cursor_.failed();
    cursor_.accept(c);
    Expression right;
    if (!parse_factor(right)) return false;
    fold(static_cast<BinaryOperator>(c), out, std::move(right));
  }
}

void ExpressionParser::fold(BinaryOperator op, Expression& left, Expression right) {
  Expression parent;
  parent.kind = Expression::Kind::kBinary;
  parent.op = op;
  parent.column = left.column;
  parent.children.reserve(2);
  parent.children.push_back(std::move(left));
  parent.children.push_back(std::move(right));
  left = std::move(parent);
}

bool ExpressionParser::parse_factor(Expression& out) {
  const Nesting nesting(cursor_);
  if (!nesting.ok() || !cursor_.count_node()) return false;
  out.column = Column{cursor_.column()};
  if (cursor_.accept('-')) {
    Expression operand;
    if (!parse_factor(operand)) return false;
    if (operand.kind == Expression::Kind::kNumber) {
      out.kind = Expression::Kind::kNumber;
      out.number = -operand.number;
      return true;
    }
    out.kind = Expression::Kind::kNegate;
    out.children.push_back(std::move(operand));
    return true;
  }
  if (cursor_.accept('(')) return parse(out) && cursor_.expect(')', "an operator or ')'");
  if (const auto number = cursor_.number()) {
    out.kind = Expression::Kind::kNumber;
    out.number = *number;
    return true;
  }
  return !cursor_.failed() && parse_named(out);
}

bool ExpressionParser::parse_named(Expression& out) {
  const uint32_t column = cursor_.column();
  const std::string_view name = cursor_.word();
  if (name.empty()) return cursor_.fail(kExpectedFactor);
  const char next = cursor_.peek();
  if (next == '(' && name == "count" && !formula_) return parse_count_if(out);
  if (next == '(') return parse_call(name, out);
  if (next != ':' && formula_) return parse_reference(name, out);
  if (formula_) return cursor_.fail_sentence(column, "expected the name of a query; a formula cannot hold a metric");
  if (next == ':') {
    cursor_.accept(':');
    const std::string_view metric = cursor_.word();
    if (metric.empty()) return cursor_.fail("a metric name");
    out.kind = Expression::Kind::kSeries;
    return parse_series(name, column, metric, out.series.emplace());
  }
  if (next != '{') return cursor_.fail("'{' and a scope after metric '" + std::string(name) + "'");
  out.kind = Expression::Kind::kSeries;
  return parse_series("avg", column, name, out.series.emplace());
}

bool ExpressionParser::parse_reference(std::string_view name, Expression& out) {
  for (const std::string& known : names_) {
    if (known == name) {
      out.kind = Expression::Kind::kReference;
      out.name = name;
      return true;
    }
  }
  std::string list;
  for (const std::string& known : names_) list += (list.empty() ? "" : ", ") + known;
  return cursor_.fail_at(out.column.value,
                         list.empty() ? "a number, there are no queries to name" : "one of the queries " + list,
                         "'" + std::string(name.substr(0, 60)) + "'");
}

bool ExpressionParser::fail_unknown_function(uint32_t column, std::string_view name) {
  std::string sentence = "there is no function '" + std::string(name.substr(0, 60)) + "'";
  const std::vector<std::string_view> near = near_functions(name);
  for (size_t i = 0; i < near.size(); ++i) {
    sentence += i == 0 ? "; near it: " : ", ";
    sentence += near[i];
  }
  return cursor_.fail_sentence(column, sentence);
}

bool ExpressionParser::parse_call(std::string_view name, Expression& out) {
  const FunctionSignature* signature = find_function(name);
  if (signature == nullptr) return fail_unknown_function(out.column.value, name);
  out.kind = Expression::Kind::kCall;
  out.name = name;
  if (!cursor_.expect('(')) return false;
  bool optional = false;
  bool keywords = false;
  for (const char kind : signature->parameters) {
    if (kind == '?') {
      optional = true;
      continue;
    }
    if (kind == 'k') {
      keywords = true;
      continue;
    }
    if (optional && cursor_.peek() == ')') break;
    if (!out.children.empty()) {
      const size_t before = cursor_.position();
      if (!cursor_.expect(',', optional ? "',' or ')'" : function_usage(*signature))) return false;
      if (optional && at_keyword_argument(cursor_)) {
        cursor_.rewind(before);
        break;
      }
    }
    Expression argument;
    if (!parse_argument(name, kind, argument)) return false;
    out.children.push_back(std::move(argument));
  }
  if (signature->parameters.ends_with('k')) keywords = true;
  if (keywords && !parse_keyword_arguments(out)) return false;
  return cursor_.expect(')', "')': " + function_usage(*signature));
}

bool ExpressionParser::parse_argument(std::string_view function, char kind, Expression& out) {
  out.column = Column{cursor_.column()};
  if (kind == 's') {
    if (!cursor_.count_node()) return false;
    const std::string_view text = plain_or_quoted(cursor_);
    if (cursor_.failed()) return false;
    if (text.empty()) return cursor_.fail("a quoted string in " + std::string(function) + "(…)");
    out.kind = Expression::Kind::kString;
    out.name = text;
    return true;
  }
  if (!parse(out)) return false;
  if (kind == 'n' && out.kind != Expression::Kind::kNumber) {
    return cursor_.fail_sentence(out.column.value, "expected a number in " + std::string(function) + "(…)");
  }
  return true;
}

bool ExpressionParser::parse_keyword_arguments(Expression& call) {
  while (cursor_.accept(',')) {
    Expression argument;
    argument.column = Column{cursor_.column()};
    if (!cursor_.count_node()) return false;
    argument.keyword = cursor_.word(false);
    if (argument.keyword.empty()) return cursor_.fail("a keyword argument such as direction='both'");
    if (!cursor_.expect('=')) return false;
    if (const auto number = cursor_.number()) {
      argument.kind = Expression::Kind::kNumber;
      argument.number = *number;
    } else {
      if (cursor_.failed()) return false;
      const std::string_view text = plain_or_quoted(cursor_);
      if (cursor_.failed()) return false;
      if (text.empty()) return cursor_.fail("a quoted string or a number");
      argument.kind = Expression::Kind::kString;
      argument.name = text;
    }
    call.children.push_back(std::move(argument));
  }
  return !cursor_.failed();
}

bool ExpressionParser::parse_series(std::string_view aggregator, uint32_t aggregator_column, std::string_view metric,
                                    SeriesQuery& out) {
  out.column = Column{aggregator_column};
  if (!read_aggregator(aggregator, out.aggregator, out.percentile)) {
    return cursor_.fail_at(aggregator_column, kExpectedAggregator, "'" + std::string(aggregator.substr(0, 60)) + "'");
  }
  return parse_series_rest(metric, out);
}

// `count(v: v > 5):metric{…}`, from the parenthesis on.
bool ExpressionParser::parse_count_if(Expression& out) {
  constexpr std::string_view kExpected = "'v', as in count(v: v > 5):metric{…}";
  SeriesQuery& series = out.series.emplace();
  out.kind = Expression::Kind::kSeries;
  series.column = out.column;
  series.aggregator = SpaceAggregator::kCountIf;
  cursor_.accept('(');
  for (const char after : {':', '\0'}) {
    const uint32_t column = cursor_.column();
    if (cursor_.word(false) != "v") {
      cursor_.rewind(column - 1);
      return cursor_.fail(kExpected);
    }
    if (after != '\0' && !cursor_.expect(after)) return false;
  }
  if (!read_comparison(cursor_, "a comparison: <, <=, >, >=, == or !=", series.comparator, series.threshold))
    return false;
  if (!cursor_.expect(')') || !cursor_.expect(':', "':' and a metric name")) return false;
  const std::string_view metric = cursor_.word();
  if (metric.empty()) return cursor_.fail("a metric name");
  return parse_series_rest(metric, series);
}

bool ExpressionParser::parse_series_rest(std::string_view metric, SeriesQuery& out) {
  if (metric.back() == '.') return cursor_.fail("a metric name that does not end with a dot");
  out.metric = metric;
  if (!cursor_.expect('{', "'{' and a scope")) return false;
  if (!parse_scope(cursor_, out.scope)) return false;
  if (!cursor_.expect('}', "',', AND, OR or '}'")) return false;
  return parse_group_keys(out) && parse_modifiers(out);
}

bool ExpressionParser::parse_group_keys(SeriesQuery& series) {
  const size_t before = cursor_.position();
  if (!equals_ignoring_case(cursor_.word(false), "by")) {
    cursor_.rewind(before);
    return true;
  }
  if (!cursor_.expect('{', "'{' and tag keys after by")) return false;
  do {
    const std::string_view key = tag_key(cursor_);
    if (key.empty()) return cursor_.fail("a tag key");
    bool known = false;
    for (const std::string& other : series.group_by) known = known || other == key;
    if (known) continue;
    if (series.group_by.size() == kGroupKeysMax) {
      return cursor_.fail_sentence(cursor_.column(), "by has more than " + std::to_string(kGroupKeysMax) + " keys",
                                   base::ErrorCode::kTooLarge);
    }
    series.group_by.emplace_back(key);
  } while (cursor_.accept(','));
  return cursor_.expect('}', "',' or '}'");
}

bool ExpressionParser::parse_modifiers(SeriesQuery& series) {
  bool any = false;
  while (cursor_.peek() == '.') {
    cursor_.accept('.');
    if (!parse_modifier(series)) return false;
    any = true;
  }
  if (!any) return true;
  const size_t before = cursor_.position();
  const uint32_t column = cursor_.column();
  const bool by = equals_ignoring_case(cursor_.word(false), "by");
  if (by) return cursor_.fail_sentence(column, "expected by {…} before the modifiers");
  cursor_.rewind(before);
  return true;
}

bool ExpressionParser::parse_modifier(SeriesQuery& series) {
  const uint32_t column = cursor_.column();
  const std::string_view name = cursor_.word(false);
  const bool as_count = name == "as_count";
  if (as_count || name == "as_rate") {
    if (series.count_mode != CountMode::kNone) {
      return cursor_.fail_sentence(column, "expected as_count() or as_rate() only once");
    }
    series.count_mode = as_count ? CountMode::kAsCount : CountMode::kAsRate;
    return cursor_.expect('(') && cursor_.expect(')');
  }
  if (name == "rollup") {
    if (series.rollup) return cursor_.fail_sentence(column, "expected rollup(…) only once");
    return parse_rollup(series);
  }
  if (name == "fill") {
    if (series.fill) return cursor_.fail_sentence(column, "expected fill(…) only once");
    return parse_fill(series);
  }
  if (name == "weighted") {
    if (series.weighted) return cursor_.fail_sentence(column, "expected weighted() only once");
    series.weighted = true;
    return cursor_.expect('(') && cursor_.expect(')');
  }
  cursor_.rewind(column - 1);
  return cursor_.fail(kExpectedModifier);
}

bool ExpressionParser::parse_rollup(SeriesQuery& series) {
  Rollup& rollup = series.rollup.emplace();
  if (!cursor_.expect('(')) return false;
  if (cursor_.peek() >= '0' && cursor_.peek() <= '9') {
    return parse_seconds(cursor_, kRollupSecondsMax, rollup.seconds) && expect_rollup_end(rollup);
  }
  if (at_calendar_unit(cursor_)) return parse_calendar_rollup(cursor_, rollup.calendar.emplace());
  const uint32_t column = cursor_.column();
  const std::string_view method = plain_or_quoted(cursor_);
  if (cursor_.failed()) return false;
  for (const RollupName& known : kRollupNames) {
    if (known.name == method) rollup.method = known.method;
  }
  if (!rollup.method) {
    cursor_.rewind(column - 1);
    return cursor_.fail(kExpectedRollup);
  }
  if (!cursor_.accept(',')) return cursor_.expect(')', "',' or ')'");
  if (at_calendar_unit(cursor_)) return parse_calendar_rollup(cursor_, rollup.calendar.emplace());
  if (cursor_.peek() < '0' || cursor_.peek() > '9') {
    return cursor_.fail("a whole number of seconds, or daily, weekly, monthly or yearly");
  }
  return parse_seconds(cursor_, kRollupSecondsMax, rollup.seconds) && expect_rollup_end(rollup);
}

// A number of seconds is the last argument: what may follow a calendar unit has no meaning with it.
bool ExpressionParser::expect_rollup_end(const Rollup& rollup) {
  if (cursor_.peek() == ',') {
    return cursor_.fail("')' after the " + std::to_string(rollup.seconds) +
                        " seconds; a time zone goes with daily, weekly, monthly or yearly");
  }
  return cursor_.expect(')');
}

bool ExpressionParser::parse_fill(SeriesQuery& series) {
  Fill& fill = series.fill.emplace();
  if (!cursor_.expect('(')) return false;
  const uint32_t column = cursor_.column();
  const std::string_view method = plain_or_quoted(cursor_);
  if (cursor_.failed()) return false;
  bool found = false;
  for (const FillName& known : kFillNames) {
    if (known.name != method) continue;
    fill.method = known.method;
    found = true;
  }
  if (!found) {
    cursor_.rewind(column - 1);
    return cursor_.fail("a fill method (linear, last, zero, null)");
  }
  if (cursor_.accept(',') && !parse_seconds(cursor_, kFillLimitMaxS, fill.limit_s)) return false;
  return cursor_.expect(')', "',' or ')'");
}

}  // namespace godseye::lang
