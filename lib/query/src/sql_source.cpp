#include "sql_source.h"

#include "by_series.h"
#include "scope_match.h"
#include "sketch_statistic.h"
#include "space.h"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>

#include <godseye/signal/normalize.h>
#include <godseye/signal/sketch.h>

namespace godseye::query {
namespace {

using lang::Scope;
using signal::MetricType;

// More kinds of series under one metric name than this is no metric any more; each costs a statement.
constexpr size_t kClassesMax = 16;

constexpr int64_t kDay = 86'400;

// Removes the conjunct `tag` from `scope`; false if it is none of them.
bool remove_conjunct(Scope& scope, std::string_view tag) {
  const auto is_tag = [&](const Scope& s) { return s.kind == Scope::Kind::kTag && s.key + ":" + s.value == tag; };
  if (is_tag(scope)) {
    scope = Scope{};
    return true;
  }
  if (scope.kind != Scope::Kind::kAnd) return false;
  const auto found = std::find_if(scope.children.begin(), scope.children.end(), is_tag);
  if (found == scope.children.end()) return false;
  scope.children.erase(found);
  if (scope.children.size() == 1) {
    Scope only = std::move(scope.children[0]);
    scope = std::move(only);
  }
  return true;
}

std::vector<std::string> group_of(const store::Rows& rows, size_t row, size_t keys) {
  std::vector<std::string> group(keys);
  for (size_t k = 0; k < keys; ++k) group[k] = rows.column(k).text(row);
  return group;
}

// Rows of groups_statement and distribution_statement. More than `rows_max` of them are in the order of groups: of the
// last one there may be more.
void add_groups(const store::Rows& rows, size_t keys, double scale, uint64_t rows_max, GroupTable& table) {
  if (rows.row_count() > rows_max) table.cut_before(group_of(rows, rows.row_count() - 1, keys));
  std::vector<std::string> group(keys);
  for (size_t i = 0; i < rows.row_count(); ++i) {
    for (size_t k = 0; k < keys; ++k) group[k].assign(rows.column(k).text(i));
    table.add(group, static_cast<int64_t>(rows.column(keys).u64(i)), rows.column(keys + 1).f64(i) * scale,
              rows.column(keys + 2).f64(i));
  }
}

constexpr uint64_t kCellBits = ~uint64_t{0xffff};

struct SketchCell {
  std::vector<signal::SketchBin> bins;
  uint64_t count = 0;

  void add(int16_t key, uint64_t n) {
    count += n;
    for (; n > 0; n -= std::min<uint64_t>(n, UINT32_MAX)) {
      bins.push_back({.key = key, .count = static_cast<uint32_t>(std::min<uint64_t>(n, UINT32_MAX))});
    }
  }
  signal::Sketch take(double min, double max) {
    std::sort(bins.begin(), bins.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return {std::move(bins), count, min, max, 0};
  }
};

// Cells by the upper 48 bits of their hash. Open addressing: a million bins are looked up, and the hash is good
// already.
class CellIndex {
 public:
  explicit CellIndex(size_t cells) {
    while (slots_.size() < cells * 2) slots_.resize(slots_.size() * 2);
  }
  // False when the hash is there already.
  bool insert(uint64_t hash, uint32_t cell) {
    size_t at = slot(hash);
    for (; slots_[at].cell != kNone; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].hash == (hash & kCellBits)) return false;
    }
    slots_[at] = {.hash = hash & kCellBits, .cell = cell};
    return true;
  }
  // kNone when absent.
  uint32_t find(uint64_t hash) const {
    size_t at = slot(hash);
    while (slots_[at].cell != kNone && slots_[at].hash != (hash & kCellBits)) at = (at + 1) & (slots_.size() - 1);
    return slots_[at].cell;
  }
  static constexpr uint32_t kNone = UINT32_MAX;

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t cell = kNone;
  };
  size_t slot(uint64_t hash) const { return (hash >> 16) & (slots_.size() - 1); }

  std::vector<Slot> slots_ = std::vector<Slot>(16);
};

base::Error too_large(uint64_t most, const std::string& of_what) {
  return base::Error(base::ErrorCode::kTooLarge, "one group has more than " + std::to_string(most) + " " + of_what +
                                                     "; narrow the scope or the range");
}

