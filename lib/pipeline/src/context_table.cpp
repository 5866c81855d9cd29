#include "context_table.h"

#include <algorithm>

#include <godseye/base/hash.h>

#include <malloc.h>

namespace godseye::pipeline {
namespace {

using dogstatsd::MetricKind;
using signal::MetricType;

// Of refused metrics that are listed by name; the others are listed together.
constexpr size_t kRefusedMetricsMax = 1000;
constexpr size_t kRefusedShown = 100;
constexpr std::string_view kRefusedOthers = "(other metrics)";
// So many contexts freed at once are worth the milliseconds that giving the memory back takes.
constexpr size_t kTrimAfterContexts = 50'000;

ContextKind kind_of(const dogstatsd::MetricMessage& message) {
  const bool timed = message.timestamp_s != 0;
  switch (message.kind) {
    case MetricKind::kCounter:
      return timed ? ContextKind::kTimedCounter : ContextKind::kCounter;
    case MetricKind::kGauge:
      return timed ? ContextKind::kTimedGauge : ContextKind::kGauge;
    case MetricKind::kTiming:
    case MetricKind::kHistogram:
      return ContextKind::kSamples;
    case MetricKind::kSet:
      return ContextKind::kSet;
    case MetricKind::kDistribution:
      break;
  }
  return ContextKind::kDistribution;
}

MetricType type_of(ContextKind kind) {
  switch (kind) {
    case ContextKind::kCounter:
    case ContextKind::kTimedCounter:
      return MetricType::kRate;
    case ContextKind::kGauge:
    case ContextKind::kTimedGauge:
    case ContextKind::kSet:
      return MetricType::kGauge;
    case ContextKind::kSamples:
    case ContextKind::kDistribution:
      break;
  }
  return MetricType::kDistribution;
}

uint64_t mix(uint64_t a, uint64_t b) {
  const uint64_t parts[2] = {a, b};
  return base::hash64({reinterpret_cast<const char*>(parts), sizeof parts});
}

uint64_t hash_of(const signal::Attribution& attribution) {
  uint64_t hash = 0;
  for (const std::string& value : attribution.values) hash = base::hash64(value, hash + 1);
  return hash;
}

}  // namespace

ContextTable::ContextTable(const AggregatorConfig& config) : config_(config) {}

Context* ContextTable::resolve(const dogstatsd::MetricMessage& message, int32_t bucket, SampleDrop& drop) {
  const ContextKind kind = kind_of(message);
  const uint64_t hash = base::hash64(message.tags, base::hash64(message.name, static_cast<uint64_t>(kind)));
  SpellingCache::Entry* entry = spellings_.find(hash, message.name, message.tags);
  if (entry != nullptr) [[likely]] {
    // Written only when it changes: a clean cache line stays clean.
    if (entry->seen != bucket) entry->seen = bucket;
    Context& context = contexts_[entry->context];
    if (context.seen != bucket) context.seen = bucket;
    return &context;
  }
  if (!normalize(message, kind, drop)) return nullptr;
  uint32_t number = find(kind);
  if (number == IndexTable::kNone) {
    if (contexts_.size() >= config_.contexts_max) {
      refuse();
      drop = SampleDrop::kContextLimit;
      return nullptr;
    }
    number = create(kind);
  }
  // A context may have few spellings or many; what is not cached costs a microsecond, not memory.
  if (spellings_.size() < 2 * config_.contexts_max + 1024) {
    spellings_.insert(hash, message.name, message.tags, number, bucket);
  }
  Context& context = contexts_[number];
  context.seen = bucket;
  return &context;
}

bool ContextTable::normalize(const dogstatsd::MetricMessage& message, ContextKind kind, SampleDrop& drop) {
  normal_.metric.assign(signal::normalize_metric_name(message.name, buffer_));
  if (normal_.metric.empty()) return drop = SampleDrop::kNoName, false;
  add_tags(message.tags);
  if (normal_.tags.size() > signal::kTagsPerPointMax) return drop = SampleDrop::kTooManyTags, false;
  signal::apply_alias(normal_.metric, normal_.tags);
  normal_.attribution = {};
  normal_.attributed = signal::split_attribution(normal_.tags, config_.attribution, normal_.attribution);
  normal_.attribution_hash = normal_.attributed ? hash_of(normal_.attribution) : 0;
  normal_.series = signal::series_id(normal_.metric, type_of(kind), normal_.tags);
  normal_.key = mix(normal_.series + static_cast<uint64_t>(kind), normal_.attribution_hash);
  return true;
}

// The tags in normal form, without what only says where the sample came from (spec 6).
void ContextTable::add_tags(std::string_view list) {
  std::vector<std::string>& tags = normal_.tags;
  tags.clear();
  bool host = false;
  for (dogstatsd::TagList walk(list); walk.next();) {
    const std::string_view tag = signal::normalize_tag(walk.tag(), buffer_);
    if (tag.empty() || tag.starts_with("dd.internal.entity_id:") || tag.starts_with("dd.internal.card:") ||
        tag.starts_with("dd.internal.jmx_check_name:")) {
      continue;
    }
    // `host:` without a value says that there is no host; normalising has taken its colon.
    const bool no_host = tag == "host" && walk.tag().ends_with(':');
    host = host || no_host || tag.starts_with("host:");
    if (!no_host) tags.emplace_back(tag);
  }
  if (!host && !config_.default_host.empty()) tags.push_back("host:" + config_.default_host);
  signal::normalize_tags(tags);
}

uint32_t ContextTable::find(ContextKind kind) const {
  return by_key_.find(normal_.key, [&](uint32_t number) {
    const Context& context = contexts_[number];
    if (context.kind != kind || definitions[context.definition].series.id != normal_.series) return false;
    if (context.attribution == IndexTable::kNone) return !normal_.attributed;
    return normal_.attributed && attributions[context.attribution].value == normal_.attribution;
  });
}

uint32_t ContextTable::create(ContextKind kind) {
  const uint32_t number = contexts_.allocate();
  Context& context = contexts_[number];
  context.kind = kind;
  context.definition = define(normal_.metric, type_of(kind), normal_.tags);
  if (normal_.attributed) context.attribution = attribute();
  switch (kind) {
    case ContextKind::kSamples: {
      context.state = histograms.allocate();
      for (size_t i = 0; i < kHistogramOutputs.size(); ++i) {
        std::string metric = normal_.metric;
        metric += kHistogramOutputs[i].suffix;
        histograms[context.state].definitions[i] = define(std::move(metric), kHistogramOutputs[i].type, normal_.tags);
      }
      break;
    }
    case ContextKind::kSet:
      context.state = sets.allocate();
      break;
    case ContextKind::kDistribution:
      context.state = sketches.allocate();
      break;
    case ContextKind::kTimedCounter:
    case ContextKind::kTimedGauge:
      context.state = timed.allocate();
      break;
    case ContextKind::kCounter:
    case ContextKind::kGauge:
      break;
  }
  by_key_.insert(normal_.key, number);
  return number;
}

uint32_t ContextTable::define(std::string metric, MetricType type, const std::vector<std::string>& tags) {
  const signal::SeriesId id = signal::series_id(metric, type, tags);
  uint32_t number = definition_by_id_.find(id, [&](uint32_t i) { return definitions[i].series.id == id; });
  if (number == IndexTable::kNone) {
    number = definitions.allocate();
    definitions[number].series = {
        .id = id, .metric = std::move(metric), .type = type, .interval_s = kBucketSeconds, .tags = tags};
    definition_by_id_.insert(id, number);
  }
  ++definitions[number].uses;
  return number;
}

uint32_t ContextTable::attribute() {
  uint32_t number = attribution_by_hash_.find(normal_.attribution_hash,
                                              [&](uint32_t i) { return attributions[i].value == normal_.attribution; });
  if (number == IndexTable::kNone) {
    number = attributions.allocate();
    attributions[number].value = normal_.attribution;
    attributions[number].hash = normal_.attribution_hash;
    attribution_by_hash_.insert(normal_.attribution_hash, number);
  }
  ++attributions[number].uses;
  return number;
}

void ContextTable::refuse() {
  const bool listed = refused_.size() < kRefusedMetricsMax || refused_.contains(normal_.metric);
  ++refused_[listed ? normal_.metric : std::string(kRefusedOthers)];
}

std::vector<std::pair<std::string, uint64_t>> ContextTable::refused() const {
  std::vector<std::pair<std::string, uint64_t>> out(refused_.begin(), refused_.end());
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (out.size() > kRefusedShown) out.resize(kRefusedShown);
  return out;
}

uint64_t ContextTable::context_key(const Context& context) const {
  const uint64_t series = definitions[context.definition].series.id;
  const uint64_t attribution = context.attribution == IndexTable::kNone ? 0 : attributions[context.attribution].hash;
  return mix(series + static_cast<uint64_t>(context.kind), attribution);
}

void ContextTable::forget_doomed(int32_t bucket) {
  spellings_.retain(
      [&](const SpellingCache::Entry& entry) { return !contexts_[entry.context].dead && entry.seen + 2 > bucket; });
  for (uint32_t number : doomed_) release(number);
  if (doomed_.size() >= kTrimAfterContexts) {
    doomed_ = {};
    malloc_trim(0);
  }
}

void ContextTable::release(uint32_t number) {
  Context& context = contexts_[number];
  by_key_.erase(context_key(context), number);
  switch (context.kind) {
    case ContextKind::kSamples:
      for (uint32_t definition : histograms[context.state].definitions) release_definition(definition);
      histograms.release(context.state);
      break;
    case ContextKind::kSet:
      sets.release(context.state);
      break;
    case ContextKind::kDistribution:
      sketches.release(context.state);
      break;
    case ContextKind::kTimedCounter:
    case ContextKind::kTimedGauge:
      timed.release(context.state);
      break;
    case ContextKind::kCounter:
    case ContextKind::kGauge:
      break;
  }
  release_definition(context.definition);
  if (context.attribution != IndexTable::kNone) release_attribution(context.attribution);
  contexts_.release(number);
}

void ContextTable::release_definition(uint32_t number) {
  if (--definitions[number].uses != 0) return;
  definition_by_id_.erase(definitions[number].series.id, number);
  definitions.release(number);
}

void ContextTable::release_attribution(uint32_t number) {
  if (--attributions[number].uses != 0) return;
  attribution_by_hash_.erase(attributions[number].hash, number);
  attributions.release(number);
}

void ContextTable::clamp_seen(int32_t bucket) {
  contexts_.for_each([&](uint32_t, Context& context) { context.seen = std::min(context.seen, bucket); });
  spellings_.for_each([&](SpellingCache::Entry& entry) { entry.seen = std::min(entry.seen, bucket); });
}

}  // namespace godseye::pipeline
