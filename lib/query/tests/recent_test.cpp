#include "memory_source.h"
#include "random_points.h"
#include "recent_source.h"
#include "space.h"
#include "window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::query {
namespace {

constexpr int64_t kBase = 1'700'006'400;

// A recent window of one metric as a source; what MemorySource spells out is what it must say.
class OneWindow : public SeriesSource {
 public:
  explicit OneWindow(const signal::MetricBatch& batch, std::string metric) : window_(0) {
    std::map<signal::SeriesId, uint32_t> numbers;
    for (const auto& series : batch.series) {
      if (series.metric == metric) numbers[series.id] = window_.add_series(series);
    }
    const auto who = [&](uint32_t attribution) {
      return window_.add_attribution(attribution == signal::kNoAttribution ? signal::Attribution{}
                                                                           : batch.attributions[attribution]);
    };
    for (const auto& p : batch.points) {
      if (numbers.contains(p.series)) window_.add(numbers[p.series], who(p.attribution), p.time_s, p.value);
    }
    for (const auto& p : batch.sketches) {
      if (numbers.contains(p.series)) window_.add(numbers[p.series], who(p.attribution), p.time_s, p.sketch);
    }
  }
  base::Result<LineSet> fetch(const lang::SeriesQuery& query, const Range& range, Difference) override {
    return window_.fetch(stored_form(query), query.group_by, range, Limits{});
  }
  base::Result<bool> is_distribution(const lang::SeriesQuery&, const Range&) override {
    return window_.is_distribution();
  }
  RecentWindow& window() { return window_; }

