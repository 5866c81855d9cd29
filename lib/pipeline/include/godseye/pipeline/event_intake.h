#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/dogstatsd/message.h>
#include <godseye/signal/event.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/normalize.h>

// `EventIntake` makes events and service checks, as they came from a codec, into what the store keeps: ids given, times
// checked, tags normalised, session and user moved beside the tags, the tag `host:` into the host. What cannot be kept
// is counted. Threads: every function from any thread.
namespace godseye::pipeline {

inline constexpr size_t kEventTitleBytesMax = 4000;  // Datadog keeps 500 characters; more is cut
inline constexpr size_t kEventTextBytesMax = 64u << 10;

struct EventIntakeConfig {
  signal::AttributionKeys attribution;
  std::chrono::seconds past_max = std::chrono::hours(18);      // the intake's documented window
  std::chrono::seconds future_max = std::chrono::minutes(10);  //
};

enum class EventDrop : uint8_t { kTooOld, kTooNew, kNoName, kTooManyTags };
inline constexpr size_t kEventDropCount = 4;
std::string_view event_drop_name(EventDrop drop);  // "too_old", …

struct EventIntakeStats {
  uint64_t events_in = 0;
  uint64_t checks_in = 0;
  uint64_t out = 0;
  uint64_t texts_cut = 0;
  std::array<uint64_t, kEventDropCount> dropped{};
};

class EventIntake {
 public:
  EventIntake(EventIntakeConfig config, base::Clock clock);

  // In place: what stays in `batch` is ready for the journal. A time of 0 is now.
  void accept(signal::EventBatch& batch);
  EventIntakeStats stats() const;

 private:
  bool timely(int64_t time_s, int64_t now_s);
  bool keep_event(signal::Event& event, int64_t now_ms);
  bool keep_check(signal::ServiceCheck& check, int64_t now_s);
  bool keep_tags(std::vector<std::string>& tags, std::string& host);
  void cut(std::string& text, size_t bytes_max);
  bool drop(EventDrop reason);

  const EventIntakeConfig config_;
  const base::Clock clock_;
  std::atomic<uint64_t> last_id_{0};
  std::atomic<uint64_t> events_in_{0}, checks_in_{0}, out_{0}, cut_{0};
  std::array<std::atomic<uint64_t>, kEventDropCount> dropped_{};
};

// From a DogStatsD line; `received_s` where it has no time.
signal::Event event_of(const dogstatsd::EventMessage& message, int64_t received_s);
signal::ServiceCheck check_of(const dogstatsd::ServiceCheckMessage& message, int64_t received_s);

// `product_analytics.*` of the product analytics calls among the events (docs/product-analytics.md): pure, for the
// store's derive hook.
signal::MetricBatch derive_event_metrics(const signal::EventBatch& batch);

}  // namespace godseye::pipeline