struct CellKey {
  uint64_t series;
  uint64_t attribution;
  bool operator==(const CellKey&) const = default;
};
struct CellKeyHash {
  size_t operator()(const CellKey& key) const { return key.series ^ (key.attribution * 0x9e3779b97f4a7c15ull); }
};

}  // namespace

lang::SeriesQuery stored_form(lang::SeriesQuery query) {
  std::string buffer;
  const std::string metric(signal::normalize_metric_name(query.metric, buffer));
  if (!metric.empty()) query.metric = metric;
  query.scope = normalized(std::move(query.scope));
  for (std::string& key : query.group_by) key = normalized_key(key);
  for (const signal::MetricAlias& alias : signal::metric_aliases()) {
    if (alias.alias != query.metric) continue;
    if (!alias.tag.empty() && !remove_conjunct(query.scope, alias.tag)) continue;
    query.metric = alias.metric;
    break;
  }
  return query;
}

base::Result<store::Rows> SqlSource::select(const Statement& statement) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - clock_.tick());
  if (left.count() <= 0) {
    return base::Error(base::ErrorCode::kTimeout,
                       "the query took longer than " + std::to_string(limits_.deadline.count()) + " ms");
  }
  store::QueryOptions options;
  options.parameters = statement.parameters;
  options.timeout = left;
  // Rolled-up rows that take another's place are always in its partition.
  options.settings = {{"do_not_merge_across_partitions_select_final", "1"}};
  return engine_.select(statement.sql, options);
}

base::Result<SqlSource::Profile> SqlSource::profile(const lang::SeriesQuery& query, const Range& range,
                                                    const Rollup& rollup) {
  base::Result<store::Rows> rows = select(profile_statement(query, range, rollup));
  if (!rows) return std::move(rows).error();
  Profile profile;
  profile.attribution_in_tags.resize(signal::kAttributionKeyCount);
  for (size_t i = 0; i < rows->row_count(); ++i) {
    SeriesClass series;
    series.type = static_cast<MetricType>(rows->column(0).u64(i));
    series.interval_s = static_cast<uint32_t>(rows->column(1).u64(i));
    series.series = rows->column(2).u64(i);
    profile.classes.push_back(series);
    for (size_t k = 0; k < signal::kAttributionKeyCount; ++k) {
      if (rows->column(3 + k).u64(i) != 0) profile.attribution_in_tags[k] = true;
    }
  }
  return profile;
}

base::Result<Rollup> SqlSource::rollup(const lang::SeriesQuery& query, const Range& range) {
  const int64_t now_s = base::unix_seconds(clock_.wall());
  Rollup rollup = rollup_of(query, range, limits_, now_s);
  if (rollup.seconds == 0) return rollup;
  // Asked first: what is rolled up meanwhile is among the points as well.
  base::Result<store::Rows> rows =
      select(rolled_until_statement(now_s - static_cast<int64_t>(limits_.points_days) * 86400));
  if (!rows) return std::move(rows).error();
  if (rows->row_count() != 1) return Rollup();
  rollup.until_s = static_cast<int64_t>(rows->column(0).u64(0));
  const store::Column& late = rows->column(1);
  if (const int64_t hour = late.is_null(0) ? 0 : static_cast<int64_t>(late.u64(0)); hour > 0) {
    rollup.until_s = std::min(rollup.until_s, hour);
  }
  rollup.days_until_s = std::min(static_cast<int64_t>(rows->column(2).u64(0)), rollup.until_s - rollup.until_s % kDay);
  return rollup.until_s > range.from_s ? rollup : Rollup();
}