 private:
  RecentWindow window_;
};

TEST(RecentWindow, SaysWhatTheDefinitionsSay) {
  constexpr uint64_t kSeed = 4711;
  test::Dice dice(kSeed);
  const signal::MetricBatch batch = test::random_points(dice, kBase);
  MemorySource naive(batch);
  const Limits limits;
  size_t compared = 0;
  std::map<std::string, std::unique_ptr<OneWindow>> windows;
  for (int i = 0; i < 600; ++i) {
    const std::string text = test::random_monitor(dice);
    auto query = lang::parse_monitor_query(text);
    ASSERT_TRUE(query.has_value()) << text;
    const std::string metric = query->expression.series->metric;
    auto& window = windows[metric];
    if (!window) window = std::make_unique<OneWindow>(batch, metric);
    const int64_t to_s = kBase + 300 + static_cast<int64_t>(dice.below(300));
    const auto expected = evaluate_window_over(naive, limits, *query, to_s);
    const auto found = evaluate_window_over(*window, limits, *query, to_s);
    ASSERT_EQ(expected.has_value(), found.has_value()) << "seed " << kSeed << " query " << i << ": " << text;
    if (!found) continue;
    ASSERT_EQ(expected->size(), found->size()) << "seed " << kSeed << " query " << i << ": " << text;
    for (size_t g = 0; g < found->size(); ++g) {
      EXPECT_EQ((*expected)[g].group, (*found)[g].group) << text;
      const double a = (*expected)[g].value.value_or(NAN);
      const double b = (*found)[g].value.value_or(NAN);
      EXPECT_TRUE((std::isnan(a) && std::isnan(b)) || test::near(a, b))
          << "seed " << kSeed << " query " << i << ": " << text << " at " << to_s - kBase << ": " << a << " and " << b;
      ++compared;
    }
  }
  EXPECT_GT(compared, 700U);
}

signal::SeriesDefinition gauge(const std::string& host) {
  signal::SeriesDefinition series{.metric = "m", .type = signal::MetricType::kGauge, .tags = {"host:" + host}};
  series.id = signal::series_id(series.metric, series.type, series.tags);
  return series;
}

double value_of(RecentWindow& window, const std::string& text, int64_t from_s, int64_t to_s) {
  const auto parsed = *lang::parse_metric_query(text);
  const lang::SeriesQuery query = *parsed.expressions[0].series;
  const Range range{.buckets = {.start_s = from_s, .interval_s = static_cast<uint32_t>(to_s - from_s), .count = 1},
                    .from_s = from_s,
                    .to_s = to_s};
  const auto set = *window.fetch(query, query.group_by, range, Limits{});
  return set.lines.empty() ? NAN : set.lines[0].values[0];
}

TEST(RecentWindow, DropsWhatIsOldAndKeepsItsPlansRight) {
  RecentWindow window(1000);
  const uint32_t nobody = window.add_attribution({});
  const auto add = [&](const std::string& host, int64_t time_s, double value) {
    window.add(window.add_series(gauge(host)), window.add_attribution({}), time_s, value);
  };
  (void)nobody;
  for (int i = 0; i < 200; ++i) add("gone-" + std::to_string(i), 1010, 1);
  add("a", 1010, 5);
  add("a", 990, 7);  // before what is kept
  EXPECT_EQ(window.points(), 201U);
  EXPECT_EQ(value_of(window, "sum:m{*}", 1000, 1100), 205);
  const uint64_t full = window.bytes();
  add("a", 1100, 6);
  window.prune(1050);
  EXPECT_EQ(window.points(), 1U);
  EXPECT_EQ(window.streams(), 1U) << "streams without points are gone";
  EXPECT_LT(window.bytes(), full / 10);
  EXPECT_EQ(window.kept_from_s(), 1050);
  EXPECT_EQ(value_of(window, "sum:m{*}", 1050, 1200), 6);
  EXPECT_EQ(value_of(window, "sum:m{host:a}", 1050, 1200), 6);
  add("b", 1110, 3);
  EXPECT_EQ(value_of(window, "sum:m{*}", 1050, 1200), 9) << "a plan learns of new series";
  window.prune(1040);
  EXPECT_EQ(window.kept_from_s(), 1050) << "what is gone does not come back with the clock";
}

TEST(RecentWindow, OfTooManyGroupsTheFirstAreAnswered) {
  RecentWindow window(0);
  const uint32_t nobody = window.add_attribution({});
  for (int i = 0; i < 100; ++i) window.add(window.add_series(gauge(std::to_string(i))), nobody, 10, 1);
  const auto parsed = *lang::parse_metric_query("avg:m{*} by {host}");
  const lang::SeriesQuery query = *parsed.expressions[0].series;
  const Range range{.buckets = {.start_s = 0, .interval_s = 60, .count = 1}, .from_s = 0, .to_s = 60};
  Limits limits;
  limits.groups_max = 99;
  const auto first = window.fetch(query, query.group_by, range, limits);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->lines.size(), 99U);
  ASSERT_TRUE(first->cut.has_value());
  EXPECT_EQ(first->cut->left_out, 1U);
  EXPECT_EQ(first->cut->last, std::vector<std::string>{"98"}) << "in the order of bytes 99 is the last";
  limits.groups_max = 100;
  EXPECT_FALSE(window.fetch(query, query.group_by, range, limits)->cut.has_value());
}

TEST(GroupTable, HoldsTheFirstGroupsWhateverTheOrderTheyComeIn) {
  constexpr uint64_t kSeed = 20260812;
  test::Dice dice(kSeed);
  for (int round = 0; round < 50; ++round) {
    const size_t room = 1 + dice.below(20);
    GroupTable table(Method::kSum, {.start_s = 0, .interval_s = 10, .count = 3}, room, 1'000'000);
    std::map<std::vector<std::string>, std::array<double, 3>> all;
    for (int i = 0; i < 200; ++i) {
      const std::vector<std::string> group{std::to_string(dice.below(30))};
      const size_t bucket = dice.below(3);
      table.add(group, static_cast<int64_t>(bucket) * 10, 1, 1);
      all[group][bucket] += 1;
    }
    std::optional<GroupCut> cut;
    const std::vector<Line> lines = table.take_lines(cut);
    ASSERT_EQ(lines.size(), std::min(room, all.size())) << "seed " << kSeed << " round " << round;
    auto expected = all.begin();
    for (const Line& line : lines) {
      EXPECT_EQ(line.group, expected->first);
      for (size_t b = 0; b < 3; ++b) EXPECT_EQ(is_missing(line.values[b]) ? 0 : line.values[b], expected->second[b]);
      ++expected;
    }
    ASSERT_EQ(cut.has_value(), all.size() > room);
    if (cut) EXPECT_EQ(cut->left_out, all.size() - room);
    if (cut) EXPECT_EQ(cut->last, lines.back().group);
  }
}

