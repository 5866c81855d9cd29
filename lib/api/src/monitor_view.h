#pragma once

#include "downtime_list.h"
#include "route_help.h"

#include <string>
#include <vector>

#include <godseye/ddapi/monitor.h>
#include <godseye/registry/monitors.h>

// What answers show of a monitor: its document, state and downtimes.
namespace godseye::api {

// Which group states an answer shall hold: "all", or a list of states.
struct WantedStates {
  bool none = true;
  bool all = false;
  std::vector<std::string> names;  // lower case

  explicit WantedStates(std::string_view text);
  bool wants(registry::GroupStatus status) const;
};

ddapi::MonitorView monitor_view(const ManagementParts& parts, const registry::MonitorRow& row,
                                const DowntimeList& downtimes, const WantedStates& wanted = WantedStates(""));
// With the downtimes of this moment; without any when they cannot be read.
ddapi::MonitorView monitor_view(const ManagementParts& parts, const registry::MonitorRow& row,
                                const WantedStates& wanted = WantedStates(""));

base::Error no_monitor(std::string_view id);
// kInvalidArgument when `id` is no number, kNotFound when there is no such monitor.
base::Result<registry::MonitorRow> find_monitor_row(const ManagementParts& parts, const Request& request);

}  // namespace godseye::api
