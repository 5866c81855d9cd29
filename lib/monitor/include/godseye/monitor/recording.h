#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/lang/monitor_query.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/signal/metric.h>

// Recording rules: metrics that are computed from other metrics at an interval (ratios, percentiles, values per
// conversion), so that monitors and charts need not repeat the arithmetic (`datadog/recording_rules.json`). Each group
// of a rule's query becomes one gauge point with the group as its tags, at the end of the window.
//
// A rule that was not evaluated (the store was away, the process was down) leaves a gap: nothing is computed later, as
// a monitor would have judged it too late anyway. Evaluating one window twice, after a crash, gives the same points
// again: a gauge is not doubled by that.
namespace godseye::monitor {

struct RecordingRule {
  std::string name;        // normalised
  std::string query_text;  // as written
  lang::MonitorQuery query;
  int64_t interval_s = 60;  // a multiple of 10
  std::vector<std::string> tags;
};

// From the file's JSON (ddapi/recording_rule.h). kInvalidArgument names the rule and what is wrong with it.
base::Result<std::vector<RecordingRule>> parse_recording_rules(std::string_view json);

struct RecorderStats {
  uint64_t rules = 0;
  uint64_t evaluations = 0;
  uint64_t failures = 0;
  uint64_t points = 0;
  uint64_t groups_left_out = 0;  // beyond `groups_max`
  uint64_t groups_reported = 0;  // left to the service that sends this metric itself
};

struct RecorderConfig {
  size_t groups_max = 10'000;                 // of one rule; more are left out and counted
  std::chrono::milliseconds deadline{3'000};  // of one call; rules not reached come first in the next
};

// Threads: `run` from one thread at a time (the cutter's), `stats` from any.
class Recorder {
 public:
  // True if `service` sends `metric` itself: the rule leaves that group to it. May be empty.
  using SelfReported = std::function<bool(std::string_view metric, std::string_view service)>;

  // `queries` must outlive this object.
  Recorder(std::vector<RecordingRule> rules, WindowQueries& queries, base::Clock clock, SelfReported self_reported = {},
           RecorderConfig config = {});

  // What the rules due at `cut_end` give; rules are due when `cut_end` has passed a multiple of their interval.
  // A failing rule is logged once per kind of failure, counted and left out.
  signal::MetricBatch run(base::WallTime cut_end);
  RecorderStats stats() const;

 private:
  struct Due {
    RecordingRule rule;
    int64_t done_s = 0;  // the last multiple of the interval that was evaluated
    std::string error;
  };
  void record(Due& due, int64_t at_s, signal::MetricBatch& batch);

  std::vector<Due> rules_;
  size_t first_ = 0;  // where the next call begins
  WindowQueries& queries_;
  const base::Clock clock_;
  const SelfReported self_reported_;
  const RecorderConfig config_;
  std::atomic<uint64_t> evaluations_{0}, failures_{0}, points_{0}, left_out_{0}, reported_{0};
};

}  // namespace godseye::monitor
