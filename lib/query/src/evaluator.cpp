#include "evaluator.h"

#include "calendar.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace godseye::query {
namespace {

using lang::Expression;

// A trailing window longer than a day says nothing until it has seen a day: a service's first hour must not be compared
// with itself (rule 4 of datadog/monitors.json).
constexpr int64_t kHistoryNeededS = 86400;

struct NamedShift {
  std::string_view function;
  int64_t seconds;
};
constexpr NamedShift kNamedShifts[] = {
    {"hour_before", 3600}, {"day_before", 86400}, {"week_before", 7 * 86400}, {"month_before", 28 * 86400}};

base::Error refused(const Expression& at, const std::string& sentence,
                    base::ErrorCode code = base::ErrorCode::kInvalidArgument) {
  return {code, "column " + std::to_string(at.column.value) + ": " + sentence};
}

// One trailing value per bucket from `first` on; `values` reaches `first` buckets further back.
std::vector<double> trailing(const std::vector<double>& values, size_t first, size_t window, std::string_view method) {
  std::vector<double> result(values.size() - first, kMissing);
  for (size_t i = first; i < values.size(); ++i) {
    double out = kMissing;
    size_t seen = 0;
    for (size_t k = i + 1 >= window ? i + 1 - window : 0; k <= i; ++k) {
      const double v = values[k];
      if (is_missing(v)) continue;
      ++seen;
      if (is_missing(out)) {
        out = v;
      } else {
        out = method == "max" ? std::max(out, v) : method == "min" ? std::min(out, v) : out + v;
      }
    }
    if (seen > 0 && method == "avg") out /= static_cast<double>(seen);
    if (seen > 0 && method == "count") out = static_cast<double>(seen);
    result[i - first] = out;
  }
  return result;
}

// As trailing() for avg, sum and count, in one pass: a week of ten-second buckets would take 60,000 steps per bucket.
std::vector<double> trailing_sums(const std::vector<double>& values, size_t first, size_t window,
                                  std::string_view method) {
  std::vector<double> result(values.size() - first, kMissing);
  // Prefix sums rather than add-and-subtract: the error of a sum stays that of the sum.
  std::vector<long double> sums(values.size() + 1, 0);
  std::vector<size_t> counts(values.size() + 1, 0);
  for (size_t i = 0; i < values.size(); ++i) {
    const bool missing = is_missing(values[i]);
    sums[i + 1] = sums[i] + (missing ? 0 : values[i]);
    counts[i + 1] = counts[i] + (missing ? 0 : 1);
  }
  for (size_t i = first; i < values.size(); ++i) {
    const size_t begin = i + 1 >= window ? i + 1 - window : 0;
    const size_t seen = counts[i + 1] - counts[begin];
    if (seen == 0) continue;
    const auto sum = static_cast<double>(sums[i + 1] - sums[begin]);
    result[i - first] = method == "count" ? static_cast<double>(seen)
                        : method == "sum" ? sum
                                          : sum / static_cast<double>(seen);
  }
  return result;
}

}  // namespace

void collect_series(const Expression& expression, const References& references,
                    std::vector<const lang::SeriesQuery*>& into) {
  if (expression.series) into.push_back(&*expression.series);
  if (expression.kind == Expression::Kind::kReference) {
    const auto found = references.find(expression.name);
    // A named query cannot name another: it was parsed as a query, where names are metrics.
    if (found != references.end()) collect_series(*found->second, {}, into);
  }
  for (const Expression& child : expression.children) collect_series(child, references, into);
}

