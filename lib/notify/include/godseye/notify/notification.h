#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/ddapi/webhook.h>

// `Notification` is what happened, said once for every channel: a transition of one group of a monitor, its message
// rendered, and the incident it belongs to. It is written with the delivery (as JSON) in the transaction of the
// transition; renderers (render.h) turn it into what a channel takes. Pure.
namespace godseye::notify {

enum class AlertStatus : uint8_t { kOk, kAlert, kWarn, kNoData };
std::string_view status_name(AlertStatus status);  // "OK", "Alert", "Warn", "No Data"

struct NotifiedIncident {
  std::string id;  // empty: none
  int64_t public_id = 0;
  std::string title;
  std::string url;
  std::string severity;
  std::string state;
  std::string fields_json;
};

// `Notification::kind` of an alert that a person has taken on.
inline constexpr std::string_view kAcknowledged = "Acknowledged";

struct Notification {
  std::string event_id;  // `$ID`; the same in every attempt and in every channel
  std::string title;     // "[P1] [Triggered on {session_id:a}] Prompt injection"
  std::string message;   // as the monitor's template gave it, with handles
  std::string text;      // without handles
  std::string reason;    // "value 0.91 > 0.7 over last_1m until …"
  std::string kind;      // "Triggered", "Recovered", "Re-Triggered", …
  AlertStatus status = AlertStatus::kAlert;
  int64_t monitor_id = 0;
  std::string monitor_name;
  std::string monitor_url;
  std::string query;
  std::string metric;
  std::string group;  // "session_id:a,host:b"; empty: the monitor has one group
  std::string host;
  std::vector<std::string> tags;  // the monitor's and the group's
  int priority = 0;               // 1 to 5; 0: none
  int64_t time_s = 0;             // Unix
  int64_t first_triggered_s = 0;
  std::string organization;
  NotifiedIncident incident;
  bool test = false;  // made by the test button

  // What belongs together: the monitor and the group. Recoveries follow their alerts in it.
  std::string thread() const { return std::to_string(monitor_id) + "/" + group; }
};

std::string encode_notification(const Notification& notification);
// kCorrupt for what `encode_notification` did not write.
base::Result<Notification> decode_notification(std::string_view json);

// `$NAME` variables of webhook payloads (spec datadog-api.md 18). Custom variables are the caller's.
ddapi::PayloadVariables payload_variables(const Notification& notification);

// What the test button sends: plainly a test, status OK.
Notification test_notification(std::string_view channel, std::string_view public_url, int64_t now_s);

}  // namespace godseye::notify
