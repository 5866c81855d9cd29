#include "timeseries.h"

#include "evaluator.h"
#include "result_series.h"

#include <algorithm>
#include <utility>

namespace godseye::query {
namespace {

base::Status check_range(int64_t from_s, int64_t to_s) {
  if (from_s < 0 || to_s > UINT32_MAX) {
    return base::Error(base::ErrorCode::kInvalidArgument, "expected from and to as Unix seconds between 1970 and 2106");
  }
  if (from_s >= to_s) return base::Error(base::ErrorCode::kInvalidArgument, "expected from to be before to");
  return base::ok();
}

std::string cut_sentence(const LineSet& set) {
  std::string last;
  for (size_t i = 0; i < set.keys.size() && i < set.cut->last.size(); ++i) {
    last += (i == 0 ? "" : ",") + set.keys[i] + ":" + set.cut->last[i];
  }
  return "at least " + std::to_string(set.cut->left_out) +
         " groups are left out: a query holds the first ones, in the order of their values, here up to " + last +
         "; narrow the scope, the range or by {…}";
}

// Evaluates one expression of a request and appends its series.
class TimeseriesRun {
 public:
  TimeseriesRun(SeriesSource& source, const Limits& limits, References references, TimeseriesResult& result,
                uint32_t interval_wanted_s, bool whole = false)
      : evaluator_(source, limits, references),
        limits_(limits),
        references_(std::move(references)),
        result_(result),
        interval_wanted_s_(interval_wanted_s),
        whole_(whole) {}

  base::Status run(const lang::Expression& expression, size_t index, const FormulaRequest::Formula* formula = nullptr) {
    std::vector<const lang::SeriesQuery*> series;
    collect_series(expression, references_, series);
    if (series.empty())
      return base::Error(base::ErrorCode::kInvalidArgument, "column 1: expected at least one metric query");
    base::Result<Range> range = range_of(expression);
    if (!range) return std::move(range).error();
    base::Result<Value> value = evaluator_.evaluate(expression, *range);
    if (!value) return std::move(value).error();
    LineSet& set = value->set;
    if (formula != nullptr && formula->limit) keep_top(set, *formula->limit, "mean", formula->ascending, 0);
    return append(expression, *series.front(), index, set);
  }

 private:
  base::Result<Range> range_of(const lang::Expression& expression) const {
    base::Result<Spacing> spacing = rollup_spacing(expression, references_);
    if (!spacing) return std::move(spacing).error();
    if (whole_) {
      const auto span = static_cast<uint32_t>(result_.to_s - result_.from_s);
      return Range{.buckets = {.start_s = result_.from_s, .interval_s = span, .count = 1},
                   .from_s = result_.from_s,
                   .to_s = result_.to_s};
    }
    if (spacing->calendar) {
      return calendar_range(*spacing->calendar, result_.from_s, result_.to_s, limits_.points_max);
    }
    const int64_t span = result_.to_s - result_.from_s;
    uint32_t wanted = spacing->seconds != 0 ? spacing->seconds : interval_wanted_s_;
    if (wanted == 0) wanted = automatic_interval(span, limits_.points_target);
    const Buckets buckets = covering(result_.from_s, result_.to_s, capped_interval(span, wanted, limits_.points_max));
    return Range{.buckets = buckets, .from_s = buckets.start_s, .to_s = buckets.end_s()};
  }

  base::Status append(const lang::Expression& expression, const lang::SeriesQuery& first, size_t index, LineSet& set) {
    for (const std::string& warning : set.warnings) {
      auto& warnings = result_.warnings;
      if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
    }
    if (set.cut) {
      result_.groups_left_out += set.cut->left_out;
      result_.warnings.push_back(cut_sentence(set));
    }
    for (const std::string& key : set.keys) {
      auto& keys = result_.group_by;
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    const uint32_t interval = set.buckets.interval_s;
    result_.interval_s = result_.interval_s == 0 ? interval : std::min(result_.interval_s, interval);
    for (const Line& line : set.lines) {
      if (std::all_of(line.values.begin(), line.values.end(), is_missing)) continue;
      if (result_.series.size() == limits_.series_returned_max) {
        result_.warnings.push_back("only the first " + std::to_string(limits_.series_returned_max) +
                                   " series are shown; top(…) chooses which");
        return base::ok();
      }
      result_.series.push_back(make_result_series(expression, first, index, set, line));
    }
    return base::ok();
  }

  Evaluator evaluator_;
  const Limits& limits_;
  References references_;
  TimeseriesResult& result_;
  uint32_t interval_wanted_s_;
  bool whole_;
};

}  // namespace

base::Result<TimeseriesResult> timeseries_over(SeriesSource& source, const Limits& limits,
                                               const TimeseriesRequest& request) {
  base::Result<lang::MetricQuery> query = lang::parse_metric_query(request.query);
  if (!query) return std::move(query).error();
  base::Status range = check_range(request.from_s, request.to_s);
  if (!range) return std::move(range).error();
  TimeseriesResult result{.from_s = request.from_s, .to_s = request.to_s};
  TimeseriesRun run(source, limits, {}, result, request.interval_s, request.whole);
  for (size_t i = 0; i < query->expressions.size(); ++i) {
    base::Status done = run.run(query->expressions[i], i);
    if (!done) return std::move(done).error();
  }
  return result;
}

base::Result<TimeseriesResult> timeseries_over(SeriesSource& source, const Limits& limits,
                                               const FormulaRequest& request) {
  base::Status range = check_range(request.from_s, request.to_s);
  if (!range) return std::move(range).error();
  std::vector<std::string> names;
  std::vector<lang::Expression> queries;
  queries.reserve(request.queries.size());  // references point into it
  References references;
  for (const FormulaRequest::Query& named : request.queries) {
    base::Result<lang::MetricQuery> query = lang::parse_metric_query(named.text);
    if (!query) return std::move(query).error().within("query '" + named.name + "'");
    if (query->expressions.size() != 1) {
      return base::Error(base::ErrorCode::kInvalidArgument,
                         "query '" + named.name + "': expected one query without commas");
    }
    queries.push_back(std::move(query->expressions[0]));
    if (!references.emplace(named.name, &queries.back()).second) {
      return base::Error(base::ErrorCode::kInvalidArgument, "two queries are named '" + named.name + "'");
    }
    names.push_back(named.name);
  }
  TimeseriesResult result{.from_s = request.from_s, .to_s = request.to_s};
  TimeseriesRun run(source, limits, references, result, request.interval_s);
  if (request.formulas.empty()) {
    for (size_t i = 0; i < queries.size(); ++i) {
      base::Status done = run.run(queries[i], i);
      if (!done) return std::move(done).error().within("query '" + names[i] + "'");
    }
  }
  for (size_t i = 0; i < request.formulas.size(); ++i) {
    const FormulaRequest::Formula& formula = request.formulas[i];
    base::Result<lang::Expression> expression = lang::parse_formula(formula.text, names);
    if (!expression) return std::move(expression).error().within("formula " + std::to_string(i + 1));
    base::Status done = run.run(*expression, i, &formula);
    if (!done) return std::move(done).error().within("formula " + std::to_string(i + 1));
  }
  return result;
}

}  // namespace godseye::query
