#pragma once

#include <string>
#include <string_view>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/ddapi/spans.h>
#include <godseye/query/span_engine.h>

// What the span routes in Datadog's shapes and in ours share.
namespace godseye::api {

struct TimeRange {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
};

inline int64_t now_ns(const base::Clock& clock) { return clock.wall().time_since_epoch().count(); }

// The error names the parameter. `offset_s` is added to both.
inline base::Result<TimeRange> read_range(std::string_view from, std::string_view to, int64_t now, ddapi::TimeUnit unit,
                                          int64_t offset_s = 0) {
  base::Result<int64_t> begin = ddapi::read_time(from, now, unit);
  if (!begin) return std::move(begin).error().within("from");
  base::Result<int64_t> end = ddapi::read_time(to, now, unit);
  if (!end) return std::move(end).error().within("to");
  TimeRange range{.from_ns = *begin + offset_s * 1'000'000'000, .to_ns = *end + offset_s * 1'000'000'000};
  if (range.from_ns < 0) range.from_ns = 0;
  if (range.from_ns >= range.to_ns) {
    return base::Error(base::ErrorCode::kInvalidArgument, "from: expected a time before to");
  }
  return range;
}

// Milliseconds since it was made.
class Stopwatch {
 public:
  explicit Stopwatch(const base::Clock& clock) : clock_(clock), begin_(clock.tick()) {}
  int64_t elapsed_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.tick() - begin_).count();
  }

 private:
  const base::Clock& clock_;
  const base::TickTime begin_;
};

}  // namespace godseye::api
