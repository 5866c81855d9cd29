#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <godseye/api/management_routes.h>
#include <godseye/ddapi/downtime.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/monitor/downtime.h>
#include <godseye/registry/downtimes.h>

// The downtimes of a request, read once.
namespace godseye::api {

struct LoadedDowntime {
  registry::DowntimeRow row;
  ddapi::DowntimeSpec spec;
  monitor::ValidDowntime valid;
};

// A row that another version wrote and this one cannot read is an error.
base::Result<LoadedDowntime> load_downtime(registry::DowntimeRow row);
ddapi::DowntimeView view_of(const LoadedDowntime& downtime, int64_t now_s);
std::string status_of(const LoadedDowntime& downtime, int64_t now_s);

class DowntimeList {
 public:
  // Without `finished` those that may still matter. Unreadable ones are left out.
  static base::Result<DowntimeList> read(const registry::Registry& registry, bool finished);

  const std::vector<LoadedDowntime>& all() const { return all_; }
  // Those active now that mute any group of the monitor.
  std::vector<const LoadedDowntime*> active_for(int64_t monitor_id, const std::vector<std::string>& tags,
                                                int64_t now_s) const;
  // Fills in `matching_downtimes` and `options.silenced`.
  void annotate(ddapi::MonitorView& view, int64_t now_s) const;

 private:
  std::vector<LoadedDowntime> all_;
};

}  // namespace godseye::api
