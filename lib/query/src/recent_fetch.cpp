#include "recent_window.h"
#include "sketch_statistic.h"
#include "space.h"

#include <algorithm>
#include <cmath>

// Series queries over a RecentWindow: time aggregation per stream, interpolation, space aggregation per group.
namespace godseye::query {
namespace {

using signal::MetricType;

Method space_of(const lang::SeriesQuery& query) {
  switch (query.aggregator) {
    case lang::SpaceAggregator::kAvg:
      return Method::kAvg;
    case lang::SpaceAggregator::kMin:
      return Method::kMin;
    case lang::SpaceAggregator::kMax:
      return Method::kMax;
    default:
      return Method::kSum;
  }
}

// The bucket of `time_s`, or the number of buckets when it is in none.
size_t bucket_of(int64_t time_s, const Range& range) {
  if (time_s < range.buckets.start_s) return range.buckets.count;
  return std::min<size_t>(range.buckets.count, range.buckets.holding(time_s));
}

// The values of `values` within the range.
template <typename T>
std::span<const T> within(const std::vector<T>& values, const Range& range) {
  const auto first = [&](int64_t time_s) {
    return std::lower_bound(values.begin(), values.end(), time_s,
                            [](const T& value, int64_t time) { return int64_t{value.time_s} < time; });
  };
  return {first(range.from_s), first(range.to_s)};
}

// Counts of bins by key, for one cell after the other.
class Histogram {
 public:
  void add(const signal::Sketch& sketch) {
    if (sketch.count() == 0) return;
    low_value_ = count_ == 0 ? sketch.min() : std::min(low_value_, sketch.min());
    high_value_ = count_ == 0 ? sketch.max() : std::max(high_value_, sketch.max());
    count_ += sketch.count();
    for (const signal::SketchBin& bin : sketch.bins()) {
      const auto at = static_cast<size_t>(bin.key + 32768);
      counts_[at] += bin.count;
      low_ = std::min(low_, at);
      high_ = std::max(high_, at);
    }
  }
  // What was added, merged. Empty again afterwards.
  signal::Sketch take() {
    if (count_ == 0) return {};
    std::vector<signal::SketchBin> bins;
    for (size_t at = low_; at <= high_; ++at) {
      for (uint64_t n = counts_[at]; n > 0; n -= std::min<uint64_t>(n, UINT32_MAX)) {
        bins.push_back({.key = static_cast<int16_t>(static_cast<int>(at) - 32768),
                        .count = static_cast<uint32_t>(std::min<uint64_t>(n, UINT32_MAX))});
      }
      counts_[at] = 0;
    }
    signal::Sketch merged(std::move(bins), count_, low_value_, high_value_, 0);
    count_ = 0;
    low_ = kKeys;
    high_ = 0;
    return merged;
  }

 private:
  static constexpr size_t kKeys = 65536;
  std::vector<uint64_t> counts_ = std::vector<uint64_t>(kKeys);
  size_t low_ = kKeys;
  size_t high_ = 0;
  uint64_t count_ = 0;
  double low_value_ = 0;
  double high_value_ = 0;
};

}  // namespace

// What groups have in each bucket. Rows come into being with their first value.
class RecentWindow::Rows {
 public:
  Rows(Method space, const Range& range, const Limits& limits, size_t groups)
      : space_(space),
        buckets_(range.buckets.count),
        rows_max_(std::min<uint64_t>(limits.groups_max, limits.cells_max / std::max<size_t>(1, buckets_))),
        rows_(groups) {}

  void add(uint32_t group, size_t bucket, double value, double n) {
    if (!held_.empty() && !held_[group]) return;
    Row& row = rows_[group];
    if (row.values.empty()) {
      ++used_;
      row.values.assign(buckets_, kMissing);
      if (space_ == Method::kAvg) row.counts.assign(buckets_, 0);
    }
    double& into = row.values[bucket];
    if (is_missing(into)) {
      into = value;
    } else if (space_ == Method::kMin) {
      into = std::min(into, value);
    } else if (space_ == Method::kMax) {
      into = std::max(into, value);
    } else {
      into += value;
    }
    if (space_ == Method::kAvg) row.counts[bucket] += n;
  }

  // Of more groups than there is room for the first are held, in the order of their values. `present` has those with
  // points.
  std::optional<GroupCut> hold_first(const Plan& plan, const std::vector<bool>& present) {
    const auto count = static_cast<uint64_t>(std::count(present.begin(), present.end(), true));
    if (count <= rows_max_) return std::nullopt;
    held_.assign(rows_.size(), false);
    GroupCut cut{.last = {}, .left_out = count - rows_max_};
    uint64_t held = 0;
    for (const uint32_t group : plan.order) {
      if (held == rows_max_) break;
      if (!present[group]) continue;
      held_[group] = true;
      if (++held == rows_max_) cut.last = plan.groups[group];
    }
    return cut;
  }
  uint64_t rows_max() const { return rows_max_; }

