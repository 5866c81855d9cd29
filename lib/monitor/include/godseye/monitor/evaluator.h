#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/monitor/spec.h>
#include <godseye/monitor/state.h>
#include <godseye/query/event_engine.h>
#include <godseye/query/query_engine.h>
#include <godseye/registry/registry.h>
#include <godseye/signal/event.h>

// `Evaluator` evaluates every monitor at each cut and turns results into states and transitions.
//
// For each monitor with a change, the new group states, the rows of the transitions and whatever the `TransitionSink`
// does with them (incidents, deliveries) are one registry transaction; only after its commit does the evaluator's
// memory change. So a kill -9 at any point neither loses nor repeats a transition: either all of it happened, or the
// next evaluation finds the same change again. Groups whose state did not change are not written, and a group that is
// OK and has nothing worth remembering has no row at all: 100,000 quiet groups cost memory, not writes.
//
// Limits: `groups_max` groups of a monitor are tracked. When full, a group that is OK makes room for one that is not;
// what still finds no room is counted in `MonitorHealth::groups_left_out` and said in its error. So are groups beyond
// what one query holds (query_engine.h): they keep their states. A query that fails
// leaves the states as they are and the error in `MonitorHealth`. `deadline` bounds one evaluation; monitors not
// reached are first in the next one.
//
// Several evaluators on one registry: the one that holds the lease (registry/leases.h) evaluates, the others stand by
// and take over when it is no longer renewed, with the states as stored. Each transaction asks for the lease again, so
// one that lost it meanwhile stores nothing. A clock that is set back neither ends nor prolongs a lease by more than
// twice its length.
//
// Threads: `evaluate` from one thread at a time (the cutter's); `groups`, `health` and `stats` from any. `registry`,
// `queries` and `sink` must outlive this object.
namespace godseye::monitor {

// Where values come from; a fake in tests.
class WindowQueries {
 public:
  virtual ~WindowQueries() = default;
  virtual base::Result<query::GroupValues> evaluate(const lang::MonitorQuery& query, int64_t to_s) = 0;
  // The same with `GroupValue::partial`.
  virtual base::Result<query::GroupValues> evaluate_full(const lang::MonitorQuery& query, int64_t to_s);
  // kUnimplemented unless overridden.
  virtual base::Result<query::GroupValues> count_events(const lang::EventQuery& query, int64_t to_s);
  virtual base::Result<query::CheckGroups> check_runs(const lang::CheckQuery& query, int64_t to_s);
  // The newest event of the window that matches in one group; none unless overridden.
  virtual base::Result<std::optional<signal::Event>> newest_event(const lang::EventQuery& query,
                                                                  const query::Group& group, int64_t to_s);
};
// Both must outlive it. Monitors that ask for the same values (expression, time aggregation, window and its end; only
// comparator and threshold differ) share one query: the answers of the last kSharedEnds different ends are kept, once a
// second monitor has asked for one of them.
std::unique_ptr<WindowQueries> engine_queries(query::QueryEngine& engine, query::EventEngine* events = nullptr);
std::unique_ptr<WindowQueries> sharing(std::unique_ptr<WindowQueries> queries);
inline constexpr size_t kSharedEnds = 4;
inline constexpr size_t kSharedKeysMax = 20'000;     // questions remembered; beyond, all are forgotten
inline constexpr size_t kSharedGroupsMax = 400'000;  // kept in all; beyond, answers are not shared

// A composite's member, in the group at hand: of several groups that fall into it the worst.
struct MemberState {
  GroupStatus status = GroupStatus::kNoData;
  double value = std::numeric_limits<double>::quiet_NaN();
};

// What lies behind a state beside its value, for messages.
struct Background {
  std::string check_message;           // of a service check: what its newest run said
  std::vector<MemberState> members;    // of a composite: in the order in which its query names them
  std::optional<signal::Event> event;  // of an event monitor in trouble: the newest that matches
};
inline constexpr size_t kEventsLookedUpMax = 20;  // for one monitor at one cut; the others' messages do without

// One group's change, as stored.
struct GroupTransition {
  registry::TransitionRow row;  // row.id is set
  Transition transition;
  registry::GroupStateRow state;  // after it
  query::Group group;             // empty for `*`
  // Of `notify_by`: the groups this one is told for, itself among them, sorted; empty: itself alone.
  std::vector<query::Group> together = {};
  std::shared_ptr<const Background> background = nullptr;
};

// Who is told. `apply` runs on the registry's writer thread, inside the transaction that stores the transitions: an
// error rolls all of it back and the evaluation is repeated at the next cut.
class TransitionSink {
 public:
  virtual ~TransitionSink() = default;
  virtual base::Status apply(registry::WriteSession& session, const ValidMonitor& monitor,
                             std::span<GroupTransition> transitions) = 0;
  // After the commit, on the evaluating thread: wake whoever works things off. Must not block.
  virtual void committed() {}
};

struct EvaluatorConfig {
  // Two evaluators on one registry need different names; one that is started again keeps its name, and goes on at once.
  std::string holder = "evaluator";
  std::chrono::milliseconds lease{30'000};   // another takes over so long after the last renewal
  size_t groups_max = 100'000;               // of one monitor
  size_t transitions_per_commit_max = 1000;  // of one transaction; more are split into several
  // Of one monitor at one cut; more transitions are stored and counted, and open nothing and tell nobody.
  size_t told_at_once_max = 200;
  std::chrono::milliseconds deadline{8'000};  // of one evaluation of all monitors; below the 10 s between cuts
};

struct MonitorHealth {
  int64_t monitor_id = 0;
  GroupStatus overall = GroupStatus::kNoData;
  int64_t evaluated_s = 0;  // end of the last window evaluated; 0: never
  std::string error;        // of the last evaluation; empty when it worked
  size_t groups = 0;
  size_t groups_left_out = 0;
  std::array<size_t, 4> counts{};  // of groups, by GroupStatus
  std::string worst_group;         // one that alerts, else one that warns; empty: none does
  int64_t changed_s = 0;           // the last time one changed its status; 0: never
};

struct EvaluatorStats {
  uint64_t evaluations = 0;  // of one monitor
  uint64_t failures = 0;
  uint64_t transitions = 0;
  bool standby = false;          // another evaluator works on this registry
  uint64_t takeovers = 0;        // times this one took the lease
  uint64_t deadline_misses = 0;  // evaluations that did not reach every monitor
  uint64_t groups = 0;           // tracked now, of all monitors
  uint64_t groups_left_out = 0;  // of the last evaluations: not tracked, or not looked at
  std::chrono::milliseconds last_duration{0};
};

class Evaluator {
 public:
  Evaluator(registry::Registry& registry, WindowQueries& queries, TransitionSink& sink, base::Clock clock,
            EvaluatorConfig config = {});
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  // Evaluates all monitors on windows that end at `cut_end` (rounded down to seconds). Monitors changed since the last
  // call are reloaded first. An error only when the registry cannot be read; monitors' own errors are in `health`.
  base::Status evaluate(base::WallTime cut_end);

  // The tracked groups of a monitor, the worst first, then by name, at most `count_max`. From memory, so OK groups are
  // included.
  std::vector<registry::GroupStateRow> groups(int64_t monitor_id, size_t count_max = SIZE_MAX) const;
  // nothing for a monitor that was not evaluated yet.
  std::optional<MonitorHealth> health(int64_t monitor_id) const;
  EvaluatorStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::monitor
