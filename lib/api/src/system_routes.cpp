#include "json_fields.h"
#include "json_list.h"

#include <godseye/api/system_routes.h>

namespace godseye::api {
namespace {

std::string_view state_name(PartState state) {
  switch (state) {
    case PartState::kOk:
      return "ok";
    case PartState::kDegraded:
      return "degraded";
    case PartState::kFailing:
      break;
  }
  return "failing";
}

std::string part_json(const HealthPart& part) {
  std::string out;
  {
    Fields fields(out);
    fields.text("name", part.name);
    fields.text("status", state_name(part.state));
    fields.text("reason", part.reason);
  }
  return out;
}

std::string figure_json(const SystemFigure& figure) {
  std::string out;
  {
    Fields fields(out);
    fields.text("name", figure.name);
    if (!figure.tags.empty()) {
      Fields tags(fields.key("tags"));
      for (const auto& [key, value] : figure.tags) tags.quoted_text(key, value);
    }
    fields.integer("value", figure.value);
    if (figure.counter) fields.boolean("counter", true);
  }
  return out;
}

std::string setting_json(const SystemSetting& setting) {
  std::string out;
  {
    Fields fields(out);
    fields.text("name", setting.name);
    fields.key("value") += net::json_quoted(setting.value);
    fields.text("origin", setting.origin);
  }
  return out;
}

std::string alarm_json(const SystemAlarm& alarm) {
  std::string out;
  {
    Fields fields(out);
    fields.text("name", alarm.name);
    fields.text("text", alarm.text);
  }
  return out;
}

std::string table_json(const StoreTable& table) {
  std::string out;
  {
    Fields fields(out);
    fields.text("name", table.name);
    fields.integer("rows", static_cast<int64_t>(table.rows));
    fields.integer("bytes", static_cast<int64_t>(table.bytes));
    fields.integer("parts", static_cast<int64_t>(table.parts));
  }
  return out;
}

std::string report_json(const SystemReport& report) {
  PartState worst = PartState::kOk;
  for (const HealthPart& part : report.health) worst = std::max(worst, part.state);
  std::string out;
  {
    Fields fields(out);
    fields.text("status", state_name(worst));
    fields.text("version", GE_VERSION);
    {
      Fields facts(fields.key("facts"));
      for (const auto& [name, value] : report.facts) facts.key(name) += value;
    }
    fields.key("parts") += json_list(report.health, part_json);
    fields.key("alarms") += json_list(report.alarms, alarm_json);
    if (report.tables) {
      fields.key("tables") += json_list(*report.tables, table_json);
    } else {
      fields.text("tables_error", report.tables.error().message());
    }
    fields.key("figures") += json_list(report.figures, figure_json);
    fields.key("settings") += json_list(report.settings, setting_json);
  }
  return out;
}

}  // namespace

void add_system_routes(Router& router, std::function<SystemReport()> report) {
  router.add(RouteClass::kManagement, "GET", "/api/godseye/v1/system",
             [report = std::move(report)](const Request&) { return net::json_response(200, report_json(report())); });
}

}  // namespace godseye::api
