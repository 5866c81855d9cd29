#include "watch_rules.h"

#include <algorithm>
#include <cstdio>

namespace godseye::app {
namespace {

std::string size_text(uint64_t bytes) {
  char out[32];
  std::snprintf(out, sizeof out, "%.1f GiB", static_cast<double>(bytes) / (1024.0 * 1024 * 1024));
  return out;
}

int64_t seconds_between(base::TickTime from, base::TickTime to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

}  // namespace

std::vector<Alarm> WatchRules::judge(const WatchReading& now) {
  if (!begun_) {
    begun_ = true;
    evaluated_ = now.evaluated;
    evaluated_at_ = now.at;
    discarded_ = now.discarded;
  }
  std::vector<Alarm> out;
  judge_evaluator(now, out);
  judge_intake(now, out);
  judge_disk(now, out);
  return out;
}

void WatchRules::judge_evaluator(const WatchReading& now, std::vector<Alarm>& out) {
  if (now.evaluated != evaluated_) {
    evaluated_ = now.evaluated;
    evaluated_at_ = now.at;
  }
  if (now.at - evaluated_at_ < kEvaluationLate) return;
  out.push_back({"evaluator_late", "no monitor was evaluated for " +
                                       std::to_string(seconds_between(evaluated_at_, now.at)) +
                                       " s: alerts are blind; look at /health for the store and the journal"});
}

void WatchRules::judge_intake(const WatchReading& now, std::vector<Alarm>& out) {
  const uint64_t dropped = now.discarded - std::min(discarded_, now.discarded);
  discarded_ = now.discarded;
  dropping_readings_ = dropped > 0 ? dropping_readings_ + 1 : 0;
  if (dropped > 0) dropped_at_ = now.at;
  if (dropping_readings_ >= kDroppingReadings) dropping_ = true;
  if (dropping_ && now.at - dropped_at_ >= kDroppingEnds) dropping_ = false;
  dropped_in_all_ = dropping_ || dropping_readings_ > 0 ? dropped_in_all_ + dropped : 0;
  if (!dropping_) return;
  out.push_back({"intake_dropping", "intake drops what clients send, " + std::to_string(dropped_in_all_) +
                                        " so far; /api/godseye/v1/ingestion names the path and the reason"});
}

void WatchRules::judge_disk(const WatchReading& now, std::vector<Alarm>& out) {
  if (now.disk_bytes == 0) return;
  if (disk_.empty() || now.at - disk_.back().at >= kDiskEvery) {
    disk_.push_back({now.at, now.disk_free_bytes});
    if (disk_.size() > kDiskSamplesMax) disk_.pop_front();
  }
  const std::string free = size_text(now.disk_free_bytes) + " of " + size_text(now.disk_bytes) + " are free";
  if (static_cast<double>(now.disk_free_bytes) < kDiskFreeLeast * static_cast<double>(now.disk_bytes)) {
    out.push_back({"disk_will_be_full", free + ": free space or lower retention-days"});
    return;
  }
  const DiskSample& first = disk_.front();
  const auto span = now.at - first.at;
  if (span < kDiskHistoryLeast || now.disk_free_bytes >= first.free_bytes) return;
  const double used = static_cast<double>(first.free_bytes - now.disk_free_bytes);
  const double hours_left =
      static_cast<double>(now.disk_free_bytes) / used * std::chrono::duration<double, std::ratio<3600>>(span).count();
  if (hours_left > static_cast<double>(kDiskFullWithin.count())) return;
  char left[32];
  std::snprintf(left, sizeof left, "%.1f h", hours_left);
  out.push_back({"disk_will_be_full", "the disk is full in " + std::string(left) + " if it fills as it did since " +
                                          std::to_string(seconds_between(first.at, now.at) / 60) +
                                          " min ago: " + free});
}

}  // namespace godseye::app
