#include "tracked_monitor.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <godseye/monitor/trial.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;

namespace {

constexpr int64_t kCutS = 10;
// Groups whose values are kept though nothing became of them.
constexpr size_t kQuietGroupsWithPoints = 1000;

// The one of two values that is nearer to trouble.
double worse_value(const ValidMonitor& monitor, double a, double b) {
  const lang::Comparator comparator = monitor.query.comparator;
  const bool low = comparator == lang::Comparator::kLess || comparator == lang::Comparator::kLessEqual;
  return low ? std::min(a, b) : std::max(a, b);
}

class Run {
 public:
  Run(const ValidMonitor& rules, const TrialRequest& request, const TrialLimits& limits, Trial& trial)
      : limits_(limits), trial_(trial) {
    tracked_.rules = rules;
    const auto evaluations = static_cast<size_t>((request.to_s - request.from_s) / trial.step_s);
    const size_t share = std::max<size_t>(1, (evaluations + limits.points_max - 1) / limits.points_max);
    stretch_s_ = static_cast<int64_t>(share) * trial.step_s;
    first_to_s_ = request.from_s - rules.evaluation_delay_s + 1;
    for (const registry::GroupStateRow& state : request.states) {
      tracked_.groups[state.group] = {.state = state};
      Seen& seen = seen_[state.group];
      seen.group.status = state.status;
      seen.since_s = request.from_s;
    }
  }

  void evaluated(const Readings& readings, int64_t to_s) {
    EvaluationPlan plan = plan_evaluation(tracked_, readings, to_s, limits_.groups_tracked_max);
    tell_together(tracked_, plan);
    for (auto& [group, value] : plan.values) group->state.value = value;
    for (GroupChange& change : plan.changes) {
      if (change.transition) note(change, to_s);
      std::string name = change.after.state.group;
      if (change.forgotten) {
        tracked_.groups.erase(name);
      } else {
        tracked_.groups[std::move(name)] = std::move(change.after);
      }
    }
    groups_untracked_ = std::max<uint64_t>(groups_untracked_, plan.left_out + readings.cut.groups_left_out);
    const int64_t stretch = (to_s - first_to_s_) / stretch_s_;
    for (const auto& [name, group] : tracked_.groups) {
      if (group.seen_round == tracked_.round) add_point(name, group.state.value, to_s, stretch);
    }
  }

  void finish() {
    for (auto& [name, seen] : seen_) count_time(seen, trial_.evaluated_to_s);
    trial_.groups_total = seen_.size();
    std::vector<TrialGroup> groups;
    groups.reserve(seen_.size());
    for (auto& [name, seen] : seen_) {
      seen.group.name = name;
      groups.push_back(std::move(seen.group));
    }
    const auto before = [](const TrialGroup& a, const TrialGroup& b) {
      if (a.transitions.size() != b.transitions.size()) return a.transitions.size() > b.transitions.size();
      const int left = severity(a.status);
      const int right = severity(b.status);
      return left != right ? left > right : a.name < b.name;
    };
    const size_t kept = std::min(groups.size(), limits_.groups_max);
    std::partial_sort(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(kept), groups.end(), before);
    trial_.groups_left_out = groups.size() - kept;
    groups.resize(kept);
    trial_.groups = std::move(groups);
    uint64_t shown = 0;
    for (const TrialGroup& group : trial_.groups) shown += group.transitions.size();
    trial_.transitions_left_out = trial_.transitions_total - shown;
    if (groups_untracked_ > 0) {
      trial_.warnings.push_back("up to " + std::to_string(groups_untracked_) + " groups at once were not evaluated: " +
                                "the limit is " + std::to_string(limits_.groups_tracked_max));
    }
    for (const auto& [name, group] : tracked_.groups) {
      if (worth_a_row(tracked_.rules, group.state)) trial_.states.push_back(group.state);
    }
  }

 private:
  struct Seen {
    TrialGroup group;
    int64_t since_s = 0;  // when the present status began
    bool has_points = false;
    int64_t stretch = 0;  // of the last point
  };

  static void count_time(Seen& seen, int64_t to_s) {
    const int64_t lasted = std::max<int64_t>(0, to_s - seen.since_s);
    if (seen.group.status == GroupStatus::kAlert) seen.group.alert_s += lasted;
    if (seen.group.status == GroupStatus::kWarn) seen.group.warn_s += lasted;
    if (seen.group.status == GroupStatus::kNoData) seen.group.no_data_s += lasted;
    seen.since_s = to_s;
  }

  void note(const GroupChange& change, int64_t to_s) {
    const Transition& transition = *change.transition;
    Seen& seen = seen_[change.after.state.group];
    count_time(seen, to_s);
    seen.group.status = transition.to;
    if (transition.kind == TransitionKind::kTriggered) ++seen.group.triggered;
    ++trial_.transitions_total;
    if (transitions_kept_ == limits_.transitions_max) return;
    ++transitions_kept_;
    const registry::GroupStateRow& state = change.after.state;
    seen.group.transitions.push_back({.kind = transition.kind,
                                      .from = transition.from,
                                      .to = transition.to,
                                      .time_s = to_s,
                                      .value = state.silent_since_s == 0 ? std::optional(state.value) : std::nullopt,
                                      .threshold = threshold_of(tracked_.rules, transition),
                                      .notify = transition.notify});
  }

