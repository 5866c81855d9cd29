#include "space.h"

#include <algorithm>
#include <utility>

namespace godseye::query {
namespace {

// Lengths make the key unambiguous whatever bytes the values hold.
void write_group_key(const std::vector<std::string>& group, std::string& key) {
  key.clear();
  for (const std::string& value : group) {
    key += std::to_string(value.size());
    key += ':';
    key += value;
  }
}

std::string group_key(const std::vector<std::string>& group) {
  std::string key;
  write_group_key(group, key);
  return key;
}

void mark_real(std::vector<bool>& needed, const std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!is_missing(values[i])) needed[i] = true;
  }
}

// The buckets in which each group, or all together, have a real value.
std::unordered_map<std::string, std::vector<bool>> needed_buckets(const std::vector<SeriesCells>& series,
                                                                  bool across_groups, size_t count) {
  std::unordered_map<std::string, std::vector<bool>> needed;
  for (const SeriesCells& one : series) {
    for (const auto& group : one.groups) {
      auto& marks = needed.try_emplace(across_groups ? "" : group_key(group), count, false).first->second;
      mark_real(marks, one.values);
    }
  }
  return needed;
}

}  // namespace

void accumulate(double& into, Method method, double value) {
  if (is_missing(into)) {
    into = value;
    return;
  }
  switch (method) {
    case Method::kMin:
      into = std::min(into, value);
      break;
    case Method::kMax:
      into = std::max(into, value);
      break;
    default:
      into += value;
      break;
  }
}

GroupTable::GroupTable(Method space, Buckets buckets, uint64_t groups_max, uint64_t cells_max)
    : space_(space),
      buckets_(buckets),
      groups_max_(std::min<uint64_t>(groups_max, cells_max / std::max<size_t>(1, buckets.count))) {}

// Null: the group is not held.
GroupTable::Row* GroupTable::row_of(const std::vector<std::string>& group) {
  // Called for every row of an answer: its buffer is kept.
  write_group_key(group, key_);
  const std::string& key = key_;
  if (const auto found = index_.find(key); found != index_.end()) return &rows_[found->second];
  if (end_ && !(group < *end_)) {
    left_out_.insert(std::hash<std::string>()(key));
    return nullptr;
  }
  if (groups_.size() < groups_max_) {
    index_.emplace(key, groups_.size());
    groups_.push_back(group);
    return &rows_.emplace_back(Row{.values = std::vector<double>(buckets_.count, kMissing),
                                   .counts = std::vector<double>(space_ == Method::kAvg ? buckets_.count : 0)});
  }
  const auto earlier = [&](size_t a, size_t b) { return groups_[a] < groups_[b]; };
  if (latest_first_.empty()) {
    for (size_t i = 0; i < groups_.size(); ++i) latest_first_.push_back(i);
    std::make_heap(latest_first_.begin(), latest_first_.end(), earlier);
  }
  const size_t latest = latest_first_.front();
  if (groups_[latest] < group) {
    end_ = group;
    left_out_.insert(std::hash<std::string>()(key));
    return nullptr;
  }
  // The last group makes room; it, and what comes after it, is not held from now on.
  std::pop_heap(latest_first_.begin(), latest_first_.end(), earlier);
  const std::string old = group_key(groups_[latest]);
  index_.erase(old);
  left_out_.insert(std::hash<std::string>()(old));
  end_ = std::move(groups_[latest]);
  groups_[latest] = group;
  index_.emplace(key, latest);
  std::push_heap(latest_first_.begin(), latest_first_.end(), earlier);
  Row& row = rows_[latest];
  std::fill(row.values.begin(), row.values.end(), kMissing);
  std::fill(row.counts.begin(), row.counts.end(), 0);
  return &row;
}

void GroupTable::add(const std::vector<std::string>& group, int64_t time_s, double value, double n) {
  if (n == 0 || time_s < buckets_.start_s || time_s >= buckets_.end_s()) return;
  Row* row = row_of(group);
  if (row == nullptr) return;
  const size_t bucket = buckets_.holding(time_s);
  accumulate(row->values[bucket], space_, value);
  if (space_ == Method::kAvg) row->counts[bucket] += n;
}

