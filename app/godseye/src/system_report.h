#pragma once

#include "reports.h"
#include "settings.h"

#include <godseye/api/system_routes.h>
#include <godseye/base/clock.h>
#include <godseye/store/engine.h>

namespace godseye::app {

// How this process does, for the system page: `now` as figures and health, the settings in force, and what the tables
// of the store hold, which asks the engine and blocks for at most kTablesTimeout.
inline constexpr std::chrono::milliseconds kTablesTimeout{3000};
struct SystemSources {
  const Settings& settings;
  store::Engine& engine;
  base::WallTime started;
  base::WallTime wall;
};
api::SystemReport system_report(const Readings& now, const SystemSources& sources);

}  // namespace godseye::app
