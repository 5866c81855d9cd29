#pragma once

#include "line_set.h"

#include <map>
#include <string>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/lang/metric_query.h>
#include <godseye/query/query_engine.h>

// Evaluates expressions over lines: functions and arithmetic on aligned buckets.
namespace godseye::query {

// A number, or lines.
struct Value {
  bool is_number = false;
  double number = 0;
  LineSet set;
};

// Named queries of a formula. Expressions must outlive the evaluator.
using References = std::map<std::string, const lang::Expression*, std::less<>>;

class Evaluator {
 public:
  // One evaluator serves one request: it remembers fetched lines, so that a query named twice is asked once.
  Evaluator(SeriesSource& source, const Limits& limits, References references = {})
      : source_(source), limits_(limits), references_(std::move(references)) {}

  base::Result<Value> evaluate(const lang::Expression& expression, const Range& range);

 private:
  base::Result<Value> fetch(const lang::SeriesQuery& series, const Range& range,
                            Difference difference = Difference::kNone);
  const lang::SeriesQuery* series_of(const lang::Expression& e) const;
  base::Result<Value> call(const lang::Expression& call, const Range& range);
  base::Result<Value> moving_rollup(const lang::Expression& call, const Range& range);
  base::Result<Value> shifted(const lang::Expression& call, int64_t seconds, const Range& range);
  base::Result<Value> calendar_shifted(const lang::Expression& e, const Range& range);
  base::Result<Range> reaching_back(const Range& range, int64_t seconds) const;
  base::Result<Range> moved_back(const Range& range, int64_t buckets) const;

  SeriesSource& source_;
  const Limits& limits_;
  References references_;
  std::map<std::string, LineSet> fetched_;
};

// The buckets that `.rollup(…)` asks for: so many seconds, or a calendar's; neither: whatever fits.
struct Spacing {
  uint32_t seconds = 0;
  std::optional<lang::CalendarRollup> calendar;
};
// What the series queries of `expression` agree on. kInvalidArgument when two differ: buckets of different length
// cannot be aligned.
base::Result<Spacing> rollup_spacing(const lang::Expression& expression, const References& references);
// Whether `expression` means the same when its range is one bucket: no function in it looks along time.
bool only_pointwise(const lang::Expression& expression);
// The whole buckets of `calendar` over [from_s, to_s). Errors name the column.
base::Result<Range> calendar_range(const lang::CalendarRollup& calendar, int64_t from_s, int64_t to_s,
                                   size_t buckets_max);

// Every series query in `expression`, references followed.
void collect_series(const lang::Expression& expression, const References& references,
                    std::vector<const lang::SeriesQuery*>& into);

// Left op right, bucket by bucket (arithmetic.cpp). Groups match by the values of their common keys.
base::Result<Value> combine(lang::BinaryOperator op, Value left, Value right, uint64_t cells_max);

// Functions of one LineSet and constants (line_functions.cpp). kUnimplemented for functions not evaluated yet.
base::Status apply_function(const lang::Expression& call, LineSet& set);
// How a line ranks: "mean", "max", "min", "sum", "last", "l2norm", "area". kMissing for a line without values.
double rank_of(const Line& line, const Buckets& buckets, std::string_view by);
// Keeps the `count` first lines in rank order after skipping `offset`; ties by group.
void keep_top(LineSet& set, size_t count, std::string_view by, bool ascending, size_t offset);

}  // namespace godseye::query
