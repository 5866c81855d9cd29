#include "series_sql.h"

#include "scope_match.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace godseye::query {
namespace {

using lang::SpaceAggregator;
using signal::kAttributionKeyCount;
using signal::kAttributionKeyNames;

// Series are registered on each day they are seen; one day of margin covers points whose own time is a little ahead of
// the day they arrived on. There is no upper bound: a late point is registered on a later day than its own.
constexpr int64_t kRegistrationMarginS = 86400;

// Of fewer buckets the names of the groups come seldom enough that a second statement costs more.
constexpr size_t kBySeriesBucketsMin = 10;

std::string double_text(double value) {
  char buffer[40];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, written.ptr);
}

// Over the columns that Builder::points gives, rolled up or not.
std::string reduced_expression(Method method, bool rolled) {
  switch (method) {
    case Method::kAvg:
      return rolled ? "sum(r_sum) / sum(r_n)" : "avg(value)";
    case Method::kSum:
      return rolled ? "sum(r_sum)" : "sum(value)";
    case Method::kMin:
      return rolled ? "min(r_min)" : "min(value)";
    case Method::kMax:
      return rolled ? "max(r_max)" : "max(value)";
    case Method::kCount:
      return rolled ? "toFloat64(sum(r_n))" : "toFloat64(count())";
  }
  return "";
}

std::string space_expression(Method method) {
  return method == Method::kMin ? "min(v)" : method == Method::kMax ? "max(v)" : "sum(v)";
}

// Rows of the series of a metric, seen in the range or later: where they are, and the condition on them.
struct SeriesRows {
  std::string table;
  std::string filter;
};

SeriesRows series_rows(const std::string& metric, int64_t from_s, const Rollup& rollup) {
  const auto date = [](int64_t time) {
    return "toDate(toDateTime(" + std::to_string(std::max<int64_t>(0, time)) + ", 'UTC'), 'UTC')";
  };
  const std::string is_metric = "metric = " + metric;
  const std::string from = date(from_s - kRegistrationMarginS);
  if (!rollup.by_months(from_s)) return {.table = "series", .filter = is_metric + " AND day >= " + from};
  const std::string columns = "(SELECT metric, series_id, type, interval_s, tags FROM ";
  return {.table = "(SELECT * FROM " + columns + "series_months WHERE " + is_metric + " AND month >= toStartOfMonth(" +
                   from + ")) UNION ALL " + columns + "series WHERE " + is_metric +
                   " AND day >= " + date(rollup.days_until_s) + "))",
          .filter = is_metric};
}

// Builds the pieces that the statements share.
class Builder {
 public:
  explicit Builder(const StatementInput& input) : input_(input) {
    metric_ = parameters_.text(input.query.metric);
    series_ = series_rows(metric_, input.range.from_s, input.rollup);
    scope_ = scope_sql(input.query.scope, series_.table + " WHERE " + series_.filter, input.attribution_in_tags,
                       parameters_);
    for (const std::string& key : input.query.group_by) add_group_key(key);
  }

  void restrict_to(const SeriesClass& series) {
    class_condition_ = "type = " + std::to_string(static_cast<unsigned>(series.type));
    // Sketches of all intervals are one class. Of the rest 0 is an interval like others: its class must not take in
    // series that have a class of their own.
    if (series.type == signal::MetricType::kDistribution) return;
    class_condition_ += " AND interval_s = " + std::to_string(series.interval_s);
  }

  bool joins_tags() const { return !tag_columns_.empty(); }

  std::string bucket() const { return bucket_start() + " AS b"; }
  // Start of the bucket of a point, Unix seconds.
  std::string bucket_start() const {
    const Buckets& buckets = input_.range.buckets;
    if (buckets.count == 1) return "toUInt64(" + seconds(buckets.start_s) + ")";
    if (!buckets.even()) return "toUInt64(roundDown(toUnixTimestamp(time), " + begins() + "))";
    const std::string interval = std::to_string(buckets.interval_s);
    const int64_t offset = buckets.start_s % buckets.interval_s;
    if (offset == 0) return "toUInt64(intDiv(toUnixTimestamp(time), " + interval + ") * " + interval + ")";
    const std::string shift = std::to_string(offset);
    return "toUInt64(intDiv(toUnixTimestamp(time) - " + shift + ", " + interval + ") * " + interval + " + " + shift +
           ")";
  }

