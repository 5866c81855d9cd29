#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Incidents, the alerts (monitor, group) each of them stands for, and timelines (also those of cases).
//
// An incident that a monitor opened has that (monitor, group) as its first member; others join it. A member is
// `current` while its incident is neither resolved nor completed: a (monitor, group) is current in at most one
// incident, which a unique index enforces. A member that recovered has an end; it stays, so that the same alert finds
// its incident again. `update_incident` keeps `current` in step with the state, and ends the members of what it closes.
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
  std::string commander{};
  std::string author{};                 // who opened it; empty: a monitor
  std::string subject{};                // "session_id:x", "user_id:x": whom it is attributed to; empty: nobody
  std::vector<std::string> services{};  // for the search; the field `services` is the truth
};

// At most this many alerts in one incident; the next one opens another.
inline constexpr size_t kIncidentMembersMax = 50;
struct IncidentMember {
  std::string incident_id;
  int64_t monitor_id = 0;
  std::string group;
  int64_t since_s = 0;  // of its latest alert
  int64_t ended_s = 0;  // 0: it has not recovered
};

struct TimelineRow {
  int64_t id = 0;
  std::string incident_id;
  int64_t time_s = 0;
  std::string kind;       // "transition", "note", "change", "delivery", "comment"
  std::string content;    // markdown
  std::string data_json;  // facts for programs: value, threshold, window…; "{}" when none
  std::string author{};   // of a change or comment; empty: nobody, it happened
};

struct IncidentFilter {
  std::string state;  // empty: any; "open": neither resolved nor completed; "closed": the others
  std::string severity;
  std::string service{};  // whole, without regard to case; likewise the subject
  std::string subject{};
  std::string commander{};  // as `find`, without regard to case
  std::string text{};       // somewhere in the title; without regard to the case of ASCII letters
  int64_t monitor_id = 0;   // with this monitor among its members; 0: any
  bool oldest_first = false;
  size_t offset = 0;
  size_t count_max = 100;
};

// Sets `row.public_id`; (monitor, group) becomes its first member. kAlreadyExists when that is current in another one.
base::Status create_incident(WriteSession& session, IncidentRow& row);
// Writes every field but id, public_id, monitor, group, created and author. kNotFound when there is none,
// kAlreadyExists when it is opened again and one of its members is current in another one.
base::Status update_incident(WriteSession& session, const IncidentRow& row);
base::Result<std::optional<IncidentRow>> find_incident(ReadSession& session, std::string_view id_or_public_id);
// The one that is neither resolved nor completed and has (monitor, group) among its members.
base::Result<std::optional<IncidentRow>> find_open_incident(ReadSession& session, int64_t monitor_id,
                                                            std::string_view group);
// The newest resolved (not completed) one with this member, resolved at or after `since_s`.
base::Result<std::optional<IncidentRow>> find_resolved_incident(ReadSession& session, int64_t monitor_id,
                                                                std::string_view group, int64_t since_s);

// An open incident that another alert belongs to: opened by a monitor, of the same subject (or, without one, of the
// same service and without a subject), whose latest alert is not before `alerted_since_s`, with room for a member.
struct RelatedIncident {
  std::string subject;
  std::vector<std::string> services;
  int64_t alerted_since_s = 0;
};
base::Result<std::optional<IncidentRow>> find_related_incident(ReadSession& session, const RelatedIncident& related);

// Adds the member, or gives a known one its new beginning and takes its end away. The incident is open.
base::Status join_incident(WriteSession& session, const IncidentMember& member);
// The members' end: that of one alert, or with `group` empty and `whole` set those of all groups of the monitor.
base::Status end_member(WriteSession& session, std::string_view incident_id, int64_t monitor_id, std::string_view group,
                        int64_t ended_s, bool whole = false);
// In the order they joined.
base::Result<std::vector<IncidentMember>> list_members(ReadSession& session, std::string_view incident_id);

// Those with a group of the monitor that has not ended, at most `count_max`.
base::Result<std::vector<IncidentRow>> list_open_incidents(ReadSession& session, int64_t monitor_id, size_t count_max);
base::Result<std::vector<IncidentRow>> list_incidents(ReadSession& session,
                                                      const IncidentFilter& filter);  // newest first unless asked
base::Result<size_t> count_incidents(ReadSession& session, const IncidentFilter& filter);
base::Status delete_incident(WriteSession& session, std::string_view id);

// Beyond kTimelineMax entries an incident takes no more; the last one says so.
inline constexpr size_t kTimelineMax = 2000;
base::Status add_timeline(WriteSession& session, const TimelineRow& row);
// kNotFound when `incident_id` has no comment of this number.
base::Status delete_comment(WriteSession& session, std::string_view incident_id, int64_t id);
base::Result<std::vector<TimelineRow>> list_timeline(ReadSession& session,
                                                     std::string_view incident_id);  // oldest first

}  // namespace godseye::registry
