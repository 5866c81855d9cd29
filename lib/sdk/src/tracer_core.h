#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/sdk/trace.h>

namespace godseye::sdk {

struct SpanEventData {
  int64_t time_ns = 0;
  std::string name;
};

struct SpanLinkData {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
};

// What a span leaves behind.
struct SpanData {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  uint64_t parent_id = 0;
  int64_t start_ns = 0;
  int64_t duration_ns = 0;
  bool error = false;
  bool top_level = false;
  std::string name;
  std::string service;  // empty: the settings'
  std::string resource;
  std::string type;
  std::string origin;
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<SpanEventData> events;
  std::vector<SpanLinkData> links;
  std::unique_ptr<LlmData> llm;
  std::string llm_parent_id;  // decimal, or "undefined"
  std::string llm_trace_id;
  std::string session_id;
};

// The finished spans of one trace in this process that go together.
struct TraceChunk {
  std::vector<std::unique_ptr<SpanData>> spans;  // not empty
  int priority = 1;
  std::vector<std::pair<std::string, std::string>> trace_tags;  // `_dd.p.` left out of the keys
  double agent_rate = -1;                                       // below 0: another mechanism decided
  double rule_rate = -1;
};

// The part of a trace that runs in this process.
struct TraceSegment {
  base::Mutex mutex;
  std::vector<std::unique_ptr<SpanData>> done GE_GUARDED_BY(mutex);
  size_t open GE_GUARDED_BY(mutex) = 0;
  // Decided when the segment began.
  int priority = 1;
  double agent_rate = -1;
  double rule_rate = -1;
};

class TracerCore : public std::enable_shared_from_this<TracerCore> {
 public:
  TracerCore(const Settings& settings, base::Clock clock);

  Span start(std::string_view name, const SpanOptions& options);
  void finish(SpanState& state);

  // Everything that is to be sent. What was taken counts against the limit until `sent` says otherwise.
  std::vector<TraceChunk> take();
  void sent(size_t spans);
  void set_rates(std::map<std::string, double> rates);
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  void close() { closed_.store(true, std::memory_order_relaxed); }

  const Settings& settings() const { return settings_; }
  int64_t now_ns() const;
  int64_t tick_ns() const;

 private:
  void decide(TraceSegment& segment, SpanContext& context, std::string_view service);
  void enqueue(TraceSegment& segment, std::vector<std::unique_ptr<SpanData>> spans, const SpanContext& context);

  const Settings settings_;
  const base::Clock clock_;
  std::atomic<uint64_t> held_{0};
  std::atomic<uint64_t> dropped_{0};
  std::atomic<bool> closed_{false};
  mutable base::Mutex mutex_;
  std::vector<TraceChunk> queue_ GE_GUARDED_BY(mutex_);
  std::map<std::string, double> rates_ GE_GUARDED_BY(mutex_);
};

struct SpanState {
  std::shared_ptr<TracerCore> core;
  std::shared_ptr<TraceSegment> segment;
  SpanContext context;
  std::unique_ptr<SpanData> data;  // null after finish
  int64_t started_tick_ns = 0;
  std::string service;  // empty: the settings'
};

// A span's value for a propagated tag; empty when absent.
std::string_view trace_tag(const SpanContext& context, std::string_view key);
void set_trace_tag(SpanContext& context, std::string_view key, std::string value);

}  // namespace godseye::sdk
