#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/lang/metric_query.h>
#include <godseye/lang/monitor_query.h>

namespace godseye::store {
class Engine;
}

// `QueryEngine` answers Datadog metric queries from the store: a parsed query becomes one SQL statement per series
// query (time aggregation per series, then space aggregation per group), and functions and arithmetic run here on
// aligned buckets. README.md states the semantics; docs/architecture.md, "Life of a query", the way through the code.
//
// Threads: every method may be called from any thread at once; nothing is kept between calls. Methods
// block on the engine, at most `Limits::deadline`. `engine` must outlive this object.
//
// A query by a key with more values than `Limits` allow is answered for its first groups, in the order of their values
// (bytes, key after key), and says how many it left out. Functions over all groups are kTooLarge instead: part of them
// would be another value.
//
// Errors: kInvalidArgument (text of the query; the message names the column), kUnimplemented (understood, not evaluated
// yet), kTooLarge (a limit below, named), and what the engine returns (kUnavailable, kTimeout: retry can help). A
// metric that does not exist is not an error: the result is empty.
namespace godseye::query {

struct Limits {
  uint32_t points_max = 1500;                  // buckets per series; a smaller interval is raised to fit
  uint32_t points_target = 300;                // the automatic interval aims at this many
  uint64_t groups_max = 200'000;               // groups of one series query; of more the first are answered
  uint64_t series_returned_max = 5'000;        // groups of one expression in a timeseries result
  uint64_t cells_max = 4'000'000;              // groups × buckets of one series query held in memory, likewise
  uint64_t bins_max = 10'000'000;              // sketch bins of one percentile query, after merging, likewise
  uint64_t interpolation_cells_max = 200'000;  // series × buckets up to which gauges are interpolated (README.md)
  std::chrono::milliseconds deadline{30'000};
  // Roll-ups answer for ranges from here on (docs/formats/schema.md); 0: never. How long points and their roll-ups of a
  // minute and five minutes are kept: what is older is asked of the finest that is left.
  std::chrono::seconds rollup_span_min{0};
  uint32_t points_days = 15;
  uint32_t rollup_1m_days = 32;
  uint32_t rollup_5m_days = 93;
};

// One `key:value` of a group. A point without the key has the value kNoGroupValue.
struct GroupTag {
  std::string key;
  std::string value;
  bool operator==(const GroupTag&) const = default;
  auto operator<=>(const GroupTag&) const = default;
};
using Group = std::vector<GroupTag>;  // in the order of the query's `by`
inline constexpr std::string_view kNoGroupValue = "N/A";

struct Sample {
  int64_t time_s = 0;  // start of the bucket: a multiple of the interval, or a calendar's
  std::optional<double> value;
  bool operator==(const Sample&) const = default;
};

struct ResultSeries {
  size_t query_index = 0;  // which of the comma-separated expressions (or formulas)
  std::string metric;      // of the first series query in the expression; empty if there is none
  std::string aggregator;  // likewise: "avg", "p99"
  std::string expression;  // canonical text with this series' group filled in
  std::string scope;       // `env:prod,host:a` or `*`
  Group group;
  uint32_t interval_s = 0;     // of a bucket; of a calendar's what one usually lasts
  int64_t end_s = 0;           // of the last bucket
  std::vector<Sample> points;  // every bucket of the range, ascending
};

struct TimeseriesRequest {
  std::string query;
  int64_t from_s = 0;       // included; rounded down to a bucket
  int64_t to_s = 0;         // excluded; the bucket it falls into is included whole
  uint32_t interval_s = 0;  // 0: automatic
  bool whole = false;       // one bucket from from_s to to_s, whatever else is asked for
};

struct FormulaRequest {
  struct Query {
    std::string name;
    std::string text;
  };
  struct Formula {
    std::string text;
    std::optional<uint32_t> limit;  // keep this many series, by their mean
    bool ascending = false;
  };
  std::vector<Query> queries;
  std::vector<Formula> formulas;  // empty: every query as it is
  int64_t from_s = 0;
  int64_t to_s = 0;
  uint32_t interval_s = 0;
};

struct TimeseriesResult {
  int64_t from_s = 0;
  int64_t to_s = 0;
  uint32_t interval_s = 0;  // the smallest used
  std::vector<std::string> group_by;
  std::vector<ResultSeries> series;
  std::vector<std::string> warnings;  // what the reader should know: a cut, interpolation left out
  uint64_t groups_left_out = 0;       // at least; a warning says where the cut is
};

// What a monitor compares with its threshold. `value` is missing when the group has no data in the window that its
// expression could use.
struct GroupValue {
  Group group;
  std::optional<double> value;
  bool partial = false;  // the window is not full (only when asked): the first part is empty, or more than 3 are
};

// Of more groups than may be held the first are here, in the order of their values, and the others are counted: of
// groups after `known_until` (one value per key) nothing is known.
struct GroupCutOff {
  uint64_t groups_left_out = 0;  // at least; 0: none
  std::vector<std::string> known_until;
};
struct GroupValues : std::vector<GroupValue> {
  using std::vector<GroupValue>::vector;
  GroupCutOff cut;
};

struct MetricMetadata {
  std::string name;
  std::string type;         // "count", "rate", "gauge", "distribution"
  uint32_t interval_s = 0;  // 0: unknown
};

// A tag key of a metric with some of its values.
struct TagKeyValues {
  std::string key;
  uint64_t values_total = 0;
  std::vector<std::string> values;  // at most the number asked for, sorted
};

class RecentPoints;

// Whether queries with this function of the language are evaluated; others parse and are refused by name.
bool evaluated_function(std::string_view name);
// Whether the time zones that `expression` names exist: of calendar roll-ups and shifts. kInvalidArgument names the
// column.
base::Status check_zones(const lang::Expression& expression);

class QueryEngine {
 public:
  // `recent` answers windows that it covers; it must outlive this object. Null: the store answers all.
  QueryEngine(store::Engine& engine, base::Clock clock, Limits limits = {}, RecentPoints* recent = nullptr);
  ~QueryEngine();
  QueryEngine(const QueryEngine&) = delete;
  QueryEngine& operator=(const QueryEngine&) = delete;

