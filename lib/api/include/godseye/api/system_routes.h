#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <godseye/api/core_routes.h>
#include <godseye/api/router.h>
#include <godseye/base/result.h>

// How Godseye itself does, in one answer for a person on call and for the system page.
//   GET /api/godseye/v1/system   needs both keys: it names files, addresses and settings
// Figures are those of /metrics; secrets among the settings are masked by who makes the report.
namespace godseye::api {

struct SystemFigure {
  std::string name;                                         // "journal.bytes", as in /metrics
  std::vector<std::pair<std::string, std::string>> tags{};  //
  int64_t value = 0;
  bool counter = false;  // grows while the process lives
};

struct SystemSetting {
  std::string name;
  std::string value;   // a secret is masked already
  std::string origin;  // "--http", "GODSEYE_HTTP", "godseye.yaml: http"; empty: the default
};

struct SystemAlarm {
  std::string name;
  std::string text;
};

// One table of the store. The store may be down: then there is a reason instead of tables.
struct StoreTable {
  std::string name;
  uint64_t rows = 0;
  uint64_t bytes = 0;  // on disk
  uint64_t parts = 0;
};

struct SystemReport {
  std::vector<HealthPart> health;
  std::vector<SystemAlarm> alarms;
  std::vector<SystemFigure> figures;
  std::vector<SystemSetting> settings;
  Facts facts;  // versions, when it started, disk: name and JSON value
  base::Result<std::vector<StoreTable>> tables = std::vector<StoreTable>();
};

// `report` is called from several threads at once and may ask the store.
void add_system_routes(Router& router, std::function<SystemReport()> report);

}  // namespace godseye::api
