#include "readings.h"

#include <algorithm>
#include <set>

namespace godseye::monitor {

namespace {

constexpr int64_t kPeriodSecondsMin = 10;

// The order of composites, in which No Data is worse than OK.
int weight(GroupStatus status) { return severity(status); }

// The values of `keys` in `group`, in that order.
std::vector<std::string> projected(const query::Group& group, const std::vector<std::string>& keys) {
  std::vector<std::string> values;
  for (const std::string& key : keys) {
    const auto found =
        std::find_if(group.begin(), group.end(), [&](const query::GroupTag& tag) { return tag.key == key; });
    values.push_back(found == group.end() ? std::string() : found->value);
  }
  return values;
}

std::vector<std::string> common_keys(const std::map<int64_t, MemberGroups>& members) {
  std::vector<std::string> common;
  bool first = true;
  for (const auto& [id, member] : members) {
    if (member.keys.empty()) continue;
    if (first) {
      common = member.keys;
      first = false;
      continue;
    }
    std::erase_if(common, [&](const std::string& key) {
      return std::find(member.keys.begin(), member.keys.end(), key) == member.keys.end();
    });
  }
  return common;
}

using ByValues = std::map<std::vector<std::string>, MemberState>;

// A member's worst state for each combination of the common keys' values.
ByValues projected_statuses(const MemberGroups& member, const std::vector<std::string>& keys) {
  ByValues statuses;
  for (const auto& [group, state] : member.groups) {
    const auto [at, added] = statuses.emplace(projected(group, keys), state);
    if (!added && weight(state.status) > weight(at->second.status)) at->second = state;
  }
  return statuses;
}

}  // namespace

base::Result<Readings> read_monitor(const ValidMonitor& rules, WindowQueries& queries, int64_t to_s) {
  if (rules.kind == MonitorKind::kServiceCheck) {
    base::Result<query::CheckGroups> runs = queries.check_runs(rules.check, to_s);
    if (!runs) return std::move(runs).error();
    return readings_of(rules, *std::move(runs), to_s);
  }
  if (rules.kind == MonitorKind::kEvent) {
    base::Result<query::GroupValues> counts = queries.count_events(rules.events, to_s);
    if (!counts) return std::move(counts).error();
    return readings_of(*std::move(counts), false);
  }
  if (rules.schedule && rules.query.window.kind == lang::WindowKind::kCurrent) {
    // Since the period began; at its first moment, the ten seconds before.
    lang::MonitorQuery since = rules.query;
    const int64_t begin_s = std::min(rules.schedule->period_start(to_s), to_s - kPeriodSecondsMin);
    since.window = {.kind = lang::WindowKind::kLast,
                    .seconds = static_cast<uint32_t>(to_s - begin_s),
                    .text = rules.query.window.text + " since " + std::to_string(begin_s)};
    base::Result<query::GroupValues> values = queries.evaluate(since, to_s);
    if (!values) return std::move(values).error();
    return readings_of(*std::move(values), false);
  }
  base::Result<query::GroupValues> values =
      rules.require_full_window ? queries.evaluate_full(rules.query, to_s) : queries.evaluate(rules.query, to_s);
  if (!values) return std::move(values).error();
  return readings_of(*std::move(values), rules.require_full_window);
}

Readings readings_of(query::GroupValues values, bool require_full_window) {
  Readings readings;
  readings.cut = std::move(values.cut);
  readings.reserve(values.size());
  for (query::GroupValue& value : values) {
    readings.push_back({.group = std::move(value.group),
                        .value = value.value,
                        .status = std::nullopt,
                        .skipped = require_full_window && value.partial && value.value});
  }
  return readings;
}

Readings readings_of(const ValidMonitor& monitor, query::CheckGroups runs, int64_t to_s) {
  const CheckThresholds& thresholds = monitor.check_thresholds;
  Readings readings;
  readings.cut = std::move(runs.cut);
  readings.reserve(runs.size());
  for (query::CheckRuns& one : runs) {
    Reading& reading = readings.emplace_back();
    reading.group = std::move(one.group);
    if (!one.message.empty()) {
      reading.background = std::make_shared<const Background>(Background{.check_message = std::move(one.message)});
    }
    if (one.critical_percent) {
      reading.value = *one.critical_percent;
      continue;
    }
    if (one.statuses.empty() || to_s - one.newest_s > monitor.check_silence_s) continue;
    const size_t end = std::min(one.statuses.find_first_not_of(one.statuses.front()), one.statuses.size());
    reading.value = static_cast<double>(end);
    switch (one.statuses.front()) {
      case '0':
        if (end >= thresholds.ok) reading.status = GroupStatus::kOk;
        break;
      case '1':
        if (end >= thresholds.warning) reading.status = GroupStatus::kWarn;
        break;
      case '2':
        if (end >= thresholds.critical) reading.status = GroupStatus::kAlert;
        break;
      default:
        if (thresholds.unknown && end >= *thresholds.unknown) reading.status = GroupStatus::kNoData;
        break;
    }
    reading.skipped = !reading.status;
  }
  return readings;
}

GroupStatus combined_status(const lang::Composite& composite, const std::map<int64_t, GroupStatus>& statuses) {
  using Kind = lang::Composite::Kind;
  if (composite.kind == Kind::kMonitor) {
    const auto found = statuses.find(composite.monitor_id);
    return found == statuses.end() ? GroupStatus::kNoData : found->second;
  }
  if (composite.kind == Kind::kNot) {
    const GroupStatus inner = combined_status(composite.children.front(), statuses);
    if (inner == GroupStatus::kNoData) return inner;
    return inner == GroupStatus::kOk ? GroupStatus::kAlert : GroupStatus::kOk;
  }
  GroupStatus all = combined_status(composite.children.front(), statuses);
  for (size_t i = 1; i < composite.children.size(); ++i) {
    const GroupStatus next = combined_status(composite.children[i], statuses);
    const bool takes_next = composite.kind == Kind::kAnd ? weight(next) < weight(all) : weight(next) > weight(all);
    if (takes_next) all = next;
  }
  return all;
}

Readings combine(const ValidMonitor& composite, const std::map<int64_t, MemberGroups>& members,
                 std::vector<std::string>& keys) {
  keys = common_keys(members);
  std::map<int64_t, ByValues> grouped;
  std::map<int64_t, MemberState> fixed;
  std::optional<std::set<std::vector<std::string>>> groups;
  for (const auto& [id, member] : members) {
    ByValues statuses = projected_statuses(member, keys);
    if (member.keys.empty() || keys.empty()) {
      MemberState& worst = fixed[id];
      for (auto state = statuses.begin(); state != statuses.end(); ++state) {
        const bool first = state == statuses.begin();
        if (first || weight(state->second.status) > weight(worst.status)) worst = state->second;
      }
      continue;
    }
    std::set<std::vector<std::string>> own;
    for (const auto& [values, state] : statuses) {
      if (!groups || groups->contains(values)) own.insert(values);
    }
    groups = std::move(own);
    grouped.emplace(id, std::move(statuses));
  }
  if (!groups) groups.emplace({std::vector<std::string>()});
  const bool tells_no_data = composite.missing_data == MissingData::kNotifyNoData;
  const std::vector<int64_t> order = lang::composite_members(composite.composite);
  Readings readings;
  for (const std::vector<std::string>& values : *groups) {
    std::map<int64_t, GroupStatus> statuses;
    Background background;
    for (const int64_t id : order) {
      const auto by_values = grouped.find(id);
      const MemberState& state = by_values == grouped.end() ? fixed[id] : by_values->second.at(values);
      statuses[id] = state.status;
      background.members.push_back(state);
    }
    Reading& reading = readings.emplace_back();
    reading.background = std::make_shared<const Background>(std::move(background));
    for (size_t i = 0; i < values.size(); ++i) reading.group.push_back({.key = keys[i], .value = values[i]});
    const GroupStatus status = combined_status(composite.composite, statuses);
    reading.value = status == GroupStatus::kAlert || status == GroupStatus::kWarn ? 1 : 0;
    if (status == GroupStatus::kNoData && !tells_no_data) {
      reading.skipped = true;
    } else {
      reading.status = status;
    }
  }
  return readings;
}

}  // namespace godseye::monitor