base::Result<Spacing> rollup_spacing(const Expression& expression, const References& references) {
  std::vector<const lang::SeriesQuery*> series;
  collect_series(expression, references, series);
  const auto text = [](const lang::Rollup& rollup) {
    return rollup.calendar ? to_text(*rollup.calendar) : std::to_string(rollup.seconds) + " seconds";
  };
  const lang::Rollup* first = nullptr;
  for (const lang::SeriesQuery* one : series) {
    if (!one->rollup || (one->rollup->seconds == 0 && !one->rollup->calendar)) continue;
    if (first == nullptr) first = &*one->rollup;
    if (one->rollup->seconds == first->seconds && one->rollup->calendar == first->calendar) continue;
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "column " + std::to_string(one->column.value) + ": expected rollup(…) of " + text(*first) +
                           " as in the other query of this expression, not " + text(*one->rollup));
  }
  return first == nullptr ? Spacing() : Spacing{.seconds = first->seconds, .calendar = first->calendar};
}

bool only_pointwise(const Expression& e) {
  if (e.kind == Expression::Kind::kCall && e.name != "default_zero" && e.name != "abs" && e.name != "clamp_min" &&
      e.name != "clamp_max" && !e.name.starts_with("top")) {
    return false;
  }
  return std::all_of(e.children.begin(), e.children.end(), only_pointwise);
}

base::Status check_zones(const Expression& e) {
  const auto check = [](std::string_view zone, lang::Column column) -> base::Status {
    base::Status known = check_zone(zone);
    if (known) return base::ok();
    return std::move(known).error().within("column " + std::to_string(column.value));
  };
  base::Status known = base::ok();
  if (e.series && e.series->rollup && e.series->rollup->calendar) {
    const lang::CalendarRollup& calendar = *e.series->rollup->calendar;
    known = check(calendar.zone, calendar.column);
  }
  if (e.name == "calendar_shift" && e.children.size() > 2) known = check(e.children[2].name, e.children[2].column);
  for (size_t i = 0; known && i < e.children.size(); ++i) known = check_zones(e.children[i]);
  return known;
}

base::Result<Range> calendar_range(const lang::CalendarRollup& calendar, int64_t from_s, int64_t to_s,
                                   size_t buckets_max) {
  base::Result<Buckets> buckets = calendar_covering(calendar, from_s, to_s, buckets_max);
  if (!buckets) {
    return std::move(buckets).error().within("column " + std::to_string(calendar.column.value));
  }
  Range range{.buckets = *std::move(buckets), .from_s = 0, .to_s = 0, .calendar = calendar};
  range.from_s = range.buckets.start_s;
  range.to_s = range.buckets.end_s();
  return range;
}

base::Result<Value> Evaluator::evaluate(const Expression& e, const Range& range) {
  switch (e.kind) {
    case Expression::Kind::kNumber:
      return Value{.is_number = true, .number = e.number, .set = {}};
    case Expression::Kind::kSeries:
      return fetch(*e.series, range);
    case Expression::Kind::kReference:
      return evaluate(*references_.at(e.name), range);
    case Expression::Kind::kNegate: {
      base::Result<Value> operand = evaluate(e.children[0], range);
      if (!operand) return operand;
      operand->number = -operand->number;
      for (Line& line : operand->set.lines) {
        for (double& v : line.values) v = -v;
      }
      return operand;
    }
    case Expression::Kind::kBinary: {
      base::Result<Value> left = evaluate(e.children[0], range);
      if (!left) return left;
      base::Result<Value> right = evaluate(e.children[1], range);
      if (!right) return right;
      base::Result<Value> result = combine(e.op, *std::move(left), *std::move(right), limits_.cells_max);
      if (!result) return std::move(result).error().within("column " + std::to_string(e.column.value));
      return result;
    }
    case Expression::Kind::kCall:
      return call(e, range);
    case Expression::Kind::kString:
      break;
  }
  return refused(e, "expected a query");
}

// A series query, or the name of one; else null.
const lang::SeriesQuery* Evaluator::series_of(const Expression& e) const {
  if (e.kind == Expression::Kind::kReference) {
    const Expression& named = *references_.at(e.name);
    return named.series ? &*named.series : nullptr;
  }
  return e.series ? &*e.series : nullptr;
}

