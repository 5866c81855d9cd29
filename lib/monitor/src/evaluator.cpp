#include "downtime_book.h"
#include "group_name.h"
#include "tracked_monitor.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <godseye/base/log.h>
#include <godseye/base/mutex.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/registry/downtimes.h>
#include <godseye/registry/leases.h>
#include <godseye/registry/monitors.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Status;
using registry::GroupStateRow;

namespace {

// Transitions are history for people; older ones go, an hour's worth at a time.
constexpr int64_t kTransitionsKeptS = 30 * 86400;
constexpr size_t kPrunedAtOnce = 5000;
constexpr int64_t kPruneEveryS = 3600;
// A monitor that cannot be evaluated holds up the end of a downtime for so long, then the others go on without it.
constexpr int64_t kDowntimeEndPatienceS = 600;

constexpr std::string_view kLeaseName = "evaluator";

}  // namespace

struct Evaluator::Impl {
  registry::Registry& registry;
  WindowQueries& queries;
  TransitionSink& sink;
  base::Clock clock;
  EvaluatorConfig config;

  // Only the evaluating thread changes these, always under `mutex`; so it may read them without.
  mutable base::Mutex mutex;
  std::map<int64_t, TrackedMonitor> monitors;
  DowntimeBook downtimes;
  int64_t ends_waiting_since_s = 0;  // the first cut at which an end was not worked off everywhere; 0: none
  EvaluatorStats counters;

  int64_t loaded_revision = -1;
  int64_t next_monitor = 0;  // where the next evaluation begins: after the last one reached
  int64_t pruned_s = 0;
  const std::string token = registry::new_uuid();
  int64_t lease_until_ms = 0;  // 0: another's

  base::Result<bool> lead();
  Status reload();
  Status load_monitor(const registry::MonitorRow& row);
  bool due(TrackedMonitor& monitor, int64_t cut_s) const;
  void evaluate_monitor(TrackedMonitor& monitor, int64_t cut_s);
  base::Result<Readings> read(TrackedMonitor& monitor, int64_t to_s);
  base::Result<Readings> read_members(TrackedMonitor& monitor);
  Status commit(TrackedMonitor& monitor, std::span<GroupChange> changes, int64_t to_s);
  void remember(TrackedMonitor& monitor, std::span<GroupChange> changes);
  std::string left_out_text(const EvaluationPlan& plan, const query::GroupCutOff& cut) const;
  void look_up_events(const ValidMonitor& rules, EvaluationPlan& plan, int64_t to_s);
  void finish(TrackedMonitor& monitor, int64_t to_s, std::string error, size_t left_out);
  void finish_downtimes(int64_t cut_s);
  void prune(int64_t cut_s);
};

// Whether this evaluator is the one that works. After another's turn nothing that was remembered is right any more.
base::Result<bool> Evaluator::Impl::lead() {
  const int64_t now_ms = base::unix_millis(clock.wall());
  const int64_t duration_ms = config.lease.count();
  const bool fresh = lease_until_ms > now_ms + duration_ms / 2 && lease_until_ms <= now_ms + 2 * duration_ms;
  if (fresh) return true;
  base::Result<registry::Lease> lease = registry.change<registry::Lease>([&](registry::WriteSession& session) {
    return registry::take_lease(
        session,
        {.name = kLeaseName, .holder = config.holder, .token = token, .now_ms = now_ms, .duration_ms = duration_ms});
  });
  if (!lease) return std::move(lease).error();
  const bool mine = lease->token == token;
  lease_until_ms = mine ? lease->until_ms : 0;
  base::MutexLock lock(mutex);
  if (mine && lease->taken) {
    ++counters.takeovers;
    monitors.clear();
    loaded_revision = -1;
    if (counters.standby) spdlog::warn("monitors are evaluated here from now on");
  }
  if (!mine && !counters.standby) spdlog::warn("monitors are evaluated by {}; this one stands by", lease->holder);
  counters.standby = !mine;
  return mine;
}

