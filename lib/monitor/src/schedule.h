#pragma once

#include <string>
#include <vector>

#include <godseye/monitor/spec.h>

namespace godseye::monitor {

// `options.scheduling_options`, cumulative windows, and how often long windows are looked at (spec queries.md 6). Sets
// `monitor.schedule` and `monitor.every_s`. kInvalidArgument names the field.
base::Status read_schedule(const ddapi::MonitorOptions& options, ValidMonitor& monitor,
                           std::vector<std::string>& warnings);

}  // namespace godseye::monitor
