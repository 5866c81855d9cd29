#include "context_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <godseye/base/hash.h>
#include <godseye/base/mutex.h>
#include <godseye/pipeline/aggregator.h>
#include <godseye/pipeline/event_intake.h>

namespace godseye::pipeline {
namespace {

// Counters go on as zeros for so many buckets (300 s), other contexts are kept for two (20 s).
constexpr int32_t kZeroBuckets = 30;
constexpr int32_t kIdleBuckets = 2;
// A step of the clock back by no more than this stays in the open bucket.
constexpr int32_t kToleratedBackBuckets = 2;
constexpr int32_t kNoBucket = INT32_MIN;

constexpr std::array<std::string_view, kSampleDropCount> kSampleDropNames = {
    "not_finite",       "no_name", "too_many_tags", "context_limit",    "set_full",
    "timestamped_type", "too_old", "too_new",       "timestamped_full", "pending_full"};

int32_t bucket_of(base::WallTime time) {
  // Clamped so that a clock set to year 10000 is a wrong time and not undefined behaviour.
  const int64_t seconds = std::clamp<int64_t>(base::unix_seconds(time), 0, int64_t{1} << 34);
  return static_cast<int32_t>(seconds / kBucketSeconds);
}

// How many samples one sample stands for: 1/rate; rates that say nothing sensible are 1 (spec 3.1).
double weight_of(double sample_rate) { return sample_rate > 0 && sample_rate < 1 ? 1 / sample_rate : 1; }
uint32_t whole(double weight) { return weight < double{UINT32_MAX} ? static_cast<uint32_t>(weight) : UINT32_MAX; }

}  // namespace

std::string_view sample_drop_name(SampleDrop drop) { return kSampleDropNames[static_cast<size_t>(drop)]; }

uint64_t AggregatorStats::errors_total() const { return std::accumulate(errors.begin(), errors.end(), uint64_t{0}); }
uint64_t AggregatorStats::discarded_total() const {
  return std::accumulate(discarded.begin(), discarded.end(), uint64_t{0});
}

struct Aggregator::State {
  explicit State(AggregatorConfig given) : config(std::move(given)), origin(config.origin), contexts(config) {
    stats.contexts_max = config.contexts_max;
  }

  // What the decoder calls; runs under the mutex, held by add_packets.
  struct Visitor {
    State& state;
    int64_t now_s;
    std::string_view sender;
    void on_metric(const dogstatsd::MetricMessage& message) GE_NO_THREAD_SAFETY_ANALYSIS {
      ++state.stats.events_in;
      if (!state.origin.enabled()) return state.add(message, now_s);
      dogstatsd::MetricMessage tagged = message;
      tagged.tags = state.origin.add(message.tags, message.origin, sender);
      state.add(tagged, now_s);
    }
    void on_event(const dogstatsd::EventMessage& message) GE_NO_THREAD_SAFETY_ANALYSIS {
      ++state.stats.events_in;
      if (!state.room_for_event()) return;
      dogstatsd::EventMessage tagged = message;
      tagged.tags = state.origin.add(message.tags, message.origin, sender);
      state.events.events.push_back(event_of(tagged, now_s));
    }
    void on_service_check(const dogstatsd::ServiceCheckMessage& message) GE_NO_THREAD_SAFETY_ANALYSIS {
      ++state.stats.events_in;
      if (!state.room_for_event()) return;
      dogstatsd::ServiceCheckMessage tagged = message;
      tagged.tags = state.origin.add(message.tags, message.origin, sender);
      state.events.checks.push_back(check_of(tagged, now_s));
    }
    void on_drop(dogstatsd::DropReason reason, std::string_view) GE_NO_THREAD_SAFETY_ANALYSIS {
      ++state.stats.events_in;
      ++state.stats.errors[static_cast<size_t>(reason)];
    }
  };

  void discard(SampleDrop drop, uint64_t count = 1) GE_REQUIRES(mutex) {
    stats.discarded[static_cast<size_t>(drop)] += count;
  }

  bool room_for_event() GE_REQUIRES(mutex) {
    const bool room = events.events.size() + events.checks.size() < kPendingEventsMax;
    if (!room) ++stats.events_refused;
    return room;
  }