Status Evaluator::Impl::load_monitor(const registry::MonitorRow& row) {
  TrackedMonitor loaded;
  loaded.revision = row.revision;
  loaded.health.monitor_id = row.id;
  base::Result<ddapi::MonitorSpec> spec = ddapi::decode_monitor(row.document);
  base::Result<ValidMonitor> rules = spec ? validate(*spec) : base::Result<ValidMonitor>(spec.error());
  if (rules) {
    loaded.rules = *std::move(rules);
  } else {
    // Written by another version, or by hand: shown, and harmless to the others.
    loaded.invalid = "this monitor cannot be evaluated: " + rules.error().message();
  }
  loaded.rules.id = row.id;
  base::Result<std::vector<GroupStateRow>> states = registry.fetch<std::vector<GroupStateRow>>(
      [&](registry::ReadSession& session) { return registry::list_group_states(session, row.id); });
  if (!states) return std::move(states).error();
  const auto old = monitors.find(row.id);
  if (old != monitors.end()) {
    loaded.downtimes_seen_s = old->second.downtimes_seen_s;
    // Unstored OK groups of the same keys stay known over an edit.
    for (auto& [name, group] : old->second.groups) {
      query::Group parts;
      if (group.stored || !parse_group_name(name, loaded.rules.group_keys, parts)) continue;
      loaded.groups.emplace(name, group);
    }
  }
  for (GroupStateRow& state : *states) {
    std::string name = state.group;
    loaded.groups[name] = {.state = std::move(state), .stored = true};
  }
  for (auto& [name, group] : loaded.groups) group.seen_round = 0;
  loaded.health = summary_of(loaded);
  loaded.health.monitor_id = row.id;
  loaded.health.error = loaded.invalid;
  base::MutexLock lock(mutex);
  monitors[row.id] = std::move(loaded);
  return base::ok();
}

Status Evaluator::Impl::reload() {
  int64_t revision = 0;
  std::vector<registry::MonitorRow> rows;
  Status status = registry.read([&](registry::ReadSession& session) -> Status {
    base::Result<int64_t> now = registry::monitors_revision(session);
    if (!now) return std::move(now).error();
    revision = *now;
    if (revision == loaded_revision) return base::ok();
    base::Result<std::vector<registry::MonitorRow>> all = registry::list_monitors(session);
    if (!all) return std::move(all).error();
    rows = *std::move(all);
    return base::ok();
  });
  if (!status || revision == loaded_revision) return status;
  for (const registry::MonitorRow& row : rows) {
    const auto known = monitors.find(row.id);
    if (known != monitors.end() && known->second.revision == row.revision) continue;
    if (Status loaded = load_monitor(row); !loaded) return loaded;
  }
  base::MutexLock lock(mutex);
  std::erase_if(monitors, [&](const auto& entry) {
    return std::none_of(rows.begin(), rows.end(), [&](const auto& row) { return row.id == entry.first; });
  });
  loaded_revision = revision;
  return base::ok();
}

base::Result<Readings> Evaluator::Impl::read(TrackedMonitor& monitor, int64_t to_s) {
  if (monitor.rules.kind == MonitorKind::kComposite) return read_members(monitor);
  return read_monitor(monitor.rules, queries, to_s);
}

base::Result<Readings> Evaluator::Impl::read_members(TrackedMonitor& monitor) {
  std::map<int64_t, MemberGroups> members;
  for (const int64_t id : lang::composite_members(monitor.rules.composite)) {
    const auto found = monitors.find(id);
    if (found == monitors.end()) {
      return Error(ErrorCode::kNotFound, "monitor " + std::to_string(id) + ", which this one combines, does not exist");
    }
    const TrackedMonitor& member = found->second;
    if (member.rules.kind == MonitorKind::kComposite) {
      return Error(ErrorCode::kInvalidArgument,
                   "monitor " + std::to_string(id) + " is itself a composite; name its members instead");
    }
    MemberGroups& groups = members[id];
    groups.keys = member.rules.group_keys;
    for (const auto& [name, group] : member.groups) {
      query::Group parts;
      if (!parse_group_name(name, groups.keys, parts)) continue;
      groups.groups.push_back(
          {.group = std::move(parts), .state = {.status = group.state.status, .value = group.state.value}});
    }
  }
  std::vector<std::string> keys;
  Readings readings = combine(monitor.rules, members, keys);
  base::MutexLock lock(mutex);
  monitor.rules.group_keys = std::move(keys);
  return readings;
}

// By its schedule, or by the length of its window. The end of a downtime of its own is worked off at once.
bool Evaluator::Impl::due(TrackedMonitor& monitor, int64_t cut_s) const {
  const int64_t looked_s = std::exchange(monitor.looked_s, cut_s);
  if (downtimes.anything_ended() && !downtimes.of(monitor.rules, monitor.downtimes_seen_s).ended.empty()) return true;
  const ValidMonitor& rules = monitor.rules;
  if (rules.schedule && !rules.schedule->rules.empty()) {
    return rules.schedule->occurs(looked_s == 0 ? cut_s - 1 : std::min(looked_s, cut_s), cut_s);
  }
  const int64_t since_s = cut_s - monitor.worked_cut_s;
  return monitor.worked_cut_s == 0 || since_s < 0 || since_s >= rules.every_s;
}

