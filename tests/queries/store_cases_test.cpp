#include "case_check.h"
#include "store_test.h"

// The text cases of this folder over the real path: Store::append → journal → writer → engine → SQL.
namespace godseye::test {
namespace {

using StoreCases = StoreTest;

TEST_F(StoreCases, EveryTextCaseAnswersAsWorkedOutByHand) {
  auto cases = read_cases(GE_CASES, base_s_);
  ASSERT_TRUE(cases.has_value()) << cases.error().message();
  ASSERT_NO_FATAL_FAILURE(append(to_batch(*cases)));
  const Answers answers{
      .timeseries = [&](const query::TimeseriesRequest& r) { return engine_->timeseries(r); },
      .formula = [&](const query::FormulaRequest& r) { return engine_->timeseries(r); },
      .window = [&](const lang::MonitorQuery& q, int64_t to_s) { return engine_->evaluate_window(q, to_s); }};
  for (const QueryCase& c : *cases) {
    for (const std::string& difference : check(c, answers, base_s_)) ADD_FAILURE() << c.name << "\n  " << difference;
  }
  EXPECT_GE(cases->size(), 80U);
}

}  // namespace
}  // namespace godseye::test
