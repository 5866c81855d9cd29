#pragma once

#include "exponential_histogram.h"
#include "otlp_wire.h"

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/dogstatsd/decode.h>

namespace godseye::sdk {

// OTLP carries points, not single values: what Metrics wrote is put together here, by name, type and tags, until it is
// taken. Counts are sums, distributions and histograms exponential histograms (both of the interval: delta
// temporality), gauges their last value, sets their number of members, service checks gauges of 0 to 3. Events are log
// records. Threads: any.
class OtlpMetrics {
 public:
  OtlpMetrics(const Settings& settings, base::Clock clock);

  // Lines of Metrics' own. Beyond `otlp.series_max` series an interval, new ones are dropped and counted.
  void add(std::string_view packet);

  // What there is, and a new interval begins. Empty before the interval is over, unless `at_once`.
  std::vector<OtlpMessage> take(base::TickTime now, bool at_once, const ProcessFacts& process);
  // Records of events, each with its key.
  OtlpMessage take_events();
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  void lost(uint64_t points) { dropped_.fetch_add(points, std::memory_order_relaxed); }

 private:
  enum class Kind : char { kSum = 'c', kGauge = 'g', kHistogram = 'h', kSet = 's' };
  struct Series {
    double value = 0;
    bool falls = false;  // a count went down: the sum is not monotonic
    ExponentialHistogram histogram;
    std::set<size_t> members;  // hashes
  };
  // name, kind and sorted tags: neighbours are one metric.
  using Table = std::map<std::string, Series, std::less<>>;
  struct Visitor;

  Series* find(std::string_view name, Kind kind, std::string_view tags) GE_REQUIRES(mutex_);
  void metric(const dogstatsd::MetricMessage& message) GE_REQUIRES(mutex_);
  void event(const dogstatsd::EventMessage& message) GE_REQUIRES(mutex_);
  std::vector<OtlpMessage> encode(const Table& table, int64_t begin_ns, int64_t end_ns,
                                  const ProcessFacts& process) const;
  std::string metric_of(Table::const_iterator first, Table::const_iterator last, int64_t begin_ns,
                        int64_t end_ns) const;

  const Settings settings_;
  const base::Clock clock_;
  std::atomic<uint64_t> dropped_{0};
  base::Mutex mutex_;
  dogstatsd::Decoder decoder_ GE_GUARDED_BY(mutex_);
  std::string key_ GE_GUARDED_BY(mutex_);
  std::vector<std::string_view> tags_ GE_GUARDED_BY(mutex_);
  Table table_ GE_GUARDED_BY(mutex_);
  OtlpMessage events_ GE_GUARDED_BY(mutex_);
  int64_t begin_ns_ GE_GUARDED_BY(mutex_);
  base::TickTime due_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::sdk
