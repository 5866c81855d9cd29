#pragma once

#include "aggregation.h"
#include "line_set.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <godseye/query/query_engine.h>
#include <godseye/signal/metric.h>

// The newest points of one metric, and series queries over them: the semantics of sql_source.h, in memory.
//
// A stream is a series together with who its points belong to: what time aggregation looks at. Which streams a scope
// and a `by {…}` select, and into which groups, is worked out once and remembered as a plan; new streams extend it.
// Not thread-safe: RecentPoints takes turns.
namespace godseye::query {

class RecentWindow {
 public:
  // It will be given every point of the metric from `kept_from_s` on.
  explicit RecentWindow(int64_t kept_from_s) : kept_from_s_(kept_from_s) {}

  // The store has series of this kind, with points in the window or without.
  void know_class(signal::MetricType type, uint32_t interval_s);
  uint32_t add_series(const signal::SeriesDefinition& series);
  uint32_t add_attribution(const signal::Attribution& attribution);
  // Points before `kept_from_s` are ignored. `series` and `attribution` are what the two above returned since the last
  // prune.
  void add(uint32_t series, uint32_t attribution, int64_t time_s, double value);
  void add(uint32_t series, uint32_t attribution, int64_t time_s, signal::Sketch sketch);
  // Drops points before `kept_from_s`, and plans that nobody used since the time before last.
  void prune(int64_t kept_from_s);

  // `query` is the stored form of what was asked, with its group keys as they were asked in `keys`.
  base::Result<LineSet> fetch(const lang::SeriesQuery& query, const std::vector<std::string>& keys, const Range& range,
                              const Limits& limits);
  bool is_distribution() const;

  int64_t kept_from_s() const { return kept_from_s_; }
  uint64_t bytes() const { return bytes_; }  // an estimate
  uint64_t points() const { return points_; }
  uint64_t streams() const { return streams_.size(); }
  uint64_t late() const { return late_; }

 private:
  struct Value {
    uint32_t time_s;
    double value;
  };
  struct SketchValue {
    uint32_t time_s;
    signal::Sketch sketch;
  };
  // Ascending in time.
  struct Stream {
    uint32_t series = 0;
    uint32_t attribution = 0;
    std::vector<Value> values;
    std::vector<SketchValue> sketches;
    bool empty() const { return values.empty() && sketches.empty(); }
  };
  struct Series {
    signal::SeriesId id = 0;
    size_t kind = 0;  // index of its class
    std::vector<std::string> tags;
  };
  struct Member {
    uint32_t stream;
    uint32_t group;
  };
  struct Plan {
    lang::Scope scope;
    std::vector<std::string> keys;
    size_t streams_seen = 0;
    std::vector<Member> members;
    std::vector<std::vector<std::string>> groups;
    std::unordered_map<std::string, uint32_t> index;
    std::vector<uint32_t> order;  // groups, sorted
    uint64_t bytes = 0;
    int unused = 0;  // prunes since it was used
  };
  // Of one tag key: the streams that have each of its values, as a tag or as what their points belong to. Made when the
  // first scope asks for a value of the key.
  struct KeyIndex {
    size_t streams_seen = 0;
    std::unordered_map<std::string, std::vector<uint32_t>> streams;  // ascending
  };
  class Rows;

  Stream& stream_of(uint32_t series, uint32_t attribution);
  Plan& plan_of(const lang::SeriesQuery& query);
  void extend(Plan& plan);
  void extend(Plan& plan, uint32_t stream);
  std::optional<std::span<const uint32_t>> narrowed(const lang::Scope& scope);
  std::span<const uint32_t> streams_with(const std::string& key, const std::string& value);
  void compact();
  size_t class_index(signal::MetricType type, uint32_t interval_s);
  base::Status fetch_points(const Plan& plan, size_t kind, const lang::SeriesQuery& query, const Range& range,
                            const Limits& limits, LineSet& set, Rows& rows) const;
  void interpolated(const std::vector<Member>& members, const Aggregation& aggregation, const lang::Fill& fill,
                    bool across_groups, const Range& range, Rows& rows) const;
  base::Status fetch_sketches(const Plan& plan, const lang::SeriesQuery& query, const Range& range, Rows& rows) const;
  base::Status fetch_percentiles(const Plan& plan, const lang::SeriesQuery& query, const Range& range,
                                 Rows& rows) const;
  template <typename Emit>
  static void reduce_stream(const Stream& stream, const Aggregation& aggregation, const Range& range, Emit&& emit);

  int64_t kept_from_s_;
  std::vector<SeriesClass> classes_;
  std::vector<Series> series_;
  std::unordered_map<signal::SeriesId, uint32_t> series_index_;
  std::vector<signal::Attribution> attributions_;
  std::unordered_map<std::string, uint32_t> attribution_index_;
  std::vector<Stream> streams_;
  std::unordered_map<uint64_t, uint32_t> stream_index_;
  std::unordered_map<std::string, Plan> plans_;
  std::unordered_map<std::string, KeyIndex> keys_;
  uint64_t bytes_ = 0;
  uint64_t points_ = 0;
  uint64_t late_ = 0;
};

}  // namespace godseye::query
