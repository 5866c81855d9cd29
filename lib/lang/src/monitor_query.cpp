#include "comparison.h"
#include "cursor.h"
#include "expression_parser.h"
#include "number_text.h"

#include <algorithm>
#include <cmath>

#include <godseye/lang/monitor_query.h>

// Grammar (spec queries.md 4):
//   monitor := head ':' expr comparator number
//   head    := aggregator '(' window ')' | ('change' | 'pct_change') '(' aggregator '(' window ')' ',' shift ')'
namespace godseye::lang {
namespace {

constexpr uint32_t kMinute = 60;
constexpr uint32_t kHour = 3600;
constexpr uint32_t kDay = 86400;
constexpr uint32_t kWeek = 7 * kDay;
constexpr uint32_t kMonth = 30 * kDay;
constexpr uint32_t kWindowSecondsMax = 31 * kDay;       // last_, current_
constexpr uint32_t kHorizonSecondsMax = 93 * kDay;      // next_
constexpr uint32_t kChangeWindowSecondsMax = 2 * kDay;  // inner window of change()

constexpr std::string_view kExpectedHead = "avg, sum, min, max, p95, change or pct_change";
constexpr std::string_view kExpectedWindow = "a window such as last_5m, last_1h or last_1d";
constexpr std::string_view kExpectedShift = "a shift such as 5m_ago or 1d_ago";

bool parse_window(Cursor& cursor, Window& out) {
  const uint32_t column = cursor.column();
  const std::string_view text = cursor.alphanumeric();
  constexpr std::pair<std::string_view, WindowKind> kKinds[] = {
      {"last_", WindowKind::kLast}, {"next_", WindowKind::kNext}, {"current_", WindowKind::kCurrent}};
  for (const auto& [prefix, kind] : kKinds) {
    if (!text.starts_with(prefix)) continue;
    out.kind = kind;
    out.seconds = duration_seconds(text.substr(prefix.size()));
  }
  if (out.seconds == 0) {
    cursor.rewind(column - 1);
    return cursor.fail(kExpectedWindow);
  }
  if (out.seconds > (out.kind == WindowKind::kNext ? kHorizonSecondsMax : kWindowSecondsMax)) {
    return cursor.fail_sentence(column, out.kind == WindowKind::kNext ? "expected a window of at most 93 days"
                                                                      : "expected a window of at most 31 days");
  }
  out.text = text;
  return true;
}

bool parse_shift(Cursor& cursor, Change& out) {
  const uint32_t column = cursor.column();
  std::string_view text = cursor.alphanumeric();
  out.shift_text = text;
  if (text.ends_with("_ago")) {
    text.remove_suffix(4);
  } else if (text.starts_with("last_")) {
    text.remove_prefix(5);
  } else {
    text = {};
  }
  out.shift_s = duration_seconds(text);
  if (out.shift_s == 0 || out.shift_s > kWindowSecondsMax) {
    cursor.rewind(column - 1);
    return cursor.fail(kExpectedShift);
  }
  return true;
}

// `avg(last_5m)`; `word` is what stands before the parenthesis.
bool parse_time_aggregation(Cursor& cursor, std::string_view word, uint32_t column, MonitorQuery& out) {
  SpaceAggregator aggregator = SpaceAggregator::kAvg;
  if (word == "percentile") {
    out.time_aggregator = TimeAggregator::kPercentile;
    out.percentile = kSeriesPercentile;
  } else if (!read_aggregator(word, aggregator, out.percentile) || aggregator == SpaceAggregator::kCount ||
             aggregator == SpaceAggregator::kStddev) {
    cursor.rewind(column - 1);
    return cursor.fail(kExpectedHead);
  } else {
    switch (aggregator) {
      case SpaceAggregator::kSum:
        out.time_aggregator = TimeAggregator::kSum;
        break;
      case SpaceAggregator::kMin:
        out.time_aggregator = TimeAggregator::kMin;
        break;
      case SpaceAggregator::kMax:
        out.time_aggregator = TimeAggregator::kMax;
        break;
      case SpaceAggregator::kPercentile:
        out.time_aggregator = TimeAggregator::kPercentile;
        break;
      default:
        out.time_aggregator = TimeAggregator::kAvg;
        break;
    }
  }
  return cursor.expect('(', "'(' and a window") && parse_window(cursor, out.window) && cursor.expect(')');
}

bool parse_head(Cursor& cursor, MonitorQuery& out) {
  const uint32_t column = cursor.column();
  const std::string_view word = cursor.word();
  if (word != "change" && word != "pct_change") return parse_time_aggregation(cursor, word, column, out);
  Change change;
  change.percent = word == "pct_change";
  if (!cursor.expect('(')) return false;
  const uint32_t inner = cursor.column();
  const std::string_view inner_word = cursor.word();
  if (!parse_time_aggregation(cursor, inner_word, inner, out)) return false;
  if (out.window.seconds > kChangeWindowSecondsMax || out.window.kind != WindowKind::kLast) {
    return cursor.fail_sentence(inner, "expected a window from last_1m to last_2d inside " + std::string(word) + "(…)");
  }
  if (!cursor.expect(',', "',' and a shift such as 5m_ago") || !parse_shift(cursor, change)) return false;
  out.change = std::move(change);
  return cursor.expect(')');
}

bool has_series(const Expression& e) {
  return e.kind == Expression::Kind::kSeries || std::any_of(e.children.begin(), e.children.end(), has_series);
}

void collect_keys(const Expression& e, std::vector<std::string>& keys) {
  if (e.series) {
    for (const std::string& key : e.series->group_by) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  for (const Expression& child : e.children) collect_keys(child, keys);
}

std::string head_text(const MonitorQuery& query) {
  std::string aggregator;
  switch (query.time_aggregator) {
    case TimeAggregator::kAvg:
      aggregator = "avg";
      break;
    case TimeAggregator::kSum:
      aggregator = "sum";
      break;
    case TimeAggregator::kMin:
      aggregator = "min";
      break;
    case TimeAggregator::kMax:
      aggregator = "max";
      break;
    case TimeAggregator::kPercentile:
      aggregator = query.percentile == kSeriesPercentile ? "percentile" : percentile_text(query.percentile);
      break;
  }
  return aggregator + "(" + query.window.text + ")";
}

}  // namespace

uint32_t duration_seconds(std::string_view text) {
  size_t digits = 0;
  uint64_t count = 0;
  while (digits < text.size() && digits < 6 && text[digits] >= '0' && text[digits] <= '9') {
    count = count * 10 + static_cast<uint64_t>(text[digits++] - '0');
  }
  const std::string_view unit = text.substr(digits);
  const uint64_t seconds = unit == "m"    ? kMinute
                           : unit == "h"  ? kHour
                           : unit == "d"  ? kDay
                           : unit == "w"  ? kWeek
                           : unit == "mo" ? kMonth
                                          : 0;
  const uint64_t total = count * seconds;
  return digits == 0 || total > UINT32_MAX ? 0 : static_cast<uint32_t>(total);
}

bool parse_comparison(Cursor& cursor, Comparator& comparator, double& threshold) {
  constexpr std::string_view kExpected = "an operator, or a comparison (<, <=, >, >=, ==, !=) and a threshold";
  if (!read_comparison(cursor, kExpected, comparator, threshold)) return false;
  return cursor.at_end() || cursor.fail("the end after the threshold");
}

bool operator==(const MonitorQuery& a, const MonitorQuery& b) {
  return a.time_aggregator == b.time_aggregator && a.percentile == b.percentile && a.window == b.window &&
         a.change == b.change && a.expression == b.expression && a.comparator == b.comparator &&
         a.threshold == b.threshold;
}

base::Result<MonitorQuery> parse_monitor_query(std::string_view text) {
  Cursor cursor(text);
  if (cursor.failed()) return cursor.take_error();
  MonitorQuery query;
  if (!parse_head(cursor, query)) return cursor.take_error();
  if (!cursor.expect(':')) return cursor.take_error();
  const uint32_t column = cursor.column();
  ExpressionParser parser(cursor, false);
  if (!parser.parse(query.expression)) return cursor.take_error();
  if (!has_series(query.expression)) {
    cursor.fail_sentence(column, "expected at least one metric query to compare with the threshold");
    return cursor.take_error();
  }
  if (!parse_comparison(cursor, query.comparator, query.threshold)) return cursor.take_error();
  return query;
}

std::vector<std::string> group_keys(const Expression& expression) {
  std::vector<std::string> keys;
  collect_keys(expression, keys);
  return keys;
}

std::string to_text(const MonitorQuery& query) {
  std::string head = head_text(query);
  if (query.change) {
    head = std::string(query.change->percent ? "pct_change(" : "change(") + head + "," + query.change->shift_text + ")";
  }
  return head + ":" + to_text(query.expression) + " " + std::string(comparator_text(query.comparator)) + " " +
         number_text(query.threshold);
}

}  // namespace godseye::lang
