#include <godseye/pipeline/ingest_ledger.h>
#include <godseye/pipeline/text_policy.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

struct ManualClock {
  base::WallTime wall{seconds(1'795'000'000)};
  base::TickTime tick{};
  base::Clock clock() {
    return {[this] { return wall; }, [this] { return tick; }};
  }
};

class IngestLedgerTest : public testing::Test {
 protected:
  void take(uint64_t spans) {
    ledger_.received("python", "4.1.0", "v0.4", spans);
    ledger_.accepted("python", "4.1.0", "v0.4", spans);
    ledger_.stored("python", "4.1.0", "v0.4", spans);
  }
  void mark(uint64_t sequence) {
    ledger_.note();
    ledger_.mark(sequence);
  }
  ManualClock time_;
  IngestLedger ledger_{time_.clock(), 2, seconds(60)};
};

TEST_F(IngestLedgerTest, WhatWasStoredBeforeAMarkIsQueryableWhenItIsConfirmed) {
  take(10);
  mark(1);
  take(5);
  EXPECT_EQ(ledger_.rows().at(0).queryable, 0u);
  ledger_.confirm(1);
  EXPECT_EQ(ledger_.rows().at(0).stored, 15u);
  EXPECT_EQ(ledger_.rows().at(0).queryable, 10u);
  mark(2);
  ledger_.confirm(3);  // of a later cut: everything before is in as well
  EXPECT_EQ(ledger_.rows().at(0).queryable, 15u);
}

TEST_F(IngestLedgerTest, WhatIsStoredWhileTheSegmentIsClosedBelongsToTheNext) {
  take(10);
  ledger_.note();
  take(5);
  ledger_.mark(1);
  ledger_.confirm(1);
  EXPECT_EQ(ledger_.rows().at(0).queryable, 10u);
}

TEST_F(IngestLedgerTest, AGapIsWhatStaysStoredAndNotQueryable) {
  take(10);
  mark(1);
  time_.tick += seconds(30);
  take(7);
  mark(2);
  time_.tick += seconds(31);
  EXPECT_EQ(ledger_.gap().spans, 10u);
  EXPECT_EQ(ledger_.gap().oldest, seconds(61));
  ledger_.confirm(1);
  EXPECT_EQ(ledger_.gap().spans, 0u);
  time_.tick += seconds(31);
  EXPECT_EQ(ledger_.gap().spans, 7u);
  ledger_.confirm(2);
  EXPECT_EQ(ledger_.gap().spans, 0u);
}

TEST_F(IngestLedgerTest, NothingInTheJournalIsNoGapHoweverLongItLasts) {
  mark(1);
  time_.tick += seconds(600);
  EXPECT_EQ(ledger_.gap().spans, 0u);
}

TEST_F(IngestLedgerTest, RowsAreBoundedAndTheRestCountsAsOther) {
  ledger_.received("python", "1", "v0.4", 1);
  ledger_.received("nodejs", "1", "v0.4", 1);
  for (int i = 0; i < 100; ++i) ledger_.received("client" + std::to_string(i), "1", "v0.4", 1);
  const auto rows = ledger_.rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].client, "other");
  EXPECT_EQ(rows[0].received, 100u);
}

TEST_F(IngestLedgerTest, DropsKeepTheirReason) {
  ledger_.received("python", "1", "v0.4", 5);
  ledger_.dropped("python", "1", "v0.4", "zero_id", 2);
  ledger_.dropped("python", "1", "v0.4", "duplicate", 1);
  ledger_.dropped("python", "1", "v0.4", "zero_id", 1);
  EXPECT_THAT(ledger_.rows().at(0).dropped,
              testing::ElementsAre(testing::Pair("duplicate", 1u), testing::Pair("zero_id", 3u)));
}

TEST(TextPolicy, AnApplicationsOwnRuleBeatsTheGeneralOne) {
  const auto policy = TextPolicy::parse("none,shop=raw,hr-bot=masked");
  ASSERT_TRUE(policy) << policy.error().message();
  EXPECT_EQ(policy->of("shop", "web"), StoreText::kRaw);
  EXPECT_EQ(policy->of("hr-bot", ""), StoreText::kMasked);
  EXPECT_EQ(policy->of("", "shop"), StoreText::kRaw);
  EXPECT_EQ(policy->of("other", "shop"), StoreText::kNone);
  EXPECT_EQ(TextPolicy().of("x", "y"), StoreText::kMasked);
}

TEST(TextPolicy, AWordThatIsNoneOfTheThreeIsNamed) {
  for (const char* bad : {"clear", "masked,shop=", "=raw", "masked,shop=clear"}) {
    EXPECT_FALSE(TextPolicy::parse(bad)) << bad;
  }
  EXPECT_THAT(TextPolicy::parse("clear").error().message(), HasSubstr("\"clear\""));
}

}  // namespace
}  // namespace godseye::pipeline