// A ratio of two cut sides: a group that one side could not hold is no group without errors.
TEST(Window, ARatioEndsWhereEitherSideDoes) {
  RecentWindow window(0);
  const uint32_t nobody = window.add_attribution({});
  for (int i = 10; i < 30; ++i) {
    const std::string host = std::to_string(i);
    signal::SeriesDefinition requests{.id = static_cast<signal::SeriesId>(i),
                                      .metric = "m",
                                      .type = signal::MetricType::kCount,
                                      .interval_s = 10,
                                      .tags = {"host:" + host, "kind:all"}};
    window.add(window.add_series(requests), nobody, 100, 10);
    requests.id += 100;
    requests.tags = {"host:" + host, "kind:bad"};
    if (i % 2 == 0) window.add(window.add_series(requests), nobody, 100, 1);
  }
  class Source : public SeriesSource {
   public:
    explicit Source(RecentWindow& window) : window_(window) { limits_.groups_max = 8; }
    base::Result<LineSet> fetch(const lang::SeriesQuery& query, const Range& range, Difference) override {
      return window_.fetch(stored_form(query), query.group_by, range, limits_);
    }
    base::Result<bool> is_distribution(const lang::SeriesQuery&, const Range&) override { return false; }

   private:
    RecentWindow& window_;
    Limits limits_;
  } source(window);
  const auto query = lang::parse_monitor_query(
      "sum(last_5m):sum:m{kind:bad} by {host}.as_count() / sum:m{kind:all} by {host}.as_count() > 1");
  const auto values = evaluate_window_over(source, Limits{}, *query, 300);
  ASSERT_TRUE(values.has_value()) << values.error().message();
  ASSERT_EQ(values->size(), 8U) << "hosts 10 to 17, though eight hosts with errors reach up to 24";
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ((*values)[i].group[0].value, std::to_string(10 + i));
    EXPECT_EQ((*values)[i].value, i % 2 == 0 ? 0.1 : 0.0);
  }
  EXPECT_GE(values->cut.groups_left_out, 12U);
  EXPECT_EQ(values->cut.known_until, std::vector<std::string>{"17"});
  const auto counted = lang::parse_monitor_query("max(last_5m):count_nonzero(sum:m{*} by {host}) > 1");
  const auto refused = evaluate_window_over(source, Limits{}, *counted, 300);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kTooLarge);
}

// What is told of segments, and what may be asked between them.
class RecentPointsTest : public ::testing::Test {
 protected:
  static signal::MetricBatch batch(int64_t time_s, double value) {
    signal::MetricBatch one;
    one.series.push_back(gauge("a"));
    one.points.push_back({.series = one.series[0].id, .time_s = time_s, .value = value});
    return one;
  }
  void stored(const signal::MetricBatch& one, bool settled = true) {
    recent_.storing();
    stored_.push_back(one);
    recent_.stored(std::span(&one, 1), settled);
  }
  // A store that has what was stored.
  RecentPoints::Impl::Loader loader() {
    return [this](const std::string&, int64_t from_s, int64_t,
                  uint64_t bytes_max) -> base::Result<std::unique_ptr<RecentWindow>> {
      ++loads_;
      if (during_load_) during_load_();
      if (failure_) return *failure_;
      auto window = std::make_unique<RecentWindow>(from_s);
      for (const auto& one : stored_) {
        for (const auto& p : one.points) {
          window->add(window->add_series(one.series[0]), window->add_attribution({}), p.time_s, p.value);
        }
      }
      if (window->bytes() > bytes_max) return base::Error(base::ErrorCode::kTooLarge, "too many");
      return window;
    };
  }
  // The sum of the last 100 seconds; nothing when the store is to be asked.
  std::optional<double> sum() {
    std::optional<double> value;
    recent_.impl().with_window("m", now_ - 100, now_, loader(), [&](RecentWindow& window) {
      value = value_of(window, "sum:m{*}.rollup(sum)", now_ - 100, now_);
    });
    return value;
  }