base::Result<LineSet> SqlSource::fetch(const lang::SeriesQuery& asked, const Range& range, Difference difference) {
  const lang::SeriesQuery query = stored_form(asked);
  LineSet set;
  set.keys = asked.group_by;
  set.buckets = range.buckets;
  set.zero_when_missing = query.count_mode != lang::CountMode::kNone;
  base::Result<Rollup> rollup = this->rollup(query, range);
  if (!rollup) return std::move(rollup).error();
  base::Result<Profile> known = profile(query, range, *rollup);
  if (!known) return std::move(known).error();
  if (known->classes.empty()) return set;
  if (range.calendar && rollup->seconds != 0 && !made_of_whole(range, rollup->seconds)) {
    set.warnings.push_back("points of '" + query.metric + "' are kept in steps of " + std::to_string(rollup->seconds) +
                           " s for this range, which buckets of " + to_text(*range.calendar) +
                           " cut through: such a step is in the bucket in which it begins");
  }
  if (known->classes.size() > kClassesMax) {
    return base::Error(base::ErrorCode::kTooLarge, "metric '" + query.metric + "' was sent with more than " +
                                                       std::to_string(kClassesMax) + " types and intervals");
  }

  // Percentiles and their like are of distributions alone; the metric's other series, if any, have none.
  const bool of_bins = needs_bins(query.aggregator);
  const auto is_distribution = [](const SeriesClass& c) { return c.type == MetricType::kDistribution; };
  if (of_bins && std::any_of(known->classes.begin(), known->classes.end(), is_distribution)) {
    std::erase_if(known->classes, [&](const SeriesClass& c) { return !is_distribution(c); });
  }
  const uint64_t rows_max = limits_.cells_max;
  const StatementInput input{.query = query,
                             .range = range,
                             .attribution_in_tags = known->attribution_in_tags,
                             .single_class = known->classes.size() == 1,
                             .rows_max = rows_max,
                             .rollup = *rollup};
  Method space = Method::kSum;
  if (query.aggregator == lang::SpaceAggregator::kAvg) space = Method::kAvg;
  if (query.aggregator == lang::SpaceAggregator::kMin) space = Method::kMin;
  if (query.aggregator == lang::SpaceAggregator::kMax) space = Method::kMax;
  if (difference != Difference::kNone && std::none_of(known->classes.begin(), known->classes.end(), is_distribution)) {
    GroupTable table(space, range.buckets, limits_.groups_max, limits_.cells_max);
    base::Result<bool> done = fetch_differences(input, known->classes, difference, set, table);
    if (!done) return std::move(done).error();
    if (*done) {
      set.lines = table.take_lines(set.cut);
      return set;
    }
    set.warnings.push_back("'" + query.metric +
                           "' has too many series and points to take differences of each: they are those of the "
                           "groups' lines, where a counter that begins again shows");
  }
  GroupTable table(space, range.buckets, limits_.groups_max, limits_.cells_max);
  if (query.fill) set.gap_fill = interpolation_of(query, MetricType::kDistribution);
  for (const SeriesClass& series : known->classes) {
    base::Status added = !is_distribution(series) ? fetch_points(input, series, set, table)
                         : of_bins                ? fetch_percentiles(input, table)
                                                  : fetch_distribution(input, table);
    if (!added) return std::move(added).error();
  }
  set.lines = table.take_lines(set.cut);
  set.take_differences(difference);
  return set;
}

base::Result<bool> SqlSource::fetch_differences(const StatementInput& input, const std::vector<SeriesClass>& classes,
                                                Difference difference, LineSet& set, GroupTable& table) {
  uint64_t series = 0;
  for (const SeriesClass& one : classes) series += one.series;
  if (series * input.range.buckets.count > limits_.interpolation_cells_max) return false;
  for (const SeriesClass& one : classes) {
    base::Result<Aggregation> aggregation = aggregation_of(input.query, one, input.range.buckets);
    if (!aggregation) return std::move(aggregation).error();
    StatementInput asked = input;
    asked.owners_apart = !owners_are_one(input.query, *aggregation);
    base::Result<bool> done = fetch_cells(asked, one, *aggregation, difference, table);
    if (!done || !*done) return done;
    if (auto warning = unweighted_warning(input.query, one)) set.warnings.push_back(*std::move(warning));
    set.gap_fill = interpolation_of(input.query, one.type);
  }
  return true;
}

base::Result<bool> SqlSource::is_distribution(const lang::SeriesQuery& query, const Range& range) {
  base::Result<Profile> known = profile(stored_form(query), range, {});
  if (!known) return std::move(known).error();
  return std::all_of(known->classes.begin(), known->classes.end(),
                     [](const SeriesClass& c) { return c.type == MetricType::kDistribution; });
}

