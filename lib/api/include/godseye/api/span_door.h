#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/api/core_routes.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>
#include <godseye/pipeline/span_intake.h>
#include <godseye/signal/span.h>

namespace godseye::ddtrace {
struct ClientStats;
}

// What the routes that take spans hand them to, and how each of them counts. Composed by the application.
namespace godseye::api {

struct SpanSinks {
  // Decides about the spans and puts them into the journal (pipeline::SpanIntake::deliver). The error says why nothing
  // was kept: kQueueFull becomes 429, the rest 503.
  std::function<base::Status(signal::SpanBatch&, const pipeline::SpanOrigin&)> deliver;
  // Spans that a codec dropped. May be null.
  std::function<void(const pipeline::SpanOrigin&, std::string_view reason, uint64_t spans)> dropped{};
  // Statistics of a client, into the journal. May be null: counted and left.
  std::function<base::Status(const ddtrace::ClientStats&)> client_stats{};
  // DogStatsD lines. May be null: not offered.
  std::function<void(std::string_view lines)> dogstatsd{};
};

// The counters of one way in. Any thread.
class PathCounter {
 public:
  explicit PathCounter(std::string path) : path_(std::move(path)) {}

  void body(size_t bytes) { bytes_in_.fetch_add(bytes, std::memory_order_relaxed); }
  void events(uint64_t in, uint64_t out) {
    events_in_.fetch_add(in, std::memory_order_relaxed);
    events_out_.fetch_add(out, std::memory_order_relaxed);
  }
  // By stage: "bodies_malformed", "bodies_refused_by_journal", or a codec's drop reason.
  void error(std::string_view stage, uint64_t times = 1);
  const std::string& path() const { return path_; }
  IntakePath read() const;

 private:
  const std::string path_;
  std::atomic<uint64_t> bytes_in_{0};
  std::atomic<uint64_t> events_in_{0};
  std::atomic<uint64_t> events_out_{0};
  mutable base::Mutex mutex_;
  std::map<std::string, uint64_t, std::less<>> errors_ GE_GUARDED_BY(mutex_);
};

// The counters of several ways in, made when first used. Paths are fixed words of routes, so they are few. Any thread.
class PathCounters {
 public:
  PathCounter& at(std::string_view path);
  std::vector<IntakePath> read() const;

 private:
  mutable base::Mutex mutex_;
  std::map<std::string, std::unique_ptr<PathCounter>, std::less<>> counters_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::api