void Evaluator::Impl::evaluate_monitor(TrackedMonitor& monitor, int64_t cut_s) {
  if (!monitor.invalid.empty() || !due(monitor, cut_s)) return;
  const int64_t to_s = cut_s - monitor.rules.evaluation_delay_s;
  base::Result<Readings> values = read(monitor, to_s);
  if (!values) {
    finish(monitor, monitor.health.evaluated_s, values.error().message(), 0);
    base::MutexLock lock(mutex);
    ++counters.failures;
    return;
  }
  EvaluationPlan plan =
      plan_evaluation(monitor, *values, to_s, config.groups_max, downtimes.of(monitor.rules, monitor.downtimes_seen_s));
  tell_together(monitor, plan);
  tell_at_most(monitor, plan, config.told_at_once_max);
  if (monitor.rules.kind == MonitorKind::kEvent) look_up_events(monitor.rules, plan, to_s);
  {
    base::MutexLock lock(mutex);
    for (auto& [group, value] : plan.values) group->state.value = value;
  }
  const size_t left_out = plan.left_out + values->cut.groups_left_out;
  std::string error = left_out_text(plan, values->cut);
  std::span<GroupChange> left = plan.changes;
  while (!left.empty()) {
    // Changes with transitions come first, so the limit on transitions is the limit on the span there.
    const size_t count = std::min(left.size(), left.front().transition ? config.transitions_per_commit_max
                                                                       : config.transitions_per_commit_max * 20);
    if (Status status = commit(monitor, left.first(count), to_s); !status) {
      // Nothing of it happened; the next evaluation finds the same changes again.
      error = "states could not be stored: " + status.error().message();
      spdlog::error("monitor {}: {}", monitor.rules.id, error);
      break;
    }
    remember(monitor, left.first(count));
    left = left.subspan(count);
  }
  if (left.empty()) {
    monitor.downtimes_seen_s = cut_s;
    monitor.worked_cut_s = cut_s;
  }
  finish(monitor, to_s, std::move(error), left_out);
}

// The event behind each trouble that is told. What cannot be found is left out of the message.
void Evaluator::Impl::look_up_events(const ValidMonitor& rules, EvaluationPlan& plan, int64_t to_s) {
  size_t left = kEventsLookedUpMax;
  for (GroupChange& change : plan.changes) {
    if (!change.transition || !change.transition->notify || change.transition->to == GroupStatus::kOk) continue;
    if (left-- == 0) return;
    query::Group group;
    if (!parse_group_name(change.after.state.group, rules.group_keys, group)) continue;
    base::Result<std::optional<signal::Event>> event = queries.newest_event(rules.events, group, to_s);
    if (!event || !*event) continue;
    change.background = std::make_shared<const Background>(Background{.event = *std::move(event)});
  }
}

std::string Evaluator::Impl::left_out_text(const EvaluationPlan& plan, const query::GroupCutOff& cut) const {
  std::string text;
  if (plan.left_out > 0) {
    text = std::to_string(plan.left_out) + " groups are not tracked (" + std::to_string(plan.left_out_alerts) +
           " of them alerting): the limit is " + std::to_string(config.groups_max) + " groups a monitor";
  }
  if (cut.groups_left_out == 0) return text;
  std::string last;
  for (const std::string& value : cut.known_until) last += (last.empty() ? "" : ",") + value;
  return text + (text.empty() ? "" : "; ") + "at least " + std::to_string(cut.groups_left_out) +
         " groups are not looked at: a query answers the first ones in the order of their values, here up to " + last +
         "; narrow the scope or by {…}";
}

