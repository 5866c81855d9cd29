#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Downtimes (and mutes, which are downtimes of one monitor) as a JSON document with an id, times and how far they have
// been worked off. What the document means is `ddapi` and `monitor`; this library stores it.
namespace godseye::registry {

// Of downtimes that are neither canceled nor over; finished ones are history and go after kDowntimesKeptS.
inline constexpr size_t kDowntimesMax = 2'000;
inline constexpr int64_t kDowntimesKeptS = 90 * 86400;

struct DowntimeRow {
  int64_t id = 0;        // the name in v1 of Datadog's API
  std::string uuid;      // the name in v2
  std::string document;  // JSON object
  bool mute = false;     // made by muting a monitor
  int64_t created_s = 0;
  int64_t modified_s = 0;
  int64_t canceled_s = 0;  // 0: not canceled
  // Ends of its periods up to this moment have been worked off: whoever had to be told was.
  int64_t handled_s = 0;
  bool finished = false;  // canceled or over, and worked off: nothing will come of it any more
};

// Sets id and uuid. kTooLarge beyond kDowntimesMax.
base::Status create_downtime(WriteSession& session, DowntimeRow& row);
// Writes document, modified, canceled, handled and finished. kNotFound when there is none.
base::Status update_downtime(WriteSession& session, const DowntimeRow& row);
// Only how far it was worked off; does not count as a change.
base::Status set_downtime_handled(WriteSession& session, int64_t id, int64_t handled_s, bool finished);
// By number or UUID.
base::Result<std::optional<DowntimeRow>> find_downtime(ReadSession& session, std::string_view id_or_uuid);
// By id; without `finished` those that may still matter.
base::Result<std::vector<DowntimeRow>> list_downtimes(ReadSession& session, bool finished);
// Grows with every change of any downtime but of its `handled_s`.
base::Result<int64_t> downtimes_revision(ReadSession& session);
// Forgets finished ones last changed before `before_s`, at most `count_max` a call.
base::Status prune_downtimes(WriteSession& session, int64_t before_s, size_t count_max);

}  // namespace godseye::registry
