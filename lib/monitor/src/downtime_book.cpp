#include "downtime_book.h"

#include <algorithm>

#include <godseye/base/log.h>
#include <godseye/registry/downtimes.h>

namespace godseye::monitor {

using base::Status;
using registry::GroupStateRow;

namespace {

bool tells(const ValidDowntime& downtime, GroupStatus status) {
  switch (status) {
    case GroupStatus::kAlert:
      return downtime.tells_alert;
    case GroupStatus::kWarn:
      return downtime.tells_warn;
    case GroupStatus::kNoData:
      return downtime.tells_no_data;
    case GroupStatus::kOk:
      break;
  }
  return false;
}

TransitionKind kind_at_end(GroupStatus status) {
  if (status == GroupStatus::kAlert) return TransitionKind::kTriggered;
  return status == GroupStatus::kWarn ? TransitionKind::kWarn : TransitionKind::kNoData;
}

const ActiveDowntime* covering(const MonitorDowntimes& downtimes, const query::Group& group) {
  for (const ActiveDowntime& active : downtimes.active) {
    if (scope_covers(active.downtime->scope, downtimes.fixed, group)) return &active;
  }
  return nullptr;
}

// The first recovery of trouble that people were told of before the period began.
bool is_first_recovery(const ActiveDowntime& active, const GroupStateRow& before, const Transition& transition) {
  const int64_t began_s = before.first_triggered_s != 0 ? before.first_triggered_s : before.status_since_s;
  return transition.to == GroupStatus::kOk && !active.downtime->mute_first_recovery && before.last_notified_s != 0 &&
         began_s < active.period.start_s && before.last_notified_s < active.period.start_s;
}

std::string withhold(const ActiveDowntime& active, const GroupStateRow& before, Step& step) {
  const std::string name = "downtime " + std::to_string(active.downtime->id);
  if (is_renotification(step.transition->kind)) {
    step.transition.reset();
    step.state.last_notified_s = before.last_notified_s;
    step.state.renotified = before.renotified;
    return {};
  }
  if (is_first_recovery(active, before, *step.transition)) {
    return "told in spite of " + name + ": the first recovery of trouble that began before it";
  }
  step.transition->notify = false;
  step.state.last_notified_s = before.last_notified_s;
  std::string note = "withheld: " + name + " covers this group";
  if (!active.downtime->message.empty()) note += " (" + active.downtime->message.substr(0, 200) + ")";
  return note;
}

}  // namespace

std::string apply_downtimes(const MonitorDowntimes& downtimes, const GroupStateRow& before, const query::Group& group,
                            int64_t to_s, Step& step) {
  if (step.forgotten && !step.transition) return {};
  const bool would_tell = step.transition && step.transition->notify;
  const ActiveDowntime* active = covering(downtimes, group);
  if (active != nullptr) return would_tell ? withhold(*active, before, step) : std::string();
  if (would_tell && !is_renotification(step.transition->kind)) return {};
  for (const EndedDowntime& ended : downtimes.ended) {
    const ValidDowntime& downtime = *ended.downtime;
    if (!(ended.canceled ? downtime.tells_canceled : downtime.tells_expired)) continue;
    if (!tells(downtime, step.state.status) || before.last_notified_s >= ended.period.end_s) continue;
    if (!scope_covers(downtime.scope, downtimes.fixed, group)) continue;
    step.transition = Transition{
        .kind = kind_at_end(step.state.status), .from = before.status, .to = step.state.status, .notify = true};
    // Not before the end, so that a restart does not tell it again.
    step.state.last_notified_s = std::max(to_s, ended.period.end_s);
    step.state.renotified = 0;
    return "told at the end of downtime " + std::to_string(downtime.id);
  }
  return {};
}

Status DowntimeBook::look(const registry::Registry& registry, int64_t now_s) {
  std::vector<registry::DowntimeRow> rows;
  int64_t revision = 0;
  Status status = registry.read([&](registry::ReadSession& session) -> Status {
    base::Result<int64_t> current = registry::downtimes_revision(session);
    if (!current) return std::move(current).error();
    revision = *current;
    if (revision == revision_) return base::ok();
    auto all = registry::list_downtimes(session, false);
    if (!all) return std::move(all).error();
    rows = *std::move(all);
    return base::ok();
  });
  if (!status) return status;
  if (revision != revision_) {
    entries_.clear();
    for (const registry::DowntimeRow& row : rows) {
      base::Result<ddapi::DowntimeSpec> spec = ddapi::decode_downtime_spec(row.document);
      base::Result<ValidDowntime> valid =
          spec ? validate_downtime(*spec, row.created_s) : base::Result<ValidDowntime>(spec.error());
      if (!valid) {
        // Written by another version: it mutes nobody, and says so.
        spdlog::warn("downtime {} has no effect: {}", row.id, valid.error().message());
        continue;
      }
      valid->id = row.id;
      valid->canceled_s = row.canceled_s;
      entries_.push_back({.downtime = *std::move(valid), .handled_s = row.handled_s});
    }
    revision_ = revision;
  }
  active_.clear();
  ended_.clear();
  for (Entry& entry : entries_) {
    // Expanding a rule costs more than looking at what it gave: again only when that is past, or the clock went back.
    const bool stale = now_s < entry.near_at_s || (entry.near ? now_s >= entry.near->end_s : entry.near_at_s == 0);
    if (stale) {
      entry.near = entry.downtime.current_or_next(now_s);
      entry.near_at_s = now_s;
      entry.ended = entry.downtime.last_ended(entry.handled_s, now_s);
    }
    entry.over = !entry.near || entry.near->end_s <= now_s;
    if (entry.near && entry.near->start_s <= now_s && now_s < entry.near->end_s) {
      active_.push_back({.downtime = &entry.downtime, .period = *entry.near});
    }
    if (!entry.ended) continue;
    const int64_t canceled_s = entry.downtime.canceled_s;
    ended_.push_back({.downtime = &entry.downtime,
                      .period = *entry.ended,
                      .canceled = canceled_s != 0 && entry.ended->end_s == canceled_s});
  }
  return base::ok();
}

MonitorDowntimes DowntimeBook::of(const ValidMonitor& monitor, int64_t seen_s) const {
  MonitorDowntimes found;
  for (const ActiveDowntime& active : active_) {
    if (applies_to(*active.downtime, monitor.id, monitor.tags)) found.active.push_back(active);
  }
  for (const EndedDowntime& ended : ended_) {
    if (ended.period.end_s > seen_s && applies_to(*ended.downtime, monitor.id, monitor.tags)) {
      found.ended.push_back(ended);
    }
  }
  if (!found.none()) found.fixed = fixed_tags(monitor);
  return found;
}

Status DowntimeBook::finish(registry::Registry& registry, int64_t now_s) {
  std::vector<Entry*> done;
  for (Entry& entry : entries_) {
    if (entry.ended || entry.over) done.push_back(&entry);
  }
  if (done.empty()) return base::ok();
  Status status = registry.write([&](registry::WriteSession& session) -> Status {
    for (const Entry* entry : done) {
      Status marked = registry::set_downtime_handled(session, entry->downtime.id, now_s, entry->over);
      if (!marked) return marked;
    }
    return base::ok();
  });
  if (!status) return status;
  for (Entry* entry : done) {
    entry->handled_s = now_s;
    entry->ended.reset();
  }
  active_.clear();
  ended_.clear();
  std::erase_if(entries_, [](const Entry& entry) { return entry.over; });
  return base::ok();
}

}  // namespace godseye::monitor
