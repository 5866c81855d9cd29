#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/lang/monitor_forms.h>
#include <godseye/lang/search.h>
#include <godseye/query/query_engine.h>
#include <godseye/signal/event.h>

namespace godseye::store {
class Engine;
}

// `EventEngine` finds events in the store: by id, and by Datadog's search language over a range of time.
//
// Keys of a search: `source`, `status` (the alert type), `priority`, `host`, `title`, `message`, `aggregation_key`,
// `session_id`, `user_id`, `trace_id`, `@values.<name>` (numbers); any other key is a tag. Free text looks into title
// and text. Threads: every method from any thread; blocks on the engine. `engine` must outlive this object. Errors:
// kInvalidArgument names the column of the query; what the engine returns otherwise.
namespace godseye::query {

inline constexpr size_t kEventPageMax = 1000;
inline constexpr size_t kEventGroupsMax = 50'000;  // of one count or check query; of more the first
// Runs of a check older than this are not looked at.
inline constexpr int64_t kCheckLookBackS = 86400;

struct EventSearch {
  lang::SearchNode query;
  int64_t from_ms = 0;  // included
  int64_t to_ms = 0;    // excluded
  size_t limit = 100;   // at most kEventPageMax
  bool ascending = false;
  std::string cursor;  // of the page before; empty: the first
};

struct EventPage {
  std::vector<signal::Event> events;
  std::string next_cursor;  // empty: there are no more
};

// The last runs of a service check in one group.
struct CheckRuns {
  Group group;
  std::string statuses;  // newest first, a digit each: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
  int64_t newest_s = 0;
  std::string message;  // of the newest
  // Of a query by percent, instead of `statuses`: how many percent of the group's checks are CRITICAL.
  std::optional<double> critical_percent = {};
};

struct CheckGroups : std::vector<CheckRuns> {
  using std::vector<CheckRuns>::vector;
  GroupCutOff cut;
};

class EventEngine {
 public:
  explicit EventEngine(store::Engine& engine) : engine_(engine) {}

  base::Result<EventPage> search(const EventSearch& search);
  // kNotFound when there is none.
  base::Result<signal::Event> event(uint64_t id);

  // What the query makes of the events that match in [to_s - window, to_s), by group. Without groups one value: 0 when
  // there are none, nothing for figures of numbers. Events that lack a key of the group are left out.
  base::Result<GroupValues> count(const lang::EventQuery& query, int64_t to_s);
  // The newest of those that `count` looks at in one group; none: nothing matches.
  base::Result<std::optional<signal::Event>> newest(const lang::EventQuery& query, const Group& group, int64_t to_s);
  // The last runs up to `to_s`, at most `query.last` of each group.
  base::Result<CheckGroups> check_runs(const lang::CheckQuery& query, int64_t to_s);

 private:
  base::Result<CheckGroups> check_percents(const lang::CheckQuery& query, int64_t to_s, const std::string& expressions,
                                           const std::string& names, const std::string& where,
                                           class SqlParameters& parameters);
  store::Engine& engine_;
};

}  // namespace godseye::query
