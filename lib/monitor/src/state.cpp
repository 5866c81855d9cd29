#include <algorithm>
#include <cmath>

#include <godseye/monitor/state.h>

namespace godseye::monitor {

using registry::GroupStateRow;

namespace {

// Without a recovery threshold the alert ends when its condition is false; with one, when the same condition against
// the recovery threshold is false (`>`: value ≤ recovery, `>=`: value < recovery, and mirrored).
bool still(std::optional<double> recovery, lang::Comparator comparator, double value) {
  return recovery && lang::compare(value, comparator, *recovery);
}

TransitionKind kind_of(GroupStatus to) {
  switch (to) {
    case GroupStatus::kAlert:
      return TransitionKind::kTriggered;
    case GroupStatus::kWarn:
      return TransitionKind::kWarn;
    case GroupStatus::kNoData:
      return TransitionKind::kNoData;
    case GroupStatus::kOk:
      break;
  }
  return TransitionKind::kRecovered;
}

void stamp(GroupStateRow& state, GroupStatus from, int64_t time_s) {
  state.status_since_s = time_s;
  switch (state.status) {
    case GroupStatus::kAlert:
    case GroupStatus::kWarn:
      // No Data in between does not end the trouble; OK does.
      if (from == GroupStatus::kOk || state.first_triggered_s == 0) state.first_triggered_s = time_s;
      state.last_triggered_s = time_s;
      break;
    case GroupStatus::kNoData:
      if (from == GroupStatus::kOk) state.first_triggered_s = 0;
      state.last_nodata_s = time_s;
      break;
    case GroupStatus::kOk:
      state.last_resolved_s = time_s;
      break;
  }
}

// Changes `step` to `to`; nothing when it is there already.
void move_to(Step& step, const ValidMonitor& monitor, GroupStatus to, int64_t time_s) {
  const GroupStatus from = step.state.status;
  if (from == to) return;
  Transition transition{.kind = kind_of(to), .from = from, .to = to};
  const bool tells_no_data = monitor.missing_data == MissingData::kNotifyNoData;
  if (to == GroupStatus::kNoData) transition.notify = tells_no_data;
  // Silence that nobody was told of ends untold, unless it began in an alert.
  if (from == GroupStatus::kNoData && to == GroupStatus::kOk) {
    transition.notify = tells_no_data || step.state.first_triggered_s != 0;
  }
  step.state.status = to;
  step.state.renotified = 0;
  stamp(step.state, from, time_s);
  if (transition.notify) step.state.last_notified_s = time_s;
  step.transition = transition;
}

void evaluate(Step& step, const ValidMonitor& monitor, double value, int64_t time_s,
              std::optional<GroupStatus> decided = std::nullopt) {
  step.state.value = value;
  // Skipped evaluations leave the state and tell nobody.
  if (time_s - step.state.first_seen_s < monitor.new_group_delay_s) return;
  move_to(step, monitor, decided ? *decided : classify(monitor, step.state.status, value), time_s);
}

void evaluate_silence(Step& step, const ValidMonitor& monitor, int64_t time_s) {
  if (step.state.silent_since_s == 0) step.state.silent_since_s = time_s;
  const int64_t silent_s = time_s - step.state.silent_since_s;
  if (silent_s >= monitor.group_retention_s) {
    // Whatever hangs on this group must end before nobody remembers it.
    move_to(step, monitor, GroupStatus::kOk, time_s);
    step.forgotten = true;
    return;
  }
  if (monitor.auto_resolve_s != 0 && silent_s >= monitor.auto_resolve_s) {
    move_to(step, monitor, GroupStatus::kOk, time_s);
    return;
  }
  switch (monitor.missing_data) {
    case MissingData::kKeepState:
      break;
    case MissingData::kEvaluateZero:
      evaluate(step, monitor, 0, time_s);
      break;
    case MissingData::kResolve:
      move_to(step, monitor, GroupStatus::kOk, time_s);
      break;
    case MissingData::kShowNoData:
    case MissingData::kNotifyNoData:
      if (silent_s >= monitor.no_data_after_s) move_to(step, monitor, GroupStatus::kNoData, time_s);
      break;
  }
}

// Nothing changed; whether it is time to say so again.
void renotify(Step& step, const ValidMonitor& monitor, int64_t time_s) {
  const Renotify& rule = monitor.renotify;
  GroupStateRow& state = step.state;
  if (rule.interval_s == 0 || step.transition || step.forgotten || state.last_notified_s == 0) return;
  TransitionKind kind = TransitionKind::kReTriggered;
  switch (state.status) {
    case GroupStatus::kAlert:
      if (!rule.alert) return;
      break;
    case GroupStatus::kWarn:
      if (!rule.warn) return;
      kind = TransitionKind::kReWarn;
      break;
    case GroupStatus::kNoData:
      if (!rule.no_data || monitor.missing_data != MissingData::kNotifyNoData) return;
      kind = TransitionKind::kReNoData;
      break;
    case GroupStatus::kOk:
      return;
  }
  if (time_s - state.last_notified_s < rule.interval_s) return;
  const int64_t began_s = state.first_triggered_s != 0 ? state.first_triggered_s : state.status_since_s;
  if (rule.occurrences != 0 ? state.renotified >= rule.occurrences : time_s - began_s > kRenotifyStopS) return;
  state.last_notified_s = time_s;
  ++state.renotified;
  step.transition = Transition{.kind = kind, .from = state.status, .to = state.status, .notify = true};
}

}  // namespace

std::string_view status_name(GroupStatus status) {
  switch (status) {
    case GroupStatus::kOk:
      return "OK";
    case GroupStatus::kWarn:
      return "Warn";
    case GroupStatus::kAlert:
      return "Alert";
    case GroupStatus::kNoData:
      return "No Data";
  }
  return "Unknown";
}

int severity(GroupStatus status) {
  switch (status) {
    case GroupStatus::kOk:
      return 0;
    case GroupStatus::kNoData:
      return 1;
    case GroupStatus::kWarn:
      return 2;
    case GroupStatus::kAlert:
      return 3;
  }
  return 0;
}

std::string_view transition_name(TransitionKind kind) {
  switch (kind) {
    case TransitionKind::kTriggered:
      return "Triggered";
    case TransitionKind::kWarn:
      return "Warn";
    case TransitionKind::kRecovered:
      return "Recovered";
    case TransitionKind::kNoData:
      return "No Data";
    case TransitionKind::kReTriggered:
      return "Re-Triggered";
    case TransitionKind::kReWarn:
      return "Re-Warn";
    case TransitionKind::kReNoData:
      return "Re-No Data";
  }
  return "";
}

bool is_renotification(TransitionKind kind) {
  return kind == TransitionKind::kReTriggered || kind == TransitionKind::kReWarn || kind == TransitionKind::kReNoData;
}

GroupStateRow new_group(int64_t monitor_id, std::string group, int64_t time_s) {
  return {.monitor_id = monitor_id,
          .group = std::move(group),
          .status = GroupStatus::kOk,
          .first_seen_s = time_s,
          .status_since_s = time_s};
}

GroupStatus classify(const ValidMonitor& monitor, GroupStatus current, double value) {
  const lang::Comparator comparator = monitor.query.comparator;
  const Thresholds& thresholds = monitor.thresholds;
  if (lang::compare(value, comparator, thresholds.critical)) return GroupStatus::kAlert;
  if (current == GroupStatus::kAlert && still(thresholds.critical_recovery, comparator, value)) {
    return GroupStatus::kAlert;
  }
  if (thresholds.warning) {
    if (lang::compare(value, comparator, *thresholds.warning)) return GroupStatus::kWarn;
    const bool raised = current == GroupStatus::kAlert || current == GroupStatus::kWarn;
    if (raised && still(thresholds.warning_recovery, comparator, value)) return GroupStatus::kWarn;
  }
  return GroupStatus::kOk;
}

Step advance(const ValidMonitor& monitor, const GroupStateRow& state, const Observation& observation) {
  Step step{.state = state, .transition = std::nullopt};
  // The clock went back: what lies in the future happened now, else nothing would be old enough until it is caught up.
  for (int64_t* moment : {&step.state.first_seen_s, &step.state.silent_since_s, &step.state.status_since_s}) {
    *moment = std::min(*moment, observation.time_s);
  }
  if (step.state.last_notified_s > observation.time_s + monitor.evaluation_delay_s) {
    step.state.last_notified_s = observation.time_s;
  }
  if (observation.status || (observation.value && !std::isnan(*observation.value))) {
    step.state.silent_since_s = 0;
    evaluate(step, monitor, observation.value.value_or(0), observation.time_s, observation.status);
  } else {
    evaluate_silence(step, monitor, observation.time_s);
  }
  renotify(step, monitor, observation.time_s);
  return step;
}

double threshold_of(const ValidMonitor& monitor, const Transition& transition) {
  const Thresholds& t = monitor.thresholds;
  if (transition.to == GroupStatus::kWarn) return t.warning.value_or(t.critical);
  if (transition.to != GroupStatus::kOk) return t.critical;
  if (transition.from == GroupStatus::kWarn) return t.warning_recovery.value_or(t.warning.value_or(t.critical));
  return t.critical_recovery.value_or(t.critical);
}

}  // namespace godseye::monitor