  std::vector<Line> take_lines(const Plan& plan) {
    std::vector<Line> lines;
    lines.reserve(used_);
    for (const uint32_t group : plan.order) {
      Row& row = rows_[group];
      if (row.values.empty()) continue;
      for (size_t b = 0; b < row.counts.size(); ++b) row.values[b] /= row.counts[b];
      lines.push_back({.group = plan.groups[group], .values = std::move(row.values)});
    }
    return lines;
  }

 private:
  struct Row {
    std::vector<double> values;
    std::vector<double> counts;  // averages only
  };
  Method space_;
  size_t buckets_;
  size_t rows_max_;
  size_t used_ = 0;
  std::vector<Row> rows_;
  std::vector<bool> held_;  // empty: all
};

// Calls emit(bucket, value) for each bucket in which the stream has points.
template <typename Emit>
void RecentWindow::reduce_stream(const Stream& stream, const Aggregation& aggregation, const Range& range,
                                 Emit&& emit) {
  const std::span<const Value> values = within(stream.values, range);
  for (size_t i = 0; i < values.size();) {
    const size_t bucket = bucket_of(values[i].time_s, range);
    if (bucket == range.buckets.count) return;
    double out = values[i].value;
    size_t n = 1;
    for (++i; i < values.size() && bucket_of(values[i].time_s, range) == bucket; ++i, ++n) {
      const double value = values[i].value;
      out = aggregation.time == Method::kMin   ? std::min(out, value)
            : aggregation.time == Method::kMax ? std::max(out, value)
                                               : out + value;
    }
    if (aggregation.time == Method::kAvg) out /= static_cast<double>(n);
    if (aggregation.time == Method::kCount) out = static_cast<double>(n);
    emit(bucket, aggregation.finished(out, n, range, bucket));
  }
}

base::Result<LineSet> RecentWindow::fetch(const lang::SeriesQuery& query, const std::vector<std::string>& keys,
                                          const Range& range, const Limits& limits) {
  LineSet set;
  set.keys = keys;
  set.buckets = range.buckets;
  set.zero_when_missing = query.count_mode != lang::CountMode::kNone;
  if (classes_.empty()) return set;
  const bool of_bins = needs_bins(query.aggregator);
  std::vector<size_t> kinds;
  bool any_distribution = false;
  for (size_t i = 0; i < classes_.size(); ++i) {
    kinds.push_back(i);
    any_distribution = any_distribution || classes_[i].type == MetricType::kDistribution;
  }
  std::sort(kinds.begin(), kinds.end(), [&](size_t a, size_t b) {
    const SeriesClass& left = classes_[a];
    const SeriesClass& right = classes_[b];
    return std::pair(left.type, left.interval_s) < std::pair(right.type, right.interval_s);
  });
  const Plan& plan = plan_of(query);
  Rows rows(space_of(query), range, limits, plan.groups.size());
  if (plan.groups.size() > rows.rows_max()) {
    std::vector<bool> present(plan.groups.size());
    for (const Member& member : plan.members) {
      const Stream& stream = streams_[member.stream];
      if (of_bins && any_distribution && stream.sketches.empty()) continue;
      if (within(stream.values, range).empty() && within(stream.sketches, range).empty()) continue;
      present[member.group] = true;
    }
    set.cut = rows.hold_first(plan, present);
  }
  if (query.fill) set.gap_fill = interpolation_of(query, MetricType::kDistribution);
  for (const size_t kind : kinds) {
    const bool distribution = classes_[kind].type == MetricType::kDistribution;
    // Percentiles and their like are of distributions alone; the metric's other series, if any, have none.
    if (of_bins && any_distribution && !distribution) continue;
    base::Status done = !distribution ? fetch_points(plan, kind, query, range, limits, set, rows)
                        : of_bins     ? fetch_percentiles(plan, query, range, rows)
                                      : fetch_sketches(plan, query, range, rows);
    if (!done) return std::move(done).error();
  }
  set.lines = rows.take_lines(plan);
  return set;
}

base::Status RecentWindow::fetch_points(const Plan& plan, size_t kind, const lang::SeriesQuery& query,
                                        const Range& range, const Limits& limits, LineSet& set, Rows& rows) const {
  base::Result<Aggregation> aggregation = aggregation_of(query, classes_[kind], range.buckets);
  if (!aggregation) return std::move(aggregation).error();
  if (auto warning = unweighted_warning(query, classes_[kind])) set.warnings.push_back(*std::move(warning));
  const std::optional<lang::Fill> fill = interpolation_of(query, classes_[kind].type);
  set.gap_fill = fill;
  std::vector<Member> members;
  std::vector<uint32_t> in_group(plan.groups.size());  // streams with points, of each group
  bool alone = true;                                   // no group has two
  for (const Member& member : plan.members) {
    const Stream& stream = streams_[member.stream];
    if (series_[stream.series].kind != kind || within(stream.values, range).empty()) continue;
    members.push_back(member);
    if (++in_group[member.group] > 1) alone = false;
  }
  if (fill && range.buckets.count > 1 && !(alone && !query.fill)) {
    if (members.size() * range.buckets.count <= limits.cells_max) {
      interpolated(members, *aggregation, *fill, query.fill.has_value(), range, rows);
      return base::ok();
    }
    set.warnings.push_back("'" + query.metric +
                           "' has too many series and points to be interpolated: gaps of a series count as no value");
  }
  for (const Member& member : members) {
    reduce_stream(streams_[member.stream], *aggregation, range,
                  [&](size_t bucket, double value) { rows.add(member.group, bucket, value, 1); });
  }
  return base::ok();
}

// Gaps are filled where another stream of the same group (of any, when `across_groups`) has a value.
void RecentWindow::interpolated(const std::vector<Member>& members, const Aggregation& aggregation,
                                const lang::Fill& fill, bool across_groups, const Range& range, Rows& rows) const {
  const size_t buckets = range.buckets.count;
  std::vector<std::vector<double>> cells(members.size());
  std::unordered_map<uint32_t, std::vector<bool>> needed;
  for (size_t i = 0; i < members.size(); ++i) {
    cells[i].assign(buckets, kMissing);
    std::vector<bool>& marks =
        needed.try_emplace(across_groups ? 0 : members[i].group, std::vector<bool>(buckets)).first->second;
    reduce_stream(streams_[members[i].stream], aggregation, range, [&](size_t bucket, double value) {
      cells[i][bucket] = value;
      marks[bucket] = true;
    });
  }
  for (size_t i = 0; i < members.size(); ++i) {
    interpolate(cells[i], fill, range.buckets.interval_s, needed.at(across_groups ? 0 : members[i].group));
    for (size_t b = 0; b < buckets; ++b) {
      if (!is_missing(cells[i][b])) rows.add(members[i].group, b, cells[i][b], 1);
    }
  }
}

base::Status RecentWindow::fetch_sketches(const Plan& plan, const lang::SeriesQuery& query, const Range& range,
                                          Rows& rows) const {
  base::Result<Scale> scale = distribution_scale(query, range.buckets);
  if (!scale) return std::move(scale).error();
  for (const Member& member : plan.members) {
    for (const SketchValue& value : within(streams_[member.stream].sketches, range)) {
      const size_t bucket = bucket_of(value.time_s, range);
      if (bucket == range.buckets.count) break;
      const auto count = static_cast<double>(value.sketch.count());
      if (count == 0) continue;
      double v = value.sketch.sum();
      if (query.aggregator == lang::SpaceAggregator::kMin) v = value.sketch.min();
      if (query.aggregator == lang::SpaceAggregator::kMax) v = value.sketch.max();
      if (query.aggregator == lang::SpaceAggregator::kCount) v = count;
      rows.add(member.group, bucket, v * scale->of(range.buckets, bucket), count);
    }
  }
  return base::ok();
}

base::Status RecentWindow::fetch_percentiles(const Plan& plan, const lang::SeriesQuery& query, const Range& range,
                                             Rows& rows) const {
  base::Result<Scale> scale = distribution_scale(query, range.buckets);
  if (!scale) return std::move(scale).error();
  struct Cell {
    uint32_t group;
    uint32_t bucket;
    const signal::Sketch* sketch;
  };
  std::vector<Cell> cells;
  for (const Member& member : plan.members) {
    for (const SketchValue& value : within(streams_[member.stream].sketches, range)) {
      const size_t bucket = bucket_of(value.time_s, range);
      if (bucket == range.buckets.count) break;
      cells.push_back({.group = member.group, .bucket = static_cast<uint32_t>(bucket), .sketch = &value.sketch});
    }
  }
  std::sort(cells.begin(), cells.end(),
            [](const Cell& a, const Cell& b) { return std::pair(a.group, a.bucket) < std::pair(b.group, b.bucket); });
  static thread_local Histogram histogram;  // half a megabyte, empty between cells
  for (size_t i = 0; i < cells.size();) {
    const Cell& first = cells[i];
    for (; i < cells.size() && cells[i].group == first.group && cells[i].bucket == first.bucket; ++i) {
      histogram.add(*cells[i].sketch);
    }
    const double value = sketch_statistic(query, histogram.take());
    if (is_missing(value)) continue;
    rows.add(first.group, first.bucket, value * scale->of(range.buckets, first.bucket), 1);
  }
  return base::ok();
}

}  // namespace godseye::query