  // What the points of a series in the bucket `b` become.
  std::string value(const Aggregation& aggregation) const {
    std::string text = reduced_expression(aggregation.time, rolled()) + scaled(aggregation.scale);
    if (aggregation.weight_interval_s != 0) {
      text += " * least(1, " + values() + " * " + std::to_string(aggregation.weight_interval_s) + " / " +
              seconds_asked() + ")";
    }
    return text;
  }
  std::string scaled(const Scale& scale) const {
    const std::string text = scale.factor == 1 ? "" : " * " + double_text(scale.factor);
    if (scale.seconds_power == 0) return text;
    return text + (scale.seconds_power > 0 ? " * " : " / ") +
           of_bucket([&](size_t b) { return input_.range.buckets.seconds(b); });
  }

  bool rolled() const { return input_.rollup.seconds != 0; }
  // What was sent, as a number of points.
  std::string values() const { return rolled() ? "toFloat64(sum(r_n))" : "toFloat64(count())"; }
  // `table WHERE condition`. Rolled up: columns series_id, time, r_n, r_sum, r_min, r_max and empty attribution.
  std::string points() const {
    if (!rolled()) return "points WHERE " + where();
    return united("points", "n AS r_n, sum AS r_sum, min AS r_min, max AS r_max",
                  "toUInt64(1) AS r_n, value AS r_sum, value AS r_min, value AS r_max");
  }
  std::string sketches() const {
    if (!rolled()) return "sketches WHERE " + where();
    return united("sketches", "count, sum, min, max, keys, counts",
                  "count, sum, min, max, keys, CAST(counts, 'Array(UInt64)') AS counts");
  }

  // Condition on points or sketches.
  std::string where() const {
    std::string text = "metric = " + metric_ + " AND time >= toDateTime(" + seconds(input_.range.from_s) +
                       ", 'UTC') AND time < toDateTime(" + seconds(input_.range.to_s) + ", 'UTC')";
    if (!scope_.points.empty()) text += " AND " + scope_.points;
    // A join with the tags selects the series by itself, but later: with a scope it pays to leave points out early.
    const bool whole_metric = scope_.series.empty() && (input_.single_class || joins_tags());
    if (!whole_metric)
      text += " AND series_id IN (SELECT series_id FROM " + series_.table + " WHERE " + series_where() + ")";
    return text;
  }

  // `(SELECT series_id, t0, t1 … )`: one row per series and combination of values of the tag keys. '' stands for none.
  std::string tag_map() const {
    std::string columns;
    for (size_t i = 0; i < tag_columns_.size(); ++i) {
      const std::string array = "a" + std::to_string(i);
      columns += ", arrayJoin(if(empty(" + array + "), [''], " + array + ")) AS t" + std::to_string(i);
    }
    return "(SELECT series_id" + columns + " FROM " + tag_arrays() + ")";
  }

  // `(SELECT series_id, a0, a1 …)`: the values of each tag key, one row per series.
  std::string tag_arrays() const {
    std::string arrays;
    for (size_t i = 0; i < tag_columns_.size(); ++i) arrays += ", " + tag_columns_[i] + " AS a" + std::to_string(i);
    return "(SELECT series_id" + arrays +
           " FROM (SELECT series_id, CAST(any(tags), 'Array(String)') AS tag_list FROM " + series_.table + " WHERE " +
           series_where() + " GROUP BY series_id))";
  }

