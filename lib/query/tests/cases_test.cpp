#include "case_check.h"
#include "memory_source.h"
#include "timeseries.h"
#include "window.h"

#include <gtest/gtest.h>

// The text cases of tests/queries over the reference in memory: they check the semantics above SQL in every build, also
// where no engine is installed. tests/queries runs them over the real store.
namespace godseye::query {
namespace {

constexpr int64_t kBase = 1'700'006'400;  // 2023-11-15 00:00:00 UTC

TEST(QueryCases, AgreeWithTheReferenceInMemory) {
  static_assert(kBase % 86400 == 0);
  auto cases = test::read_cases("../../tests/queries", kBase);
  ASSERT_TRUE(cases.has_value()) << cases.error().message();
  const signal::MetricBatch batch = test::to_batch(*cases);
  MemorySource source(batch);
  const Limits limits;
  const test::Answers answers{
      .timeseries = [&](const TimeseriesRequest& r) { return timeseries_over(source, limits, r); },
      .formula = [&](const FormulaRequest& r) { return timeseries_over(source, limits, r); },
      .window = [&](const lang::MonitorQuery& q,
                    int64_t to_s) { return evaluate_window_over(source, limits, q, to_s); }};
  size_t checked = 0;
  for (const test::QueryCase& c : *cases) {
    for (const std::string& difference : test::check(c, answers, kBase))
      ADD_FAILURE() << c.name << "\n  " << difference;
    ++checked;
  }
  EXPECT_GE(checked, 80u);
}

}  // namespace
}  // namespace godseye::query
