#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/signal/event.h>

// Datadog's events and service checks (spec datadog-api.md 5 and A1), and our product analytics calls ⇄ plain structs.
// Pure. What comes out is as the client wrote it; normalising is the intake's work. Errors name the field.
namespace godseye::ddapi {

inline constexpr size_t kEventBodyBytesMax = 4u << 20;
inline constexpr size_t kChecksPerBodyMax = 10'000;
inline constexpr size_t kTracksPerBodyMax = 1'000;
inline constexpr int64_t kTrackCountMax = 1'000'000;  // shown and clicked of one product analytics call

// POST /api/v1/events: `title` and `text`.
base::Result<signal::Event> decode_event_v1(std::string_view json);
// POST /api/v2/events: category change or alert; `attributes` are kept as JSON in the text.
base::Result<signal::Event> decode_event_v2(std::string_view json);
// POST /api/v1/check_run: one check or an array of them.
base::Result<std::vector<signal::ServiceCheck>> decode_checks(std::string_view json);
// POST /api/godseye/v1/analytics: one call or an array; docs/product-analytics.md has the fields.
base::Result<std::vector<signal::Event>> decode_tracks(std::string_view json);

// Answers. `public_url` is what links begin with.
std::string encode_event_created_v1(const signal::Event& event, std::string_view public_url);
std::string encode_event_created_v2(const signal::Event& event, std::string_view public_url);
std::string encode_event_v1(const signal::Event& event, std::string_view public_url);
std::string encode_events_v1(const std::vector<signal::Event>& events, std::string_view public_url);
// `next_cursor` empty: the last page. `request_id` and `elapsed_ms` are what typed clients ask for.
std::string encode_events_v2(const std::vector<signal::Event>& events, std::string_view next_cursor,
                             std::string_view next_link, int64_t elapsed_ms, std::string_view request_id);

struct EventSearchRequest {
  std::string query;
  std::string from = "now-15m";  // for read_time, milliseconds
  std::string to = "now";
  std::string cursor;
  size_t limit = 10;
  bool ascending = false;
};
// POST /api/v2/events/search.
base::Result<EventSearchRequest> decode_event_search(std::string_view json);

}  // namespace godseye::ddapi
