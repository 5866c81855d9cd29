#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/lang/monitor_query.h>
#include <godseye/lang/template.h>

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

struct ValidMonitor {
  int64_t id = 0;  // 0 until stored
  std::string name;
  lang::MonitorQuery query;
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

}  // namespace godseye::monitor
