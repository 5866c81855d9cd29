#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Datadog's downtime JSON, v1 and v2 (spec datadog-api.md 11, A8, A9) ⇄ one plain struct. Pure: what a rule or a scope
// means is for `monitor::validate_downtime`.
//
// v1's recurrence by type, period and week days becomes the RRULE that says the same; v1's list of scopes, all of which
// must hold, becomes one scope joined by AND. A field of the wrong type is kInvalidArgument naming it. Unknown fields
// are ignored. Limits: kDowntimeBytesMax, kRecurrencesMax, kJsonDepthMax.
namespace godseye::ddapi {

inline constexpr size_t kDowntimeBytesMax = 64 * 1024;
inline constexpr size_t kRecurrencesMax = 5;
inline constexpr size_t kDowntimeScopesMax = 50;

struct DowntimeRecurrence {
  std::string rrule;       // without `RRULE:`
  int64_t duration_s = 0;  // of each period
  std::string start;       // local time in the schedule's zone, "2026-01-01T01:00:00"; empty: `DowntimeSpec::start_s`
};

struct DowntimeSpec {
  std::optional<int64_t> monitor_id;      // one monitor…
  std::vector<std::string> monitor_tags;  // …or those with all of these tags; {"*"}: every monitor
  std::string scope = "*";                // which of their groups
  std::string message;
  std::string display_timezone = "UTC";  // v2: for people's eyes only
  bool mute_first_recovery = false;
  std::vector<std::string> notify_end_states = {"alert", "no data", "warn"};
  std::vector<std::string> notify_end_types = {"expired"};
  int64_t start_s = 0;           // Unix; 0: when it is made
  int64_t end_s = 0;             // 0: until it is canceled. Not with recurrences
  std::string timezone = "UTC";  // of the recurrences, an IANA name
  std::vector<DowntimeRecurrence> recurrences;
  std::string v1_recurrence_json;  // as a v1 client wrote it; for answers in v1
};

// A POST's body, and a PUT's (v1) or PATCH's (v2) body merged into `old`: fields that it lacks stay as they are.
base::Result<DowntimeSpec> decode_downtime_v1(std::string_view json, const DowntimeSpec* old = nullptr);
base::Result<DowntimeSpec> decode_downtime_v2(std::string_view json, const DowntimeSpec* old = nullptr);

// As stored; one reads back what the other wrote.
std::string encode_downtime_spec(const DowntimeSpec& spec);
base::Result<DowntimeSpec> decode_downtime_spec(std::string_view json);

// What the server adds in its answers.
struct DowntimeView {
  int64_t id = 0;
  std::string uuid;
  DowntimeSpec spec;
  std::string status;           // active, canceled, ended, scheduled
  int64_t current_start_s = 0;  // of the period that is or comes next; 0: none comes
  int64_t current_end_s = 0;    // 0: for ever
  int64_t created_s = 0;
  int64_t modified_s = 0;
  int64_t canceled_s = 0;
  std::string monitor_name;  // of `monitor_id`
};

std::string encode_downtime_v1(const DowntimeView& view);
std::string encode_downtimes_v1(const std::vector<DowntimeView>& views);
// With `monitors`, the names of the monitors are `included`.
std::string encode_downtime_v2(const DowntimeView& view, bool monitors);
std::string encode_downtimes_v2(const std::vector<DowntimeView>& views, size_t total, bool monitors);
// `GET /api/v2/monitor/{id}/downtime_matches`.
std::string encode_downtime_matches(const std::vector<DowntimeView>& views, size_t total);

// "90m", "1h", "2d", "1w" and sums ("1h30m") ⇄ seconds.
std::optional<int64_t> read_duration(std::string_view text);
std::string duration_text(int64_t seconds);

// `cancel/by_scope`: the scope a client named.
base::Result<std::string> decode_cancel_by_scope(std::string_view json);
// Body of `POST …/mute`, which may be empty: scope ("*" when absent) and end (0: none).
struct MuteRequest {
  std::string scope = "*";
  bool all_scopes = false;  // unmute
  int64_t end_s = 0;
};
base::Result<MuteRequest> decode_mute(std::string_view json);

}  // namespace godseye::ddapi
