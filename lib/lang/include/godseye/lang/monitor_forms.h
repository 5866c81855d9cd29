#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/lang/monitor_query.h>
#include <godseye/lang/search.h>

// Queries of monitors that are not about metrics (spec queries.md 5): text → tree, pure.
//
//   "http.up".over("env:prod").exclude("host:a").by("host","url").last(4).count_by_status()
//   events("source:deploy status:error").rollup("count").by("service").last("5m") > 3
//   events("source:product_analytics").rollup("pc95", "@values.latency_ms").by("service").last("15m") > 800
//   123 && (456 || !789)
//
// Errors and limits as in metric_query.h, and the constants below.
namespace godseye::lang {

inline constexpr size_t kCheckRunsMax = 100;        // of `.last(n)`
inline constexpr size_t kFormTextBytesMax = 4096;   // one quoted text
inline constexpr size_t kFormListMax = 16;          // texts of one `.over(…)` or `.by(…)`
inline constexpr size_t kCompositeMembersMax = 10;  // different monitors
inline constexpr uint32_t kEventWindowSecondsMax = 48 * 3600;

struct CheckQuery {
  std::string check;
  std::vector<std::string> over;     // tags that a run must have; empty: `"*"`
  std::vector<std::string> exclude;  // tags that it must not have
  std::vector<std::string> group_by;
  uint32_t last = 1;  // runs looked at
  // pct_by_status(): of each group, how many percent of its different checks (host and tags) are CRITICAL by their last
  // run.
  bool percent = false;
  uint32_t silence_s = 0;  // with `percent`: checks whose last run is older are none; 0: no such limit
};
base::Result<CheckQuery> parse_check_query(std::string_view text);

// What is made of the events that match: how many there are, how many different values a key has, or a figure of the
// numbers `@values.NAME`.
enum class EventMethod : uint8_t { kCount, kCardinality, kSum, kAvg, kMin, kMax, kPercentile };

struct EventQuery {
  SearchNode search;
  EventMethod method = EventMethod::kCount;
  double percentile = 0;  // kPercentile: 0..100
  std::string measure;    // the key or, without `@values.`, the number; empty: kCount
  std::vector<std::string> group_by;
  Window window;
  Comparator comparator = Comparator::kGreater;
  double threshold = 0;
};
base::Result<EventQuery> parse_event_query(std::string_view text);

// `!` binds tighter than `&&`, which binds tighter than `||`.
struct Composite {
  enum class Kind : uint8_t { kMonitor, kNot, kAnd, kOr };
  Kind kind = Kind::kMonitor;
  int64_t monitor_id = 0;
  std::vector<Composite> children;  // kNot: one; kAnd, kOr: two and more
};
base::Result<Composite> parse_composite(std::string_view text);
// The monitors it names, in order of appearance, unique.
std::vector<int64_t> composite_members(const Composite& composite);

}  // namespace godseye::lang
