#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

// Bodies of Datadog's metric queries (spec datadog-api.md 6 and A2) ⇄ plain structs. Pure.
//
// Queries themselves are texts here; `lang` reads them. Requests are checked as far as the format goes: errors are
// kInvalidArgument naming the field ("data.attributes.queries[0].query: expected text"), kUnimplemented for data
// sources other than metrics, kTooLarge beyond the limits below.
namespace godseye::ddapi {

inline constexpr size_t kQueryBodyBytesMax = 1 << 20;
inline constexpr size_t kQueryBodyDepthMax = 16;
inline constexpr size_t kQueriesPerRequestMax = 64;   // likewise formulas
inline constexpr uint32_t kFormulaLimitMax = 10'000;  // series of one formula

// One series of GET /api/v1/query. Times in Unix seconds.
struct MetricsQuerySeries {
  std::string metric;
  std::string aggregator;
  std::string expression;
  std::string scope;
  std::vector<std::string> tag_set;  // `key:value` of the group
  size_t query_index = 0;
  uint32_t interval_s = 0;
  int64_t end_s = 0;  // of the bucket of the last point
  std::vector<std::pair<int64_t, double>> points;
};

struct MetricsQueryResponse {
  std::string query;
  int64_t from_s = 0;
  int64_t to_s = 0;
  std::vector<std::string> group_by;
  std::string message;  // warnings
  std::vector<MetricsQuerySeries> series;
};
std::string encode_metrics_query(const MetricsQueryResponse& response);

// POST /api/v2/query/timeseries. Milliseconds of the body are seconds here.
struct TimeseriesFormulaRequest {
  struct Query {
    std::string name;  // "query1", "query2", … where the body has none
    std::string text;
    std::string aggregator;  // of a scalar request
  };
  struct Formula {
    std::string text;
    std::optional<uint32_t> limit;
    bool ascending = false;
  };
  int64_t from_s = 0;
  int64_t to_s = 0;
  uint32_t interval_s = 0;  // 0: not given
  std::vector<Query> queries;
  std::vector<Formula> formulas;
};
base::Result<TimeseriesFormulaRequest> decode_timeseries_request(std::string_view body);

// POST /api/v2/query/scalar: the same with an aggregator to each query ("avg" where the body has none) and no interval.
base::Result<TimeseriesFormulaRequest> decode_scalar_request(std::string_view body);

// Columns of equal length: the groups' tag values, one column a key, then the numbers of each formula.
struct ScalarColumn {
  std::string name;
  std::vector<std::optional<double>> values;
};
struct ScalarResponse {
  std::vector<std::string> group_by;
  std::vector<std::vector<std::string>> groups;  // a value per key
  std::vector<ScalarColumn> columns;
};
std::string encode_scalar_response(const ScalarResponse& response);

// `values` of a series has one entry per time of the response.
struct TimeseriesFormulaSeries {
  std::vector<std::string> group_tags;
  size_t query_index = 0;
  std::vector<std::optional<double>> values;
};
struct TimeseriesFormulaResponse {
  std::vector<int64_t> times_s;
  std::vector<TimeseriesFormulaSeries> series;
};
std::string encode_timeseries_response(const TimeseriesFormulaResponse& response);

// GET /api/v1/metrics, GET /api/v1/search, GET /api/v1/metrics/{name}.
std::string encode_metric_list(int64_t from_s, const std::vector<std::string>& metrics);
// Absent lists were not asked for.
std::string encode_search_results(const std::optional<std::vector<std::string>>& metrics,
                                  const std::optional<std::vector<std::string>>& hosts);
std::string encode_metric_metadata(std::string_view type, uint32_t interval_s);
// GET /api/v2/metrics/{name}/all-tags.
std::string encode_all_tags(std::string_view metric, const std::vector<std::string>& tags);

}  // namespace godseye::ddapi