// One transaction: rows of states, rows of transitions, and what the sink makes of them.
Status Evaluator::Impl::commit(TrackedMonitor& monitor, std::span<GroupChange> changes, int64_t to_s) {
  const ValidMonitor& rules = monitor.rules;
  const bool writes = std::any_of(changes.begin(), changes.end(), [&](const GroupChange& change) {
    return change.transition || change.after.stored || (!change.forgotten && worth_a_row(rules, change.after.state));
  });
  if (!writes) return base::ok();
  size_t transitions = 0;
  Status status = registry.write([&](registry::WriteSession& session) -> Status {
    transitions = 0;
    base::Result<bool> leads = registry::holds_lease(session, kLeaseName, token);
    if (!leads) return std::move(leads).error();
    if (!*leads) return Error(ErrorCode::kCancelled, "another evaluator has taken over");
    base::Result<std::optional<registry::MonitorRow>> row = registry::find_monitor(session, rules.id);
    if (!row) return std::move(row).error();
    if (!*row || (*row)->revision != monitor.revision) {
      return Error(ErrorCode::kCancelled, "the monitor was changed meanwhile");
    }
    std::vector<GroupTransition> told;
    for (const GroupChange& change : changes) {
      const GroupStateRow& state = change.after.state;
      Status stored = base::ok();
      if (change.forgotten) {
        if (change.after.stored) stored = registry::delete_group_state(session, rules.id, state.group);
      } else if (change.after.stored || worth_a_row(rules, state)) {
        stored = registry::put_group_state(session, state);
      }
      if (!stored) return stored;
      if (!change.transition) continue;
      GroupTransition& entry = told.emplace_back();
      entry.transition = *change.transition;
      entry.state = state;
      entry.background = change.background;
      (void)parse_group_name(state.group, rules.group_keys, entry.group);
      for (const std::string& other : change.together) {
        (void)parse_group_name(other, rules.group_keys, entry.together.emplace_back());
      }
      entry.row = {.monitor_id = rules.id,
                   .group = state.group,
                   .from = change.transition->from,
                   .to = change.transition->to,
                   .kind = std::string(transition_name(change.transition->kind)),
                   .time_s = to_s,
                   .value = state.silent_since_s == 0 ? state.value : std::nan(""),
                   .threshold = threshold_of(rules, *change.transition),
                   .event_id = registry::new_uuid(),
                   .notes = change.note};
      if (Status added = registry::add_transition(session, entry.row); !added) return added;
    }
    transitions = told.size();
    return told.empty() ? base::ok() : sink.apply(session, rules, told);
  });
  if (!status) return status;
  if (transitions > 0) sink.committed();
  base::MutexLock lock(mutex);
  counters.transitions += transitions;
  return base::ok();
}

void Evaluator::Impl::remember(TrackedMonitor& monitor, std::span<GroupChange> changes) {
  base::MutexLock lock(mutex);
  for (GroupChange& change : changes) {
    if (change.forgotten) {
      monitor.groups.erase(change.after.state.group);
      continue;
    }
    change.after.stored = change.after.stored || worth_a_row(monitor.rules, change.after.state);
    std::string name = change.after.state.group;
    monitor.groups[std::move(name)] = std::move(change.after);
  }
}

void Evaluator::Impl::finish(TrackedMonitor& monitor, int64_t to_s, std::string error, size_t left_out) {
  const MonitorHealth seen = summary_of(monitor);
  base::MutexLock lock(mutex);
  monitor.health.overall = seen.overall;
  monitor.health.counts = seen.counts;
  monitor.health.worst_group = seen.worst_group;
  monitor.health.changed_s = seen.changed_s;
  monitor.health.evaluated_s = to_s;
  monitor.health.error = std::move(error);
  monitor.health.groups = monitor.groups.size();
  monitor.health.groups_left_out = left_out;
  ++counters.evaluations;
}

// Ends are marked as worked off only when every monitor has seen them; what is repeated after a kill changes nothing,
// since a group that was told after the end is not told of it again.
void Evaluator::Impl::finish_downtimes(int64_t cut_s) {
  const bool waiting = std::any_of(monitors.begin(), monitors.end(), [&](const auto& entry) {
    return entry.second.invalid.empty() && entry.second.downtimes_seen_s < cut_s;
  });
  if (downtimes.anything_ended() && waiting) {
    if (ends_waiting_since_s == 0 || ends_waiting_since_s > cut_s) ends_waiting_since_s = cut_s;
    if (cut_s - ends_waiting_since_s < kDowntimeEndPatienceS) return;
  }
  ends_waiting_since_s = 0;
  if (Status status = downtimes.finish(registry, cut_s); !status) {
    spdlog::warn("downtimes are worked off again at the next cut: {}", status.error().message());
  }
}