void GroupTable::add(const std::vector<std::string>& group, std::span<const double> values,
                     std::span<const double> counts) {
  if (std::all_of(values.begin(), values.end(), is_missing)) return;
  Row* row = row_of(group);
  if (row == nullptr) return;
  for (size_t b = 0; b < values.size(); ++b) {
    if (is_missing(values[b])) continue;
    accumulate(row->values[b], space_, values[b]);
    if (space_ == Method::kAvg) row->counts[b] += counts[b];
  }
}

void GroupTable::cut_before(std::vector<std::string> group) {
  if (!end_ || group < *end_) end_ = std::move(group);
}

std::vector<Line> GroupTable::take_lines(std::optional<GroupCut>& cut) {
  std::vector<Line> lines;
  lines.reserve(groups_.size());
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (end_ && !(groups_[i] < *end_)) {
      left_out_.insert(std::hash<std::string>()(group_key(groups_[i])));
      continue;
    }
    for (size_t b = 0; b < rows_[i].counts.size(); ++b) rows_[i].values[b] /= rows_[i].counts[b];
    lines.push_back({.group = std::move(groups_[i]), .values = std::move(rows_[i].values)});
  }
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.group < b.group; });
  if (end_) {
    cut = GroupCut{.last = lines.empty() ? std::vector<std::string>() : lines.back().group,
                   .left_out = std::max<uint64_t>(1, left_out_.size())};
  }
  return lines;
}

void LineSet::cut_as(const GroupCut& other) {
  const auto dropped = std::erase_if(lines, [&](const Line& line) { return other.last < line.group; });
  if (cut && !(other.last < cut->last)) return;
  const uint64_t before = cut ? cut->left_out : 0;
  cut = GroupCut{.last = other.last, .left_out = std::max<uint64_t>(other.left_out, before + dropped)};
}

void LineSet::take_differences(Difference difference) {
  if (difference == Difference::kNone) return;
  for (Line& line : lines) query::take_differences(difference, buckets, line.values);
  std::erase_if(lines,
                [](const Line& line) { return std::all_of(line.values.begin(), line.values.end(), is_missing); });
}

void interpolate(std::vector<double>& values, const lang::Fill& fill, uint32_t interval_s,
                 const std::vector<bool>& needed) {
  const size_t count = values.size();
  const size_t reach = fill.limit_s / interval_s;  // buckets after the last real one
  size_t previous = count;                         // none yet
  for (size_t i = 0; i < count; ++i) {
    if (!is_missing(values[i])) {
      previous = i;
      continue;
    }
    if (previous == count) continue;
    size_t next = i;
    while (next < count && is_missing(values[next])) ++next;
    const double before = values[previous];
    for (size_t gap = i; gap < next && gap - previous <= reach; ++gap) {
      if (!needed[gap]) continue;
      if (fill.method == lang::FillMethod::kLast) values[gap] = before;
      if (fill.method == lang::FillMethod::kZero) values[gap] = 0;
      if (fill.method == lang::FillMethod::kLinear && next < count) {
        values[gap] = before + (values[next] - before) * static_cast<double>(gap - previous) /
                                   static_cast<double>(next - previous);
      }
    }
    i = next - 1;
  }
}

void combine_cells(std::vector<SeriesCells>& series, const std::optional<lang::Fill>& fill, bool across_groups,
                   Difference difference, const Buckets& buckets, GroupTable& table) {
  const auto needed = fill ? needed_buckets(series, across_groups, buckets.count)
                           : std::unordered_map<std::string, std::vector<bool>>();
  for (SeriesCells& one : series) {
    for (const auto& group : one.groups) {
      std::vector<double> filled = one.values;
      if (fill) interpolate(filled, *fill, buckets.interval_s, needed.at(across_groups ? "" : group_key(group)));
      take_differences(difference, buckets, filled);
      for (size_t b = 0; b < buckets.count; ++b) {
        if (is_missing(filled[b])) continue;
        table.add(group, buckets.time(b), filled[b], 1);
      }
    }
  }
}

}  // namespace godseye::query