base::Result<Value> Evaluator::fetch(const lang::SeriesQuery& series, const Range& range, Difference difference) {
  std::string key = std::to_string(static_cast<int>(difference)) + lang::to_text(series) + "@" +
                    std::to_string(range.from_s) + "-" + std::to_string(range.to_s) + "/" +
                    std::to_string(range.buckets.count) + (range.calendar ? to_text(*range.calendar) : "");
  auto found = fetched_.find(key);
  if (found == fetched_.end()) {
    base::Result<LineSet> set = source_.fetch(series, range, difference);
    if (!set) return std::move(set).error();
    found = fetched_.emplace(std::move(key), *std::move(set)).first;
  }
  return Value{.is_number = false, .number = 0, .set = found->second};
}

base::Result<Range> Evaluator::reaching_back(const Range& range, int64_t seconds) const {
  const int64_t interval = range.buckets.interval_s;
  const int64_t buckets = (seconds + interval - 1) / interval;
  if (static_cast<uint64_t>(buckets) + range.buckets.count > limits_.cells_max) {
    return base::Error(base::ErrorCode::kTooLarge, "reaching back " + std::to_string(seconds) + " s in buckets of " +
                                                       std::to_string(interval) + " s takes too many of them");
  }
  Range longer = range;
  const size_t count = range.buckets.count + static_cast<size_t>(buckets);
  if (range.calendar) {
    base::Result<Buckets> more = calendar_buckets(*range.calendar, range.buckets.start_s, -buckets, count);
    if (!more) return std::move(more).error();
    longer.buckets = *std::move(more);
  } else {
    longer.buckets.start_s -= buckets * interval;
    longer.buckets.count = count;
  }
  longer.from_s = longer.buckets.start_s;
  return longer;
}

base::Result<Range> Evaluator::moved_back(const Range& range, int64_t buckets) const {
  Range past = range;
  if (!range.calendar) {
    const int64_t seconds = buckets * range.buckets.interval_s;
    past.buckets.start_s -= seconds;
    past.from_s -= seconds;
    past.to_s -= seconds;
    return past;
  }
  base::Result<Buckets> earlier =
      calendar_buckets(*range.calendar, range.buckets.start_s, -buckets, range.buckets.count);
  if (!earlier) return std::move(earlier).error();
  past.buckets = *std::move(earlier);
  // A window of a monitor begins and ends within a bucket: as far into the earlier ones.
  const int64_t begin_s = past.buckets.start_s;
  const int64_t end_s = past.buckets.end_s();
  past.from_s = std::clamp(begin_s + (range.from_s - range.buckets.start_s), begin_s, end_s);
  past.to_s = std::clamp(end_s - (range.buckets.end_s() - range.to_s), past.from_s, end_s);
  return past;
}

base::Result<Value> Evaluator::call(const Expression& e, const Range& range) {
  if (e.name == "moving_rollup") return moving_rollup(e, range);
  // timeshift(q, -3600) is the past; a positive shift is the future, which has no points.
  if (e.name == "timeshift") return shifted(e, -static_cast<int64_t>(e.children[1].number), range);
  if (e.name == "calendar_shift") return calendar_shifted(e, range);
  for (const NamedShift& shift : kNamedShifts) {
    if (e.name == shift.function) return shifted(e, shift.seconds, range);
  }
  if (const Difference difference = difference_of(e.name); difference != Difference::kNone) {
    if (const lang::SeriesQuery* series = series_of(e.children[0])) return fetch(*series, range, difference);
  }
  base::Result<Value> value = evaluate(e.children[0], range);
  if (!value) return value;
  if (value->is_number) return refused(e, "expected a query in " + e.name + "(…), not a number");
  if (value->set.cut && (e.name == "count_nonzero" || e.name == "count_not_null" || e.name == "dt")) {
    return refused(e, e.name + "(…) of more groups than one query may hold; narrow the scope, the range or by {…}",
                   base::ErrorCode::kTooLarge);
  }
  base::Status applied = apply_function(e, value->set);
  if (!applied) return std::move(applied).error();
  return value;
}

