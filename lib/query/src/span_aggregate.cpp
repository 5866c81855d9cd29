#include "search_sql.h"
#include "span_questions.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

// An aggregate: one statement per level of groups picks the groups (its limit counts per group of the level above), the
// last of them computes the totals as well; one more statement per interval computes timeseries for the groups picked.
namespace godseye::query {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr size_t kPointsTarget = 150;

using Group = std::vector<std::string>;

base::Error refuse(std::string text) { return {base::ErrorCode::kInvalidArgument, std::move(text)}; }

std::string_view without_at(std::string_view key) { return key.starts_with('@') ? key.substr(1) : key; }

bool counts_rows(const SpanCompute& compute) {
  return compute.aggregation == SpanAggregation::kCount && (compute.metric.empty() || compute.metric == "*");
}

// The one table that has all the keys of a request.
base::Result<SpanTable> table_of(const SpanAggregate& request) {
  std::optional<SpanTable> only;
  if (request.llm_only) only = SpanTable::kLlm;
  std::vector<std::string> keys;
  for (const SpanGroupBy& by : request.group_by) {
    keys.push_back(by.facet);
    if (!by.sort_alphabetical && !counts_rows(by.sort)) keys.push_back(by.sort.metric);
  }
  for (const SpanCompute& compute : request.compute) {
    if (!counts_rows(compute)) keys.push_back(compute.metric);
  }
  for (const std::string& key : keys) {
    const SpanKey resolved = resolve_span_key(without_at(key), SpanTable::kSpans);
    if (resolved.table == SpanTable::kLlm) only = SpanTable::kLlm;
  }
  const SpanTable table = only.value_or(SpanTable::kSpans);
  for (const std::string& key : keys) {
    const SpanKey resolved = resolve_span_key(without_at(key), table);
    if (resolved.table && *resolved.table != table) {
      return base::Error(base::ErrorCode::kUnimplemented,
                         "'" + key.substr(0, 100) + "' and fields of LLM calls cannot be aggregated together");
    }
  }
  return table;
}

class Aggregator {
 public:
  Aggregator(SpanSource& source, const SpanAggregate& request, SpanTable table)
      : source_(source), request_(request), table_(table), computes_(request.compute) {
    if (computes_.empty()) computes_.emplace_back();
  }

  base::Result<AggregateResult> run() {
    // Each facet with a total is aggregated twice: by its values, and over all of them.
    size_t totals = 0;
    for (const SpanGroupBy& by : request_.group_by) totals += by.total ? 1 : 0;
    for (uint32_t mask = 0; mask < (uint32_t{1} << totals); ++mask) {
      folded_.assign(request_.group_by.size(), false);
      size_t bit = 0;
      for (size_t i = 0; i < request_.group_by.size(); ++i) {
        if (request_.group_by[i].total) folded_[i] = (mask >> bit++ & 1) != 0;
      }
      if (base::Status done = run_once(); !done) return std::move(done).error();
    }
    return std::move(result_);
  }

 private:
  base::Status run_once() {
    groups_.clear();
    allowed_.clear();
    picked_.assign(request_.group_by.size(), {});
    const size_t levels = request_.group_by.size();
    for (size_t level = 0; level + 1 < levels; ++level) {
      if (base::Status done = pick(level); !done) return done;
    }
    if (base::Status done = totals(); !done) return done;
    std::set<int64_t> intervals;
    for (const SpanCompute& compute : computes_) {
      if (compute.timeseries) intervals.insert(interval_of(compute));
    }
    for (const int64_t interval : intervals) {
      if (base::Status done = timeseries(interval); !done) return done;
    }
    for (SpanBucket& bucket : groups_) result_.buckets.push_back(std::move(bucket));
    return base::ok();
  }

  int64_t interval_of(const SpanCompute& compute) const {
    if (compute.interval_ns > 0) return compute.interval_ns;
    const int64_t range = request_.to_ns - request_.from_ns;
    int64_t best = kSecondNs;
    for (const int64_t seconds : {1, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400}) {
      best = seconds * kSecondNs;
      if (range / best <= static_cast<int64_t>(kPointsTarget)) break;
    }
    return best;
  }