  // 64-bit hash of the tag values t0, t1, …; of nothing when no tag key groups.
  std::string tag_hash() const {
    std::string arguments = "toUInt64(0)";
    for (size_t i = 0; i < tag_columns_.size(); ++i) arguments += ", t" + std::to_string(i);
    return "cityHash64(" + arguments + ")";
  }
  // The hash of a cell, from the hash of its tags.
  std::string cell_hash(const std::string& tags, uint64_t salt) const {
    return "cityHash64(toUInt64(" + std::to_string(salt) + "), " + tags + attribution_columns() + ", b) AS h";
  }
  // Likewise from its group columns.
  std::string cell_hash(uint64_t salt) const {
    return "cityHash64(toUInt64(" + std::to_string(salt) + "), " + group_names() + "b) AS h";
  }
  // Whether each key of the group is either a tag or an attribution column; else the two together make the value.
  bool keys_are_plain() const {
    return std::none_of(groups_.begin(), groups_.end(), [](const GroupColumn& g) { return g.tag && g.attribution; });
  }

  // The most values that a series has of any tag key.
  std::string tag_values_most() const {
    std::string text = "greatest(1";
    for (size_t i = 0; i < tag_columns_.size(); ++i) text += ", max(length(a" + std::to_string(i) + "))";
    return text + ")";
  }

  // Attribution columns that grouping needs, each once: ", session_id".
  std::string attribution_columns() const {
    std::string text;
    for (const size_t column : attribution_) text += ", " + std::string(kAttributionKeyNames[column]);
    return text;
  }
  std::string attribution_any() const {
    std::string text;
    for (const size_t column : attribution_) {
      const std::string name(kAttributionKeyNames[column]);
      text += ", any(" + name + ") AS " + name + "_of";
    }
    return text;
  }

  // `expr AS g0, …, ` over the tag map and the attribution columns (with `suffix` to their names).
  std::string group_select(std::string_view suffix = {}) const {
    std::string text;
    for (size_t i = 0; i < groups_.size(); ++i) {
      const GroupColumn& group = groups_[i];
      std::string expression = group.tag ? "t" + std::to_string(*group.tag) : "";
      if (group.attribution) {
        const std::string column = std::string(kAttributionKeyNames[*group.attribution]) + std::string(suffix);
        expression = group.tag ? "if(" + column + " != '', " + column + ", " + expression + ")" : column;
      }
      text += expression + " AS g" + std::to_string(i) + ", ";
    }
    return text;
  }
  std::string group_names() const {
    std::string text;
    for (size_t i = 0; i < groups_.size(); ++i) text += "g" + std::to_string(i) + ", ";
    return text;
  }

  std::string group_any() const {
    std::string text;
    for (size_t i = 0; i < groups_.size(); ++i)
      text += "any(g" + std::to_string(i) + ") AS g" + std::to_string(i) + "_of, ";
    return text;
  }

  std::string tag_join(std::string_view series_column) const {
    return " INNER JOIN " + tag_map() + " AS m ON p." + std::string(series_column) + " = m.series_id";
  }

  // ` WHERE …` over the group columns, for who reads the first groups alone.
  std::string before() {
    if (!input_.before) return "";
    std::string columns;
    std::string values;
    for (size_t i = 0; i < groups_.size(); ++i) {
      columns += (i == 0 ? "g" : ", g") + std::to_string(i);
      values += (i == 0 ? "" : ", ") + parameters_.text((*input_.before)[i]);
    }
    return " WHERE tuple(" + columns + ") < tuple(" + values + ")";
  }
  std::string cells_limit() const {
    std::string order;
    for (size_t i = 0; i < groups_.size(); ++i) order += "g" + std::to_string(i) + "_of, ";
    return (input_.sorted ? " ORDER BY " + order + "b_of" : "") + limit();
  }

  // Of rows per group and bucket.
  std::string group_limit() const { return (input_.sorted ? " ORDER BY " + group_names() + "b" : "") + limit(); }
  std::string limit() const { return " LIMIT " + std::to_string(input_.rows_max + 1); }
  Statement finish(std::string sql) { return {.sql = std::move(sql), .parameters = parameters_.take()}; }

 private:
  struct GroupColumn {
    std::optional<size_t> tag;
    std::optional<size_t> attribution;
  };

