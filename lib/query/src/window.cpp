#include "window.h"

#include "evaluator.h"
#include "result_series.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

// Windows of monitors (spec queries.md 4): bucket values of [to - window, to) reduced per group. Where reducing first
// and computing afterwards is the rule (`.as_count()` under sum) or gives the same (max of a distribution's max), the
// window is one bucket, and the store does the reducing.
namespace godseye::query {
namespace {

using lang::SpaceAggregator;
using lang::TimeAggregator;

// Ten-second buckets up to an hour; longer windows take the usual interval that keeps about this many.
constexpr uint32_t kWindowBuckets = 360;

base::Error unsupported(const std::string& what) {
  return {base::ErrorCode::kUnimplemented, what + " is not supported yet"};
}

bool sums_in_time(const lang::SeriesQuery& series) {
  return !series.rollup || !series.rollup->method || *series.rollup->method == lang::RollupMethod::kSum;
}

class WindowRun {
 public:
  WindowRun(SeriesSource& source, const Limits& limits, const lang::MonitorQuery& query)
      : source_(source), limits_(limits), query_(query) {
    collect_series(query.expression, {}, series_);
  }

  // Lines over the window that ends at `to_s`, in one bucket or many.
  base::Result<LineSet> lines(int64_t to_s) {
    base::Result<Range> range = range_of(to_s);
    if (!range) return std::move(range).error();
    Evaluator evaluator(source_, limits_);
    base::Result<Value> value = evaluator.evaluate(query_.expression, *range);
    if (!value) return std::move(value).error();
    std::erase_if(value->set.lines, [](const Line& line) {
      return std::any_of(line.group.begin(), line.group.end(), [](const std::string& v) { return v.empty(); });
    });
    return std::move(value->set);
  }

  double reduce(const std::vector<double>& values) const {
    double out = kMissing;
    size_t count = 0;
    for (const double v : values) {
      if (is_missing(v)) continue;
      ++count;
      if (count == 1) {
        out = v;
        continue;
      }
      switch (query_.time_aggregator) {
        case TimeAggregator::kMin:
          out = std::min(out, v);
          break;
        case TimeAggregator::kMax:
          out = std::max(out, v);
          break;
        default:
          out += v;
          break;
      }
    }
    return count > 0 && query_.time_aggregator == TimeAggregator::kAvg ? out / static_cast<double>(count) : out;
  }

