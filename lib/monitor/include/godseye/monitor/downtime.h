#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/ddapi/downtime.h>
#include <godseye/monitor/recurrence.h>
#include <godseye/monitor/spec.h>
#include <godseye/query/query_engine.h>

// Downtimes: when, and for which groups of which monitors, nobody is told. `validate_downtime` is the only way to make
// one that the evaluator takes; past it periods are finite in number at any moment and the scope parses.
//
// While a downtime covers a group its state goes on; notifications are withheld, renotifications left out. The first
// recovery of trouble that began before the period is told unless `mute_first_recovery`. When a period ends and the
// group is in one of `notify_end_states`, it is told as if it had triggered then; after a cancellation only if
// `notify_end_types` has it.
//
// Which groups: the scope is matched against the tags of the group and against the `key:value`s that every query of the
// monitor asks for (`{env:prod}`), as a scope of a query is matched against the tags of a series. A mute is a downtime
// of one monitor. Several downtimes of one group: it is covered while any of them is active.
namespace godseye::monitor {

inline constexpr int64_t kForEverS = INT64_MAX;
inline constexpr int64_t kDowntimeSecondsMax = 366 * 86400;  // of a recurring period
inline constexpr size_t kDowntimeMessageBytesMax = 8 * 1024;
inline constexpr size_t kDowntimeTagsMax = 50;
// Periods that ended longer ago are history when a server comes back: nobody is told of them any more.
inline constexpr int64_t kDowntimeLookBackS = 7 * 86400;

struct Period {
  int64_t start_s = 0;
  int64_t end_s = kForEverS;  // excluded
  bool operator==(const Period&) const = default;
};

struct ValidDowntime {
  struct Rule {
    Recurrence recurrence;
    int64_t duration_s = 0;
  };
  int64_t id = 0;
  std::optional<int64_t> monitor_id;
  std::vector<std::string> monitor_tags;
  lang::Scope scope;  // normalised
  std::string message;
  bool mute_first_recovery = false;
  bool tells_alert = true, tells_warn = true, tells_no_data = true;  // notify_end_states
  bool tells_expired = true, tells_canceled = false;                 // notify_end_types
  Period once;                                                       // without rules
  std::vector<Rule> rules;
  int64_t canceled_s = 0;  // 0: not canceled

  // The period that covers `time_s`, else the next one; nothing when none comes.
  std::optional<Period> current_or_next(int64_t time_s) const;
  // The last period that ended after `after_s` and not after `until_s`; a cancellation ends a period.
  std::optional<Period> last_ended(int64_t after_s, int64_t until_s) const;
};

// `created_s` is when a downtime without a start begins. kInvalidArgument names the field and what would be right.
base::Result<ValidDowntime> validate_downtime(const ddapi::DowntimeSpec& spec, int64_t created_s);

// "active", "scheduled", "ended", "canceled".
std::string_view downtime_status(const ValidDowntime& downtime, int64_t now_s);

// By the monitor's id or tags alone.
bool applies_to(const ValidDowntime& downtime, int64_t monitor_id, const std::vector<std::string>& monitor_tags);
// `key:value`s that hold for every group of the monitor, normalised.
std::vector<std::string> fixed_tags(const ValidMonitor& monitor);
// The scope against a group and the monitor's fixed tags.
bool scope_covers(const lang::Scope& scope, const std::vector<std::string>& fixed, const query::Group& group);
// Whether it mutes the monitor as a whole: all of its groups.
bool covers_everything(const ValidDowntime& downtime, const ValidMonitor& monitor);

}  // namespace godseye::monitor