  // Rolled-up rows as far as there are any, days before hours, and what came since.
  std::string united(const std::string& table, const std::string& rolled_columns, const std::string& columns) const {
    const Rollup& rollup = input_.rollup;
    std::vector<std::string> parts;
    const auto add = [&](const std::string& source, const std::string& selected, int64_t from, int64_t to) {
      if (from >= to) return;
      std::string part = "(SELECT series_id, time, '' AS session_id, '' AS user_id, '' AS trace_id, '' AS prompt_id, " +
                         selected + " FROM " + source + " WHERE " + where();
      if (from > input_.range.from_s) part += " AND time >= toDateTime(" + seconds(from) + ", 'UTC')";
      if (to < input_.range.to_s) part += " AND time < toDateTime(" + seconds(to) + ", 'UTC')";
      parts.push_back(part + ")");
    };
    const std::string suffix = rollup.seconds == 60 ? "_1m" : rollup.seconds == 300 ? "_5m" : "_1h";
    const int64_t from = input_.range.from_s;
    const int64_t to = input_.range.to_s;
    const int64_t days_end = rollup.seconds == 86400 ? std::clamp(rollup.days_until_s, from, to) : from;
    const int64_t rolled_end = std::clamp(rollup.until_s, days_end, to);
    add(table + "_1d FINAL", rolled_columns, from, days_end);
    add(table + suffix + " FINAL", rolled_columns, days_end, rolled_end);
    add(table, columns, rolled_end, to);
    if (parts.size() == 1) return parts[0] + " WHERE 1";
    std::string all = "(";
    for (const std::string& part : parts) all += (all.size() == 1 ? "SELECT * FROM " : " UNION ALL ") + part;
    return all + ") WHERE 1";
  }

  // Where the buckets of a calendar begin, ascending. None begins before 1970 for the points that are stored.
  std::string begins() const {
    return list([&](size_t b) { return input_.range.buckets.time(b); });
  }
  // Of the bucket `b`, those within the range.
  std::string seconds_asked() const {
    const Range& range = input_.range;
    const bool whole = range.from_s <= range.buckets.start_s && range.to_s >= range.buckets.end_s();
    if (!range.buckets.even() || whole) return of_bucket([&](size_t b) { return range.seconds_asked(b); });
    return "(least(b + " + std::to_string(range.buckets.interval_s) + ", " + seconds(range.to_s) + ") - greatest(b, " +
           seconds(range.from_s) + "))";
  }
  // `f(bucket)` of the bucket `b`.
  template <typename F>
  std::string of_bucket(F f) const {
    const size_t count = input_.range.buckets.count;
    bool same = true;
    for (size_t b = 1; b < count; ++b) same = same && f(b) == f(0);
    if (same) return seconds(f(0));
    return "transform(b, CAST(" + begins() + ", 'Array(UInt64)'), " + list(f) + ", 1)";
  }
  template <typename F>
  std::string list(F f) const {
    std::string text = "[";
    for (size_t b = 0; b < input_.range.buckets.count; ++b) text += (b == 0 ? "" : ",") + seconds(f(b));
    return text + "]";
  }

  static std::string seconds(int64_t value) { return std::to_string(std::clamp<int64_t>(value, 0, UINT32_MAX)); }

  void add_group_key(const std::string& key) {
    GroupColumn group;
    const size_t column = attribution_column(key);
    if (column < kAttributionKeyCount) {
      group.attribution = column;
      attribution_.push_back(column);
    }
    if (column == kAttributionKeyCount || input_.attribution_in_tags[column]) {
      group.tag = tag_columns_.size();
      const std::string prefix = parameters_.text(key + ":");
      tag_columns_.push_back("arrayMap(t -> substring(t, " + std::to_string(key.size() + 2) +
                             "), arrayFilter(t -> startsWith(t, " + prefix + "), tag_list))");
    }
    groups_.push_back(group);
  }

  std::string series_where() const {
    std::string text = series_.filter;
    if (!input_.single_class && !class_condition_.empty()) text += " AND " + class_condition_;
    if (!scope_.series.empty()) text += " AND " + scope_.series;
    return text;
  }

  const StatementInput& input_;
  SqlParameters parameters_;
  std::string metric_;
  SeriesRows series_;
  std::string class_condition_;
  ScopeSql scope_;
  std::vector<std::string> tag_columns_;
  std::vector<size_t> attribution_;
  std::vector<GroupColumn> groups_;
};

