#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/signal/metric.h>

// Random points and random questions for the tests that compare two ways to answer.
namespace godseye::test {

inline constexpr int64_t kSpanS = 600;  // of the points

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t n) { return random_() % n; }
  bool chance(uint64_t percent) { return below(100) < percent; }
  std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + below(from.size())); }

 private:
  std::mt19937_64 random_;
};

inline std::vector<std::string> random_tags(Dice& dice, bool with_session) {
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

inline signal::MetricBatch random_points(Dice& dice, int64_t base_s) {
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

inline std::string random_scope(Dice& dice, int depth) {
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

inline std::string random_series(Dice& dice) {
  const std::string metric =
      dice.pick({"prop.gauge", "prop.count", "prop.rate", "prop.dist", "prop.mixed", "prop.session"});
  const bool sketch = metric == "prop.dist" || metric == "prop.session";
  std::string text = sketch ? dice.pick({"avg", "sum", "min", "max", "count", "p50", "p95", "p0", "stddev",
                                         "count(v: v > 20)", "count(v: v <= 0)"})
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

inline std::string random_monitor(Dice& dice) {
  return dice.pick({"avg", "sum", "min", "max"}) + "(last_" + dice.pick({"1m", "5m", "10m"}) +
         "):" + random_series(dice) + " > 0";
}

inline bool near(double a, double b) { return std::fabs(a - b) <= 1e-9 * std::max({1.0, std::fabs(a), std::fabs(b)}); }

}  // namespace godseye::test