  SpanKey key_of(std::string_view key) const {
    SpanKey found = resolve_span_key(without_at(key), table_);
    found.evaluated_from_ns = request_.from_ns;
    return found;
  }

  std::string group_expression(size_t level, SqlParameters& parameters) const {
    const SpanGroupBy& by = request_.group_by[level];
    if (folded_[level]) return parameters.text(by.total_name);
    if (by.has_histogram) {
      const std::string step = number_text(by.histogram_interval);
      const std::string low = number_text(by.histogram_min);
      return "ifNull(toString(floor((" + number_expression(key_of(by.facet), parameters) + " - " + low + ") / " + step +
             ") * " + step + " + " + low + "), '')";
    }
    const std::string value = text_expression(key_of(by.facet), parameters);
    if (!by.missing) return value;
    return "if(empty(" + value + "), " + parameters.text(*by.missing) + ", " + value + ")";
  }

  // WHERE that leaves out spans without a facet, and groups that the levels above did not pick.
  base::Result<std::string> where(size_t levels, SqlParameters& parameters) const {
    SpanSearch search{.query = request_.query, .from_ns = request_.from_ns, .to_ns = request_.to_ns};
    base::Result<std::string> text = search_where(search, table_, parameters);
    if (!text) return text;
    if (table_ == SpanTable::kSpans) *text += kCountedOnce;
    for (size_t i = 0; i < levels; ++i) {
      const SpanGroupBy& by = request_.group_by[i];
      if (folded_[i]) continue;
      const std::string alias = "g" + std::to_string(i);
      if (!by.missing) *text += " AND " + alias + " != ''";
      if (by.has_histogram) {
        const std::string value = number_expression(key_of(by.facet), parameters);
        *text += " AND ifNull(" + value + " >= " + number_text(by.histogram_min) + " AND " + value + " < " +
                 number_text(by.histogram_max) + ", 0)";
      }
      if (picked_[i].empty()) continue;
      *text += " AND has(" + parameters.texts(std::vector<std::string>(picked_[i].begin(), picked_[i].end())) + ", " +
               alias + ")";
    }
    return text;
  }

  std::string compute_expression(const SpanCompute& compute, SqlParameters& parameters) const {
    if (counts_rows(compute)) return "toFloat64(count())";
    const SpanKey key = key_of(compute.metric);
    if (compute.aggregation == SpanAggregation::kCardinality) {
      const std::string text = text_expression(key, parameters);
      return "toFloat64(uniqCombined64If(" + text + ", " + text + " != ''))";
    }
    const std::string value = number_expression(key, parameters);
    switch (compute.aggregation) {
      case SpanAggregation::kSum:
        return "toFloat64(ifNull(sum(" + value + "), nan))";
      case SpanAggregation::kMin:
        return "toFloat64(ifNull(min(" + value + "), nan))";
      case SpanAggregation::kMax:
        return "toFloat64(ifNull(max(" + value + "), nan))";
      case SpanAggregation::kAvg:
        return "toFloat64(ifNull(avg(" + value + "), nan))";
      case SpanAggregation::kPercentile:
        return "toFloat64(ifNull(quantileTDigest(" + number_text(compute.percentile / 100) + ")(" + value + "), nan))";
      default:
        return "toFloat64(count(" + value + "))";
    }
  }

  // `g0, g1, …` as aliases with their expressions.
  std::string group_list(size_t levels, SqlParameters& parameters) const {
    std::string list;
    for (size_t i = 0; i < levels; ++i) list += group_expression(i, parameters) + " AS g" + std::to_string(i) + ", ";
    return list;
  }
  static std::string alias_list(size_t levels, std::string_view separator = ", ") {
    std::string list;
    for (size_t i = 0; i < levels; ++i) list.append(i == 0 ? "" : separator).append("g" + std::to_string(i));
    return list;
  }

  // ORDER BY … LIMIT … BY the level above.
  std::string order_and_limit(size_t level) const {
    const SpanGroupBy& by = request_.group_by[level];
    std::string text = " ORDER BY ";
    for (size_t i = 0; i < level; ++i) text += "g" + std::to_string(i) + ", ";
    text += by.sort_alphabetical ? "g" + std::to_string(level) : "ifNotFinite(sort_by, -1.7e308)";
    text += by.ascending ? " ASC" : " DESC";
    text += ", g" + std::to_string(level) + " LIMIT " + std::to_string(folded_[level] ? 1 : by.limit);
    return level == 0 ? text : text + " BY " + alias_list(level);
  }

