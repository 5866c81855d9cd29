#include "span_door_help.h"

#include <godseye/api/errors.h>

namespace godseye::api {

void PathCounter::error(std::string_view stage, uint64_t times) {
  if (times == 0) return;
  const base::MutexLock lock(mutex_);
  const auto found = errors_.find(stage);
  if (found != errors_.end()) {
    found->second += times;
  } else {
    errors_.emplace(stage, times);
  }
}

IntakePath PathCounter::read() const {
  IntakePath out{.path = path_,
                 .bytes_in = bytes_in_.load(std::memory_order_relaxed),
                 .events_in = events_in_.load(std::memory_order_relaxed),
                 .events_out = events_out_.load(std::memory_order_relaxed)};
  out.discarded = out.events_in > out.events_out ? out.events_in - out.events_out : 0;
  const base::MutexLock lock(mutex_);
  out.errors.assign(errors_.begin(), errors_.end());
  return out;
}

PathCounter& PathCounters::at(std::string_view path) {
  const base::MutexLock lock(mutex_);
  auto found = counters_.find(path);
  if (found == counters_.end()) {
    found = counters_.emplace(path, std::make_unique<PathCounter>(std::string(path))).first;
  }
  return *found->second;
}

std::vector<IntakePath> PathCounters::read() const {
  std::vector<IntakePath> out;
  const base::MutexLock lock(mutex_);
  for (const auto& [path, counter] : counters_) out.push_back(counter->read());
  return out;
}

base::Status deliver_spans(const SpanSinks& sinks, PathCounter& counter, signal::SpanBatch& batch,
                           const pipeline::SpanOrigin& origin, std::span<const NamedCount> dropped) {
  for (const NamedCount& count : dropped) {
    if (count.times == 0) continue;
    counter.error(count.reason, count.times);
    if (count.lost_spans && sinks.dropped) sinks.dropped(origin, count.reason, count.times);
  }
  if (batch.empty()) return base::ok();
  const uint64_t spans = batch.spans.size() + batch.evaluations.size();
  base::Status kept = sinks.deliver(batch, origin);
  if (kept) {
    const uint64_t left = batch.spans.size() + batch.evaluations.size();
    counter.events(0, left);
    counter.error("dropped_by_intake", spans - left);  // duplicates above all; the ledger says which
  } else {
    counter.error("bodies_refused_by_journal");
  }
  return kept;
}

}  // namespace godseye::api
