#include "json.h"
#include "text.h"

#include <godseye/base/hash.h>
#include <godseye/notify/render.h>

namespace godseye::notify {

namespace {

constexpr size_t kSummaryBytesMax = 1024;
constexpr size_t kDedupKeyBytesMax = 255;
constexpr size_t kDetailBytesMax = 8 * 1024;

std::string_view severity_of(const Notification& n) {
  if (n.status == AlertStatus::kWarn) return "warning";
  if (n.status == AlertStatus::kNoData) return "error";
  switch (n.priority) {
    case 2:
      return "error";
    case 3:
      return "warning";
    case 4:
    case 5:
      return "info";
    default:
      return "critical";
  }
}

json::object details(const Notification& n) {
  json::object object{{"status", status_name(n.status)},
                      {"transition", n.kind},
                      {"why", n.reason},
                      {"message", cut_text(n.text, kDetailBytesMax)},
                      {"query", cut_text(n.query, kDetailBytesMax)},
                      {"tags", json::array(n.tags.begin(), n.tags.end())},
                      {"event_id", n.event_id}};
  if (!n.incident.id.empty()) object["incident"] = n.incident.public_id;
  return object;
}

}  // namespace

std::string pagerduty_dedup_key(const Notification& n) {
  const std::string key = n.test ? "godseye:test:" + n.event_id : "godseye:" + n.thread();
  if (key.size() <= kDedupKeyBytesMax) return key;
  return "godseye:" + std::to_string(n.monitor_id) + "/#" + std::to_string(base::hash64(key));
}

std::string pagerduty_event(const Notification& n, std::string_view routing_key) {
  json::object event{{"routing_key", routing_key}, {"dedup_key", pagerduty_dedup_key(n)}};
  if (n.status == AlertStatus::kOk) {
    event["event_action"] = "resolve";
    return json::serialize(event);
  }
  if (n.kind == kAcknowledged) {
    event["event_action"] = "acknowledge";
    return json::serialize(event);
  }
  event["event_action"] = "trigger";
  event["client"] = "Godseye";
  if (!n.monitor_url.empty()) event["client_url"] = n.monitor_url;
  json::array links;
  if (!n.monitor_url.empty()) links.push_back(json::object{{"href", n.monitor_url}, {"text", "Monitor"}});
  if (!n.incident.url.empty()) links.push_back(json::object{{"href", n.incident.url}, {"text", "Incident"}});
  event["links"] = std::move(links);
  const std::string& source = !n.host.empty() ? n.host : n.group;
  json::object payload{{"summary", cut_text(one_line(n.title), kSummaryBytesMax)},
                       {"source", source.empty() ? "godseye" : source},
                       {"severity", severity_of(n)},
                       {"timestamp", iso_time(n.time_s)},
                       {"component", n.monitor_name}};
  if (!n.group.empty()) payload["group"] = n.group;
  if (!n.metric.empty()) payload["class"] = n.metric;
  payload["custom_details"] = details(n);
  event["payload"] = std::move(payload);
  return json::serialize(event);
}

}  // namespace godseye::notify