  base::Status pick(size_t level) {
    SqlParameters parameters;
    const std::string groups = group_list(level + 1, parameters);
    const std::string sort = compute_expression(request_.group_by[level].sort, parameters);
    base::Result<std::string> condition = where(level + 1, parameters);
    if (!condition) return std::move(condition).error();
    const std::string sql = "SELECT " + groups + sort + " AS sort_by FROM " + std::string(table_name(table_)) +
                            " WHERE " + *condition + " GROUP BY " + alias_list(level + 1) + order_and_limit(level);
    base::Result<store::Rows> rows = source_.select(sql, parameters);
    if (!rows) return std::move(rows).error();
    if (rows->row_count() > source_.limits().groups_max) return too_many_groups();
    std::set<Group> allowed;
    for (size_t i = 0; i < rows->row_count(); ++i) {
      Group group;
      for (size_t k = 0; k <= level; ++k) group.emplace_back(rows->column(k).text(i));
      if (!is_allowed(group)) continue;
      picked_[level].insert(group[level]);
      allowed.insert(std::move(group));
    }
    allowed_ = std::move(allowed);
    return base::ok();
  }

  base::Error too_many_groups() const {
    return {base::ErrorCode::kTooLarge,
            "more than " + std::to_string(source_.limits().groups_max) + " groups; lower the limits of group_by"};
  }

  // A group is one of those that the level above picked.
  bool is_allowed(const Group& group) const {
    if (group.size() < 2) return true;
    return allowed_.contains(Group(group.begin(), group.end() - 1));
  }

  base::Status totals() {
    const size_t levels = request_.group_by.size();
    SqlParameters parameters;
    std::string list = group_list(levels, parameters);
    for (const SpanCompute& compute : computes_) {
      list += (compute.timeseries ? "toFloat64(0)" : compute_expression(compute, parameters)) + ", ";
    }
    list += (levels == 0 ? "toFloat64(count())" : compute_expression(request_.group_by.back().sort, parameters)) +
            " AS sort_by";
    base::Result<std::string> condition = where(levels, parameters);
    if (!condition) return std::move(condition).error();
    std::string sql = "SELECT " + list + " FROM " + std::string(table_name(table_)) + " WHERE " + *condition;
    if (levels > 0) sql += " GROUP BY " + alias_list(levels) + order_and_limit(levels - 1);
    base::Result<store::Rows> rows = source_.select(sql, parameters);
    if (!rows) return std::move(rows).error();
    if (rows->row_count() > source_.limits().groups_max) return too_many_groups();
    for (size_t i = 0; i < rows->row_count(); ++i) {
      SpanBucket bucket;
      for (size_t k = 0; k < levels; ++k) bucket.by.emplace_back(rows->column(k).text(i));
      if (!is_allowed(bucket.by)) continue;
      for (size_t k = 0; k < computes_.size(); ++k) {
        const double value = rows->column(levels + k).f64(i);
        bucket.computes.emplace_back();
        if (!computes_[k].timeseries && std::isfinite(value)) bucket.computes.back().value = value;
      }
      groups_.push_back(std::move(bucket));
    }
    return base::ok();
  }