base::Status SqlSource::fetch_points(const StatementInput& input, const SeriesClass& series, LineSet& set,
                                     GroupTable& table) {
  const Buckets& buckets = input.range.buckets;
  base::Result<Aggregation> aggregation = aggregation_of(input.query, series, buckets);
  if (!aggregation) return std::move(aggregation).error();
  if (auto warning = unweighted_warning(input.query, series)) set.warnings.push_back(*std::move(warning));
  const std::optional<lang::Fill> fill = interpolation_of(input.query, series.type);
  set.gap_fill = fill;
  if (fill && buckets.count > 1) {
    if (series.series * buckets.count <= limits_.interpolation_cells_max) {
      base::Result<bool> done = fetch_cells(input, series, *aggregation, Difference::kNone, table);
      if (!done) return std::move(done).error();
      if (*done) return base::ok();
    }
    set.warnings.push_back("'" + input.query.metric +
                           "' has too many series and points to be interpolated: gaps of a series count as no value");
  }
  if (may_come_by_series(input, series, *aggregation)) {
    base::Result<bool> done = fetch_by_series(input, series, *aggregation, table);
    if (!done) return std::move(done).error();
    if (*done) return base::ok();
  }
  base::Result<store::Rows> rows =
      select_groups(input, [&](const StatementInput& asked) { return groups_statement(asked, series, *aggregation); });
  if (!rows) return std::move(rows).error();
  add_groups(*rows, input.query.group_by.size(), 1, input.rows_max, table);
  return base::ok();
}

base::Result<bool> SqlSource::fetch_by_series(const StatementInput& input, const SeriesClass& series,
                                              const Aggregation& aggregation, GroupTable& table) {
  base::Result<store::Rows> groups = select(series_groups_statement(input, series));
  if (!groups) return std::move(groups).error();
  if (groups->row_count() == 0) return true;
  if (groups->row_count() > input.rows_max) return false;
  base::Result<store::Rows> values = select(series_values_statement(input, series, aggregation));
  if (!values) return std::move(values).error();
  if (values->row_count() > input.rows_max) return false;
  return add_by_series(*groups, *values, input.query.group_by.size(), aggregation.space, input.range.buckets,
                       limits_.cells_max, table);
}

// Sorting costs, so only when there are more than may be held.
base::Result<store::Rows> SqlSource::select_groups(const StatementInput& input,
                                                   const std::function<Statement(const StatementInput&)>& statement) {
  base::Result<store::Rows> rows = select(statement(input));
  if (!rows || rows->row_count() <= input.rows_max) return rows;
  StatementInput sorted = input;
  sorted.sorted = true;
  return select(statement(sorted));
}

base::Result<bool> SqlSource::fetch_cells(const StatementInput& input, const SeriesClass& series,
                                          const Aggregation& aggregation, Difference difference, GroupTable& table) {
  StatementInput bounded = input;
  bounded.rows_max = limits_.interpolation_cells_max;
  base::Result<store::Rows> rows = select(cells_statement(bounded, series, aggregation));
  if (!rows) return std::move(rows).error();
  if (rows->row_count() > bounded.rows_max) return false;
  const size_t keys = input.query.group_by.size();
  const Buckets& buckets = input.range.buckets;
  std::unordered_map<CellKey, size_t, CellKeyHash> index;
  std::vector<SeriesCells> cells;
  for (size_t i = 0; i < rows->row_count(); ++i) {
    const CellKey key{.series = rows->column(keys).u64(i), .attribution = rows->column(keys + 1).u64(i)};
    const auto [found, inserted] = index.try_emplace(key, cells.size());
    if (inserted) {
      if ((cells.size() + 1) * buckets.count > limits_.cells_max) return false;
      cells.push_back({.groups = {}, .values = std::vector<double>(buckets.count, kMissing)});
    }
    SeriesCells& one = cells[found->second];
    std::vector<std::string> group = group_of(*rows, i, keys);
    if (std::find(one.groups.begin(), one.groups.end(), group) == one.groups.end())
      one.groups.push_back(std::move(group));
    const auto time_s = static_cast<int64_t>(rows->column(keys + 2).u64(i));
    if (time_s < buckets.start_s || time_s >= buckets.end_s()) continue;
    one.values[buckets.holding(time_s)] = rows->column(keys + 3).f64(i);
  }
  const bool across_groups = input.query.fill.has_value();
  combine_cells(cells, interpolation_of(input.query, series.type), across_groups, difference, buckets, table);
  return true;
}

