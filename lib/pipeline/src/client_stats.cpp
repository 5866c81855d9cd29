#include "derive_sink.h"

#include <algorithm>
#include <cmath>

#include <godseye/pipeline/client_stats.h>

namespace godseye::pipeline {
namespace {

constexpr int64_t kBucketSeconds = 10;
constexpr int64_t kPastSeconds = 86'400;
constexpr int64_t kFutureSeconds = 600;
constexpr double kSecondsPerNs = 1e-9;
constexpr size_t kPeerTagsMax = 32;

void put(std::vector<std::string>& tags, std::string_view key, std::string_view value) {
  if (!value.empty()) tags.push_back(std::string(key).append(":").append(value));
}

int64_t bucket_time(int64_t start_ns, int64_t now_s) {
  int64_t time_s = start_ns / 1'000'000'000;
  if (time_s < now_s - kPastSeconds || time_s > now_s + kFutureSeconds) time_s = now_s;
  return time_s - time_s % kBucketSeconds;
}

DeriveLabels labels_of(DeriveSink& sink, const ddtrace::ClientStats& stats, const ddtrace::ClientStatsGroup& group) {
  std::vector<std::string> tags;
  put(tags, "service", group.service.empty() ? stats.service : group.service);
  put(tags, "env", stats.env);
  put(tags, "version", stats.version);
  put(tags, "resource_name", group.resource);
  if (group.http_status != 0) put(tags, "http.status_code", std::to_string(group.http_status));
  put(tags, "span.kind", group.span_kind);
  for (size_t i = 0; i < std::min(group.peer_tags.size(), kPeerTagsMax); ++i) tags.push_back(group.peer_tags[i]);
  return sink.labels(std::move(tags));
}

void add_group(DeriveSink& sink, const ddtrace::ClientStatsGroup& group, const DeriveLabels& labels, int64_t time_s) {
  std::string buffer;
  const std::string name(signal::normalize_metric_name("trace." + group.name, buffer));
  sink.count(name + ".hits", time_s, labels, static_cast<double>(group.hits));
  sink.count(name + ".errors", time_s, labels, static_cast<double>(group.errors));
  sink.count(name + ".duration", time_s, labels, static_cast<double>(group.duration_ns) * kSecondsPerNs);
  const uint32_t series = sink.series(name, signal::MetricType::kDistribution, labels);
  for (const std::vector<ddtrace::DurationBin>* bins : {&group.ok, &group.error}) {
    for (const ddtrace::DurationBin& bin : *bins) {
      const double count = std::round(std::clamp(bin.count, 0.0, 1e9));
      if (count >= 1) {
        sink.sample(series, time_s, labels.attribution, bin.duration_ns * kSecondsPerNs, static_cast<uint32_t>(count));
      }
    }
  }
}

}  // namespace

signal::MetricBatch client_stats_metrics(const ddtrace::ClientStats& stats, int64_t now_s, const DeriveConfig& config) {
  DeriveSink sink(config.attribution);
  for (const ddtrace::ClientStatsBucket& bucket : stats.buckets) {
    const int64_t time_s = bucket_time(bucket.start_ns, now_s);
    for (const ddtrace::ClientStatsGroup& group : bucket.groups) {
      if (group.name.empty()) continue;
      add_group(sink, group, labels_of(sink, stats, group), time_s);
    }
  }
  return sink.take();
}

}  // namespace godseye::pipeline