constexpr std::string_view kAttributionHash = "cityHash64(session_id, user_id, trace_id, prompt_id)";

// The low 16 bits of a bin's number are its key, the others those of the hash of its cell (group and bucket).
constexpr std::string_view kCellBits = "18446744073709486080";  // 2^64 - 2^16

SeriesClass distribution_class() { return {.type = signal::MetricType::kDistribution}; }

bool about_attribution(const lang::Scope& scope) {
  return attribution_column(scope.key) < kAttributionKeyCount ||
         std::any_of(scope.children.begin(), scope.children.end(), about_attribution);
}

}  // namespace

bool made_of_whole(const Range& range, uint32_t step_s) {
  const Buckets& buckets = range.buckets;
  const auto whole = [&](int64_t seconds) { return seconds % step_s == 0; };
  if (!whole(range.from_s) || !whole(range.to_s)) return false;
  if (buckets.even()) return whole(buckets.interval_s) && whole(buckets.start_s);
  return std::all_of(buckets.edges.begin(), buckets.edges.end(), whole);
}

Rollup rollup_of(const lang::SeriesQuery& query, const Range& range, const Limits& limits, int64_t now_s) {
  const auto is_attribution = [](const std::string& key) { return attribution_column(key) < kAttributionKeyCount; };
  if (limits.rollup_span_min.count() == 0 || about_attribution(query.scope) ||
      std::any_of(query.group_by.begin(), query.group_by.end(), is_attribution)) {
    return {};
  }
  struct Level {
    uint32_t seconds;
    uint32_t days;
  };
  const Level levels[] = {
      {86400, UINT32_MAX}, {3600, UINT32_MAX}, {300, limits.rollup_5m_days}, {60, limits.rollup_1m_days}};
  const auto reaches = [&](uint32_t days) {
    return days == UINT32_MAX || range.from_s >= now_s - static_cast<int64_t>(days) * 86400;
  };
  const bool points_reach = reaches(limits.points_days);
  const bool long_enough = range.to_s - range.from_s >= limits.rollup_span_min.count();
  Rollup finest;
  for (const Level& level : levels) {
    if (!reaches(level.days)) continue;
    finest.seconds = level.seconds;
    if (made_of_whole(range, level.seconds) && (long_enough || !points_reach)) return {.seconds = level.seconds};
  }
  return points_reach ? Rollup() : finest;
}

Statement rolled_until_statement(int64_t points_from_s) {
  return {
      .sql =
          "SELECT toUInt64(toUnixTimestamp(maxIf(until, id = 1))), (SELECT toUInt64(toUnixTimestamp(min(hour))) FROM "
          "rollup_late WHERE hour >= toDateTime(" +
          std::to_string(std::max<int64_t>(0, points_from_s)) +
          ", 'UTC')), toUInt64(toUnixTimestamp(maxIf(until, id = 2))) FROM rollup_progress",
      .parameters = {}};
}

Statement profile_statement(const lang::SeriesQuery& query, const Range& range, const Rollup& rollup) {
  SqlParameters parameters;
  const SeriesRows series = series_rows(parameters.text(query.metric), range.from_s, rollup);
  std::string flags;
  for (const std::string_view key : kAttributionKeyNames) {
    flags += ", toUInt64(max(arrayExists(t -> startsWith(t, '" + std::string(key) + ":'), tags)))";
  }
  const std::string sql = "SELECT toUInt64(type), toUInt64(interval_s), toUInt64(uniq(series_id))" + flags + " FROM " +
                          series.table + " WHERE " + series.filter +
                          " GROUP BY type, interval_s ORDER BY type, interval_s";
  return {.sql = sql, .parameters = parameters.take()};
}