  int64_t now_ = 10'000;
  base::Clock clock_{.wall = [this] { return base::WallTime(std::chrono::seconds(now_)); },
                     .tick = [this] { return base::TickTime(std::chrono::seconds(now_)); }};
  RecentPoints recent_{{.bytes_max = 100'000, .reach_s = 3600, .idle_s = 900}, clock_};
  std::vector<signal::MetricBatch> stored_;
  int loads_ = 0;
  std::function<void()> during_load_;
  std::optional<base::Error> failure_;
};

TEST_F(RecentPointsTest, ReadsAMetricOnceAndThenFollows) {
  stored(batch(9'950, 1));
  EXPECT_EQ(sum(), 1);
  stored(batch(9'960, 2));
  EXPECT_EQ(sum(), 3);
  stored(batch(9'910, 4));  // late
  EXPECT_EQ(sum(), 7);
  EXPECT_EQ(loads_, 1);
  now_ += 20;
  EXPECT_EQ(sum(), 3);
}

TEST_F(RecentPointsTest, LeavesToTheStoreWhatMayBeThereInPart) {
  stored(batch(9'950, 1), false);
  EXPECT_EQ(sum(), std::nullopt) << "an earlier process left more";
  stored(batch(9'950, 2), true);
  EXPECT_EQ(sum(), 3);
  recent_.storing();
  EXPECT_EQ(sum(), 3) << "what was read before is as of the last whole segment";
  recent_.unclear();
  EXPECT_EQ(sum(), std::nullopt);
  recent_.stored({}, true);
  EXPECT_EQ(sum(), 3);
}

TEST_F(RecentPointsTest, DropsWhatWasReadAcrossAnErasure) {
  stored(batch(9'950, 1));
  during_load_ = [&] { recent_.unclear(); };
  EXPECT_EQ(sum(), std::nullopt);
  during_load_ = nullptr;
  EXPECT_EQ(sum(), 1);
}

TEST_F(RecentPointsTest, GivesUpAMetricThatDoesNotFitAndTriesAgainLater) {
  stored(batch(9'950, 1));
  EXPECT_EQ(sum(), 1);
  signal::MetricBatch many = batch(9'951, 1);
  for (int i = 0; i < 10'000; ++i) many.points.push_back(many.points[0]);
  stored(many);
  EXPECT_EQ(recent_.stats().evicted, 1U);
  EXPECT_EQ(recent_.stats().bytes, 0U);
  EXPECT_EQ(sum(), std::nullopt);
  EXPECT_EQ(loads_, 1) << "not read again at once";
  stored_.clear();
  now_ += 901;
  EXPECT_TRUE(sum().has_value());
  EXPECT_EQ(loads_, 2);
}

TEST_F(RecentPointsTest, DropsAMetricThatNobodyAsksFor) {
  stored(batch(9'950, 1));
  EXPECT_EQ(sum(), 1);
  now_ += 901;
  stored(batch(now_ - 5, 1));
  EXPECT_EQ(recent_.stats().metrics, 0U);
}

TEST_F(RecentPointsTest, FailuresOfTheStoreAreTriedAgainSoon) {
  failure_ = base::Error(base::ErrorCode::kUnavailable, "restarting");
  EXPECT_EQ(sum(), std::nullopt);
  failure_.reset();
  EXPECT_EQ(sum(), std::nullopt);
  now_ += 10;
  EXPECT_TRUE(sum().has_value());
  EXPECT_EQ(recent_.stats().load_failures, 1U);
}

TEST_F(RecentPointsTest, AClockThatGoesBackAsksAgain) {
  stored(batch(9'950, 1));
  EXPECT_EQ(sum(), 1);
  now_ += 500;
  stored(batch(now_ - 5, 8));
  EXPECT_EQ(sum(), 8);
  now_ -= 500;
  EXPECT_EQ(sum(), 1) << "what was pruned is read again";
}

}  // namespace
}  // namespace godseye::query