  base::Result<TimeseriesResult> timeseries(const TimeseriesRequest& request);
  base::Result<TimeseriesResult> timeseries(const FormulaRequest& request);

  // One value per group over [to_s - window, to_s): bucket values reduced by the query's time aggregator; with
  // `.as_count()` in the expression series are reduced before arithmetic, and a group absent on one side counts 0.
  // Groups are those with a point in the window; a missing `by` key leaves the point out (monitors ignore `N/A`).
  // kUnimplemented for next_… and current_… windows.
  // With `mark_partial` each group is looked at in parts as well: minutes of a window below an hour, ten minutes below
  // a day, hours below a month, else four hours (spec queries.md 6).
  base::Result<GroupValues> evaluate_window(const lang::MonitorQuery& query, int64_t to_s, bool mark_partial = false);

  // An engine of its own for many windows that begin at `from_s` or later and end at `to_s` or earlier: it reads the
  // points of each metric once, up to `bytes_max` of them, and asks the store only for what lies outside. Points that
  // come later are not seen.
  std::unique_ptr<QueryEngine> history(int64_t from_s, int64_t to_s, uint64_t bytes_max) const;

  // Names of metrics with points since `from_s` (day resolution) that contain `part` (empty: all), sorted, at most
  // `count_max`. `tag` (empty: any) is a `key:value` the metric must have been seen with.
  base::Result<std::vector<std::string>> metric_names(std::string_view part, std::string_view tag, int64_t from_s,
                                                      size_t count_max);
  // kNotFound for a metric nobody sent.
  base::Result<MetricMetadata> metadata(std::string_view metric);
  base::Result<std::vector<TagKeyValues>> tags(std::string_view metric, size_t values_max);
  // Host names seen since `from_s` that contain `part`.
  base::Result<std::vector<std::string>> hosts(std::string_view part, int64_t from_s, size_t count_max);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::query
