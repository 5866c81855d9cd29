#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/signal/metric.h>

// The text cases in this folder, `*.test`: points in, query, expected values out. One file holds many cases; lines:
//
//   case NAME                          begins a case; a `#` line before or inside it explains the expected values
//   point METRIC TYPE TIME VALUE [tag …] [session_id=x …]      TYPE: count, rate/10, gauge (COUNT with interval:
//   count/10) dist METRIC TIME V1,V2,… [tag …] [session_id=x …]          one sketch of these values query TEXT then
//   `from A to B [every S]` formula TEXT                       of the queries named by `let NAME TEXT` lines before it
//   window TEXT                        a monitor query, then `at T`
//   expect GROUP T=V T=V …             every value of one series; GROUP is `*` or `host:a,az:b`. `T~V`: within 1.6 %
//   expect none                        no series at all
//   expect GROUP V | missing           after `window`
//   interval S                         the interval that the answer has
//   error COLUMN TEXT                  the query fails at this column and the message holds TEXT (0: no column)
//
// Times are seconds after the base, a midnight (UTC) that the runner chooses within retention. `$` in metric names and
// queries becomes a prefix of the case's own, so that cases do not see each other's points.
namespace godseye::test {

struct CasePoint {
  std::string metric;
  signal::MetricType type = signal::MetricType::kGauge;
  uint32_t interval_s = 0;
  int64_t time_s = 0;
  std::vector<double> values;  // one, or those of a distribution
  std::vector<std::string> tags;
  signal::Attribution attribution;
};

struct ExpectedValue {
  int64_t time_s = 0;
  std::optional<double> value;
  bool approximate = false;
};

struct ExpectedSeries {
  std::string group;
  std::vector<ExpectedValue> values;
};

enum class CaseKind : uint8_t { kQuery, kFormula, kWindow };

struct QueryCase {
  std::string name;  // "file.test:12 name"
  CaseKind kind = CaseKind::kQuery;
  std::vector<CasePoint> points;
  std::vector<std::pair<std::string, std::string>> queries;  // of a formula: name and text
  std::string text;
  int64_t from_s = 0;
  int64_t to_s = 0;  // of a window: its end
  uint32_t interval_s = 0;
  std::vector<ExpectedSeries> expected;
  std::optional<uint32_t> expected_interval_s;
  std::optional<std::pair<uint32_t, std::string>> expected_error;
};

// All cases of the `.test` files in `folder`, in order of file and line. kInvalidArgument names file and line.
base::Result<std::vector<QueryCase>> read_cases(const std::string& folder, int64_t base_s);

// The points of all cases as one batch.
signal::MetricBatch to_batch(const std::vector<QueryCase>& cases);

}  // namespace godseye::test