  void move_to(int32_t bucket) GE_REQUIRES(mutex);
  void add(const dogstatsd::MetricMessage& message, int64_t now_s) GE_REQUIRES(mutex);
  void add_values(Context& context, const dogstatsd::MetricMessage& message) GE_REQUIRES(mutex);
  bool add_value(Context& context, double value, double weight) GE_REQUIRES(mutex);
  void add_member(Context& context, std::string_view member) GE_REQUIRES(mutex);
  void add_timed(const dogstatsd::MetricMessage& message, int64_t now_s) GE_REQUIRES(mutex);

  void close_bucket() GE_REQUIRES(mutex);
  void drop_bucket(Context& context) GE_REQUIRES(mutex);
  void emit(Context& context, int64_t time_s) GE_REQUIRES(mutex);
  void emit_samples(Context& context, int64_t time_s) GE_REQUIRES(mutex);
  void emit_timed(Context& context) GE_REQUIRES(mutex);
  void emit_point(const Context& context, uint32_t definition, int64_t time_s, double value) GE_REQUIRES(mutex);
  void emit_sketch(const Context& context, int64_t time_s, signal::Sketch sketch) GE_REQUIRES(mutex);
  signal::SeriesId defined(uint32_t definition) GE_REQUIRES(mutex);
  uint32_t attributed(const Context& context) GE_REQUIRES(mutex);

