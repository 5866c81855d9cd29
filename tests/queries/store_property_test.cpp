#include "memory_source.h"
#include "store_test.h"
#include "timeseries.h"
#include "window.h"

#include <cmath>
#include <random>

// SQL equals the naive evaluator: random points, random queries, both ways, the same values. The seed is printed.
namespace godseye::test {
namespace {

constexpr uint64_t kSeed = 20260101;
constexpr int kQueries = 200;
constexpr int64_t kSpanS = 600;

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t n) { return random_() % n; }
  bool chance(uint64_t percent) { return below(100) < percent; }
  std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + below(from.size())); }

 private:
  std::mt19937_64 random_;
};

std::vector<std::string> random_tags(Dice& dice, bool with_session) {
  std::vector<std::string> tags;
  if (dice.chance(80)) tags.push_back("host:" + dice.pick({"a", "b", "web-1", "web_2"}));
  if (dice.chance(70)) tags.push_back("env:" + dice.pick({"prod", "dev"}));
  if (dice.chance(20)) tags.push_back("env:" + dice.pick({"prod", "canary"}));
  if (dice.chance(20)) tags.emplace_back("bare");
  // Installations may keep attribution among the tags of series (--attribution-tags).
  if (with_session && dice.chance(50)) tags.push_back("session_id:" + dice.pick({"s1", "s9"}));
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

signal::MetricBatch random_points(Dice& dice, int64_t base_s) {
  using signal::MetricType;
  struct Kind {
    const char* metric;
    MetricType type;
    uint32_t interval_s;
  };
  constexpr Kind kKinds[] = {
      {"prop.gauge", MetricType::kGauge, 0},        {"prop.count", MetricType::kCount, 10},
      {"prop.rate", MetricType::kRate, 10},         {"prop.dist", MetricType::kDistribution, 0},
      {"prop.mixed", MetricType::kGauge, 0},        {"prop.mixed", MetricType::kRate, 10},
      {"prop.mixed", MetricType::kDistribution, 0}, {"prop.session", MetricType::kDistribution, 0}};
  signal::MetricBatch batch;
  for (const char* session : {"s1", "s2", "mallory-77"}) {
    for (const char* user : {"", "u1"}) batch.attributions.push_back({.values = {session, user, "", ""}});
  }
  for (const Kind& kind : kKinds) {
    for (int s = 0; s < 12; ++s) {
      signal::SeriesDefinition series{.id = 0,
                                      .metric = kind.metric,
                                      .type = kind.type,
                                      .interval_s = kind.interval_s,
                                      .tags = random_tags(dice, std::string_view(kind.metric) == "prop.session")};
      series.id = signal::series_id(series.metric, series.type, series.tags);
      const bool known =
          std::any_of(batch.series.begin(), batch.series.end(), [&](const auto& d) { return d.id == series.id; });
      if (!known) batch.series.push_back(series);
      for (uint64_t p = dice.below(25) + 1; p > 0; --p) {
        const int64_t time_s =
            base_s + static_cast<int64_t>(dice.chance(80) ? dice.below(kSpanS / 10) * 10 : dice.below(kSpanS));
        const uint32_t attribution =
            dice.chance(50) ? static_cast<uint32_t>(dice.below(batch.attributions.size())) : signal::kNoAttribution;
        const double value = static_cast<double>(dice.below(2000)) / 8 - 50;
        if (kind.type != MetricType::kDistribution) {
          batch.points.push_back({.series = series.id, .time_s = time_s, .value = value, .attribution = attribution});
          continue;
        }
        signal::SketchPoint sketch{.series = series.id, .time_s = time_s, .attribution = attribution, .sketch = {}};
        for (uint64_t v = dice.below(5) + 1; v > 0; --v)
          sketch.sketch.insert(static_cast<double>(dice.below(4000)) / 8 - 50);
        batch.sketches.push_back(std::move(sketch));
      }
    }
  }
  return batch;
}

std::string random_scope(Dice& dice, int depth) {
  if (depth == 0 || dice.chance(50)) {
    return dice.pick({"host:a", "host:web-*", "host:web_*", "env:prod", "env:*", "bare", "session_id:s1",
                      "session_id:m*-77", "session_id:*", "user_id:u1", "host IN (a,b)", "env NOT IN (dev)",
                      "session_id IN (s1,s2)", "nokey:x"});
  }
  const std::string left = random_scope(dice, depth - 1);
  const std::string right = random_scope(dice, depth - 1);
  switch (dice.below(3)) {
    case 0:
      return "(" + left + " AND " + right + ")";
    case 1:
      return "(" + left + " OR " + right + ")";
    default:
      return "NOT (" + left + ")";
  }
}

std::string random_series(Dice& dice) {
  const std::string metric =
      dice.pick({"prop.gauge", "prop.count", "prop.rate", "prop.dist", "prop.mixed", "prop.session"});
  const bool sketch = metric == "prop.dist" || metric == "prop.session";
  std::string text = sketch ? dice.pick({"avg", "sum", "min", "max", "count", "p50", "p95", "p0"})
                            : dice.pick({"avg", "sum", "min", "max", "count"});
  text += ":" + metric + "{" + (dice.chance(40) ? "*" : random_scope(dice, 2)) + "}";
  const uint64_t keys = dice.below(4);
  if (keys == 1) text += " by {" + dice.pick({"host", "env", "session_id", "nokey"}) + "}";
  if (keys == 2)
    text += " by {" + dice.pick({"host,env", "env,session_id", "user_id,session_id", "session_id,host"}) + "}";
  if (dice.chance(40)) text += dice.pick({".as_count()", ".as_rate()"});
  if (!sketch && metric != "prop.mixed" && dice.chance(30))
    text += ".rollup(" + dice.pick({"sum", "avg", "min", "max", "count"}) + ")";
  if (metric != "prop.mixed" && dice.chance(30))
    text += ".fill(" + dice.pick({"null", "last", "zero", "linear", "last, 20"}) + ")";
  return text;
}

using Lines = std::map<std::string, std::vector<query::Sample>>;

Lines lines_of(const query::TimeseriesResult& result) {
  Lines lines;
  for (const query::ResultSeries& series : result.series) lines[series.expression] = series.points;
  return lines;
}

bool near(double a, double b) { return std::fabs(a - b) <= 1e-9 * std::max({1.0, std::fabs(a), std::fabs(b)}); }

// Empty when equal.
std::string difference(const Lines& a, const Lines& b) {
  for (const auto& [name, points] : a) {
    const auto other = b.find(name);
    if (other == b.end()) return "only one side has " + name;
    for (size_t i = 0; i < points.size(); ++i) {
      const auto x = points[i].value;
      const auto y = other->second.at(i).value;
      if (x.has_value() != y.has_value() || (x && !near(*x, *y))) {
        return name + " in bucket " + std::to_string(i) + ": naive " + (x ? std::to_string(*x) : "none") + ", SQL " +
               (y ? std::to_string(*y) : "none");
      }
    }
  }
  return a.size() == b.size() ? "" : "the number of series differs";
}

using StoreProperty = StoreTest;

TEST_F(StoreProperty, SqlEqualsTheNaiveEvaluator) {
  Dice dice(kSeed);
  const signal::MetricBatch batch = random_points(dice, base_s_);
  ASSERT_NO_FATAL_FAILURE(append(batch));
  query::MemorySource naive(batch);
  const query::Limits limits;
  size_t compared = 0;
  for (int i = 0; i < kQueries; ++i) {
    const std::string text = random_series(dice);
    const int64_t from_s = base_s_ + static_cast<int64_t>(dice.below(kSpanS / 2));
    const query::TimeseriesRequest request{.query = text,
                                           .from_s = from_s,
                                           .to_s = from_s + static_cast<int64_t>(dice.below(kSpanS)) + 10,
                                           .interval_s = static_cast<uint32_t>((dice.below(6) + 1) * 10)};
    const auto expected = query::timeseries_over(naive, limits, request);
    const auto found = engine_->timeseries(request);
    ASSERT_EQ(expected.has_value(), found.has_value()) << "seed " << kSeed << " query " << i << ": " << text << "\n"
                                                       << (found ? "" : found.error().message());
    if (!found) continue;
    EXPECT_EQ(difference(lines_of(*expected), lines_of(*found)), "")
        << "seed " << kSeed << " query " << i << ": " << text << " from " << from_s - base_s_ << " to "
        << request.to_s - base_s_ << " every " << request.interval_s;
    compared += found->series.size();
  }
  EXPECT_GT(compared, 250U);
}

TEST_F(StoreProperty, WindowsEqualTheNaiveEvaluator) {
  Dice dice(kSeed + 1);
  const signal::MetricBatch batch = random_points(dice, base_s_);
  ASSERT_NO_FATAL_FAILURE(append(batch));
  query::MemorySource naive(batch);
  const query::Limits limits;
  for (int i = 0; i < kQueries / 2; ++i) {
    const std::string text = dice.pick({"avg", "sum", "min", "max"}) + "(last_" + dice.pick({"1m", "5m", "10m"}) +
                             "):" + random_series(dice) + " > 0";
    auto query = lang::parse_monitor_query(text);
    ASSERT_TRUE(query.has_value()) << text;
    const int64_t to_s = base_s_ + kSpanS / 2 + static_cast<int64_t>(dice.below(kSpanS / 2));
    const auto expected = query::evaluate_window_over(naive, limits, *query, to_s);
    const auto found = engine_->evaluate_window(*query, to_s);
    ASSERT_EQ(expected.has_value(), found.has_value()) << text << (found ? "" : found.error().message());
    if (!found) continue;
    ASSERT_EQ(expected->size(), found->size())
        << "seed " << kSeed + 1 << " query " << i << ": " << text << " at " << to_s - base_s_;
    for (size_t g = 0; g < found->size(); ++g) {
      EXPECT_EQ((*expected)[g].group, (*found)[g].group) << text;
      const double a = (*expected)[g].value.value_or(NAN);
      const double b = (*found)[g].value.value_or(NAN);
      EXPECT_TRUE((std::isnan(a) && std::isnan(b)) || near(a, b))
          << "seed " << kSeed + 1 << " query " << i << ": " << text << " at " << to_s - base_s_ << ": naive " << a
          << ", SQL " << b;
    }
  }
}

}  // namespace
}  // namespace godseye::test