Statement groups_statement(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation) {
  Builder builder(input);
  builder.restrict_to(series);
  const std::string value = builder.value(aggregation);
  if (aggregation.associative() && !builder.joins_tags()) {
    return builder.finish("SELECT " + builder.group_select() + builder.bucket() + ", " + value + " AS a, " +
                          builder.values() + " AS n FROM " + builder.points() + " GROUP BY " + builder.group_names() +
                          "b HAVING n > 0" + builder.group_limit());
  }
  std::string inner;
  if (aggregation.associative()) {
    inner = "SELECT series_id AS sid" + builder.attribution_columns() + ", " + builder.bucket() + ", " + value +
            " AS v FROM " + builder.points() + " GROUP BY series_id" + builder.attribution_columns() + ", b";
  } else {
    // Each attribution is a series of its own here: two sessions of one series must not be averaged before they are
    // summed. One 64-bit hash as key is twice as fast as series, attribution and bucket side by side.
    inner = std::string("SELECT ") + (builder.joins_tags() ? "any(series_id) AS sid, " : "") + "any(" +
            builder.bucket_start() + ") AS b" + builder.attribution_any() + ", " + value + " AS v FROM " +
            builder.points() + " GROUP BY cityHash64(series_id, " + builder.bucket_start() +
            ", session_id, user_id, trace_id, prompt_id)";
  }
  const std::string suffix = aggregation.associative() ? "" : "_of";
  const std::string join = builder.joins_tags() ? builder.tag_join("sid") : "";
  return builder.finish("SELECT " + builder.group_select(suffix) + "b, " + space_expression(aggregation.space) +
                        " AS a, toFloat64(count()) AS n FROM (" + inner + ") AS p" + join + " GROUP BY " +
                        builder.group_names() + "b HAVING n > 0" + builder.group_limit());
}

Statement cells_statement(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation) {
  Builder builder(input);
  builder.restrict_to(series);
  const std::string inner = "SELECT series_id AS sid, " +
                            std::string(input.owners_apart ? kAttributionHash : "toUInt64(0)") + " AS h" +
                            builder.attribution_any() + ", " + builder.bucket() + ", " + builder.value(aggregation) +
                            " AS v FROM " + builder.points() + " GROUP BY series_id, h, b";
  const std::string join = builder.joins_tags() ? builder.tag_join("sid") : "";
  return builder.finish("SELECT " + builder.group_select("_of") + "sid, h, b, v FROM (" + inner + ") AS p" + join +
                        builder.limit());
}

namespace {

bool by_owner(const lang::SeriesQuery& query) {
  const auto is_attribution = [](const std::string& key) { return attribution_column(key) < kAttributionKeyCount; };
  return std::any_of(query.group_by.begin(), query.group_by.end(), is_attribution);
}

}  // namespace

bool owners_are_one(const lang::SeriesQuery& query, const Aggregation& aggregation) {
  return aggregation.associative() && !by_owner(query);
}

bool may_come_by_series(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation) {
  // Rolled-up rows are nobody's; and where the order does not matter neither does whose points they are.
  if (input.rollup.seconds == 0 && !aggregation.associative()) return false;
  if (input.range.buckets.count < kBySeriesBucketsMin) return false;
  if (series.series * input.range.buckets.count > input.rows_max) return false;
  return !input.query.group_by.empty() && !by_owner(input.query);
}

Statement series_groups_statement(const StatementInput& input, const SeriesClass& series) {
  Builder builder(input);
  builder.restrict_to(series);
  return builder.finish("SELECT " + builder.group_select() + "series_id FROM " + builder.tag_map() + builder.limit());
}

Statement series_values_statement(const StatementInput& input, const SeriesClass& series,
                                  const Aggregation& aggregation) {
  Builder builder(input);
  builder.restrict_to(series);
  return builder.finish("SELECT series_id, " + builder.bucket() + ", " + builder.value(aggregation) + " AS v FROM " +
                        builder.points() + " GROUP BY series_id, b" + builder.limit());
}

