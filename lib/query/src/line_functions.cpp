#include "evaluator.h"
#include "smoothing.h"
#include "space.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace godseye::query {
namespace {

using lang::Expression;

constexpr std::string_view kRankings[] = {"mean", "max", "min", "sum", "last", "l2norm", "area"};

base::Error refused(const Expression& at, const std::string& sentence,
                    base::ErrorCode code = base::ErrorCode::kInvalidArgument) {
  return {code, "column " + std::to_string(at.column.value) + ": " + sentence};
}

template <typename F>
void pointwise(LineSet& set, F f) {
  for (Line& line : set.lines) {
    for (double& v : line.values) {
      if (is_missing(v)) continue;
      v = f(v);
      if (!std::isfinite(v)) v = kMissing;
    }
  }
}

// The area under the line so far: each value over the seconds since the one before it.
void integral(LineSet& set) {
  for (Line& line : set.lines) {
    double area = 0;
    size_t at = line.values.size();
    for (size_t i = 0; i < line.values.size(); ++i) {
      if (is_missing(line.values[i])) continue;
      if (at < i) area += line.values[i] * static_cast<double>(set.buckets.time(i) - set.buckets.time(at));
      at = i;
      line.values[i] = area;
    }
  }
}

void default_zero(LineSet& set) {
  const std::vector<bool> everywhere(set.buckets.count, true);
  for (Line& line : set.lines) {
    if (set.gap_fill) interpolate(line.values, *set.gap_fill, set.buckets.interval_s, everywhere);
    for (double& v : line.values) v = is_missing(v) ? 0 : v;
  }
  set.zero_when_missing = true;
}

base::Status top(const Expression& call, LineSet& set) {
  const double count = call.children[1].number;
  if (!(count >= 1 && count <= 10'000)) return refused(call.children[1], "expected a number of lines from 1 to 10000");
  const std::string by = call.children.size() > 2 ? call.children[2].name : "mean";
  if (std::find(std::begin(kRankings), std::end(kRankings), by) == std::end(kRankings)) {
    return refused(call.children[2], "expected 'mean', 'max', 'min', 'sum', 'last', 'l2norm' or 'area'");
  }
  const std::string direction = call.children.size() > 3 ? call.children[3].name : "desc";
  if (direction != "asc" && direction != "desc") return refused(call.children[3], "expected 'asc' or 'desc'");
  const double offset = call.children.size() > 4 ? call.children[4].number : 0;
  if (!(offset >= 0 && offset <= 10'000)) return refused(call.children[4], "expected an offset from 0 to 10000");
  keep_top(set, static_cast<size_t>(count), by, direction == "asc", static_cast<size_t>(offset));
  return base::ok();
}

// top5_mean … bottom20_l2norm. False if `name` is none of them.
bool named_top(std::string_view name, LineSet& set) {
  const bool ascending = name.starts_with("bottom");
  if (!ascending && !name.starts_with("top")) return false;
  name.remove_prefix(ascending ? 6 : 3);
  size_t count = 0;
  while (!name.empty() && name[0] >= '0' && name[0] <= '9') {
    count = count * 10 + static_cast<size_t>(name[0] - '0');
    name.remove_prefix(1);
  }
  if (count == 0 || !name.starts_with('_')) return false;
  keep_top(set, count, name.substr(1), ascending, 0);
  return true;
}

// Functions of one value and perhaps one number. False if `call` is none of them.
bool apply_pointwise(const Expression& call, LineSet& set) {
  const std::string& name = call.name;
  const double limit = call.children.size() > 1 ? call.children[1].number : 0;
  if (name == "abs") {
    pointwise(set, [](double v) { return std::fabs(v); });
  } else if (name == "log2") {
    pointwise(set, [](double v) { return std::log2(v); });
  } else if (name == "log10") {
    pointwise(set, [](double v) { return std::log10(v); });
  } else if (name == "clamp_min") {
    pointwise(set, [limit](double v) { return std::max(v, limit); });
  } else if (name == "clamp_max") {
    pointwise(set, [limit](double v) { return std::min(v, limit); });
  } else if (name == "throughput") {
    for (Line& line : set.lines) {
      for (size_t i = 0; i < line.values.size(); ++i) line.values[i] /= static_cast<double>(set.buckets.seconds(i));
    }
  } else if (name == "cutoff_min") {
    pointwise(set, [limit](double v) { return v < limit ? kMissing : v; });
  } else if (name == "cutoff_max") {
    pointwise(set, [limit](double v) { return v > limit ? kMissing : v; });
  } else {
    return false;
  }
  return true;
}

// Functions of neighbouring values in time. False if `call` is none of them.
bool apply_along_time(const Expression& call, LineSet& set) {
  const std::string& name = call.name;
  if (const Difference difference = difference_of(name); difference != Difference::kNone) {
    set.take_differences(difference);
  } else if (name == "cumsum") {
    for (Line& line : set.lines) {
      double sum = 0;
      for (double& v : line.values) v = is_missing(v) ? v : (sum += v);
    }
  } else if (name == "integral") {
    integral(set);
  } else {
    return false;
  }
  return true;
}

// The seconds since the value before; the first has none before it and goes.
void seconds_between(LineSet& set) {
  for (Line& line : set.lines) {
    size_t at = line.values.size();
    for (size_t i = 0; i < line.values.size(); ++i) {
      if (is_missing(line.values[i])) continue;
      line.values[i] = at < i ? static_cast<double>(set.buckets.time(i) - set.buckets.time(at)) : kMissing;
      at = i;
    }
  }
}

// Functions that make one line of all groups. False if `call` is none of them.
bool apply_across_groups(const Expression& call, LineSet& set) {
  const bool nonzero = call.name == "count_nonzero";
  if (!nonzero && call.name != "count_not_null" && call.name != "dt") return false;
  Line all{.group = {}, .values = std::vector<double>(set.buckets.count, kMissing)};
  for (const Line& line : set.lines) {
    for (size_t i = 0; i < line.values.size(); ++i) {
      if (is_missing(line.values[i])) continue;
      const double counts = nonzero && line.values[i] == 0 ? 0 : 1;
      all.values[i] = is_missing(all.values[i]) ? counts : all.values[i] + counts;
    }
  }
  const bool any = std::any_of(all.values.begin(), all.values.end(), [](double v) { return !is_missing(v); });
  set.keys.clear();
  set.lines.clear();
  if (any) set.lines.push_back(std::move(all));
  if (call.name == "dt") seconds_between(set);
  return true;
}

}  // namespace

bool evaluated_function(std::string_view name) {
  return lang::find_function(name) != nullptr && name != "anomalies" && name != "forecast" && name != "outliers";
}

double rank_of(const Line& line, const Buckets& buckets, std::string_view by) {
  double sum = 0;
  double area = 0;
  double squares = 0;
  double last = kMissing;
  double low = kMissing;
  double high = kMissing;
  size_t count = 0;
  for (size_t i = 0; i < line.values.size(); ++i) {
    const double v = line.values[i];
    if (is_missing(v)) continue;
    ++count;
    sum += v;
    area += v * static_cast<double>(buckets.seconds(i));
    squares += v * v;
    last = v;
    low = is_missing(low) ? v : std::min(low, v);
    high = is_missing(high) ? v : std::max(high, v);
  }
  if (count == 0) return kMissing;
  if (by == "max") return high;
  if (by == "min") return low;
  if (by == "sum") return sum;
  if (by == "area") return area;
  if (by == "last") return last;
  if (by == "l2norm") return std::sqrt(squares);
  return sum / static_cast<double>(count);
}

void keep_top(LineSet& set, size_t count, std::string_view by, bool ascending, size_t offset) {
  std::vector<std::pair<double, size_t>> ranked;
  for (size_t i = 0; i < set.lines.size(); ++i) {
    const double rank = rank_of(set.lines[i], set.buckets, by);
    if (!is_missing(rank)) ranked.emplace_back(ascending ? rank : -rank, i);
  }
  // Lines are sorted by group, so equal ranks keep that order.
  std::sort(ranked.begin(), ranked.end());
  std::vector<Line> kept;
  for (size_t i = offset; i < ranked.size() && kept.size() < count; ++i) {
    kept.push_back(std::move(set.lines[ranked[i].second]));
  }
  set.lines = std::move(kept);
}

base::Status apply_function(const Expression& call, LineSet& set) {
  if (call.name == "default_zero") {
    default_zero(set);
    return base::ok();
  }
  if (call.name == "top" || call.name == "top_offset") return top(call, set);
  if (call.name == "exclude_null") {
    std::erase_if(set.lines, [](const Line& line) {
      return std::any_of(line.group.begin(), line.group.end(), [](const std::string& v) { return v.empty(); });
    });
    return base::ok();
  }
  if (named_top(call.name, set) || apply_pointwise(call, set) || apply_along_time(call, set) ||
      apply_across_groups(call, set) || apply_smoothing(call, set)) {
    return base::ok();
  }
  return refused(call, "the function " + call.name + "(…) is not supported yet", base::ErrorCode::kUnimplemented);
}

}  // namespace godseye::query
