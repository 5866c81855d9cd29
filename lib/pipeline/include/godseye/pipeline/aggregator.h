#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/dogstatsd/decode.h>
#include <godseye/pipeline/origin.h>
#include <godseye/signal/event.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/normalize.h>

// `Aggregator` turns DogStatsD packets into points, ten seconds at a time, as the Agent does (spec dogstatsd.md 8):
//   counter               one rate, sum / 10 s; then zeros for 300 s after the last sample
//   gauge, set            one gauge: the last value, the number of distinct members
//   histogram, timing     .max .median .avg .95percentile (gauges), .count (rate), and a sketch under the bare name
//   distribution          a sketch
//   with a timestamp (T)  kept as it is: gauge, or rate of value / 10; other types are dropped
// Points carry the start of their bucket. Time is passed in.
//
// A context is metric, type, tags and attribution. It is found by the bytes the client sent, so that the steady state
// neither normalises nor allocates; a new spelling is normalised once. Contexts unseen for 20 s are forgotten and their
// memory returned; counters without attribution live for their zeros. Counters with attribution get no zeros: a million
// sessions an hour would be written thirty times over to say that nothing happened. Past `contexts_max` new contexts
// are refused per metric, counted and listed, and the known ones go on. While more than half of them are taken, silent
// counters are forgotten after 20 s as well, so that a flood does not keep others out for longer than it lasts.
//
// Clock. A bucket is closed by `cut`, or by the first packet after its end. A step back of up to 20 s stays in the open
// bucket; a larger one closes it and goes on in the past (points may then repeat times: counts stay true). A step
// forward past 300 s makes no zeros for the time between.
//
// Threads: everything from any thread; one mutex, held for one batch of packets or for closing a bucket (about a
// microsecond a context, during which the socket's buffer holds what arrives).
namespace godseye::pipeline {

inline constexpr int64_t kBucketSeconds = 10;
// Events and service checks that wait for take_events(); more are refused and counted.
inline constexpr size_t kPendingEventsMax = 20'000;

struct AggregatorConfig {
  signal::AttributionKeys attribution;
  size_t contexts_max = 1'000'000;
  std::string default_host;  // the tag host:… of samples without one; empty: none. A sample's `host:` tag means none.
  std::chrono::seconds past_max = std::chrono::hours(1);       // of samples with a timestamp
  std::chrono::seconds future_max = std::chrono::minutes(10);  //
  OriginConfig origin{};  // tags of containers and pods; off: those fields are read and ignored
  // What all contexts together hold in one bucket. Beyond, a histogram's percentiles come from its sketch (counted in
  // `histograms_approximated`; so do those of more than 8192 samples), set members and timestamped samples are dropped.
  size_t histogram_samples_max = 4'000'000;
  size_t set_members_max = 4'000'000;
  size_t timestamped_max = 1'000'000;
  // Points closed and not yet taken by `cut`; a bucket that would pass it is dropped and counted.
  size_t pending_points_max = 8'000'000;
};

// Why a decoded sample came to nothing. What could not be decoded is counted by dogstatsd::DropReason.
enum class SampleDrop : uint8_t {
  kNotFinite,        // NaN or infinite, or a sum that became so
  kNoName,           // nothing of the name is left after normalising
  kTooManyTags,      // signal::kTagsPerPointMax
  kContextLimit,     // contexts_max
  kSetFull,          // set_members_max
  kTimestampedType,  // T on a type other than counter and gauge
  kTooOld,           // T before past_max
  kTooNew,           // T after future_max
  kTimestampedFull,  // timestamped_max
  kPendingFull,      // pending_points_max
};
inline constexpr size_t kSampleDropCount = 10;
// "not_finite", …
std::string_view sample_drop_name(SampleDrop drop);

struct AggregatorStats {
  uint64_t packets = 0;
  uint64_t bytes_in = 0;
  uint64_t events_in = 0;   // lines, the undecodable ones included
  uint64_t events_out = 0;  // points and sketches cut
  uint64_t samples = 0;     // values that reached a bucket
  std::array<uint64_t, dogstatsd::kDropReasonCount> errors{};
  std::array<uint64_t, kSampleDropCount> discarded{};
  uint64_t events_refused = 0;  // events and service checks beyond kPendingEventsMax between two cuts
  uint64_t contexts_active = 0;
  uint64_t contexts_max = 0;
  uint64_t spellings_active = 0;                                   // of contexts, as clients wrote them
  std::vector<std::pair<std::string, uint64_t>> contexts_refused;  // samples by metric, most first, at most 100
  uint64_t histograms_approximated = 0;
  uint64_t clock_steps_back = 0;
  uint64_t clock_steps_forward = 0;

  uint64_t errors_total() const;
  uint64_t discarded_total() const;
};

class Aggregator {
 public:
  explicit Aggregator(AggregatorConfig config);
  ~Aggregator();
  Aggregator(const Aggregator&) = delete;
  Aggregator& operator=(const Aggregator&) = delete;

  // Decodes `packets`, received at `now`, into the open bucket. `sender`: the container they came from, as far as the
  // socket says; of use with `origin` alone.
  void add_packets(std::span<const std::string_view> packets, base::WallTime now, std::string_view sender = {});
  void add_packet(std::string_view packet, base::WallTime now) { add_packets({&packet, 1}, now); }

  // Closes the buckets that ended at or before `end` and returns all that is closed and not yet returned, with every
  // timestamped sample so far. To be called at each multiple of ten seconds; at shutdown with a later `end`, so that
  // the open bucket comes too.
  signal::MetricBatch cut(base::WallTime end);

  // Events and service checks since the last call, as they came.
  signal::EventBatch take_events();

  AggregatorStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace godseye::pipeline
