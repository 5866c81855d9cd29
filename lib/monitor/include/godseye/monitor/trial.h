#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/monitor/evaluator.h>

// A trial: what a monitor would have done over stored history. It is evaluated at every `step_s` seconds of the range,
// with a `custom_schedule` at its moments, by the same state machine as the real ones. Nobody is told, nothing stored.
//
// Bounded in evaluations, groups, transitions, points and time (`TrialLimits`); what was left out is counted in the
// answer. A trial that ran out of time is a beginning: `complete` is false, and a second one that gets its `states` and
// `evaluated_to_s` goes on from there, which is how a caller shows progress.
// Not for composites (kUnimplemented): their members can be tried. Threads: a pure function over `queries`.
namespace godseye::monitor {

struct TrialLimits {
  int64_t span_s_max = 31 * 86400;     // of the range; more is kTooLarge
  size_t evaluations_max = 20'000;     // the step is raised to fit
  size_t groups_tracked_max = 20'000;  // groups evaluated
  size_t groups_max = 200;             // groups in the answer, those with most to say first
  size_t transitions_max = 2'000;      // in the answer, the first ones
  size_t points_max = 300;             // values of a group in the answer
  std::chrono::milliseconds deadline{5'000};
};

struct TrialRequest {
  int64_t from_s = 0;  // the first window ends at from_s + step
  int64_t to_s = 0;
  uint32_t step_s = 0;                          // a multiple of 10; 0: 10, or what evaluations_max asks for
  std::vector<registry::GroupStateRow> states;  // of the trial before, when this one goes on
};

struct TrialTransition {
  TransitionKind kind = TransitionKind::kTriggered;
  GroupStatus from = GroupStatus::kOk;
  GroupStatus to = GroupStatus::kOk;
  int64_t time_s = 0;
  std::optional<double> value;
  double threshold = 0;
  bool notify = true;  // somebody would have been told
};

struct TrialGroup {
  std::string name;                       // "host:a,env:b" or "*"
  GroupStatus status = GroupStatus::kOk;  // at the end
  int64_t alert_s = 0;                    // seconds in Alert; Warn; No Data
  int64_t warn_s = 0;
  int64_t no_data_s = 0;
  uint64_t triggered = 0;  // times it went into Alert
  std::vector<TrialTransition> transitions;
  std::vector<std::pair<int64_t, double>> points;  // end of the window and value, thinned to the worst of each stretch
};

struct Trial {
  uint32_t step_s = 0;
  int64_t evaluated_to_s = 0;  // the end of the last window that was evaluated
  bool complete = false;
  uint64_t evaluations = 0;
  uint64_t evaluations_failed = 0;  // their error is among the warnings
  std::vector<TrialGroup> groups;
  uint64_t groups_total = 0;
  uint64_t groups_left_out = 0;  // not in `groups`
  uint64_t transitions_total = 0;
  uint64_t transitions_left_out = 0;
  std::vector<std::string> warnings;
  std::vector<registry::GroupStateRow> states;  // at evaluated_to_s, of groups that a later trial must know
};

// kInvalidArgument with a sentence for a range that is none; kTooLarge; kUnimplemented for composites; the error of the
// first evaluation when not one works.
base::Result<Trial> try_monitor(const ValidMonitor& monitor, const TrialRequest& request, WindowQueries& queries,
                                const base::Clock& clock, const TrialLimits& limits = {});

// Queries over stored history that read points once for many windows, in stretches of kHistoryStretchS, up to
// `bytes_max` of them in memory; windows must come in the order of time to profit. Both must outlive it.
std::unique_ptr<WindowQueries> history_queries(const query::QueryEngine& engine, query::EventEngine* events,
                                               uint64_t bytes_max = 128ull << 20);
inline constexpr int64_t kHistoryStretchS = 2 * 3600;

}  // namespace godseye::monitor