Statement distribution_statement(const StatementInput& input, const Scale& scale) {
  Builder builder(input);
  builder.restrict_to(distribution_class());
  std::string value;
  std::string outer;
  switch (input.query.aggregator) {
    case SpaceAggregator::kMin:
      value = "min(min)";
      outer = "min(v)";
      break;
    case SpaceAggregator::kMax:
      value = "max(max)";
      outer = "max(v)";
      break;
    case SpaceAggregator::kCount:
      value = "toFloat64(sum(count))";
      outer = "sum(v)";
      break;
    default:
      value = "sum(sum)";
      outer = "sum(v)";
      break;
  }
  if (scale.seconds_power != 0) value += builder.scaled({.factor = 1, .seconds_power = scale.seconds_power});
  if (!builder.joins_tags()) {
    return builder.finish("SELECT " + builder.group_select() + builder.bucket() + ", " + value +
                          " AS a, toFloat64(sum(count)) AS n FROM " + builder.sketches() + " GROUP BY " +
                          builder.group_names() + "b HAVING n > 0" + builder.group_limit());
  }
  const std::string inner = "SELECT series_id AS sid" + builder.attribution_columns() + ", " + builder.bucket() + ", " +
                            value + " AS v, toFloat64(sum(count)) AS c FROM " + builder.sketches() +
                            " GROUP BY series_id" + builder.attribution_columns() + ", b";
  return builder.finish("SELECT " + builder.group_select() + "b, " + outer + " AS a, sum(c) AS n FROM (" + inner +
                        ") AS p" + builder.tag_join("sid") + " GROUP BY " + builder.group_names() + "b HAVING n > 0" +
                        builder.group_limit());
}

Statement tag_values_statement(const StatementInput& input) {
  Builder builder(input);
  builder.restrict_to(distribution_class());
  return builder.finish("SELECT toUInt64(" + builder.tag_values_most() + ") FROM " + builder.tag_arrays());
}

Statement sketch_cells_statement(const StatementInput& input, uint64_t salt, bool single_valued) {
  Builder builder(input);
  builder.restrict_to(distribution_class());
  const bool lookup = single_valued && builder.keys_are_plain();
  const std::string sketches = "SELECT series_id AS sid" + builder.attribution_columns() + ", " + builder.bucket() +
                               ", min, max FROM " + builder.sketches();
  const std::string cells = "SELECT " + builder.group_select() + "b, min, max, " +
                            (lookup ? builder.cell_hash(builder.tag_hash(), salt) : builder.cell_hash(salt)) +
                            " FROM (" + sketches + ") AS p" + (builder.joins_tags() ? builder.tag_join("sid") : "") +
                            builder.before();
  return builder.finish("SELECT " + builder.group_any() + "any(b) AS b_of, min(min) AS lo, max(max) AS hi, h FROM (" +
                        cells + ") GROUP BY h" + builder.cells_limit());
}

Statement sketch_bins_statement(const StatementInput& input, uint64_t salt, bool single_valued) {
  Builder builder(input);
  builder.restrict_to(distribution_class());
  const std::string sketches = "SELECT series_id AS sid" + builder.attribution_columns() + ", " + builder.bucket() +
                               ", keys, counts FROM " + builder.sketches();
  std::string with;
  std::string hashed;  // the hash is taken once per sketch, before its bins are unfolded
  if (single_valued && builder.keys_are_plain()) {
    // A lookup per sketch instead of a join, which would copy the bins.
    std::string tags = builder.tag_hash();
    if (builder.joins_tags()) {
      with = "WITH (SELECT (groupArray(series_id), groupArray(" + tags + ")) FROM " + builder.tag_map() +
             ") AS tag_hashes ";
      tags = "transform(sid, tag_hashes.1, tag_hashes.2, toUInt64(0))";
    }
    hashed = "SELECT keys, counts, " + builder.cell_hash(tags, salt) + " FROM (" + sketches + ")";
  } else {
    hashed = "SELECT " + builder.group_select() + "keys, counts, " + builder.cell_hash(salt) + " FROM (" + sketches +
             ") AS p" + (builder.joins_tags() ? builder.tag_join("sid") : "") + builder.before();
  }
  return builder.finish(with + "SELECT bitOr(bitAnd(h, toUInt64(" + std::string(kCellBits) +
                        ")), toUInt64(toInt32(k) + 32768)) AS bin, toUInt64(sum(c)) AS n FROM (" + hashed +
                        ") ARRAY JOIN keys AS k, counts AS c GROUP BY bin" + builder.limit());
}

}  // namespace godseye::query
