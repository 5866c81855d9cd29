#include "cut_work.h"

#include <godseye/base/log.h>

namespace godseye::app {
namespace {

uint64_t size_of(const signal::MetricBatch& batch) { return batch.points.size() + batch.sketches.size(); }

int64_t ms_since(base::WallTime then, base::WallTime now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count();
}

}  // namespace

CutWork::CutWork(pipeline::Aggregator& aggregator, store::Store& store, base::Clock clock, Steps steps)
    : aggregator_(aggregator), store_(store), clock_(std::move(clock)), steps_(std::move(steps)) {}

void CutWork::run(base::WallTime end) {
  steps_.before_cut();
  signal::MetricBatch made = aggregator_.cut(end);
  if (steps_.cut) steps_.cut(made);
  append(std::move(made));
  cuts_.fetch_add(1);
  if (steps_.before_rotate) steps_.before_rotate();
  const store::Ticket ticket = store_.rotate();
  if (steps_.rotated) steps_.rotated(ticket.sequence);
  const base::Status stored = store_.wait_stored(ticket, clock_.tick() + kStoredWithin);
  if (!stored) {
    skipped_.fetch_add(1);
    skipped_in_a_row_.fetch_add(1);
    spdlog::warn("cut is not queryable yet, monitors wait for the next: {}", stored.error().message());
    return;
  }
  if (steps_.stored) steps_.stored(ticket.sequence);
  skipped_in_a_row_.store(0);
  stored_after_ms_.store(ms_since(end, clock_.wall()));
  steps_.after_store(end);
  if (!steps_.evaluate(end)) return;
  evaluated_.fetch_add(1);
  evaluated_after_ms_.store(ms_since(end, clock_.wall()));
}

void CutWork::finish() {
  steps_.before_cut();
  // Later than the end of the open bucket, so that it comes too.
  append(aggregator_.cut(clock_.wall() + 2 * std::chrono::seconds(pipeline::kBucketSeconds)));
}

void CutWork::append(signal::MetricBatch batch) {
  if (!batch.empty()) {
    points_.fetch_add(size_of(batch));
    held_points_.fetch_add(size_of(batch));
    held_.push_back(std::move(batch));
  }
  while (!held_.empty()) {
    const base::Status appended = store_.append(held_.front());
    if (!appended) {
      append_failures_.fetch_add(1);
      spdlog::error("journal refuses the cut, {} points wait: {}", held_points_.load(), appended.error().message());
      break;
    }
    held_points_.fetch_sub(size_of(held_.front()));
    held_.pop_front();
  }
  while (held_points_.load() > kHeldPointsMax) {
    points_lost_.fetch_add(size_of(held_.front()));
    held_points_.fetch_sub(size_of(held_.front()));
    held_.pop_front();
  }
}

CutStats CutWork::stats() const {
  return {.cuts = cuts_,
          .points = points_,
          .append_failures = append_failures_,
          .points_lost = points_lost_,
          .evaluations_skipped = skipped_,
          .stored_after_ms = stored_after_ms_,
          .evaluated_after_ms = evaluated_after_ms_,
          .points_held = held_points_,
          .skipped_in_a_row = skipped_in_a_row_,
          .evaluated = evaluated_};
}

}  // namespace godseye::app
