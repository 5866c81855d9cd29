#pragma once

#include <cstdint>

#include <godseye/ddtrace/client_stats.h>
#include <godseye/pipeline/derive.h>
#include <godseye/signal/metric.h>

// Statistics that a client computed over its spans itself (/v0.6/stats) → the metrics that derive.h makes of spans:
// trace.<operation>.hits, .errors, .duration and the distribution, with the same tags and the peers' tags beside them.
// Pure, any thread. The client's sketch has 1 % accuracy of its own; it is converted bin by bin.
namespace godseye::pipeline {

// Buckets that begin more than a day before or 10 minutes after `now_s` are counted at `now_s`: a clock that is off
// must not hide traffic.
signal::MetricBatch client_stats_metrics(const ddtrace::ClientStats& stats, int64_t now_s,
                                         const DeriveConfig& config = {});

}  // namespace godseye::pipeline
