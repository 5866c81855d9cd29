#include "tracked_monitor.h"

#include "group_name.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_set>

namespace godseye::monitor {

namespace {

using registry::GroupStateRow;

// Equal but for the last value, which is not worth a write.
bool same_but_value(GroupStateRow a, const GroupStateRow& b) {
  a.value = b.value;
  return a == b || a.value != a.value;  // NaN values never compare equal; the rest was compared already
}

bool missing_key(const query::Group& group) {
  return std::any_of(group.begin(), group.end(),
                     [](const query::GroupTag& tag) { return tag.value == query::kNoGroupValue; });
}

const std::string& text_of(const std::string& value) { return value; }
const std::string& text_of(const query::GroupTag& tag) { return tag.value; }

// Whether the query did not get as far as this group.
bool beyond(const query::GroupCutOff& cut, const query::Group& group) {
  if (cut.groups_left_out == 0) return false;
  return std::lexicographical_compare(cut.known_until.begin(), cut.known_until.end(), group.begin(), group.end(),
                                      [](const auto& a, const auto& b) { return text_of(a) < text_of(b); });
}

void plan_known(TrackedMonitor& monitor, TrackedGroup& group, const query::Group& parts, const Reading& reading,
                int64_t to_s, const MonitorDowntimes& downtimes, EvaluationPlan& plan) {
  Step step = advance(monitor.rules, group.state, {.value = reading.value, .time_s = to_s, .status = reading.status});
  std::string note;
  if (!downtimes.none()) note = apply_downtimes(downtimes, group.state, parts, to_s, step);
  if (!step.transition && !step.forgotten && same_but_value(step.state, group.state)) {
    if (reading.value) plan.values.emplace_back(&group, step.state.value);
    return;
  }
  plan.changes.push_back(
      {.after = {.state = std::move(step.state), .stored = group.stored, .seen_round = group.seen_round},
       .transition = step.transition,
       .forgotten = step.forgotten,
       .note = std::move(note),
       .background = reading.background});
}

// Silent OK groups first, the longest silent before the others; then, for groups that are not OK, any OK group.
std::vector<const TrackedGroup*> evictable(const TrackedMonitor& monitor, const std::unordered_set<std::string>& busy,
                                           bool silent_only) {
  std::vector<const TrackedGroup*> groups;
  for (const auto& [name, group] : monitor.groups) {
    if (group.state.status != GroupStatus::kOk || busy.contains(name)) continue;
    if (silent_only && group.seen_round == monitor.round) continue;
    groups.push_back(&group);
  }
  std::sort(groups.begin(), groups.end(), [](const TrackedGroup* a, const TrackedGroup* b) {
    if (a->seen_round != b->seen_round) return a->seen_round < b->seen_round;
    return a->state.group < b->state.group;
  });
  return groups;
}

// Takes the new groups in, as far as there is room or room can be made.
void admit(TrackedMonitor& monitor, std::vector<GroupChange> arrivals, size_t groups_max, EvaluationPlan& plan) {
  std::partition(arrivals.begin(), arrivals.end(),
                 [](const GroupChange& c) { return c.after.state.status != GroupStatus::kOk; });
  size_t forgotten = 0;
  for (const GroupChange& change : plan.changes) forgotten += change.forgotten ? 1 : 0;
  size_t room = groups_max > monitor.groups.size() - forgotten ? groups_max - (monitor.groups.size() - forgotten) : 0;
  if (arrivals.size() > room) {
    // A group in transition stays; one whose only change is that it fell silent may go.
    std::unordered_set<std::string> busy;
    std::unordered_map<std::string, GroupChange*> silent;
    for (GroupChange& change : plan.changes) {
      if (change.transition || change.forgotten) {
        busy.insert(change.after.state.group);
      } else {
        silent.emplace(change.after.state.group, &change);
      }
    }
    const auto alerting = static_cast<size_t>(std::count_if(arrivals.begin(), arrivals.end(), [](const GroupChange& c) {
      return c.after.state.status != GroupStatus::kOk;
    }));
    std::vector<const TrackedGroup*> victims = evictable(monitor, busy, true);
    size_t needed = arrivals.size() - room;
    if (alerting > room + victims.size()) {
      // Reporting groups make room for alerts only, not for other quiet ones.
      victims = evictable(monitor, busy, false);
      needed = alerting - room;
    }
    const size_t wanted = std::min(needed, victims.size());
    std::vector<GroupChange> evictions;
    for (size_t i = 0; i < wanted; ++i) {
      const auto found = silent.find(victims[i]->state.group);
      if (found != silent.end()) {
        found->second->forgotten = true;
      } else {
        evictions.push_back({.after = *victims[i], .forgotten = true});
      }
    }
    plan.changes.insert(plan.changes.end(), evictions.begin(), evictions.end());
    room += wanted;
  }
  for (GroupChange& arrival : arrivals) {
    if (room > 0) {
      --room;
      plan.changes.push_back(std::move(arrival));
      continue;
    }
    ++plan.left_out;
    if (arrival.after.state.status != GroupStatus::kOk) ++plan.left_out_alerts;
  }
}

}  // namespace

bool worth_a_row(const ValidMonitor& monitor, const GroupStateRow& state) {
  if (state.status != GroupStatus::kOk) return true;
  if (state.last_triggered_s != 0 || state.last_nodata_s != 0) return true;
  if (monitor.new_group_delay_s > 0) return true;
  return monitor.missing_data == MissingData::kShowNoData || monitor.missing_data == MissingData::kNotifyNoData;
}

EvaluationPlan plan_evaluation(TrackedMonitor& monitor, const Readings& readings, int64_t to_s, size_t groups_max,
                               const MonitorDowntimes& downtimes) {
  EvaluationPlan plan;
  ++monitor.round;
  std::vector<GroupChange> arrivals;
  for (const Reading& value : readings) {
    if (missing_key(value.group)) continue;
    std::string name = group_name(value.group);
    const auto found = monitor.groups.find(name);
    if (found != monitor.groups.end()) {
      if (!value.value && !value.skipped) continue;  // silent, below
      found->second.seen_round = monitor.round;
      if (!value.skipped) plan_known(monitor, found->second, value.group, value, to_s, downtimes, plan);
    } else if (value.value && !value.skipped) {
      const GroupStateRow fresh = new_group(monitor.rules.id, std::move(name), to_s);
      Step step = advance(monitor.rules, fresh, {.value = value.value, .time_s = to_s, .status = value.status});
      std::string note;
      if (!downtimes.none()) note = apply_downtimes(downtimes, fresh, value.group, to_s, step);
      arrivals.push_back({.after = {.state = std::move(step.state), .seen_round = monitor.round},
                          .transition = step.transition,
                          .note = std::move(note),
                          .background = value.background});
    }
  }
  for (auto& [name, group] : monitor.groups) {
    if (group.seen_round == monitor.round) continue;
    query::Group parts;
    if (parse_group_name(name, monitor.rules.group_keys, parts)) {
      if (beyond(readings.cut, parts)) continue;
      plan_known(monitor, group, parts, Reading{}, to_s, downtimes, plan);
      continue;
    }
    // The monitor was edited and this group is none of its query any more: end what it had going.
    ValidMonitor resolving = monitor.rules;
    resolving.group_retention_s = 0;
    Step step = advance(resolving, group.state, {.value = std::nullopt, .time_s = to_s});
    std::string note;
    if (!downtimes.none()) note = apply_downtimes(downtimes, group.state, parts, to_s, step);
    plan.changes.push_back({.after = {.state = std::move(step.state), .stored = group.stored},
                            .transition = step.transition,
                            .forgotten = true,
                            .note = std::move(note)});
  }
  admit(monitor, std::move(arrivals), groups_max, plan);
  std::partition(plan.changes.begin(), plan.changes.end(),
                 [](const GroupChange& change) { return change.transition.has_value(); });
  return plan;
}

void tell_together(const TrackedMonitor& monitor, EvaluationPlan& plan) {
  if (!monitor.rules.told_together || plan.changes.empty()) return;
  struct Together {
    std::set<std::string> troubled;  // after this evaluation
    std::set<std::string> recovered;
    bool troubled_before = false;
    bool told = false;
  };
  const auto name_of = [&](const std::string& group) {
    query::Group parts;
    std::string name;
    if (!parse_group_name(group, monitor.rules.group_keys, parts)) return name;
    for (const query::GroupTag& tag : parts) {
      const auto& keys = monitor.rules.notify_by;
      if (std::find(keys.begin(), keys.end(), tag.key) != keys.end()) name += tag.key + ":" + tag.value + ",";
    }
    return name;
  };
  std::unordered_map<std::string, Together> all;
  for (const auto& [group, tracked] : monitor.groups) {
    if (tracked.state.status == GroupStatus::kOk) continue;
    Together& together = all[name_of(group)];
    together.troubled.insert(group);
    together.troubled_before = true;
  }
  for (const GroupChange& change : plan.changes) {
    if (!change.transition) continue;
    const std::string& group = change.after.state.group;
    Together& together = all[name_of(group)];
    if (change.transition->to != GroupStatus::kOk) {
      together.troubled.insert(group);
    } else if (together.troubled.erase(group) != 0) {
      together.recovered.insert(group);
    }
  }
  for (GroupChange& change : plan.changes) {
    if (!change.transition || !change.transition->notify) continue;
    Together& together = all[name_of(change.after.state.group)];
    const bool ends = change.transition->to == GroupStatus::kOk;
    const bool first = !together.told && (!ends || together.troubled.empty());
    // Trouble that joins trouble told of before is no news, unless it is told again or is worse than a warning was.
    const bool joins = !ends && together.troubled_before && change.transition->from == GroupStatus::kOk;
    const char* separator = change.note.empty() ? "" : "; ";
    if (first && !joins) {
      together.told = true;
      const std::set<std::string>& names = ends ? together.recovered : together.troubled;
      if (names.size() > 1) {
        change.note += separator + std::string("told for ") + std::to_string(names.size()) + " groups together";
        const auto end =
            std::next(names.begin(), static_cast<std::ptrdiff_t>(std::min(names.size(), kTogetherNamedMax)));
        change.together.assign(names.begin(), end);
      }
      continue;
    }
    change.transition->notify = false;
    change.note += separator + std::string("told together with other groups (notify_by)");
  }
}

void tell_at_most(const TrackedMonitor& monitor, EvaluationPlan& plan, size_t count_max) {
  const auto note = [](GroupChange& change, const std::string& text) {
    change.note += (change.note.empty() ? "" : "; ") + text;
  };
  std::vector<GroupChange*> told;
  for (GroupChange& change : plan.changes) {
    if (!change.transition || !change.transition->notify) continue;
    const auto known = monitor.groups.find(change.after.state.group);
    const bool untold = known != monitor.groups.end() && known->second.state.status != GroupStatus::kOk &&
                        known->second.state.last_notified_s == 0;
    if (untold && change.transition->to == GroupStatus::kOk) {
      change.transition->notify = false;
      note(change, "its trouble was not told either");
      continue;
    }
    told.push_back(&change);
  }
  if (told.size() <= count_max) return;
  // Trouble before recoveries, alerts before warnings; otherwise by name, so that the same ones are told each time.
  std::sort(told.begin(), told.end(), [](const GroupChange* a, const GroupChange* b) {
    const int left = severity(a->transition->to);
    const int right = severity(b->transition->to);
    return left != right ? left > right : a->after.state.group < b->after.state.group;
  });
  const std::string rest = std::to_string(told.size() - count_max);
  if (count_max > 0) note(*told[count_max - 1], rest + " more groups changed at the same time and are not told of");
  for (size_t i = count_max; i < told.size(); ++i) {
    GroupChange& change = *told[i];
    change.transition->notify = false;
    change.after.state.last_notified_s = 0;
    note(change, "not told: more than " + std::to_string(count_max) + " groups changed at once");
  }
}

MonitorHealth summary_of(const TrackedMonitor& monitor) {
  MonitorHealth health;
  health.overall = monitor.groups.empty() ? GroupStatus::kNoData : GroupStatus::kOk;
  health.groups = monitor.groups.size();
  const std::string* worst = nullptr;
  int worst_severity = severity(GroupStatus::kNoData);
  for (const auto& [name, group] : monitor.groups) {
    const GroupStateRow& state = group.state;
    ++health.counts.at(static_cast<size_t>(state.status));
    const int grade = severity(state.status);
    if (grade > severity(health.overall)) health.overall = state.status;
    health.changed_s = std::max({health.changed_s, state.last_triggered_s, state.last_resolved_s, state.last_nodata_s});
    if (grade < worst_severity || grade == severity(GroupStatus::kOk) || grade == severity(GroupStatus::kNoData))
      continue;
    if (grade > worst_severity || worst == nullptr || name < *worst) worst = &name;
    worst_severity = grade;
  }
  if (worst != nullptr) health.worst_group = *worst;
  return health;
}

}  // namespace godseye::monitor
