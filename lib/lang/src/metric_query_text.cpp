#include "number_text.h"

#include <algorithm>
#include <charconv>

#include <godseye/lang/metric_query.h>

// Canonical text of trees. Parentheses only where the tree needs them, so that reading it back gives the same tree.
namespace godseye::lang {
namespace {

bool is_symbolic_term(const Scope& scope) {
  return scope.kind == Scope::Kind::kTag ||
         (scope.kind == Scope::Kind::kNot && scope.children[0].kind == Scope::Kind::kTag);
}

bool is_symbolic(const Scope& scope) {
  if (scope.kind == Scope::Kind::kEverything || is_symbolic_term(scope)) return true;
  return scope.kind == Scope::Kind::kAnd && std::all_of(scope.children.begin(), scope.children.end(), is_symbolic_term);
}

std::string tag_text(const Scope& scope) { return scope.key.empty() ? scope.value : scope.key + ":" + scope.value; }

std::string symbolic_text(const Scope& scope) {
  switch (scope.kind) {
    case Scope::Kind::kTag:
      return tag_text(scope);
    case Scope::Kind::kNot:
      return "!" + tag_text(scope.children[0]);
    case Scope::Kind::kAnd: {
      std::string text;
      for (const Scope& child : scope.children) text += (text.empty() ? "" : ",") + symbolic_text(child);
      return text;
    }
    default:
      return "*";
  }
}

std::string in_text(const Scope& in, std::string_view word) {
  std::string text = in.key + std::string(word);
  for (size_t i = 0; i < in.values.size(); ++i) text += (i == 0 ? "" : ",") + in.values[i];
  return text + ")";
}

std::string functional_text(const Scope& scope, Scope::Kind parent) {
  switch (scope.kind) {
    case Scope::Kind::kEverything:
      return "*";
    case Scope::Kind::kTag:
      return tag_text(scope);
    case Scope::Kind::kIn:
      return in_text(scope, " IN (");
    case Scope::Kind::kNot:
      if (scope.children[0].kind == Scope::Kind::kIn) return in_text(scope.children[0], " NOT IN (");
      return "NOT " + functional_text(scope.children[0], Scope::Kind::kNot);
    case Scope::Kind::kAnd:
    case Scope::Kind::kOr:
      break;
  }
  std::string text;
  for (const Scope& child : scope.children) {
    if (!text.empty()) text += scope.kind == Scope::Kind::kAnd ? " AND " : " OR ";
    text += functional_text(child, scope.kind);
  }
  // AND binds tighter than OR; everything else needs its parentheses.
  const bool bare =
      parent == Scope::Kind::kEverything || (scope.kind == Scope::Kind::kAnd && parent == Scope::Kind::kOr);
  return bare ? text : "(" + text + ")";
}

std::string_view fill_method_name(FillMethod method) {
  switch (method) {
    case FillMethod::kLinear:
      return "linear";
    case FillMethod::kLast:
      return "last";
    case FillMethod::kZero:
      return "zero";
    case FillMethod::kNull:
      return "null";
  }
  return "null";
}

std::string rollup_text(const Rollup& rollup) {
  std::string text = ".rollup(";
  if (rollup.method) text += rollup_method_name(*rollup.method);
  if (rollup.method && (rollup.seconds != 0 || rollup.calendar)) text += ", ";
  if (rollup.seconds != 0) text += std::to_string(rollup.seconds);
  if (rollup.calendar) text += to_text(*rollup.calendar);
  return text + ")";
}

// How tightly an expression binds: what must be put in parentheses below a stronger one.
int strength(const Expression& e) {
  if (e.kind != Expression::Kind::kBinary) return 3;
  return e.op == BinaryOperator::kAdd || e.op == BinaryOperator::kSubtract ? 1 : 2;
}

std::string at_least(const Expression& e, int needed) {
  return strength(e) < needed ? "(" + to_text(e) + ")" : to_text(e);
}

std::string call_text(const Expression& call) {
  std::string text = call.name + "(";
  for (size_t i = 0; i < call.children.size(); ++i) {
    const Expression& argument = call.children[i];
    text += i == 0 ? "" : ", ";
    if (!argument.keyword.empty()) text += argument.keyword + "=";
    text += to_text(argument);
  }
  return text + ")";
}

}  // namespace

std::string number_text(double value) {
  char buffer[40];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, written.ptr);
}

