#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/lang/monitor_forms.h>
#include <godseye/lang/monitor_query.h>
#include <godseye/lang/template.h>
#include <godseye/monitor/recurrence.h>
#include <godseye/registry/session.h>

// From what a client sent (`ddapi::MonitorSpec`) to what can be evaluated (`ValidMonitor`). `validate` is the only way
// to make one, so past this door thresholds agree with the query, times are in range and the message parses.
namespace godseye::monitor {

inline constexpr size_t kNameBytesMax = 500;
inline constexpr size_t kTagsMax = 100;
inline constexpr int64_t kNewGroupDelayMaxS = 7 * 86400;

// What silence of a group that has reported before means.
enum class MissingData : uint8_t {
  kKeepState,     // stay as it is (Datadog's `default` for anything but counts)
  kEvaluateZero,  // the value is 0 (`default` for counts without default_zero)
  kShowNoData,    // state No Data, nobody is told
  kNotifyNoData,  // state No Data, and told
  kResolve,       // OK
};

struct Thresholds {
  double critical = 0;
  std::optional<double> warning;
  std::optional<double> critical_recovery;
  std::optional<double> warning_recovery;
};

// Telling again while nothing gets better (`renotify_interval` and its kin).
struct Renotify {
  int64_t interval_s = 0;   // 0: never
  int64_t occurrences = 0;  // at most so many while in one status; 0: until kRenotifyStopS after the first alert
  bool alert = true;
  bool warn = false;
  bool no_data = true;
};
inline constexpr int64_t kRenotifyStopS = 30 * 3600;

// What a monitor looks at. `query`'s window, comparator and threshold are filled in for every kind, so that messages
// read the same; its expression is for metrics alone.
enum class MonitorKind : uint8_t { kMetric, kComposite, kServiceCheck, kEvent };

// Runs in a row that lead to a status (service checks).
struct CheckThresholds {
  uint32_t critical = 1;
  uint32_t warning = 1;
  uint32_t ok = 1;
  std::optional<uint32_t> unknown;  // none: UNKNOWN changes nothing
};
// A service check is silent when its last run is older than this, unless `no_data_timeframe` says otherwise.
inline constexpr int64_t kCheckSilenceS = 120;

// When a monitor is evaluated, and where its cumulative window begins.
struct Schedule {
  enum class Period : uint8_t { kNone, kHour, kDay, kMonth };
  Period period = Period::kNone;  // of a window `current_…`
  int64_t minute = 0;             // kHour: at which it begins
  int64_t day_second = 0;         // kDay: local time of day at which it begins
  std::optional<TimeZone> zone;
  std::vector<Recurrence> rules;  // evaluated at these moments alone; empty: see `every_s`

  // The last moment, not after `to_s`, at which a period began.
  int64_t period_start(int64_t to_s) const;
  // Whether a rule has an occurrence in (after_s, until_s].
  bool occurs(int64_t after_s, int64_t until_s) const;
};

struct ValidMonitor {
  int64_t id = 0;  // 0 until stored
  MonitorKind kind = MonitorKind::kMetric;
  std::string name;
  lang::MonitorQuery query;
  lang::Composite composite;
  lang::CheckQuery check;
  CheckThresholds check_thresholds;
  int64_t check_silence_s = kCheckSilenceS;
  lang::EventQuery events;
  std::string query_text;  // as its owner wrote it
  std::vector<std::string> group_keys;
  Thresholds thresholds;
  MissingData missing_data = MissingData::kKeepState;
  int64_t no_data_after_s = 0;  // kNotifyNoData and kShowNoData: silence shorter than this is none
  int64_t group_retention_s = 86400;
  int64_t new_group_delay_s = 0;
  int64_t evaluation_delay_s = 0;
  int64_t auto_resolve_s = 0;  // timeout_h; 0: never
  bool require_full_window = false;
  std::shared_ptr<const Schedule> schedule;  // null: none
  int64_t every_s = 0;                       // between two evaluations; 0: at each cut
  // Of `notify_by`: groups that agree in these keys are told together. Empty with `told_together`: all of them.
  bool told_together = false;
  std::vector<std::string> notify_by;
  Renotify renotify;
  int priority = 0;  // 1..5; 0: none
  std::vector<std::string> tags;
  lang::Template name_template;
  lang::Template message;
  std::optional<lang::Template> escalation;  // added to the message when it is told again
  std::vector<ddapi::MonitorAsset> assets;   // runbooks

  bool multi() const { return !group_keys.empty(); }
};

// kInvalidArgument or kUnimplemented with a sentence that names the field and what would be right. `warnings` (may be
// null) receives what is accepted and has no effect yet, one sentence each.
base::Result<ValidMonitor> validate(const ddapi::MonitorSpec& spec, std::vector<std::string>* warnings = nullptr);

// What a monitor says of others, checked where others are known: members exist and are no composites, and no monitor
// becomes a composite or stops being one. `own_id`: 0 for a new one. kInvalidArgument with a sentence.
base::Status check_references(registry::ReadSession& session, const ValidMonitor& monitor, int64_t own_id);
// Composites that name the monitor.
base::Result<std::vector<int64_t>> composites_of(registry::ReadSession& session, int64_t monitor_id);

}  // namespace godseye::monitor
