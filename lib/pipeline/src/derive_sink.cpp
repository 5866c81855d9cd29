#include "derive_sink.h"

#include <algorithm>
#include <cmath>

#include <godseye/base/hash.h>

namespace godseye::pipeline {
namespace {

constexpr uint32_t kIntervalSeconds = 10;

uint64_t hash_of(const std::vector<std::string>& tags) {
  uint64_t hash = 0;
  for (const std::string& tag : tags) hash = base::hash64(tag, hash);
  return hash;
}

}  // namespace

DeriveLabels DeriveSink::labels(std::vector<std::string> tags) {
  DeriveLabels out;
  out.tags = std::move(tags);
  signal::normalize_tags(out.tags);
  signal::Attribution attribution;
  if (signal::split_attribution(out.tags, keys_, attribution)) {
    std::string key;
    for (const std::string& value : attribution.values) key.append(value).append(1, '\0');
    const auto [at, fresh] =
        attributions_.try_emplace(std::move(key), static_cast<uint32_t>(batch_.attributions.size()));
    if (fresh) batch_.attributions.push_back(std::move(attribution));
    out.attribution = at->second;
  }
  out.hash = hash_of(out.tags);
  return out;
}

DeriveLabels DeriveSink::with(const DeriveLabels& labels, std::string_view key, std::string_view value) {
  if (value.empty()) return labels;
  DeriveLabels out = labels;
  out.tags.push_back(std::string(key).append(":").append(value));
  signal::normalize_tags(out.tags);
  out.hash = hash_of(out.tags);
  return out;
}

uint32_t DeriveSink::series(std::string_view metric, signal::MetricType type, const DeriveLabels& labels) {
  const uint64_t key = base::hash64(metric, labels.hash + static_cast<uint64_t>(type));
  const auto [at, fresh] = series_.try_emplace(key, static_cast<uint32_t>(batch_.series.size()));
  if (fresh) {
    signal::SeriesDefinition definition{
        .metric = std::string(metric), .type = type, .interval_s = kIntervalSeconds, .tags = labels.tags};
    definition.id = signal::series_id(definition.metric, type, definition.tags);
    batch_.series.push_back(std::move(definition));
  }
  return at->second;
}

void DeriveSink::count(uint32_t series, int64_t time_s, uint32_t attribution, double value) {
  if (!std::isfinite(value)) return;
  const auto [at, fresh] =
      points_.try_emplace({series, attribution, time_s}, static_cast<uint32_t>(batch_.points.size()));
  if (fresh) batch_.points.push_back({batch_.series[series].id, time_s, 0, attribution});
  batch_.points[at->second].value += value;
}

signal::Sketch& DeriveSink::sketch(uint32_t series, int64_t time_s, uint32_t attribution) {
  const auto [at, fresh] =
      sketches_.try_emplace({series, attribution, time_s}, static_cast<uint32_t>(batch_.sketches.size()));
  if (fresh) {
    batch_.sketches.emplace_back();
    batch_.sketches.back().series = batch_.series[series].id;
    batch_.sketches.back().time_s = time_s;
    batch_.sketches.back().attribution = attribution;
  }
  return batch_.sketches[at->second].sketch;
}

void DeriveSink::sample(uint32_t series, int64_t time_s, uint32_t attribution, double value, uint32_t weight) {
  if (std::isfinite(value) && weight > 0) sketch(series, time_s, attribution).insert(value, weight);
}

signal::MetricBatch DeriveSink::take() {
  series_.clear();
  attributions_.clear();
  points_.clear();
  sketches_.clear();
  return std::exchange(batch_, {});
}

}  // namespace godseye::pipeline
