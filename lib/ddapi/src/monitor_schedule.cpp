#include "json.h"

#include <godseye/ddapi/monitor.h>

namespace godseye::ddapi {

namespace {

constexpr std::string_view kPath = "options.scheduling_options";

void read_window(FieldReader& reader, MonitorSchedule& into) {
  std::optional<json::value> value = reader.take("evaluation_window");
  if (!value) return;
  const std::string path = reader.path_of("evaluation_window");
  if (!value->is_object()) return reader.fail(expected(path, "an object"));
  FieldReader inner(std::move(value->as_object()), path);
  inner.text("day_starts", into.day_starts);
  inner.text("timezone", into.window_timezone);
  inner.integer("hour_starts", into.hour_starts);
  inner.integer("month_starts", into.month_starts);
  if (!inner.status()) reader.fail(inner.status().error());
}

void read_custom(FieldReader& reader, MonitorSchedule& into) {
  std::optional<json::value> value = reader.take("custom_schedule");
  if (!value) return;
  const std::string path = reader.path_of("custom_schedule");
  if (!value->is_object()) return reader.fail(expected(path, "an object"));
  FieldReader inner(std::move(value->as_object()), path);
  std::optional<json::value> list = inner.take("recurrences");
  const std::string list_path = path + ".recurrences";
  if (!list || !list->is_array() || list->as_array().empty() || list->as_array().size() > kMonitorRecurrencesMax) {
    return reader.fail(
        expected(list_path, "a list of one to " + std::to_string(kMonitorRecurrencesMax) + " recurrences"));
  }
  for (json::value& element : list->as_array()) {
    const std::string at = list_path + "[" + std::to_string(into.recurrences.size()) + "]";
    if (!element.is_object()) return reader.fail(expected(at, "an object"));
    FieldReader rule(std::move(element.as_object()), at);
    MonitorRecurrence& recurrence = into.recurrences.emplace_back();
    rule.text("rrule", recurrence.rrule);
    rule.text("start", recurrence.start);
    rule.text("timezone", recurrence.timezone);
    if (!rule.status()) return reader.fail(rule.status().error());
  }
}

}  // namespace

base::Result<MonitorSchedule> decode_monitor_schedule(const MonitorOptions& options) {
  MonitorSchedule schedule;
  json::object all = stored_object(options.unknown_json);
  json::value* value = all.if_contains("scheduling_options");
  if (value == nullptr || value->is_null()) return schedule;
  if (!value->is_object()) return expected(kPath, "an object");
  FieldReader reader(std::move(value->as_object()), std::string(kPath));
  read_window(reader, schedule);
  read_custom(reader, schedule);
  if (!reader.status()) return reader.status().error();
  for (const auto& field : reader.rest()) {
    return expected(std::string(kPath) + "." + std::string(field.key()), "nothing: it is not known");
  }
  return schedule;
}

}  // namespace godseye::ddapi
