#include "system_report.h"

#include "self_metrics.h"

#include <unistd.h>

namespace godseye::app {
namespace {

base::Result<std::vector<api::StoreTable>> tables_of(store::Engine& engine) {
  auto rows = engine.select(
      "SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts "
      "WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC LIMIT 100",
      {.timeout = kTablesTimeout});
  if (!rows) return std::move(rows).error();
  std::vector<api::StoreTable> out;
  for (size_t i = 0; i < rows->row_count(); ++i) {
    out.push_back({.name = std::string(rows->column(0).text(i)),
                   .rows = rows->column(1).u64(i),
                   .bytes = rows->column(2).u64(i),
                   .parts = rows->column(3).u64(i)});
  }
  return out;
}

std::string number(uint64_t value) { return std::to_string(value); }

api::Facts facts_of(const Readings& now, const SystemSources& sources) {
  const int64_t started_s = base::unix_seconds(sources.started);
  return {{"started", std::to_string(started_s)},
          {"uptime_s", std::to_string(base::unix_seconds(sources.wall) - started_s)},
          {"process", std::to_string(::getpid())},
          {"data_dir", net::json_quoted(sources.settings.data_dir)},
          {"engine_version", net::json_quoted(now.store_health.engine_version)},
          {"engine_process", std::to_string(now.store.engine_process)},
          {"engine_resident_bytes", number(resident_bytes(now.store.engine_process))},
          {"registry_schema", std::to_string(registry::Registry::schema_version())},
          {"disk_bytes", number(now.process.disk_bytes)},
          {"disk_free_bytes", number(now.process.disk_free_bytes)},
          {"resident_bytes", number(now.process.resident_bytes)},
          {"cpu_ms", number(now.process.cpu_ms)},
          {"journal_bytes", number(now.store.journal.bytes)},
          {"journal_bytes_max", number(now.store.journal.bytes_max)},
          {"set_aside", number(now.store.quarantine_files)},
          {"set_aside_reason", net::json_quoted(now.store.quarantine_last_reason)}};
}

}  // namespace

api::SystemReport system_report(const Readings& now, const SystemSources& sources) {
  api::SystemReport report;
  report.health = health_of(now);
  for (const Alarm& alarm : now.alarms) report.alarms.push_back({.name = alarm.name, .text = alarm.text});
  for (SelfMetric& metric : self_metrics_of(now)) {
    report.figures.push_back({.name = std::move(metric.name),
                              .tags = std::move(metric.tags),
                              .value = metric.value,
                              .counter = metric.kind == SelfMetric::Kind::kCounter});
  }
  for (const SettingInForce& setting : sources.settings.in_force) {
    report.settings.push_back({.name = setting.name, .value = setting.shown, .origin = setting.origin});
  }
  report.facts = facts_of(now, sources);
  if (now.store_health.engine_up) {
    report.tables = tables_of(sources.engine);
  } else {
    report.tables = base::Error(base::ErrorCode::kUnavailable, "the engine does not answer");
  }
  return report;
}

}  // namespace godseye::app
