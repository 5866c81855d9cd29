#include "recent_window.h"

#include "scope_match.h"

#include <algorithm>

namespace godseye::query {
namespace {

using signal::MetricType;

// Estimates, with what the allocator and growing vectors add.
constexpr uint64_t kValueBytes = 24;
constexpr uint64_t kStreamBytes = 160;
constexpr uint64_t kSeriesBytes = 160;
constexpr uint64_t kAttributionBytes = 320;
constexpr uint64_t kMemberBytes = 12;
constexpr uint64_t kGroupBytes = 200;
constexpr uint64_t kIndexValueBytes = 120;
constexpr uint64_t kIndexStreamBytes = 6;
constexpr int kPlanUnusedMax = 10;

uint64_t sketch_bytes(const signal::Sketch& sketch) { return 160 + sketch.bins().size() * sizeof(signal::SketchBin); }

std::string joined(const std::vector<std::string>& values) {
  std::string key;
  for (const std::string& value : values) {
    key += std::to_string(value.size());
    key += ':';
    key += value;
  }
  return key;
}

std::string joined(const signal::Attribution& attribution) {
  return joined(std::vector<std::string>(attribution.values.begin(), attribution.values.end()));
}

// Every combination of the values that the keys have; a key without a value gives ''.
std::vector<std::vector<std::string>> groups_of(const std::vector<std::string>& keys,
                                                const std::vector<std::string>& tags,
                                                const signal::Attribution& attribution) {
  std::vector<std::vector<std::string>> groups = {{}};
  for (const std::string& key : keys) {
    std::vector<std::string> values;
    const size_t column = attribution_column(key);
    if (column < signal::kAttributionKeyCount && !attribution.values[column].empty()) {
      values.push_back(attribution.values[column]);
    } else {
      for (const std::string& tag : tags) {
        if (tag.size() > key.size() && tag.starts_with(key) && tag[key.size()] == ':') {
          values.push_back(tag.substr(key.size() + 1));
        }
      }
    }
    if (values.empty()) values.emplace_back();
    std::vector<std::vector<std::string>> more;
    for (const auto& group : groups) {
      for (const std::string& value : values) {
        more.push_back(group);
        more.back().push_back(value);
      }
    }
    groups = std::move(more);
  }
  return groups;
}

// Inserts in order of time; true when it came after a later one.
template <typename T>
bool insert_sorted(std::vector<T>& into, T value) {
  if (into.empty() || into.back().time_s <= value.time_s) {
    into.push_back(std::move(value));
    return false;
  }
  const auto at = std::upper_bound(into.begin(), into.end(), value.time_s,
                                   [](uint32_t time_s, const T& other) { return time_s < other.time_s; });
  into.insert(at, std::move(value));
  return true;
}

template <typename T>
auto first_from(const std::vector<T>& values, int64_t time_s) {
  return std::lower_bound(values.begin(), values.end(), time_s,
                          [](const T& value, int64_t time) { return int64_t{value.time_s} < time; });
}

template <typename T>
size_t erase_before(std::vector<T>& values, int64_t time_s) {
  const auto end = first_from(values, time_s);
  const auto count = static_cast<size_t>(end - values.cbegin());
  values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
  if (values.capacity() > 2 * values.size() + 16) values.shrink_to_fit();
  return count;
}

}  // namespace

void RecentWindow::know_class(MetricType type, uint32_t interval_s) { (void)class_index(type, interval_s); }

// Sketches of all intervals are one class.
size_t RecentWindow::class_index(MetricType type, uint32_t interval_s) {
  if (type == MetricType::kDistribution) interval_s = 0;
  const auto found = std::find_if(classes_.begin(), classes_.end(),
                                  [&](const SeriesClass& c) { return c.type == type && c.interval_s == interval_s; });
  if (found != classes_.end()) return static_cast<size_t>(found - classes_.begin());
  classes_.push_back({.type = type, .interval_s = interval_s});
  return classes_.size() - 1;
}

bool RecentWindow::is_distribution() const {
  return std::all_of(classes_.begin(), classes_.end(),
                     [](const SeriesClass& c) { return c.type == MetricType::kDistribution; });
}

uint32_t RecentWindow::add_series(const signal::SeriesDefinition& series) {
  const size_t kind = class_index(series.type, series.interval_s);
  const auto [found, added] = series_index_.try_emplace(series.id, static_cast<uint32_t>(series_.size()));
  if (added) {
    series_.push_back({.id = series.id, .kind = kind, .tags = series.tags});
    bytes_ += kSeriesBytes;
    for (const std::string& tag : series.tags) bytes_ += 32 + tag.size();
  }
  return found->second;
}

uint32_t RecentWindow::add_attribution(const signal::Attribution& attribution) {
  const auto [found, added] =
      attribution_index_.try_emplace(joined(attribution), static_cast<uint32_t>(attributions_.size()));
  if (added) {
    attributions_.push_back(attribution);
    bytes_ += kAttributionBytes + found->first.size() * 2;
  }
  return found->second;
}

RecentWindow::Stream& RecentWindow::stream_of(uint32_t series, uint32_t attribution) {
  const uint64_t key = (uint64_t{series} << 32) | attribution;
  const auto [found, added] = stream_index_.try_emplace(key, static_cast<uint32_t>(streams_.size()));
  if (added) {
    streams_.push_back({.series = series, .attribution = attribution});
    bytes_ += kStreamBytes;
  }
  return streams_[found->second];
}

void RecentWindow::add(uint32_t series, uint32_t attribution, int64_t time_s, double value) {
  time_s = std::clamp<int64_t>(time_s, 0, UINT32_MAX);
  if (time_s < kept_from_s_) return;
  ++points_;
  bytes_ += kValueBytes;
  const bool late = insert_sorted(stream_of(series, attribution).values,
                                  Value{.time_s = static_cast<uint32_t>(time_s), .value = value});
  if (late) ++late_;
}

void RecentWindow::add(uint32_t series, uint32_t attribution, int64_t time_s, signal::Sketch sketch) {
  time_s = std::clamp<int64_t>(time_s, 0, UINT32_MAX);
  if (time_s < kept_from_s_) return;
  ++points_;
  bytes_ += sketch_bytes(sketch);
  const bool late = insert_sorted(stream_of(series, attribution).sketches,
                                  SketchValue{.time_s = static_cast<uint32_t>(time_s), .sketch = std::move(sketch)});
  if (late) ++late_;
}

void RecentWindow::prune(int64_t kept_from_s) {
  kept_from_s_ = std::max(kept_from_s_, kept_from_s);
  size_t empty = 0;
  for (Stream& stream : streams_) {
    const auto end = first_from(stream.sketches, kept_from_s_);
    for (auto it = stream.sketches.cbegin(); it != end; ++it) bytes_ -= sketch_bytes(it->sketch);
    points_ -= erase_before(stream.sketches, kept_from_s_);
    const size_t values = erase_before(stream.values, kept_from_s_);
    points_ -= values;
    bytes_ -= values * kValueBytes;
    if (stream.empty()) ++empty;
  }
  for (auto it = plans_.begin(); it != plans_.end();) {
    if (++it->second.unused > kPlanUnusedMax) {
      bytes_ -= it->second.bytes;
      it = plans_.erase(it);
    } else {
      ++it;
    }
  }
  // Plans are worked out anew afterwards, so not for a few.
  if (empty > 64 && empty * 4 > streams_.size()) compact();
}

// Keeps what has points, under new numbers.
void RecentWindow::compact() {
  RecentWindow fresh(kept_from_s_);
  fresh.classes_ = std::move(classes_);
  fresh.late_ = late_;
  for (Stream& old : streams_) {
    if (old.empty()) continue;
    const Series& series = series_[old.series];
    const SeriesClass kind = fresh.classes_[series.kind];
    const uint32_t number = fresh.add_series(
        {.id = series.id, .metric = {}, .type = kind.type, .interval_s = kind.interval_s, .tags = series.tags});
    Stream& stream = fresh.stream_of(number, fresh.add_attribution(attributions_[old.attribution]));
    fresh.points_ += old.values.size() + old.sketches.size();
    fresh.bytes_ += old.values.size() * kValueBytes;
    for (const SketchValue& value : old.sketches) fresh.bytes_ += sketch_bytes(value.sketch);
    stream.values = std::move(old.values);
    stream.sketches = std::move(old.sketches);
  }
  for (auto& [key, plan] : plans_) {
    Plan& again = fresh.plans_[key];
    again.scope = std::move(plan.scope);
    again.keys = std::move(plan.keys);
    again.unused = plan.unused;
  }
  *this = std::move(fresh);
}

RecentWindow::Plan& RecentWindow::plan_of(const lang::SeriesQuery& query) {
  std::string key = lang::to_text(query.scope);
  for (const std::string& by : query.group_by) key += '\n' + by;
  const auto [found, added] = plans_.try_emplace(std::move(key));
  Plan& plan = found->second;
  if (added) {
    plan.scope = query.scope;
    plan.keys = query.group_by;
  }
  plan.unused = 0;
  extend(plan);
  return plan;
}

// The streams with `value` of `key`, ascending.
std::span<const uint32_t> RecentWindow::streams_with(const std::string& key, const std::string& value) {
  KeyIndex& index = keys_[key];
  const size_t column = attribution_column(key);
  const auto enter = [&](std::string_view found, uint32_t stream) {
    std::vector<uint32_t>& streams = index.streams[std::string(found)];
    if (streams.empty()) bytes_ += kIndexValueBytes + found.size();
    if (!streams.empty() && streams.back() == stream) return;
    streams.push_back(stream);
    bytes_ += kIndexStreamBytes;
  };
  for (; index.streams_seen < streams_.size(); ++index.streams_seen) {
    const Stream& stream = streams_[index.streams_seen];
    const auto number = static_cast<uint32_t>(index.streams_seen);
    if (column < signal::kAttributionKeyCount) {
      const std::string& belongs_to = attributions_[stream.attribution].values[column];
      if (!belongs_to.empty()) enter(belongs_to, number);
    }
    for (const std::string& tag : series_[stream.series].tags) {
      if (tag.size() <= key.size() || tag[key.size()] != ':' || !tag.starts_with(key)) continue;
      enter(std::string_view(tag).substr(key.size() + 1), number);
    }
  }
  const auto found = index.streams.find(value);
  return found == index.streams.end() ? std::span<const uint32_t>() : found->second;
}

// Streams among which all are that the scope can match; nothing when it could be any.
std::optional<std::span<const uint32_t>> RecentWindow::narrowed(const lang::Scope& scope) {
  if (scope.kind == lang::Scope::Kind::kTag) {
    if (scope.key.empty() || scope.value.find('*') != std::string::npos) return std::nullopt;
    return streams_with(scope.key, scope.value);
  }
  if (scope.kind != lang::Scope::Kind::kAnd) return std::nullopt;
  std::optional<std::span<const uint32_t>> fewest;
  for (const lang::Scope& child : scope.children) {
    const auto streams = narrowed(child);
    if (streams && (!fewest || streams->size() < fewest->size())) fewest = streams;
  }
  return fewest;
}

void RecentWindow::extend(Plan& plan, uint32_t stream) {
  const Series& series = series_[streams_[stream].series];
  const signal::Attribution& attribution = attributions_[streams_[stream].attribution];
  if (!scope_matches(plan.scope, series.tags, attribution)) return;
  for (std::vector<std::string>& group : groups_of(plan.keys, series.tags, attribution)) {
    const auto [found, added] = plan.index.try_emplace(joined(group), static_cast<uint32_t>(plan.groups.size()));
    if (added) {
      plan.bytes += kGroupBytes + found->first.size() * 2;
      plan.groups.push_back(std::move(group));
    }
    plan.members.push_back({.stream = stream, .group = found->second});
    plan.bytes += kMemberBytes;
  }
}

void RecentWindow::extend(Plan& plan) {
  if (plan.streams_seen == streams_.size()) return;
  const size_t groups_before = plan.groups.size();
  bytes_ -= plan.bytes;
  if (const auto streams = narrowed(plan.scope)) {
    const auto from = std::lower_bound(streams->begin(), streams->end(), static_cast<uint32_t>(plan.streams_seen));
    for (auto it = from; it != streams->end(); ++it) extend(plan, *it);
  } else {
    for (size_t i = plan.streams_seen; i < streams_.size(); ++i) extend(plan, static_cast<uint32_t>(i));
  }
  plan.streams_seen = streams_.size();
  bytes_ += plan.bytes;
  if (plan.groups.size() == groups_before) return;
  plan.order.resize(plan.groups.size());
  for (size_t i = 0; i < plan.order.size(); ++i) plan.order[i] = static_cast<uint32_t>(i);
  std::sort(plan.order.begin(), plan.order.end(),
            [&](uint32_t a, uint32_t b) { return plan.groups[a] < plan.groups[b]; });
}

}  // namespace godseye::query
