#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/lang/search.h>
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

class EventEngine {
 public:
  explicit EventEngine(store::Engine& engine) : engine_(engine) {}

  base::Result<EventPage> search(const EventSearch& search);
  // kNotFound when there is none.
  base::Result<signal::Event> event(uint64_t id);

 private:
  store::Engine& engine_;
};

}  // namespace godseye::query
