#include "evaluator.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <godseye/query/scalar.h>

namespace godseye::query {
namespace {

constexpr std::string_view kAggregators[] = {"avg",  "mean",   "min",  "max",       "sum",
                                             "last", "l2norm", "area", "percentile"};

double reduce(const ResultSeries& line, std::string_view aggregator) {
  double sum = 0;
  double area = 0;
  double squares = 0;
  double low = kMissing;
  double high = kMissing;
  double last = kMissing;
  size_t count = 0;
  for (size_t i = 0; i < line.points.size(); ++i) {
    const Sample& point = line.points[i];
    if (!point.value) continue;
    const double v = *point.value;
    const int64_t end_s = i + 1 < line.points.size() ? line.points[i + 1].time_s : line.end_s;
    area += v * static_cast<double>(end_s - point.time_s);
    ++count;
    sum += v;
    squares += v * v;
    low = count == 1 ? v : std::min(low, v);
    high = count == 1 ? v : std::max(high, v);
    last = v;
  }
  if (count == 0) return kMissing;
  if (aggregator == "min") return low;
  if (aggregator == "max") return high;
  if (aggregator == "sum") return sum;
  if (aggregator == "last") return last;
  if (aggregator == "l2norm") return std::sqrt(squares);
  if (aggregator == "area") return area;
  return sum / static_cast<double>(count);
}

// The reduced queries, each as the lines of a metric of its name.
class Reduced : public SeriesSource {
 public:
  base::Result<LineSet> fetch(const lang::SeriesQuery& query, const Range&, Difference difference) override {
    LineSet set = sets.at(query.metric);
    set.take_differences(difference);
    return set;
  }
  base::Result<bool> is_distribution(const lang::SeriesQuery&, const Range&) override { return false; }

  std::map<std::string, LineSet> sets;
};

// Percentiles of buckets cannot be reduced to one of the range: the range itself is the bucket.
base::Status fits_percentile(const lang::Expression& expression, const std::vector<const lang::SeriesQuery*>& series) {
  for (const lang::SeriesQuery* one : series) {
    if (one->aggregator == lang::SpaceAggregator::kPercentile) continue;
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "column " + std::to_string(one->column.value) +
                           ": the aggregator 'percentile' is for queries of percentiles such as p95:…, not " +
                           lang::aggregator_text(*one) + ":; use avg, min, max, sum, last, mean, l2norm or area");
  }
  if (only_pointwise(expression)) return base::ok();
  return base::Error(base::ErrorCode::kInvalidArgument,
                     "the aggregator 'percentile' takes the range as one bucket, and the query has a function that "
                     "compares buckets; use avg, min, max, sum, last, mean, l2norm or area");
}

base::Result<LineSet> reduced(QueryEngine& engine, const ScalarRequest& request, const ScalarRequest::Query& query,
                              const Range& whole, std::vector<std::string>& warnings) {
  if (!scalar_aggregator(query.aggregator)) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "expected the aggregator avg, min, max, sum, last, mean, l2norm, area or percentile, not '" +
                           query.aggregator.substr(0, 40) + "'");
  }
  base::Result<lang::MetricQuery> parsed = lang::parse_metric_query(query.text);
  if (!parsed) return std::move(parsed).error();
  if (parsed->expressions.size() != 1) {
    return base::Error(base::ErrorCode::kInvalidArgument, "expected one query without commas");
  }
  std::vector<const lang::SeriesQuery*> series;
  collect_series(parsed->expressions[0], {}, series);
  const bool percentile = query.aggregator == "percentile";
  if (base::Status fits = percentile ? fits_percentile(parsed->expressions[0], series) : base::ok(); !fits) {
    return std::move(fits).error();
  }
  base::Result<TimeseriesResult> lines = engine.timeseries(TimeseriesRequest{
      .query = query.text, .from_s = request.from_s, .to_s = request.to_s, .interval_s = 0, .whole = percentile});
  if (!lines) return std::move(lines).error();
  for (std::string& warning : lines->warnings) {
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(std::move(warning));
  }
  LineSet set;
  set.keys = lines->group_by;
  set.buckets = whole.buckets;
  set.zero_when_missing = std::all_of(series.begin(), series.end(), [](const lang::SeriesQuery* one) {
    return one->count_mode != lang::CountMode::kNone;
  });
  for (const ResultSeries& line : lines->series) {
    std::vector<std::string> group;
    for (const GroupTag& tag : line.group) group.push_back(tag.value);
    set.lines.push_back({.group = std::move(group), .values = {reduce(line, query.aggregator)}});
  }
  return set;
}

class Table {
 public:
  explicit Table(ScalarResult& result) : result_(result) {}