  base::Status timeseries(int64_t interval_ns) {
    const size_t levels = request_.group_by.size();
    const auto buckets = static_cast<uint64_t>((request_.to_ns - request_.from_ns) / interval_ns + 1);
    if (buckets > source_.limits().buckets_max) {
      return base::Error(base::ErrorCode::kTooLarge, "the interval cuts the range into more than " +
                                                         std::to_string(source_.limits().buckets_max) +
                                                         " buckets; make it longer");
    }
    std::map<Group, size_t> index;
    for (size_t i = 0; i < groups_.size(); ++i) {
      index.emplace(groups_[i].by, i);
      if (levels > 0) picked_[levels - 1].insert(groups_[i].by.back());
    }
    if (index.empty()) return base::ok();
    SqlParameters parameters;
    std::vector<size_t> columns;
    std::string list = group_list(levels, parameters) + "toInt64(intDiv(toUnixTimestamp64Nano(start), " +
                       std::to_string(interval_ns) + ") * " + std::to_string(interval_ns) + ") AS bucket";
    for (size_t k = 0; k < computes_.size(); ++k) {
      if (!computes_[k].timeseries || interval_of(computes_[k]) != interval_ns) continue;
      columns.push_back(k);
      list += ", " + compute_expression(computes_[k], parameters);
    }
    base::Result<std::string> condition = where(levels, parameters);
    if (!condition) return std::move(condition).error();
    const std::string sql = "SELECT " + list + " FROM " + std::string(table_name(table_)) + " WHERE " + *condition +
                            " GROUP BY " + (levels == 0 ? "" : alias_list(levels) + ", ") + "bucket ORDER BY bucket";
    base::Result<store::Rows> rows = source_.select(sql, parameters);
    if (!rows) return std::move(rows).error();
    for (size_t i = 0; i < rows->row_count(); ++i) {
      Group group;
      for (size_t k = 0; k < levels; ++k) group.emplace_back(rows->column(k).text(i));
      const auto found = index.find(group);
      if (found == index.end()) continue;
      for (size_t k = 0; k < columns.size(); ++k) {
        const double value = rows->column(levels + 1 + k).f64(i);
        if (!std::isfinite(value)) continue;
        groups_[found->second].computes[columns[k]].points.push_back(
            {.time_ns = rows->column(levels).i64(i), .value = value});
      }
    }
    return base::ok();
  }

  SpanSource& source_;
  const SpanAggregate& request_;
  const SpanTable table_;
  std::vector<SpanCompute> computes_;
  std::vector<bool> folded_;                   // per facet: this pass is over all of its values
  std::vector<std::set<std::string>> picked_;  // per facet: the values that may occur
  std::set<Group> allowed_;                    // of the last level that was picked
  std::vector<SpanBucket> groups_;
  AggregateResult result_;
};

base::Status check(const SpanAggregate& request, const SpanLimits& limits) {
  if (base::Status range = check_range(request.from_ns, request.to_ns); !range) return range;
  if (request.group_by.size() > limits.group_keys_max) {
    return refuse("group_by: at most " + std::to_string(limits.group_keys_max) + " facets");
  }
  if (request.compute.size() > limits.computes_max) {
    return refuse("compute: at most " + std::to_string(limits.computes_max));
  }
  uint64_t groups = 1;
  for (const SpanGroupBy& by : request.group_by) {
    if (without_at(by.facet).empty()) return refuse("group_by: expected a facet");
    if (by.limit == 0) return refuse("group_by: expected a limit of at least 1");
    if (by.has_histogram && !(by.histogram_interval > 0 && by.histogram_min < by.histogram_max)) {
      return refuse("group_by: expected a histogram with interval above 0 and min below max");
    }
    groups = std::min<uint64_t>(groups, limits.groups_max) * std::min<uint64_t>(by.limit, limits.groups_max + 1);
  }
  if (groups > limits.groups_max) {
    return base::Error(base::ErrorCode::kTooLarge, "group_by: the limits allow more than " +
                                                       std::to_string(limits.groups_max) + " groups together");
  }
  const auto needs_metric = [](const SpanCompute& compute) {
    return compute.aggregation != SpanAggregation::kCount && without_at(compute.metric).empty();
  };
  for (const SpanCompute& compute : request.compute) {
    if (needs_metric(compute)) return refuse("compute: expected a metric for this aggregation");
  }
  for (const SpanGroupBy& by : request.group_by) {
    if (!by.sort_alphabetical && needs_metric(by.sort)) return refuse("group_by: expected a metric to sort by");
  }
  return base::ok();
}

}  // namespace

base::Result<AggregateResult> aggregate_spans(SpanSource& source, const SpanAggregate& request) {
  if (base::Status good = check(request, source.limits()); !good) return std::move(good).error();
  base::Result<SpanTable> table = table_of(request);
  if (!table) return std::move(table).error();
  return Aggregator(source, request, *table).run();
}

}  // namespace godseye::query