  const AggregatorConfig config;
  mutable base::Mutex mutex;
  dogstatsd::Decoder decoder GE_GUARDED_BY(mutex);
  OriginTags origin GE_GUARDED_BY(mutex);
  ContextTable contexts GE_GUARDED_BY(mutex);
  AggregatorStats stats GE_GUARDED_BY(mutex);
  int32_t open GE_GUARDED_BY(mutex) = kNoBucket;
  // Of the open bucket, all contexts together.
  size_t samples_kept GE_GUARDED_BY(mutex) = 0;
  size_t set_members GE_GUARDED_BY(mutex) = 0;
  size_t timed_kept GE_GUARDED_BY(mutex) = 0;
  signal::EventBatch events GE_GUARDED_BY(mutex);
  // Closed and not yet returned by cut().
  signal::MetricBatch pending GE_GUARDED_BY(mutex);
  uint64_t pending_number GE_GUARDED_BY(mutex) = 1;
};

Aggregator::Aggregator(AggregatorConfig config) : state_(std::make_unique<State>(std::move(config))) {}
Aggregator::~Aggregator() = default;

void Aggregator::add_packets(std::span<const std::string_view> packets, base::WallTime now, std::string_view sender) {
  State& state = *state_;
  base::MutexLock lock(state.mutex);
  state.move_to(bucket_of(now));
  State::Visitor visitor{state, base::unix_seconds(now), sender};
  for (const std::string_view packet : packets) {
    ++state.stats.packets;
    state.stats.bytes_in += packet.size();
    state.decoder.decode(packet, visitor);
  }
}

signal::MetricBatch Aggregator::cut(base::WallTime end) {
  State& state = *state_;
  base::MutexLock lock(state.mutex);
  state.move_to(bucket_of(end));
  state.contexts.for_each([&](Context& context) GE_NO_THREAD_SAFETY_ANALYSIS {
    if (context.kind == ContextKind::kTimedCounter || context.kind == ContextKind::kTimedGauge)
      state.emit_timed(context);
  });
  state.timed_kept = 0;
  state.stats.events_out += state.pending.points.size() + state.pending.sketches.size();
  ++state.pending_number;
  return std::exchange(state.pending, {});
}

signal::EventBatch Aggregator::take_events() {
  const base::MutexLock lock(state_->mutex);
  return std::exchange(state_->events, {});
}

AggregatorStats Aggregator::stats() const {
  base::MutexLock lock(state_->mutex);
  AggregatorStats out = state_->stats;
  out.contexts_active = state_->contexts.size();
  out.spellings_active = state_->contexts.spellings();
  out.contexts_refused = state_->contexts.refused();
  return out;
}

// Makes `bucket` the open one, closing what lies before it.
void Aggregator::State::move_to(int32_t bucket) {
  if (bucket == open) return;
  if (open == kNoBucket) {
    open = bucket;
    return;
  }
  if (bucket < open) {
    if (open - bucket <= kToleratedBackBuckets) return;
    close_bucket();
    ++stats.clock_steps_back;
    contexts.clamp_seen(bucket);
  } else if (bucket - open > kZeroBuckets) {
    close_bucket();
    ++stats.clock_steps_forward;
  } else {
    for (; open < bucket; ++open) close_bucket();
  }
  open = bucket;
}

void Aggregator::State::add(const dogstatsd::MetricMessage& message, int64_t now_s) {
  if (message.timestamp_s != 0) return add_timed(message, now_s);
  SampleDrop drop;
  Context* context = contexts.resolve(message, open, drop);
  if (context == nullptr) return discard(drop, std::max<size_t>(message.values.size(), 1));
  if (message.kind == dogstatsd::MetricKind::kSet) return add_member(*context, message.set_value);
  add_values(*context, message);
}

void Aggregator::State::add_values(Context& context, const dogstatsd::MetricMessage& message) {
  const double weight = weight_of(message.sample_rate);
  for (const double value : message.values) {
    if (!std::isfinite(value) || !add_value(context, value, weight)) {
      discard(SampleDrop::kNotFinite);
      continue;
    }
    context.in_bucket = true;
    ++stats.samples;
  }
}

// False when the value times its weight is beyond a double. Requires: `value` is finite.
bool Aggregator::State::add_value(Context& context, double value, double weight) {
  if (context.kind == ContextKind::kGauge) {
    context.value = value;
    return true;
  }
  const double weighted = value * weight;
  if (!std::isfinite(weighted)) return false;
  if (context.kind == ContextKind::kCounter) {
    context.value = context.in_bucket ? context.value + weighted : weighted;
  } else if (context.kind == ContextKind::kDistribution) {
    contexts.sketches[context.state].insert(value, whole(weight));
  } else {
    const bool room = samples_kept < config.histogram_samples_max;
    samples_kept += contexts.histograms[context.state].samples.add(value, whole(weight), weighted, room);
  }
  return true;
}

void Aggregator::State::add_member(Context& context, std::string_view member) {
  MemberSet& set = contexts.sets[context.state];
  if (set_members >= config.set_members_max) return discard(SampleDrop::kSetFull);
  set_members += set.insert(base::hash64(member));
  context.in_bucket = true;
  ++stats.samples;
}

void Aggregator::State::add_timed(const dogstatsd::MetricMessage& message, int64_t now_s) {
  const size_t count = std::max<size_t>(message.values.size(), 1);
  const bool counter = message.kind == dogstatsd::MetricKind::kCounter;
  if (!counter && message.kind != dogstatsd::MetricKind::kGauge) return discard(SampleDrop::kTimestampedType, count);
  if (message.timestamp_s < now_s - config.past_max.count()) return discard(SampleDrop::kTooOld, count);
  if (message.timestamp_s > now_s + config.future_max.count()) return discard(SampleDrop::kTooNew, count);
  SampleDrop drop;
  Context* context = contexts.resolve(message, open, drop);
  if (context == nullptr) return discard(drop, count);
  for (const double value : message.values) {
    if (!std::isfinite(value)) {
      discard(SampleDrop::kNotFinite);
    } else if (timed_kept >= config.timestamped_max) {
      discard(SampleDrop::kTimestampedFull);
    } else {
      contexts.timed[context->state].push_back({message.timestamp_s, counter ? value / kBucketSeconds : value});
      ++timed_kept;
      ++stats.samples;
    }
  }
}

void Aggregator::State::close_bucket() {
  const int64_t time_s = int64_t{open} * kBucketSeconds;
  const bool full = pending.points.size() + pending.sketches.size() + 6 * contexts.size() > config.pending_points_max &&
                    !pending.empty();
  contexts.for_each([&](Context& context) GE_NO_THREAD_SAFETY_ANALYSIS {
    if (full) {
      drop_bucket(context);
    } else {
      emit(context, time_s);
    }
    context.in_bucket = false;
  });
  samples_kept = 0;
  set_members = 0;
  // Silent counters give way: with their zeros, a flood of a few seconds would have every new context refused for 300
  // s.
  const bool crowded = contexts.size() > config.contexts_max / 2;
  contexts.sweep(open, [&](const Context& context) GE_NO_THREAD_SAFETY_ANALYSIS {
    const bool zeros = context.kind == ContextKind::kCounter && context.attribution == IndexTable::kNone && !crowded;
    // Timestamped samples that cut() has not taken yet keep their context.
    const bool timed = context.kind == ContextKind::kTimedCounter || context.kind == ContextKind::kTimedGauge;
    if (timed && !contexts.timed[context.state].empty()) return false;
    return open - context.seen >= (zeros ? kZeroBuckets : kIdleBuckets);
  });
}

// Forgets what the open bucket holds of `context`, since nobody takes what is closed already.
void Aggregator::State::drop_bucket(Context& context) {
  if (!context.in_bucket) return;
  discard(SampleDrop::kPendingFull);
  if (context.kind == ContextKind::kSamples) contexts.histograms[context.state].samples.clear();
  if (context.kind == ContextKind::kSet) contexts.sets[context.state].clear();
  if (context.kind == ContextKind::kDistribution) contexts.sketches[context.state].clear();
}

void Aggregator::State::emit(Context& context, int64_t time_s) {
  switch (context.kind) {
    case ContextKind::kCounter:
      if (context.in_bucket) {
        emit_point(context, context.definition, time_s, context.value / kBucketSeconds);
      } else if (context.attribution == IndexTable::kNone && open - context.seen <= kZeroBuckets) {
        emit_point(context, context.definition, time_s, 0);
      }
      return;
    case ContextKind::kGauge:
      if (context.in_bucket) emit_point(context, context.definition, time_s, context.value);
      return;
    case ContextKind::kSamples:
      if (context.in_bucket) emit_samples(context, time_s);
      return;
    case ContextKind::kSet:
      if (!context.in_bucket) return;
      emit_point(context, context.definition, time_s, static_cast<double>(contexts.sets[context.state].size()));
      contexts.sets[context.state].clear();
      return;
    case ContextKind::kDistribution:
      if (!context.in_bucket) return;
      emit_sketch(context, time_s, contexts.sketches[context.state]);
      contexts.sketches[context.state].clear();
      return;
    case ContextKind::kTimedCounter:
    case ContextKind::kTimedGauge:
      return;  // cut() takes them, whatever bucket is open
  }
}

void Aggregator::State::emit_samples(Context& context, int64_t time_s) {
  HistogramState& histogram = contexts.histograms[context.state];
  SampleList::Summary summary = histogram.samples.summarize();
  histogram.samples.clear();
  stats.histograms_approximated += summary.approximate;
  const std::array<double, 5> values = {summary.max, summary.median, summary.avg, summary.percentile_95,
                                        static_cast<double>(summary.count) / kBucketSeconds};
  for (size_t i = 0; i < values.size(); ++i) emit_point(context, histogram.definitions[i], time_s, values[i]);
  emit_sketch(context, time_s, std::move(summary.sketch));
}

void Aggregator::State::emit_timed(Context& context) {
  std::vector<TimedSample>& samples = contexts.timed[context.state];
  for (const TimedSample& sample : samples) emit_point(context, context.definition, sample.time_s, sample.value);
  samples.clear();
}

void Aggregator::State::emit_point(const Context& context, uint32_t definition, int64_t time_s, double value) {
  // Finite samples can have an infinite sum.
  if (!std::isfinite(value)) return discard(SampleDrop::kNotFinite);
  pending.points.push_back({defined(definition), time_s, value, attributed(context)});
}

void Aggregator::State::emit_sketch(const Context& context, int64_t time_s, signal::Sketch sketch) {
  if (!std::isfinite(sketch.sum())) return discard(SampleDrop::kNotFinite);
  pending.sketches.push_back({defined(context.definition), time_s, attributed(context), std::move(sketch)});
}

// The series' id, after making sure that the pending batch defines it.
signal::SeriesId Aggregator::State::defined(uint32_t definition) {
  Definition& entry = contexts.definitions[definition];
  if (entry.batch != pending_number) {
    entry.batch = pending_number;
    pending.series.push_back(entry.series);
  }
  return entry.series.id;
}

uint32_t Aggregator::State::attributed(const Context& context) {
  if (context.attribution == IndexTable::kNone) return signal::kNoAttribution;
  SharedAttribution& entry = contexts.attributions[context.attribution];
  if (entry.batch != pending_number) {
    entry.batch = pending_number;
    entry.place = static_cast<uint32_t>(pending.attributions.size());
    pending.attributions.push_back(entry.value);
  }
  return entry.place;
}

}  // namespace godseye::pipeline