base::Result<Value> Evaluator::shifted(const Expression& e, int64_t seconds, const Range& range) {
  constexpr int64_t kShiftMaxS = 366 * 86400;
  if (seconds < -kShiftMaxS || seconds > kShiftMaxS) return refused(e, "expected a shift of at most 366 days");
  const int64_t interval = range.buckets.interval_s;
  base::Result<Range> past = moved_back(range, (seconds + (seconds < 0 ? -interval / 2 : interval / 2)) / interval);
  if (!past) return std::move(past).error();
  base::Result<Value> value = evaluate(e.children[0], *past);
  if (!value) return value;
  value->set.buckets = range.buckets;
  return value;
}

// The whole range moves by what its end moves, so that its buckets stay as long; of a range over a change of summer
// time the part before the change is an hour off.
base::Result<Value> Evaluator::calendar_shifted(const Expression& e, const Range& range) {
  const std::string& shift = e.children[1].name;
  CalendarStep step = CalendarStep::kDay;
  if (shift == "-1w") step = CalendarStep::kWeek;
  if (shift == "-1mo") step = CalendarStep::kMonth;
  if (shift != "-1d" && shift != "-1w" && shift != "-1mo") {
    return refused(e.children[1], "expected '-1d', '-1w' or '-1mo'");
  }
  const base::Result<int64_t> back = seconds_back(step, e.children.size() > 2 ? e.children[2].name : "UTC", range.to_s);
  if (!back) return refused(e.children[2], back.error().message());
  return shifted(e, *back, range);
}

base::Result<Value> Evaluator::moving_rollup(const Expression& e, const Range& range) {
  const double seconds = e.children[1].number;
  const std::string method = e.children.size() > 2 ? e.children[2].name : "avg";
  if (!(seconds >= 1 && seconds <= lang::kRollupSecondsMax)) {
    return refused(e.children[1], "expected a window of 1 to " + std::to_string(lang::kRollupSecondsMax) + " seconds");
  }
  constexpr std::string_view kMethods[] = {"avg", "sum", "min", "max", "count"};
  if (std::find(std::begin(kMethods), std::end(kMethods), method) == std::end(kMethods)) {
    return refused(e.children[2], "expected 'avg', 'sum', 'min', 'max' or 'count'");
  }
  const auto window_s = static_cast<int64_t>(seconds);
  base::Result<Range> longer = reaching_back(range, window_s);
  if (!longer) return std::move(longer).error();
  base::Result<Value> value = evaluate(e.children[0], *longer);
  if (!value) return value;
  if (value->is_number) return refused(e, "expected a query in moving_rollup(…), not a number");
  const size_t first = longer->buckets.count - range.buckets.count;
  const size_t window = std::max<size_t>(1, static_cast<size_t>(window_s / range.buckets.interval_s));
  const size_t history =
      window_s > kHistoryNeededS ? static_cast<size_t>(kHistoryNeededS / range.buckets.interval_s) : 0;
  for (Line& line : value->set.lines) {
    const auto begins = std::find_if(line.values.begin(), line.values.end(), [](double v) { return !is_missing(v); });
    const auto known_from = static_cast<size_t>(begins - line.values.begin());
    const bool by_sums = method == "avg" || method == "sum" || method == "count";
    std::vector<double> moved =
        by_sums ? trailing_sums(line.values, first, window, method) : trailing(line.values, first, window, method);
    for (size_t i = 0; history > 0 && i < moved.size(); ++i) {
      if (first + i < known_from + history) moved[i] = kMissing;
    }
    line.values = std::move(moved);
  }
  value->set.buckets = range.buckets;
  std::erase_if(value->set.lines,
                [](const Line& line) { return std::all_of(line.values.begin(), line.values.end(), is_missing); });
  return value;
}

}  // namespace godseye::query
