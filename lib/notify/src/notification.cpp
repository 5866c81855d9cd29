#include "json.h"

#include <array>

#include <godseye/base/hash.h>
#include <godseye/notify/notification.h>

namespace godseye::notify {

namespace {

constexpr std::array kStatusNames = {"OK", "Alert", "Warn", "No Data"};

std::string_view alert_type(AlertStatus status) {
  switch (status) {
    case AlertStatus::kAlert:
      return "error";
    case AlertStatus::kWarn:
    case AlertStatus::kNoData:
      return "warning";
    case AlertStatus::kOk:
      break;
  }
  return "success";
}

void add_tags(const Notification& n, ddapi::PayloadVariables& variables) {
  std::string joined;
  for (const std::string& tag : n.tags) {
    joined.append(joined.empty() ? "" : ",").append(tag);
    const size_t colon = tag.find(':');
    if (colon != std::string::npos) variables["TAGS[" + tag.substr(0, colon) + "]"] = tag.substr(colon + 1);
  }
  variables["TAGS"] = joined;
}

void add_incident(const Notification& n, ddapi::PayloadVariables& variables) {
  const NotifiedIncident& incident = n.incident;
  const bool there = !incident.id.empty();
  variables["INCIDENT_PUBLIC_ID"] = there ? std::to_string(incident.public_id) : "";
  variables["INCIDENT_TITLE"] = incident.title;
  variables["INCIDENT_URL"] = incident.url;
  variables["INCIDENT_UUID"] = incident.id;
  variables["INCIDENT_SEVERITY"] = incident.severity;
  variables["INCIDENT_STATUS"] = incident.state;
  variables["INCIDENT_FIELDS"] = incident.fields_json;
  variables["INCIDENT_MSG"] = there ? n.text : "";
}

}  // namespace

std::string_view status_name(AlertStatus status) { return kStatusNames[static_cast<size_t>(status)]; }

std::string encode_notification(const Notification& n) {
  json::object object{{"event_id", n.event_id},
                      {"title", n.title},
                      {"message", n.message},
                      {"text", n.text},
                      {"reason", n.reason},
                      {"kind", n.kind},
                      {"status", static_cast<int64_t>(n.status)},
                      {"monitor_id", n.monitor_id},
                      {"monitor_name", n.monitor_name},
                      {"monitor_url", n.monitor_url},
                      {"query", n.query},
                      {"metric", n.metric},
                      {"group", n.group},
                      {"host", n.host},
                      {"tags", json::array(n.tags.begin(), n.tags.end())},
                      {"priority", n.priority},
                      {"time_s", n.time_s},
                      {"first_triggered_s", n.first_triggered_s},
                      {"organization", n.organization}};
  if (!n.incident.id.empty()) {
    object["incident"] = json::object{{"id", n.incident.id},
                                      {"public_id", n.incident.public_id},
                                      {"title", n.incident.title},
                                      {"url", n.incident.url},
                                      {"severity", n.incident.severity},
                                      {"state", n.incident.state},
                                      {"fields", n.incident.fields_json}};
  }
  if (n.test) object["test"] = true;
  return json::serialize(object);
}

base::Result<Notification> decode_notification(std::string_view text) {
  const json::object object = stored_object(text);
  Notification n;
  n.event_id = text_of(object, "event_id");
  const int64_t status = integer_of(object, "status");
  if (n.event_id.empty() || status < 0 || status >= static_cast<int64_t>(kStatusNames.size())) {
    return base::Error(base::ErrorCode::kCorrupt, "the stored notification cannot be read");
  }
  n.title = text_of(object, "title");
  n.message = text_of(object, "message");
  n.text = text_of(object, "text");
  n.reason = text_of(object, "reason");
  n.kind = text_of(object, "kind");
  n.status = static_cast<AlertStatus>(status);
  n.monitor_id = integer_of(object, "monitor_id");
  n.monitor_name = text_of(object, "monitor_name");
  n.monitor_url = text_of(object, "monitor_url");
  n.query = text_of(object, "query");
  n.metric = text_of(object, "metric");
  n.group = text_of(object, "group");
  n.host = text_of(object, "host");
  if (const json::value* tags = object.if_contains("tags"); tags != nullptr && tags->is_array()) {
    for (const json::value& tag : tags->as_array()) {
      if (tag.is_string()) n.tags.push_back(json::value_to<std::string>(tag));
    }
  }
  n.priority = static_cast<int>(integer_of(object, "priority"));
  n.time_s = integer_of(object, "time_s");
  n.first_triggered_s = integer_of(object, "first_triggered_s");
  n.organization = text_of(object, "organization");
  if (const json::value* value = object.if_contains("incident"); value != nullptr && value->is_object()) {
    const json::object& incident = value->as_object();
    n.incident = {.id = text_of(incident, "id"),
                  .public_id = integer_of(incident, "public_id"),
                  .title = text_of(incident, "title"),
                  .url = text_of(incident, "url"),
                  .severity = text_of(incident, "severity"),
                  .state = text_of(incident, "state"),
                  .fields_json = text_of(incident, "fields")};
  }
  n.test = object.contains("test");
  return n;
}

ddapi::PayloadVariables payload_variables(const Notification& n) {
  const std::string seconds = std::to_string(n.time_s);
  const std::string millis = seconds + "000";
  const std::string id = std::to_string(n.monitor_id);
  const uint64_t cycle = base::hash64(n.thread(), static_cast<uint64_t>(n.first_triggered_s));
  ddapi::PayloadVariables variables = {{"AGGREG_KEY", std::to_string(base::hash64(n.thread()))},
                                       {"ALERT_CYCLE_KEY", std::to_string(cycle)},
                                       {"ALERT_ID", id},
                                       {"ALERT_METRIC", n.metric},
                                       {"ALERT_PRIORITY", n.priority == 0 ? "" : "P" + std::to_string(n.priority)},
                                       {"ALERT_QUERY", n.query},
                                       {"ALERT_SCOPE", n.group},
                                       {"ALERT_STATUS", n.reason},
                                       {"ALERT_TITLE", n.title},
                                       {"ALERT_TRANSITION", n.kind},
                                       {"ALERT_TYPE", std::string(alert_type(n.status))},
                                       {"DATE", millis},
                                       {"DATE_POSIX", seconds},
                                       {"EMAIL", ""},
                                       {"EVENT_MSG", n.message},
                                       {"EVENT_TITLE", n.title},
                                       {"EVENT_TYPE", "query_alert_monitor"},
                                       {"HOSTNAME", n.host},
                                       {"ID", n.event_id},
                                       {"LAST_UPDATED", millis},
                                       {"LAST_UPDATED_POSIX", seconds},
                                       {"LINK", n.monitor_url},
                                       {"LOGS_SAMPLE", ""},
                                       {"METRIC_NAMESPACE", n.metric.substr(0, n.metric.find('.'))},
                                       {"ORG_ID", "1"},
                                       {"ORG_NAME", n.organization},
                                       {"PRIORITY", "normal"},
                                       {"SNAPSHOT", ""},
                                       {"TEXT_ONLY_MSG", n.text},
                                       {"USER", ""},
                                       {"USERNAME", ""}};
  add_tags(n, variables);
  add_incident(n, variables);
  return variables;
}

Notification test_notification(std::string_view channel, std::string_view public_url, int64_t now_s) {
  Notification n;
  n.title = "[TEST] Godseye can reach this channel";
  n.text =
      "A test of the notification channel " + std::string(channel) + ". Nothing has happened; nothing is to be done.";
  n.message = n.text;
  n.reason = "the test button was pressed";
  n.kind = "Test";
  n.status = AlertStatus::kOk;
  n.monitor_name = "Test";
  n.monitor_url = std::string(public_url) + "/notifications";
  n.time_s = now_s;
  n.organization = "godseye";
  n.test = true;
  return n;
}

}  // namespace godseye::notify