std::string_view rollup_method_name(RollupMethod method) {
  switch (method) {
    case RollupMethod::kAvg:
      return "avg";
    case RollupMethod::kSum:
      return "sum";
    case RollupMethod::kMin:
      return "min";
    case RollupMethod::kMax:
      return "max";
    case RollupMethod::kCount:
      return "count";
  }
  return "avg";
}

std::string percentile_text(double percentile) {
  // Fixed notation: an exponent is not part of an aggregator's name.
  char buffer[400];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, percentile, std::chars_format::fixed);
  return "p" + std::string(buffer, written.ptr);
}

std::string aggregator_text(const SeriesQuery& series) {
  switch (series.aggregator) {
    case SpaceAggregator::kAvg:
      return "avg";
    case SpaceAggregator::kSum:
      return "sum";
    case SpaceAggregator::kMin:
      return "min";
    case SpaceAggregator::kMax:
      return "max";
    case SpaceAggregator::kCount:
      return "count";
    case SpaceAggregator::kStddev:
      return "stddev";
    case SpaceAggregator::kCountIf:
      return "count(v: v " + std::string(comparator_text(series.comparator)) + " " + number_text(series.threshold) +
             ")";
    case SpaceAggregator::kPercentile:
      break;
  }
  return percentile_text(series.percentile);
}

std::string to_text(const Scope& scope) {
  return is_symbolic(scope) ? symbolic_text(scope) : functional_text(scope, Scope::Kind::kEverything);
}

std::string to_text(const SeriesQuery& series) {
  std::string text = aggregator_text(series) + ":" + series.metric;
  text += "{" + to_text(series.scope) + "}";
  for (size_t i = 0; i < series.group_by.size(); ++i) text += (i == 0 ? " by {" : ",") + series.group_by[i];
  if (!series.group_by.empty()) text += "}";
  if (series.count_mode == CountMode::kAsCount) text += ".as_count()";
  if (series.count_mode == CountMode::kAsRate) text += ".as_rate()";
  if (series.rollup) text += rollup_text(*series.rollup);
  if (series.fill) {
    text += ".fill(" + std::string(fill_method_name(series.fill->method)) + ", " +
            std::to_string(series.fill->limit_s) + ")";
  }
  if (series.weighted) text += ".weighted()";
  return text;
}

std::string to_text(const Expression& e) {
  switch (e.kind) {
    case Expression::Kind::kNumber:
      return number_text(e.number);
    case Expression::Kind::kSeries:
      return to_text(*e.series);
    case Expression::Kind::kReference:
      return e.name;
    case Expression::Kind::kString: {
      const char quote = e.name.find('\'') == std::string::npos ? '\'' : '"';
      return quote + e.name + quote;
    }
    case Expression::Kind::kNegate:
      return "-" + at_least(e.children[0], 3);
    case Expression::Kind::kCall:
      return call_text(e);
    case Expression::Kind::kBinary:
      break;
  }
  const int mine = strength(e);
  // Operators of one strength group to the left, so the right side needs parentheses at equal strength too.
  return at_least(e.children[0], mine) + " " + static_cast<char>(e.op) + " " + at_least(e.children[1], mine + 1);
}

std::string to_text(const MetricQuery& query) {
  std::string text;
  for (const Expression& e : query.expressions) text += (text.empty() ? "" : ", ") + to_text(e);
  return text;
}

}  // namespace godseye::lang
