#include "random_points.h"
#include "store_test.h"

#include <map>

#include <godseye/query/recent_points.h>

// Memory says what the store says: random points in many segments (late ones, ones that come before anybody asks),
// random windows, both ways, the same values. The seed is printed.
namespace godseye::test {
namespace {

constexpr uint64_t kSeed = 20260711;
constexpr int kSegments = 6;
constexpr int kQueriesPerSegment = 25;

class RecentStore : public StoreTest {
 protected:
  void configure(store::StoreConfig& config) override {
    recent_ = std::make_unique<query::RecentPoints>(query::RecentConfig{}, clock_);
    config.points = {.storing = [this] { recent_->storing(); },
                     .stored = [this](std::span<const signal::MetricBatch> batches,
                                      bool settled) { recent_->stored(batches, settled); },
                     .unclear = [this] { recent_->unclear(); }};
  }
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    memory_.emplace(store_->engine(), clock_, query::Limits{}, recent_.get());
    base_s_ = base::unix_seconds(clock_.wall()) / 600 * 600 - 1200;
  }
  void TearDown() override {
    memory_.reset();
    StoreTest::TearDown();
  }

  static std::map<query::Group, double> values_of(const query::GroupValues& values) {
    std::map<query::Group, double> map;
    for (const auto& value : values) map[value.group] = value.value.value_or(NAN);
    return map;
  }
  // Both ways; the text of the first difference, empty when there is none.
  std::string compare(const std::string& text, int64_t to_s, bool full) {
    auto query = lang::parse_monitor_query(text);
    if (!query) return query.error().message();
    const auto expected = engine_->evaluate_window(*query, to_s, full);
    const auto found = memory_->evaluate_window(*query, to_s, full);
    if (expected.has_value() != found.has_value()) {
      return expected ? "memory: " + found.error().message() : "store: " + expected.error().message();
    }
    if (!expected) return expected.error().message() == found.error().message() ? "" : found.error().message();
    if (expected->size() != found->size()) {
      return "store " + std::to_string(expected->size()) + " groups, memory " + std::to_string(found->size());
    }
    for (size_t g = 0; g < found->size(); ++g) {
      const double a = (*expected)[g].value.value_or(NAN);
      const double b = (*found)[g].value.value_or(NAN);
      const bool same = (std::isnan(a) && std::isnan(b)) || near(a, b);
      if ((*expected)[g].group != (*found)[g].group) return "another group";
      if (!same) return "store " + std::to_string(a) + ", memory " + std::to_string(b);
      if ((*expected)[g].partial != (*found)[g].partial) return "full or not";
    }
    compared_ += found->size();
    return "";
  }

  std::unique_ptr<query::RecentPoints> recent_;
  std::optional<query::QueryEngine> memory_;
  size_t compared_ = 0;
};

// One random batch, dealt out over segments: what lands in a later one is late.
std::vector<signal::MetricBatch> dealt(Dice& dice, const signal::MetricBatch& all) {
  std::vector<signal::MetricBatch> batches(kSegments);
  for (signal::MetricBatch& batch : batches) {
    batch.series = all.series;
    batch.attributions = all.attributions;
  }
  for (const auto& point : all.points) batches[dice.below(kSegments)].points.push_back(point);
  for (const auto& sketch : all.sketches) batches[dice.below(kSegments)].sketches.push_back(sketch);
  return batches;
}

TEST_F(RecentStore, SaysWhatTheStoreSays) {
  Dice dice(kSeed);
  int number = 0;
  for (const signal::MetricBatch& batch : dealt(dice, random_points(dice, base_s_))) {
    ASSERT_NO_FATAL_FAILURE(append(batch));
    for (int i = 0; i < kQueriesPerSegment; ++i, ++number) {
      std::string text = random_monitor(dice);
      if (number % 10 == 3) text.insert(text.find(" > 0"), ".weighted()");
      if (number % 10 == 7 && text.find("rollup") == std::string::npos) {
        text.insert(text.find(" > 0"), ".rollup(daily)");
      }
      const int64_t to_s = base_s_ + kSpanS / 2 + static_cast<int64_t>(dice.below(kSpanS / 2));
      EXPECT_EQ(compare(text, to_s, dice.chance(30)), "")
          << "seed " << kSeed << " query " << number << ": " << text << " at " << to_s - base_s_;
    }
  }
  EXPECT_GT(compared_, 200U);
  const query::RecentStats stats = recent_->stats();
  EXPECT_EQ(stats.left_to_store, 0U);
  EXPECT_GT(stats.answered, 150U);
  EXPECT_EQ(stats.metrics, 6U);
  EXPECT_LE(stats.loaded, 12U) << "a metric is read once, and again when a longer window asks";
  EXPECT_GT(stats.late, 0U);
}

TEST_F(RecentStore, FollowsAnErasureAndLeavesOldWindowsToTheStore) {
  Dice dice(kSeed + 1);
  ASSERT_NO_FATAL_FAILURE(append(random_points(dice, base_s_)));
  const std::string text = "max(last_10m):count:prop.dist{*} by {session_id} > 0";
  EXPECT_EQ(compare(text, base_s_ + kSpanS, false), "");
  ASSERT_TRUE(store_->erase_session("s1").has_value());
  EXPECT_EQ(recent_->stats().forgotten, 1U);
  EXPECT_EQ(compare(text, base_s_ + kSpanS, false), "");
  const auto after = memory_->evaluate_window(*lang::parse_monitor_query(text), base_s_ + kSpanS);
  for (const auto& value : *after) EXPECT_NE(value.group[0].value, "s1");
  EXPECT_EQ(recent_->stats().left_to_store, 0U);
  EXPECT_EQ(compare(text, base_s_ - 86400, false), "");
  EXPECT_GT(recent_->stats().left_to_store, 0U);
}

TEST_F(RecentStore, HistoryReadsEachMetricOnce) {
  Dice dice(kSeed + 2);
  ASSERT_NO_FATAL_FAILURE(append(random_points(dice, base_s_)));
  const auto history = engine_->history(base_s_ - 600, base_s_ + kSpanS, 64 << 20);
  const auto query = *lang::parse_monitor_query("avg(last_5m):avg:prop.gauge{*} by {host} > 0");
  for (int64_t to_s = base_s_; to_s <= base_s_ + kSpanS; to_s += 50) {
    const auto expected = engine_->evaluate_window(query, to_s);
    const auto found = history->evaluate_window(query, to_s);
    ASSERT_TRUE(expected.has_value() && found.has_value());
    EXPECT_EQ(values_of(*expected).size(), values_of(*found).size());
    for (const auto& [group, value] : values_of(*expected)) EXPECT_TRUE(near(value, values_of(*found).at(group)));
  }
}

}  // namespace
}  // namespace godseye::test