 private:
  base::Result<Range> range_of(int64_t to_s) {
    const int64_t from_s = to_s - query_.window.seconds;
    base::Result<bool> whole =
        is_one_bucket({.buckets = {.start_s = from_s, .interval_s = query_.window.seconds, .count = 1},
                       .from_s = from_s,
                       .to_s = to_s});
    if (!whole) return std::move(whole).error();
    if (*whole) {
      return Range{.buckets = {.start_s = from_s, .interval_s = query_.window.seconds, .count = 1},
                   .from_s = from_s,
                   .to_s = to_s};
    }
    if (query_.time_aggregator == TimeAggregator::kPercentile) {
      return unsupported("a percentile over time of anything but one percentile query of a distribution");
    }
    base::Result<Spacing> rollup = rollup_spacing(query_.expression, {});
    if (!rollup) return std::move(rollup).error();
    if (rollup->calendar) {
      base::Result<Range> range = calendar_range(*rollup->calendar, from_s, to_s, kWindowBuckets);
      if (!range) return std::move(range).error();
      range->from_s = from_s;
      range->to_s = to_s;
      return range;
    }
    const uint32_t interval =
        rollup->seconds != 0 ? rollup->seconds : automatic_interval(query_.window.seconds, kWindowBuckets);
    return Range{.buckets = covering(from_s, to_s, capped_interval(query_.window.seconds, interval, 10'000)),
                 .from_s = from_s,
                 .to_s = to_s};
  }

  base::Result<bool> is_one_bucket(const Range& whole) {
    if (query_.time_aggregator == TimeAggregator::kSum) {
      bool all_counts = true;
      for (const lang::SeriesQuery* one : series_) {
        const bool counted = one->count_mode == lang::CountMode::kAsCount && sums_in_time(*one);
        const bool adds_up = one->aggregator == SpaceAggregator::kSum || one->aggregator == SpaceAggregator::kCountIf;
        if (counted && adds_up) continue;
        all_counts = false;
      }
      return all_counts && only_pointwise(query_.expression);
    }
    if (query_.expression.kind != lang::Expression::Kind::kSeries) return false;
    const SpaceAggregator space = series_[0]->aggregator;
    const TimeAggregator time = query_.time_aggregator;
    const bool same = (time == TimeAggregator::kMax && space == SpaceAggregator::kMax) ||
                      (time == TimeAggregator::kMin && space == SpaceAggregator::kMin) ||
                      (time == TimeAggregator::kPercentile && space == SpaceAggregator::kPercentile &&
                       (query_.percentile == lang::kSeriesPercentile || query_.percentile == series_[0]->percentile));
    if (!same || series_[0]->fill) return false;
    return source_.is_distribution(*series_[0], whole);
  }

  SeriesSource& source_;
  const Limits& limits_;
  const lang::MonitorQuery& query_;
  std::vector<const lang::SeriesQuery*> series_;
};

std::optional<double> optional_of(double value) { return is_missing(value) ? std::nullopt : std::optional(value); }

// Spec queries.md 6: the parts of a window, of which the first must have data and at most three may have none.
uint32_t part_seconds(uint32_t window_s) {
  if (window_s < 3600) return 60;
  if (window_s < 86400) return 600;
  return window_s < 28 * 86400 ? 3600 : 4 * 3600;
}

base::Status mark_partial_groups(SeriesSource& source, const Limits& limits, const lang::MonitorQuery& query,
                                 int64_t to_s, GroupValues& values) {
  constexpr size_t kEmptyPartsMax = 3;
  const int64_t from_s = to_s - query.window.seconds;
  const uint32_t part_s = std::min(part_seconds(query.window.seconds), query.window.seconds);
  const Range range{
      .buckets = {.start_s = from_s, .interval_s = part_s, .count = std::max(1U, query.window.seconds / part_s)},
      .from_s = from_s,
      .to_s = to_s};
  Evaluator evaluator(source, limits);
  base::Result<Value> parts = evaluator.evaluate(query.expression, range);
  if (!parts) return std::move(parts).error();
  std::map<std::vector<std::string>, bool> full;
  for (const Line& line : parts->set.lines) {
    const auto empty = static_cast<size_t>(std::count_if(line.values.begin(), line.values.end(), is_missing));
    full[line.group] = !line.values.empty() && !is_missing(line.values.front()) && empty <= kEmptyPartsMax;
  }
  for (GroupValue& value : values) {
    std::vector<std::string> group;
    for (const GroupTag& tag : value.group) group.push_back(tag.value);
    const auto found = full.find(group);
    value.partial = found == full.end() || !found->second;
  }
  return base::ok();
}

// Now against `shift_s` earlier. Averages and sums are compared as such, so that sparse values need not fall into the
// same buckets on both sides; min and max take each bucket's difference, as the definition has it.
double change_of(const WindowRun& run, const lang::MonitorQuery& query, const Line& now, const Line& before) {
  const auto difference = [&](double a, double b) {
    if (is_missing(a) || is_missing(b)) return kMissing;
    if (!query.change->percent) return a - b;
    return b == 0 ? kMissing : (a - b) / std::fabs(b) * 100;
  };
  const bool pointwise = query.time_aggregator == TimeAggregator::kMin || query.time_aggregator == TimeAggregator::kMax;
  if (!pointwise) return difference(run.reduce(now.values), run.reduce(before.values));
  std::vector<double> differences(std::min(now.values.size(), before.values.size()), kMissing);
  for (size_t i = 0; i < differences.size(); ++i) differences[i] = difference(now.values[i], before.values[i]);
  return run.reduce(differences);
}

}  // namespace

base::Result<GroupValues> evaluate_window_over(SeriesSource& source, const Limits& limits,
                                               const lang::MonitorQuery& query, int64_t to_s, bool mark_partial) {
  if (query.window.kind == lang::WindowKind::kNext)
    return unsupported("a window in the future (" + query.window.text + ")");
  if (query.window.kind == lang::WindowKind::kCurrent)
    return unsupported("a cumulative window (" + query.window.text + ")");
  const int64_t reach = static_cast<int64_t>(query.window.seconds) + (query.change ? query.change->shift_s : 0);
  if (to_s > UINT32_MAX || to_s < reach) {
    return base::Error(base::ErrorCode::kInvalidArgument, "expected the end of the window as Unix seconds");
  }
  WindowRun run(source, limits, query);
  base::Result<LineSet> now = run.lines(to_s);
  if (!now) return std::move(now).error();
  std::map<std::vector<std::string>, Line> earlier;
  if (query.change) {
    base::Result<LineSet> before = run.lines(to_s - query.change->shift_s);
    if (!before) return std::move(before).error();
    if (before->cut) now->cut_as(*before->cut);
    for (Line& line : before->lines) {
      std::vector<std::string> group = line.group;
      earlier.emplace(std::move(group), std::move(line));
    }
  }
  GroupValues values;
  if (now->cut) values.cut = {.groups_left_out = now->cut->left_out, .known_until = now->cut->last};
  values.reserve(now->lines.size());
  for (const Line& line : now->lines) {
    GroupValue value{.group = make_group(now->keys, line.group), .value = std::nullopt};
    if (!query.change) {
      value.value = optional_of(run.reduce(line.values));
    } else if (const auto before = earlier.find(line.group); before != earlier.end()) {
      value.value = optional_of(change_of(run, query, line, before->second));
    }
    values.push_back(std::move(value));
  }
  if (mark_partial) {
    if (base::Status marked = mark_partial_groups(source, limits, query, to_s, values); !marked) return marked.error();
  }
  return values;
}

}  // namespace godseye::query
