#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Datadog's monitor JSON (spec datadog-api.md 8 and A4) ⇄ plain structs. Pure: what a value means, and whether it fits
// the query, is for `monitor::validate`.
//
// Decoding keeps what it does not know: unknown fields and options stay in `MonitorSpec::unknown_json` and
// `MonitorOptions::unknown_json` and are written back. Fields the server sets (id, created, overall_state…) are ignored
// on input. A field of the wrong type is kInvalidArgument naming it ("options.thresholds.critical: expected a number").
// Limits: kBodyBytesMax, depth kJsonDepthMax.
namespace godseye::ddapi {

inline constexpr size_t kMonitorBytesMax = 256 * 1024;
inline constexpr size_t kJsonDepthMax = 24;

struct MonitorThresholds {
  std::optional<double> critical;
  std::optional<double> warning;
  std::optional<double> critical_recovery;
  std::optional<double> warning_recovery;
  std::optional<double> ok;
  std::optional<double> unknown;
};

struct MonitorOptions {
  std::optional<MonitorThresholds> thresholds;
  std::optional<bool> notify_no_data;
  std::optional<int64_t> no_data_timeframe;                   // minutes
  std::optional<std::string> on_missing_data;                 // default, show_no_data, show_and_notify_no_data, resolve
  std::optional<std::string> group_retention_duration;        // "60m".."72h"
  std::optional<int64_t> renotify_interval;                   // minutes
  std::optional<int64_t> renotify_occurrences;                // at most so many; absent: no limit
  std::optional<std::vector<std::string>> renotify_statuses;  // alert, warn, no data
  std::optional<std::string> escalation_message;
  std::optional<int64_t> evaluation_delay;  // seconds
  std::optional<int64_t> new_group_delay;   // seconds
  std::optional<int64_t> timeout_h;
  std::optional<bool> require_full_window;
  std::optional<bool> include_tags;
  std::optional<std::vector<std::string>> notify_by;
  std::string unknown_json = "{}";  // the options not listed here, as one object
};

struct MonitorAsset {
  std::string category;  // runbook
  std::string name;
  std::string url;
  std::string resource_key;   // may be empty
  std::string resource_type;  // may be empty
};

struct MonitorSpec {
  std::string name;
  std::string type;
  std::string query;
  std::string message;
  std::vector<std::string> tags;
  std::optional<int64_t> priority;
  MonitorOptions options;
  std::vector<MonitorAsset> assets;
  std::string unknown_json = "{}";  // the fields not listed here, as one object
};

// What the server adds to a spec in its answers.
struct MonitorGroupView {
  std::string name;  // "host:a,env:b" or "*"
  std::string status;
  int64_t last_triggered_s = 0;  // 0 of any of these: null
  int64_t last_notified_s = 0;
  int64_t last_resolved_s = 0;
  int64_t last_nodata_s = 0;
  double value = 0;  // NaN: left out
};

// An active downtime of the monitor, or of some of its groups.
struct MatchingDowntime {
  int64_t id = 0;
  std::string scope;
  int64_t start_s = 0;
  int64_t end_s = 0;  // 0: for ever
  bool mute = false;  // made by muting this monitor: shown in `options.silenced`
};

struct MonitorView {
  int64_t id = 0;
  MonitorSpec spec;
  std::string overall_state = "No Data";
  bool multi = false;
  int64_t created_s = 0;
  int64_t modified_s = 0;
  std::optional<std::vector<MonitorGroupView>> groups;  // `state.groups`, when asked for
  std::vector<MatchingDowntime> downtimes;              // `matching_downtimes`
  // Ours: how many groups are in which state, the worst of them, those that are not watched, and when one last changed.
  std::vector<std::pair<std::string, size_t>> group_counts;  // empty: left out, with the next three
  std::string worst_group;
  size_t groups_left_out = 0;
  int64_t groups_changed_s = 0;       // 0: null
  std::string evaluation_error;       // ours: why the last evaluation failed; empty: left out
  std::vector<std::string> warnings;  // ours: accepted without effect; empty: left out
};

// `options.scheduling_options`, of which MonitorOptions::unknown_json keeps the text.
inline constexpr size_t kMonitorRecurrencesMax = 5;
struct MonitorRecurrence {
  std::string rrule;
  std::string start;     // local, "2026-01-31T12:00"; empty: none
  std::string timezone;  // empty: UTC
};
struct MonitorSchedule {
  // evaluation_window: where cumulative windows begin.
  std::optional<std::string> day_starts;  // "HH:MM"
  std::optional<int64_t> hour_starts;     // minute, 0..59
  std::optional<int64_t> month_starts;    // day, 1
  std::optional<std::string> window_timezone;
  std::vector<MonitorRecurrence> recurrences;  // custom_schedule
  bool has_window() const { return day_starts || hour_starts || month_starts; }
};
// kInvalidArgument names the field. Empty when there is none.
base::Result<MonitorSchedule> decode_monitor_schedule(const MonitorOptions& options);

// POST: `type` and `query` are required.
base::Result<MonitorSpec> decode_monitor(std::string_view json);
// PUT: `old` with the fields of `json` changed; within `options` likewise, `thresholds` as a whole; null removes.
base::Result<MonitorSpec> merge_monitor(const MonitorSpec& old, std::string_view json);
// An array of monitors, or an object with the array under `monitors`. Each error names the index.
base::Result<std::vector<MonitorSpec>> decode_monitors(std::string_view json);

// The spec alone, as stored; decode_monitor reads it back.
std::string encode_monitor_spec(const MonitorSpec& spec);
// An answer with every field that typed clients need.
std::string encode_monitor(const MonitorView& view);
std::string encode_monitors(const std::vector<MonitorView>& views);

// A minimal entry of `GET /api/v1/monitor/search` and `…/groups/search`.
struct MonitorSearchPage {
  size_t page = 0;
  size_t per_page = 30;
  size_t total = 0;
};
std::string encode_monitor_search(const std::vector<MonitorView>& views, const MonitorSearchPage& page);
struct MonitorGroupHit {
  int64_t monitor_id = 0;
  std::string monitor_name;
  std::string type;  // of the monitor
  std::string group;
  std::vector<std::string> group_tags;
  std::string status;
  int64_t last_triggered_s = 0;
  int64_t last_nodata_s = 0;
};
std::string encode_monitor_group_search(const std::vector<MonitorGroupHit>& hits, const MonitorSearchPage& page);

// The keys of an object's text, in order; none when it is not an object. For naming what `unknown_json` holds.
std::vector<std::string> object_keys(std::string_view json);

// RFC 3339 in UTC, "2026-01-02T03:04:05.000000+00:00", as Datadog writes it.
std::string format_time(int64_t unix_s);

}  // namespace godseye::ddapi