base::Status SqlSource::fetch_distribution(const StatementInput& input, GroupTable& table) {
  base::Result<Scale> scale = distribution_scale(input.query, input.range.buckets);
  if (!scale) return std::move(scale).error();
  base::Result<store::Rows> rows =
      select_groups(input, [&](const StatementInput& asked) { return distribution_statement(asked, *scale); });
  if (!rows) return std::move(rows).error();
  // Of the seconds of uneven buckets the statement takes care.
  add_groups(*rows, input.query.group_by.size(), scale->factor, input.rows_max, table);
  return base::ok();
}

base::Status SqlSource::fetch_percentiles(const StatementInput& input, GroupTable& table) {
  base::Result<Scale> scale = distribution_scale(input.query, input.range.buckets);
  if (!scale) return std::move(scale).error();
  base::Result<store::Rows> most = select(tag_values_statement(input));
  if (!most) return std::move(most).error();
  const bool single_valued = most->row_count() == 1 && most->column(0).u64(0) <= 1;
  constexpr uint64_t kSaltsMax = 4;
  StatementInput fitting = input;
  for (uint64_t salt = 0; salt < kSaltsMax;) {
    base::Result<Percentiles> tried = try_percentiles(fitting, salt, single_valued && !fitting.before, *scale, table);
    if (!tried) return std::move(tried).error();
    if (*tried == Percentiles::kDone) return base::ok();
    if (*tried == Percentiles::kAlike) ++salt;
  }
  return base::Error(base::ErrorCode::kInternal, "groups of a percentile query could not be told apart");
}

base::Result<SqlSource::Percentiles> SqlSource::try_percentiles(StatementInput& input, uint64_t salt,
                                                                bool single_valued, const Scale& scale,
                                                                GroupTable& table) {
  const size_t keys = input.query.group_by.size();
  base::Result<store::Rows> rows = select(sketch_cells_statement(input, salt, single_valued));
  if (!rows) return std::move(rows).error();
  if (rows->row_count() > input.rows_max) {
    // Sorting costs, so only now. Of the last group there may be more.
    if (input.sorted) {
      input.before = group_of(*rows, rows->row_count() - 1, keys);
      if (input.before == group_of(*rows, 0, keys)) return too_large(input.rows_max, "groups and buckets");
      table.cut_before(*input.before);
    }
    input.sorted = true;
    return Percentiles::kTooMany;
  }
  if (rows->row_count() == 0) return Percentiles::kDone;
  CellIndex index(rows->row_count());
  std::vector<SketchCell> cells(rows->row_count());
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!index.insert(rows->column(keys + 3).u64(i), static_cast<uint32_t>(i))) return Percentiles::kAlike;
  }
  StatementInput unfolded = input;
  unfolded.rows_max = limits_.bins_max;
  base::Result<store::Rows> bins = select(sketch_bins_statement(unfolded, salt, single_valued));
  if (!bins) return std::move(bins).error();
  if (bins->row_count() > limits_.bins_max) {
    std::set<std::vector<std::string>> groups;
    for (size_t i = 0; i < rows->row_count(); ++i) groups.insert(group_of(*rows, i, keys));
    if (groups.size() < 2) return too_large(limits_.bins_max, "bins of sketches");
    // How many bins a group has is not known: half of the groups have about half of them.
    auto group = std::next(groups.begin(), static_cast<std::ptrdiff_t>(groups.size() / 2));
    input.before = *group;
    table.cut_before(*group);
    for (; group != groups.end(); ++group) table.add(*group, input.range.buckets.start_s, 0, 1);  // counted, not held
    return Percentiles::kTooMany;
  }
  for (size_t i = 0; i < bins->row_count(); ++i) {
    const uint64_t bin = bins->column(0).u64(i);
    const uint32_t cell = index.find(bin);
    // A cell that came into being between the two statements belongs to the next query.
    if (cell == CellIndex::kNone) continue;
    cells[cell].add(static_cast<int16_t>(static_cast<int32_t>(bin & ~kCellBits) - 32768), bins->column(1).u64(i));
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    const signal::Sketch merged = cells[i].take(rows->column(keys + 1).f64(i), rows->column(keys + 2).f64(i));
    const double value = sketch_statistic(input.query, merged);
    if (is_missing(value)) continue;
    const auto time_s = static_cast<int64_t>(rows->column(keys).u64(i));
    const Buckets& buckets = input.range.buckets;
    table.add(group_of(*rows, i, keys), time_s, value * scale.of(buckets, buckets.holding(time_s)), 1);
  }
  return Percentiles::kDone;
}

}  // namespace godseye::query
