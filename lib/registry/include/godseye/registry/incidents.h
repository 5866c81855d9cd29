#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Incidents and their timelines. An incident opened by a monitor is bound to (monitor, group): at most one of them is
// not resolved at any time, which a unique index enforces.
namespace godseye::registry {

struct IncidentRow {
  std::string id;         // UUID
  int64_t public_id = 0;  // 1, 2, 3…
  std::string title;
  std::string state = "active";  // active, stable, resolved, completed
  std::string severity = "UNKNOWN";
  std::string fields_json = "{}";      // Datadog's `fields` map without state and severity
  std::string attributes_json = "{}";  // other attributes as given (customer_impacted, …)
  int64_t monitor_id = 0;              // 0: opened by a person
  std::string group;
  int64_t created_s = 0;  // Unix
  int64_t modified_s = 0;
  int64_t detected_s = 0;
  int64_t resolved_s = 0;  // 0: not resolved
};

struct TimelineRow {
  int64_t id = 0;
  std::string incident_id;
  int64_t time_s = 0;
  std::string kind;       // "transition", "note", "change", "delivery"
  std::string content;    // markdown
  std::string data_json;  // facts for programs: value, threshold, window…; "{}" when none
};

struct IncidentFilter {
  std::string state;  // empty: any
  std::string severity;
  size_t offset = 0;
  size_t count_max = 100;
};

// Sets `row.public_id`. kAlreadyExists when (monitor, group) has one that is not resolved.
base::Status create_incident(WriteSession& session, IncidentRow& row);
// Writes every field but id, public_id, monitor, group and created. kNotFound when there is none.
base::Status update_incident(WriteSession& session, const IncidentRow& row);
base::Result<std::optional<IncidentRow>> find_incident(ReadSession& session, std::string_view id_or_public_id);
// The one that is neither resolved nor completed.
base::Result<std::optional<IncidentRow>> find_open_incident(ReadSession& session, int64_t monitor_id,
                                                            std::string_view group);
// Those of any group of a monitor, at most `count_max`.
base::Result<std::vector<IncidentRow>> list_open_incidents(ReadSession& session, int64_t monitor_id, size_t count_max);
base::Result<std::vector<IncidentRow>> list_incidents(ReadSession& session,
                                                      const IncidentFilter& filter);  // newest first
base::Result<size_t> count_incidents(ReadSession& session, const IncidentFilter& filter);
base::Status delete_incident(WriteSession& session, std::string_view id);

// Beyond kTimelineMax entries an incident takes no more; the last one says so.
inline constexpr size_t kTimelineMax = 2000;
base::Status add_timeline(WriteSession& session, const TimelineRow& row);
base::Result<std::vector<TimelineRow>> list_timeline(ReadSession& session,
                                                     std::string_view incident_id);  // oldest first

}  // namespace godseye::registry