void Evaluator::Impl::prune(int64_t cut_s) {
  if (cut_s - pruned_s < kPruneEveryS) return;
  pruned_s = cut_s;
  Status status = registry.write([&](registry::WriteSession& session) {
    Status gone = registry::prune_downtimes(session, cut_s - registry::kDowntimesKeptS, kPrunedAtOnce);
    return gone ? registry::prune_transitions(session, cut_s - kTransitionsKeptS, kPrunedAtOnce) : gone;
  });
  if (!status) spdlog::warn("old transitions stay for now: {}", status.error().message());
}

Evaluator::Evaluator(registry::Registry& registry, WindowQueries& queries, TransitionSink& sink, base::Clock clock,
                     EvaluatorConfig config)
    : impl_(new Impl{.registry = registry,
                     .queries = queries,
                     .sink = sink,
                     .clock = std::move(clock),
                     .config = config,
                     .mutex = {},
                     .monitors = {},
                     .downtimes = {},
                     .counters = {}}) {}

Evaluator::~Evaluator() {
  // Whoever stands by need not wait for the lease to end.
  if (impl_->lease_until_ms == 0) return;
  (void)impl_->registry.write(
      [&](registry::WriteSession& session) { return registry::give_lease_back(session, kLeaseName, impl_->token); });
}

Status Evaluator::evaluate(base::WallTime cut_end) {
  Impl& impl = *impl_;
  const base::TickTime start = impl.clock.tick();
  base::Result<bool> leads = impl.lead();
  if (!leads) return std::move(leads).error();
  if (!*leads) return base::ok();
  if (Status status = impl.reload(); !status) return status;
  const int64_t cut_s = base::unix_seconds(cut_end);
  if (Status status = impl.downtimes.look(impl.registry, cut_s); !status) return status;
  // From where the last evaluation ended, once around.
  std::vector<TrackedMonitor*> order;
  for (auto it = impl.monitors.lower_bound(impl.next_monitor); it != impl.monitors.end(); ++it)
    order.push_back(&it->second);
  for (auto it = impl.monitors.begin(); it != impl.monitors.lower_bound(impl.next_monitor); ++it) {
    order.push_back(&it->second);
  }
  impl.next_monitor = 0;
  bool missed = false;
  for (TrackedMonitor* monitor : order) {
    if (monitor->rules.kind == MonitorKind::kComposite) continue;
    if (impl.clock.tick() - start >= impl.config.deadline) {
      impl.next_monitor = monitor->rules.id;
      missed = true;
      break;
    }
    impl.evaluate_monitor(*monitor, cut_s);
  }
  // From the states that their members have now; they ask no query, so the deadline is not theirs.
  for (TrackedMonitor* monitor : order) {
    if (monitor->rules.kind == MonitorKind::kComposite) impl.evaluate_monitor(*monitor, cut_s);
  }
  impl.finish_downtimes(cut_s);
  impl.prune(cut_s);
  base::MutexLock lock(impl.mutex);
  if (missed) ++impl.counters.deadline_misses;
  impl.counters.last_duration = std::chrono::duration_cast<std::chrono::milliseconds>(impl.clock.tick() - start);
  return base::ok();
}

std::vector<GroupStateRow> Evaluator::groups(int64_t monitor_id, size_t count_max) const {
  std::vector<GroupStateRow> rows;
  {
    base::MutexLock lock(impl_->mutex);
    const auto found = impl_->monitors.find(monitor_id);
    if (found == impl_->monitors.end()) return rows;
    for (const auto& [name, group] : found->second.groups) rows.push_back(group.state);
  }
  // The worst first, so that a cut leaves out what matters least.
  const auto before = [](const GroupStateRow& a, const GroupStateRow& b) {
    const int left = severity(a.status);
    const int right = severity(b.status);
    return left != right ? left > right : a.group < b.group;
  };
  const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), count_max));
  std::partial_sort(rows.begin(), end, rows.end(), before);
  rows.erase(end, rows.end());
  return rows;
}

std::optional<MonitorHealth> Evaluator::health(int64_t monitor_id) const {
  base::MutexLock lock(impl_->mutex);
  const auto found = impl_->monitors.find(monitor_id);
  if (found == impl_->monitors.end()) return std::nullopt;
  return found->second.health;
}

EvaluatorStats Evaluator::stats() const {
  base::MutexLock lock(impl_->mutex);
  EvaluatorStats stats = impl_->counters;
  for (const auto& [id, monitor] : impl_->monitors) {
    stats.groups += monitor.health.groups;
    stats.groups_left_out += monitor.health.groups_left_out;
  }
  return stats;
}

}  // namespace godseye::monitor
