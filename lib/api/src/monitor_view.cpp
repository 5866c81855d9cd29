#include "monitor_view.h"

#include <algorithm>

#include <godseye/monitor/spec.h>

namespace godseye::api {

using base::Error;
using base::ErrorCode;

namespace {

std::vector<ddapi::MonitorGroupView> groups_of(const monitor::Evaluator& evaluator, int64_t id,
                                               const WantedStates& wanted) {
  std::vector<ddapi::MonitorGroupView> views;
  for (const registry::GroupStateRow& state : evaluator.groups(id, wanted.all ? kGroupsShownMax : SIZE_MAX)) {
    if (views.size() >= kGroupsShownMax) break;
    if (!wanted.wants(state.status)) continue;
    views.push_back({.name = state.group,
                     .status = std::string(monitor::status_name(state.status)),
                     .last_triggered_s = state.last_triggered_s,
                     .last_notified_s = state.last_notified_s,
                     .last_resolved_s = state.last_resolved_s,
                     .last_nodata_s = state.last_nodata_s,
                     .value = state.value});
  }
  return views;
}

}  // namespace

WantedStates::WantedStates(std::string_view text) : none(text.empty()) {
  for (const std::string& name : split_list(lower(text))) {
    if (name == "all") all = true;
    names.push_back(name);
  }
}

bool WantedStates::wants(registry::GroupStatus status) const {
  return all || std::find(names.begin(), names.end(), lower(monitor::status_name(status))) != names.end();
}

ddapi::MonitorView monitor_view(const ManagementParts& parts, const registry::MonitorRow& row,
                                const DowntimeList& downtimes, const WantedStates& wanted) {
  ddapi::MonitorView view{.id = row.id, .created_s = row.created_s, .modified_s = row.modified_s};
  base::Result<ddapi::MonitorSpec> spec = ddapi::decode_monitor(row.document);
  if (!spec) {
    view.evaluation_error = spec.error().message();
    return view;
  }
  view.spec = *std::move(spec);
  base::Result<monitor::ValidMonitor> valid = monitor::validate(view.spec, &view.warnings);
  view.multi = valid && valid->multi();
  downtimes.annotate(view, now_s(parts));
  const monitor::Evaluator* evaluator = parts.evaluator ? parts.evaluator() : nullptr;
  if (evaluator == nullptr) return view;
  if (const std::optional<monitor::MonitorHealth> health = evaluator->health(row.id)) {
    view.overall_state = monitor::status_name(health->overall);
    view.evaluation_error = health->error;
    for (const auto status : {registry::GroupStatus::kAlert, registry::GroupStatus::kWarn,
                              registry::GroupStatus::kNoData, registry::GroupStatus::kOk}) {
      view.group_counts.emplace_back(monitor::status_name(status), health->counts.at(static_cast<size_t>(status)));
    }
    view.worst_group = health->worst_group;
    view.groups_left_out = health->groups_left_out;
    view.groups_changed_s = health->changed_s;
  }
  if (!wanted.none) view.groups = groups_of(*evaluator, row.id, wanted);
  return view;
}

ddapi::MonitorView monitor_view(const ManagementParts& parts, const registry::MonitorRow& row,
                                const WantedStates& wanted) {
  return monitor_view(parts, row, DowntimeList::read(parts.registry, false).value_or(DowntimeList()), wanted);
}

Error no_monitor(std::string_view id) { return {ErrorCode::kNotFound, "Monitor not found: " + std::string(id)}; }

base::Result<registry::MonitorRow> find_monitor_row(const ManagementParts& parts, const Request& request) {
  const std::string& text = request.param("id");
  const std::optional<int64_t> id = whole_number(text);
  if (!id) {
    return Error(ErrorCode::kInvalidArgument, "the id of a monitor is a number, not \"" + text.substr(0, 40) + "\"");
  }
  auto row = parts.registry.fetch<std::optional<registry::MonitorRow>>(
      [&](registry::ReadSession& session) { return registry::find_monitor(session, *id); });
  if (!row) return std::move(row).error();
  if (!*row) return no_monitor(text);
  return **std::move(row);
}

}  // namespace godseye::api
