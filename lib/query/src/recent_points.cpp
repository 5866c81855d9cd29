#include "recent_source.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <godseye/base/log.h>

namespace godseye::query {
namespace {

// Kept beyond what was asked for: the next question comes a little later, and never at the same moment of its cut.
constexpr int64_t kSlackS = 60;
constexpr int64_t kPruneEveryS = 60;
// How long a segment waits for a metric that is being read: a little longer than reading may take.
constexpr std::chrono::seconds kStoringPatience{10};

}  // namespace

RecentPoints::RecentPoints(RecentConfig config, base::Clock clock) : impl_(new Impl(config, std::move(clock))) {}
RecentPoints::~RecentPoints() = default;
void RecentPoints::storing() { impl_->storing(); }
void RecentPoints::stored(std::span<const signal::MetricBatch> batches, bool settled) {
  impl_->stored(batches, settled);
}
void RecentPoints::unclear() { impl_->unclear(); }
RecentStats RecentPoints::stats() const { return impl_->stats(); }

int64_t RecentPoints::Impl::now_s() const {
  return config.until_s != 0 ? config.until_s : base::unix_seconds(clock.wall());
}

void RecentPoints::Impl::storing() {
  const base::MutexLock lock(mutex);
  const auto patience = std::chrono::steady_clock::now() + kStoringPatience;
  while (loading_ && changed.wait_until(mutex, patience)) {
  }
  // What is being read may hold a part of the segment: it must not be used.
  if (loading_) ++generation_;
  storing_ = true;
}

void RecentPoints::Impl::stored(std::span<const signal::MetricBatch> batches, bool settled) {
  const base::MutexLock lock(mutex);
  if (!metrics_.empty()) {
    for (const signal::MetricBatch& batch : batches) add(batch);
    tidy_up();
    bound();
  }
  if (settled) storing_ = false;
}

void RecentPoints::Impl::unclear() {
  const base::MutexLock lock(mutex);
  ++generation_;
  if (metrics_.empty()) return;
  metrics_.clear();
  ++counters_.forgotten;
}

void RecentPoints::Impl::add(const signal::MetricBatch& batch) {
  // What a window calls the attributions of this batch; kUnknown until asked for, the last is for none.
  using Attributions = std::vector<uint32_t>;
  constexpr uint32_t kUnknown = UINT32_MAX;
  struct Place {
    RecentWindow* window = nullptr;
    uint32_t series = 0;
    Attributions* attributions = nullptr;
  };
  std::unordered_map<const RecentWindow*, Attributions> attributions;
  std::unordered_map<signal::SeriesId, Place> places;
  for (const signal::SeriesDefinition& series : batch.series) {
    const auto found = metrics_.find(series.metric);
    if (found == metrics_.end() || !found->second.window) continue;
    RecentWindow& window = *found->second.window;
    places.emplace(
        series.id,
        Place{.window = &window, .series = window.add_series(series), .attributions = &attributions[&window]});
  }
  if (places.empty()) return;
  const auto attribution_of = [&](const Place& place, uint32_t index) -> std::optional<uint32_t> {
    const size_t none = batch.attributions.size();
    if (index != signal::kNoAttribution && index >= none) return std::nullopt;
    Attributions& known = *place.attributions;
    if (known.empty()) known.assign(none + 1, kUnknown);
    uint32_t& number = known[index == signal::kNoAttribution ? none : index];
    if (number == kUnknown) {
      number = place.window->add_attribution(index == signal::kNoAttribution ? signal::Attribution{}
                                                                             : batch.attributions[index]);
    }
    return number;
  };
  for (const signal::Point& point : batch.points) {
    const auto place = places.find(point.series);
    if (place == places.end()) continue;
    const auto who = attribution_of(place->second, point.attribution);
    if (who) place->second.window->add(place->second.series, *who, point.time_s, point.value);
  }
  for (const signal::SketchPoint& point : batch.sketches) {
    const auto place = places.find(point.series);
    if (place == places.end()) continue;
    const auto who = attribution_of(place->second, point.attribution);
    if (who) place->second.window->add(place->second.series, *who, point.time_s, point.sketch);
  }
}

bool RecentPoints::Impl::with_window(const std::string& metric, int64_t from_s, int64_t to_s, const Loader& load,
                                     const std::function<void(RecentWindow&)>& use) {
  const base::MutexLock lock(mutex);
  const bool reachable = from_s >= now_s() - int64_t{config.reach_s} && (config.until_s == 0 || to_s <= config.until_s);
  if (reachable) {
    auto found = metrics_.find(metric);
    bool covered = found != metrics_.end() && found->second.window && found->second.window->kept_from_s() <= from_s;
    if (!covered && read_metric(metric, from_s, load)) {
      found = metrics_.find(metric);
      covered = found != metrics_.end() && found->second.window && found->second.window->kept_from_s() <= from_s;
    }
    if (covered) {
      note_reach(found->second, from_s);
      ++counters_.answered;
      use(*found->second.window);
      return true;
    }
  }
  ++counters_.left_to_store;
  return false;
}

void RecentPoints::Impl::note_reach(Metric& metric, int64_t from_s) {
  const int64_t now = now_s();
  metric.asked_s = now;
  if (now - metric.period_s >= int64_t{config.idle_s} || now < metric.period_s) {
    metric.reach_before_s = std::exchange(metric.reach_s, 0);
    metric.period_s = now;
  }
  metric.reach_s = std::max(metric.reach_s, now - from_s);
}

// The lock is given up while the store is asked; the segment that would be stored meanwhile waits in storing().
bool RecentPoints::Impl::read_metric(const std::string& metric, int64_t from_s, const Loader& load) {
  if (storing_ || loading_ || !load) return false;
  const int64_t now = now_s();
  const auto known = metrics_.find(metric);
  if (known != metrics_.end() && now < known->second.left_until_s) return false;
  const uint64_t mine = known != metrics_.end() && known->second.window ? known->second.window->bytes() : 0;
  const uint64_t others = bytes() - mine;
  const uint64_t room = config.bytes_max > others ? config.bytes_max - others : 0;
  const int64_t begin = config.until_s != 0 ? config.until_s - int64_t{config.reach_s} : from_s - kSlackS;
  const uint64_t generation = generation_;
  loading_ = true;
  mutex.unlock();
  base::Result<std::unique_ptr<RecentWindow>> window = load(metric, begin, config.until_s, room);
  mutex.lock();
  loading_ = false;
  changed.notify_all();
  if (generation != generation_) return false;
  Metric& entry = metrics_[metric];
  if (!window) {
    entry.asked_s = now;
    entry.left_until_s = now + int64_t{config.idle_s};
    if (window.error().code() == base::ErrorCode::kTooLarge) {
      ++counters_.evicted;
    } else {
      ++counters_.load_failures;
      entry.left_until_s = now + 10;
    }
    return false;
  }
  ++counters_.loaded;
  entry.window = *std::move(window);
  entry.pruned_s = now;
  if (entry.period_s == 0) entry.period_s = now;
  return true;
}

// Drops what nobody asks for.
void RecentPoints::Impl::tidy_up() {
  const int64_t now = now_s();
  for (auto it = metrics_.begin(); it != metrics_.end();) {
    Metric& metric = it->second;
    const bool idle = now - metric.asked_s > int64_t{config.idle_s} && now >= metric.left_until_s;
    if (idle) {
      it = metrics_.erase(it);
      continue;
    }
    if (metric.window && (now - metric.pruned_s >= kPruneEveryS || now < metric.pruned_s)) {
      metric.pruned_s = now;
      metric.window->prune(now - std::max(metric.reach_s, metric.reach_before_s) - kSlackS);
    }
    ++it;
  }
}

void RecentPoints::Impl::bound() {
  uint64_t all = bytes();
  while (all > config.bytes_max) {
    Metric* largest = nullptr;
    const std::string* name = nullptr;
    for (auto& [metric, entry] : metrics_) {
      if (!entry.window || (largest != nullptr && entry.window->bytes() <= largest->window->bytes())) continue;
      largest = &entry;
      name = &metric;
    }
    if (largest == nullptr) return;
    spdlog::warn("the newest points of {} ({} MiB) no longer fit into memory: its monitors ask the store", *name,
                 largest->window->bytes() >> 20);
    all -= largest->window->bytes();
    largest->window.reset();
    largest->left_until_s = now_s() + int64_t{config.idle_s};
    ++counters_.evicted;
  }
}

uint64_t RecentPoints::Impl::bytes() const {
  uint64_t sum = 0;
  for (const auto& [name, metric] : metrics_) sum += metric.window ? metric.window->bytes() : 0;
  return sum;
}

RecentStats RecentPoints::Impl::stats() const {
  const base::MutexLock lock(mutex);
  RecentStats stats = counters_;
  for (const auto& [name, metric] : metrics_) {
    if (!metric.window) continue;
    ++stats.metrics;
    stats.streams += metric.window->streams();
    stats.points += metric.window->points();
    stats.late += metric.window->late();
    stats.bytes += metric.window->bytes();
  }
  return stats;
}

bool RecentSource::with_window(const lang::SeriesQuery& stored, const Range& range,
                               const std::function<void(RecentWindow&)>& use) {
  const auto load = [this](const std::string& metric, int64_t from_s, int64_t until_s, uint64_t bytes_max) {
    return load_window(engine_, metric, from_s, until_s, bytes_max);
  };
  return recent_.with_window(stored.metric, range.from_s, range.to_s, load, use);
}

base::Result<LineSet> RecentSource::fetch(const lang::SeriesQuery& query, const Range& range, Difference difference) {
  // Rare in monitors, and not worth a second definition.
  if (difference != Difference::kNone) return store_.fetch(query, range, difference);
  const lang::SeriesQuery stored = stored_form(query);
  base::Result<LineSet> set = LineSet{};
  const bool done = with_window(
      stored, range, [&](RecentWindow& window) { set = window.fetch(stored, query.group_by, range, limits_); });
  if (!done) return store_.fetch(query, range, difference);
  return set;
}

base::Result<bool> RecentSource::is_distribution(const lang::SeriesQuery& query, const Range& range) {
  bool answer = false;
  if (with_window(stored_form(query), range, [&](RecentWindow& window) { answer = window.is_distribution(); })) {
    return answer;
  }
  return store_.is_distribution(query, range);
}

}  // namespace godseye::query