  void add(const LineSet& set, size_t column) {
    std::vector<size_t> places;
    for (const std::string& key : set.keys) places.push_back(place_of(key));
    for (const Line& line : set.lines) {
      if (is_missing(line.values[0])) continue;
      std::vector<std::string> group(result_.group_by.size());
      for (size_t i = 0; i < places.size(); ++i) group[places[i]] = line.group[i];
      rows_[std::move(group)][column] = line.values[0];
    }
  }

  void finish(size_t columns) {
    for (auto& [group, values] : rows_) {
      ScalarResult::Row row{.group = group, .values = std::vector<std::optional<double>>(columns)};
      row.group.resize(result_.group_by.size());
      for (const auto& [column, value] : values) row.values[column] = value;
      result_.rows.push_back(std::move(row));
    }
  }

 private:
  size_t place_of(const std::string& key) {
    auto& keys = result_.group_by;
    const auto found = std::find(keys.begin(), keys.end(), key);
    if (found != keys.end()) return static_cast<size_t>(found - keys.begin());
    keys.push_back(key);
    return keys.size() - 1;
  }

  ScalarResult& result_;
  std::map<std::vector<std::string>, std::map<size_t, double>> rows_;
};

// The order that the first formula with a limit asked for.
void order_by(std::vector<ScalarResult::Row>& rows, size_t column, bool ascending) {
  std::sort(rows.begin(), rows.end(), [&](const ScalarResult::Row& a, const ScalarResult::Row& b) {
    const std::optional<double>& left = a.values[column];
    const std::optional<double>& right = b.values[column];
    if (left.has_value() != right.has_value()) return left.has_value();
    if (!left || *left == *right) return a.group < b.group;
    return ascending ? *left < *right : *left > *right;
  });
}

}  // namespace

bool scalar_aggregator(std::string_view name) {
  return std::find(std::begin(kAggregators), std::end(kAggregators), name) != std::end(kAggregators);
}

base::Result<ScalarResult> evaluate_scalar(QueryEngine& engine, const ScalarRequest& request) {
  const int64_t span = std::clamp<int64_t>(request.to_s - request.from_s, 1, UINT32_MAX);
  const Range whole{.buckets = {.start_s = request.from_s, .interval_s = static_cast<uint32_t>(span), .count = 1},
                    .from_s = request.from_s,
                    .to_s = request.to_s};
  ScalarResult result;
  Reduced source;
  std::vector<std::string> names;
  std::map<std::string, lang::Expression> series;
  for (const ScalarRequest::Query& query : request.queries) {
    if (series.contains(query.name)) {
      return base::Error(base::ErrorCode::kInvalidArgument, "two queries are named '" + query.name + "'");
    }
    base::Result<LineSet> set = reduced(engine, request, query, whole, result.warnings);
    if (!set) return std::move(set).error().within("query '" + query.name + "'");
    source.sets.emplace(query.name, *std::move(set));
    lang::Expression expression;
    expression.kind = lang::Expression::Kind::kSeries;
    expression.series = lang::SeriesQuery{};
    expression.series->metric = query.name;
    series.emplace(query.name, std::move(expression));
    names.push_back(query.name);
  }
  References references;
  for (const auto& [name, expression] : series) references.emplace(name, &expression);
  Table table(result);
  std::vector<FormulaRequest::Formula> formulas = request.formulas;
  if (formulas.empty()) {
    for (const std::string& name : names) formulas.push_back({.text = name, .limit = {}, .ascending = false});
  }
  const Limits limits;
  std::optional<std::pair<size_t, bool>> ordered;
  for (size_t i = 0; i < formulas.size(); ++i) {
    const auto context = [&] { return "formula " + std::to_string(i + 1); };
    base::Result<lang::Expression> expression = lang::parse_formula(formulas[i].text, names);
    if (!expression) return std::move(expression).error().within(context());
    Evaluator evaluator(source, limits, references);
    base::Result<Value> value = evaluator.evaluate(*expression, whole);
    if (!value) return std::move(value).error().within(context());
    if (value->is_number) {
      return base::Error(base::ErrorCode::kInvalidArgument, context() + ": expected at least one query");
    }
    if (formulas[i].limit) {
      keep_top(value->set, *formulas[i].limit, "mean", formulas[i].ascending, 0);
      if (!ordered) ordered = {i, formulas[i].ascending};
    }
    result.names.push_back(formulas[i].text);
    table.add(value->set, i);
  }
  table.finish(formulas.size());
  if (ordered) order_by(result.rows, ordered->first, ordered->second);
  return result;
}

}  // namespace godseye::query