  void add_point(const std::string& name, double value, int64_t to_s, int64_t stretch) {
    const auto [found, added] = seen_.try_emplace(name);
    Seen& seen = found->second;
    if (added) seen.since_s = to_s;
    if (!seen.has_points) {
      if (quiet_with_points_ == kQuietGroupsWithPoints && seen.group.transitions.empty()) return;
      ++quiet_with_points_;
      seen.has_points = true;
    }
    auto& points = seen.group.points;
    if (points.empty() || seen.stretch != stretch) {
      points.emplace_back(to_s, value);
      seen.stretch = stretch;
    } else if (worse_value(tracked_.rules, points.back().second, value) == value) {
      points.back() = {to_s, value};
    }
  }

  const TrialLimits& limits_;
  Trial& trial_;
  TrackedMonitor tracked_;
  std::unordered_map<std::string, Seen> seen_;
  int64_t stretch_s_ = 1;  // evaluations within it share a point
  int64_t first_to_s_ = 0;
  size_t transitions_kept_ = 0;
  size_t quiet_with_points_ = 0;
  uint64_t groups_untracked_ = 0;
};

bool is_scheduled(const ValidMonitor& monitor) { return monitor.schedule && !monitor.schedule->rules.empty(); }

// The next moment, at least `least_s` after `after_s`: with rules the first cut that has an occurrence behind it.
int64_t next_moment(const ValidMonitor& monitor, int64_t after_s, int64_t least_s) {
  if (!is_scheduled(monitor)) return after_s + least_s;
  int64_t first_s = INT64_MAX - kCutS;
  for (const Recurrence& rule : monitor.schedule->rules) {
    first_s = std::min(first_s, rule.first_from(after_s + 1).value_or(first_s));
  }
  return std::max(after_s + least_s, (first_s + kCutS - 1) / kCutS * kCutS);
}

base::Status check(const ValidMonitor& monitor, const TrialRequest& request, const TrialLimits& limits) {
  if (monitor.kind == MonitorKind::kComposite) {
    return Error(ErrorCode::kUnimplemented, "a composite cannot be tried; try the monitors that it combines");
  }
  if (request.from_s < 0 || request.to_s > UINT32_MAX || request.from_s >= request.to_s) {
    return Error(ErrorCode::kInvalidArgument, "expected from and to as Unix seconds, from before to");
  }
  if (request.to_s - request.from_s > limits.span_s_max) {
    return Error(ErrorCode::kTooLarge, "expected a range of at most " + std::to_string(limits.span_s_max / 86400) +
                                           " days, not " + std::to_string((request.to_s - request.from_s) / 86400) +
                                           " days");
  }
  if (request.step_s % kCutS != 0) {
    return Error(ErrorCode::kInvalidArgument, "expected step as a multiple of 10 seconds");
  }
  return base::ok();
}

}  // namespace

base::Result<Trial> try_monitor(const ValidMonitor& monitor, const TrialRequest& request, WindowQueries& queries,
                                const base::Clock& clock, const TrialLimits& limits) {
  if (base::Status right = check(monitor, request, limits); !right) return right.error();
  Trial trial;
  const auto span = static_cast<uint64_t>(request.to_s - request.from_s);
  const uint64_t step_min = (span + limits.evaluations_max - 1) / limits.evaluations_max;
  trial.step_s = static_cast<uint32_t>(std::max({uint64_t{kCutS}, uint64_t{request.step_s}, (step_min + 9) / 10 * 10}));
  if (request.step_s != 0 && trial.step_s != request.step_s) {
    trial.warnings.push_back("evaluated every " + std::to_string(trial.step_s) + " seconds: at most " +
                             std::to_string(limits.evaluations_max) + " evaluations");
  }
  trial.evaluated_to_s = request.from_s;
  const base::TickTime start = clock.tick();
  Run run(monitor, request, limits, trial);
  std::optional<Error> first_error;
  trial.complete = true;
  const bool scheduled = is_scheduled(monitor);
  for (int64_t to_s = next_moment(monitor, request.from_s, scheduled ? kCutS : trial.step_s); to_s <= request.to_s;
       to_s = next_moment(monitor, to_s, trial.step_s)) {
    // At least one, so that whoever goes on gets further.
    if (trial.evaluations + trial.evaluations_failed > 0 && clock.tick() - start >= limits.deadline) {
      trial.complete = false;
      break;
    }
    trial.evaluated_to_s = to_s;
    base::Result<Readings> readings = read_monitor(monitor, queries, to_s - monitor.evaluation_delay_s);
    if (!readings) {
      ++trial.evaluations_failed;
      if (!first_error) first_error = readings.error();
      continue;
    }
    ++trial.evaluations;
    run.evaluated(*readings, to_s - monitor.evaluation_delay_s);
  }
  if (first_error && trial.evaluations == 0) return *first_error;
  if (scheduled && trial.complete) {
    trial.evaluated_to_s = request.to_s;  // nothing happens behind the last moment
    if (trial.evaluations + trial.evaluations_failed == 0) {
      trial.warnings.emplace_back("custom_schedule has no moment in this range: nothing was evaluated");
    }
  }
  if (first_error) {
    trial.warnings.push_back(std::to_string(trial.evaluations_failed) +
                             " evaluations failed: " + first_error->message());
  }
  run.finish();
  return trial;
}

}  // namespace godseye::monitor
