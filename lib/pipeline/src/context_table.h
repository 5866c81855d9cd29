#pragma once

#include "bucket_state.h"
#include "index_table.h"
#include "slab.h"
#include "spelling_cache.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <godseye/dogstatsd/message.h>
#include <godseye/pipeline/aggregator.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/normalize.h>

// The contexts of an aggregator: found by spelling, made on first sight, forgotten by sweep(). Definitions and
// attributions are shared between contexts: a million sessions of one metric are one definition. Not thread-safe.
namespace godseye::pipeline {

enum class ContextKind : uint8_t { kCounter, kGauge, kSamples, kSet, kDistribution, kTimedCounter, kTimedGauge };

struct Context {
  ContextKind kind = ContextKind::kCounter;
  bool in_bucket = false;  // has a sample in the open bucket
  bool dead = false;       // found so by the current sweep
  int32_t seen = 0;        // the bucket of the last sample
  uint32_t definition = 0;
  uint32_t attribution = IndexTable::kNone;
  uint32_t state = IndexTable::kNone;  // in the slab of its kind
  double value = 0;                    // of a counter or gauge
};

struct HistogramState {
  SampleList samples;
  // In the order of kHistogramSuffixes.
  std::array<uint32_t, 5> definitions{};
};
struct HistogramOutput {
  std::string_view suffix;
  signal::MetricType type;
};
inline constexpr std::array<HistogramOutput, 5> kHistogramOutputs = {{{".max", signal::MetricType::kGauge},
                                                                      {".median", signal::MetricType::kGauge},
                                                                      {".avg", signal::MetricType::kGauge},
                                                                      {".95percentile", signal::MetricType::kGauge},
                                                                      {".count", signal::MetricType::kRate}}};

struct Definition {
  signal::SeriesDefinition series;
  uint32_t uses = 0;
  uint64_t batch = 0;  // the batch that defines it already
};
struct SharedAttribution {
  signal::Attribution value;
  uint64_t hash = 0;
  uint32_t uses = 0;
  uint64_t batch = 0;
  uint32_t place = 0;  // in that batch
};

class ContextTable {
 public:
  explicit ContextTable(const AggregatorConfig& config);

  // The context of `message`, made if need be, marked as seen in `bucket`; null and `drop` set when there is none. The
  // pointer is valid until the next call of resolve or sweep.
  Context* resolve(const dogstatsd::MetricMessage& message, int32_t bucket, SampleDrop& drop);

  // Forgets the contexts for which `expired(context)` holds and the spellings not used for two buckets before `bucket`.
  template <typename Expired>
  void sweep(int32_t bucket, Expired&& expired) {
    doomed_.clear();
    contexts_.for_each([&](uint32_t number, Context& context) {
      if (expired(context)) {
        context.dead = true;
        doomed_.push_back(number);
      }
    });
    forget_doomed(bucket);
  }

  // After a step of the clock: nothing was seen later than `bucket`.
  void clamp_seen(int32_t bucket);

  template <typename F>
  void for_each(F&& f) {
    contexts_.for_each([&](uint32_t, Context& context) { f(context); });
  }

  Slab<Definition> definitions;
  Slab<SharedAttribution> attributions;
  Slab<HistogramState> histograms;
  Slab<MemberSet> sets;
  Slab<signal::Sketch> sketches;
  Slab<std::vector<TimedSample>> timed;

  size_t size() const { return contexts_.size(); }
  size_t spellings() const { return spellings_.size(); }
  // By metric, most first, at most 100.
  std::vector<std::pair<std::string, uint64_t>> refused() const;

 private:
  // A message in normal form; reused between calls for its memory.
  struct Normal {
    std::string metric;
    std::vector<std::string> tags;
    signal::Attribution attribution;
    bool attributed = false;
    signal::SeriesId series = 0;
    uint64_t attribution_hash = 0;
    uint64_t key = 0;
  };

  bool normalize(const dogstatsd::MetricMessage& message, ContextKind kind, SampleDrop& drop);
  void add_tags(std::string_view list);
  uint32_t find(ContextKind kind) const;
  uint32_t create(ContextKind kind);
  uint32_t define(std::string metric, signal::MetricType type, const std::vector<std::string>& tags);
  uint32_t attribute();
  void refuse();
  void forget_doomed(int32_t bucket);
  void release(uint32_t number);
  void release_definition(uint32_t number);
  void release_attribution(uint32_t number);
  uint64_t context_key(const Context& context) const;

  const AggregatorConfig& config_;
  Normal normal_;
  std::string buffer_;
  Slab<Context> contexts_;
  SpellingCache spellings_;
  IndexTable by_key_;
  IndexTable definition_by_id_;
  IndexTable attribution_by_hash_;
  std::vector<uint32_t> doomed_;
  std::unordered_map<std::string, uint64_t> refused_;
};

}  // namespace godseye::pipeline
