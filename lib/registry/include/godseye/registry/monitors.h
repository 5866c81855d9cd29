#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Monitors as their owners wrote them: a JSON document (Datadog's fields, unknown ones kept) with an id and times. What
// the document means is `ddapi` and `monitor`; this library stores it.
namespace godseye::registry {

inline constexpr size_t kMonitorsMax = 10'000;

struct MonitorRow {
  int64_t id = 0;
  std::string document;    // JSON object
  std::string import_key;  // names a shipped monitor ("rule:1/1"), so that importing it twice makes one; else empty
  int64_t created_s = 0;   // Unix
  int64_t modified_s = 0;
  int64_t revision = 1;  // +1 at each change
};

// kTooLarge beyond kMonitorsMax, kAlreadyExists for a second `import_key`.
base::Result<MonitorRow> create_monitor(WriteSession& session, std::string_view document, std::string_view import_key,
                                        int64_t now_s);
base::Result<std::optional<MonitorRow>> find_monitor(ReadSession& session, int64_t id);
// Includes deleted ones: a shipped monitor its owner removed is not imported again.
base::Result<bool> import_key_seen(ReadSession& session, std::string_view import_key);
base::Result<std::vector<MonitorRow>> list_monitors(ReadSession& session);  // by id
// A number that grows with every change of any monitor: the evaluator reloads when it moved.
base::Result<int64_t> monitors_revision(ReadSession& session);
// kNotFound when there is none.
base::Result<MonitorRow> update_monitor(WriteSession& session, int64_t id, std::string_view document, int64_t now_s);
// Removes its group states as well; incidents and deliveries stay. kNotFound when there is none.
base::Status delete_monitor(WriteSession& session, int64_t id);

}  // namespace godseye::registry
