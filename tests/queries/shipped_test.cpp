#include "store_test.h"

#include <fstream>
#include <map>
#include <sstream>

#include <godseye/ddapi/monitor.h>
#include <godseye/lang/monitor_forms.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/monitor/spec.h>
#include <godseye/query/event_engine.h>

// Every query of the shipped monitors and recording rules is answered by the store, with data and without.
namespace godseye::test {
namespace {

std::string shipped_file(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(GE_CASES) + "/../../datadog/" + name).rdbuf();
  return text.str();
}

class ShippedQueries : public StoreTest {
 protected:
  // The metrics that a query names: those of percentiles and `count:` get sketches, the others a count.
  static void collect(const lang::Expression& expression, std::map<std::string, bool>& metrics) {
    if (expression.series) {
      const lang::SpaceAggregator aggregator = expression.series->aggregator;
      const bool sketch =
          aggregator == lang::SpaceAggregator::kPercentile || aggregator == lang::SpaceAggregator::kCount;
      bool& sketches = metrics[expression.series->metric];
      sketches = sketches || sketch;
    }
    for (const lang::Expression& child : expression.children) collect(child, metrics);
  }
  static signal::MetricBatch batch_of(const std::map<std::string, bool>& metrics, int64_t time_s) {
    signal::MetricBatch batch;
    signal::SeriesId id = 1;
    for (const auto& [metric, sketches] : metrics) {
      const signal::SeriesDefinition series{
          .id = id++,
          .metric = metric,
          .type = sketches ? signal::MetricType::kDistribution : signal::MetricType::kCount,
          .interval_s = sketches ? 0U : 10U,
          .tags = {"caller:a", "callee:b", "model:m", "service:s"}};
      signal::Sketch value;
      value.insert(1);
      if (sketches) batch.sketches.push_back({.series = series.id, .time_s = time_s, .sketch = value});
      if (!sketches) batch.points.push_back({.series = series.id, .time_s = time_s, .value = 1});
      batch.series.push_back(series);
    }
    return batch;
  }
};

TEST_F(ShippedQueries, EachIsAnswered) {
  query::EventEngine events(store_->engine());
  const auto windows = monitor::engine_queries(*engine_, &events);
  std::vector<std::pair<std::string, monitor::ValidMonitor>> monitors;
  std::map<std::string, bool> metrics;
  for (const char* name : {"monitors.json", "alerts.json"}) {
    auto specs = ddapi::decode_monitors(shipped_file(name));
    ASSERT_TRUE(specs.has_value()) << name << ": " << specs.error().message();
    for (const ddapi::MonitorSpec& spec : *specs) {
      auto valid = monitor::validate(spec);
      ASSERT_TRUE(valid.has_value()) << spec.name << ": " << valid.error().message();
      if (valid->kind == monitor::MonitorKind::kMetric) collect(valid->query.expression, metrics);
      monitors.emplace_back(spec.name, *std::move(valid));
    }
  }
  ASSERT_GE(monitors.size(), 50U);
  const auto ask = [&](int64_t to_s) {
    for (const auto& [name, rules] : monitors) {
      if (rules.kind == monitor::MonitorKind::kMetric) {
        const auto values = windows->evaluate(rules.query, to_s);
        EXPECT_TRUE(values.has_value()) << name << ": " << values.error().message();
      } else if (rules.kind == monitor::MonitorKind::kServiceCheck) {
        const auto runs = windows->check_runs(rules.check, to_s);
        EXPECT_TRUE(runs.has_value()) << name << ": " << runs.error().message();
      }
    }
  };
  ask(base_s_ + 3600);
  ASSERT_NO_FATAL_FAILURE(append(batch_of(metrics, base_s_ + 7200 - 20)));
  ask(base_s_ + 7200);
}

// The same search, rolled up in every way there is; percents of checks.
TEST_F(ShippedQueries, EventsAndChecksAreRolledUp) {
  signal::EventBatch batch;
  const int64_t now_s = base_s_ + 3600;
  for (int i = 0; i < 10; ++i) {
    signal::Event event{.id = static_cast<uint64_t>(i + 1), .time_ms = (now_s - 60) * 1000, .title = "order"};
    event.source = "shop";
    event.host = i < 5 ? "a" : "b";
    event.tags = {"service:s" + std::to_string(i % 2)};
    event.values = {{"latency_ms", i * 10.0}};
    batch.events.push_back(event);
  }
  for (int i = 0; i < 4; ++i) {
    signal::ServiceCheck check{.time_s = now_s - 30, .check = "up", .host = "h" + std::to_string(i)};
    check.status = i == 0 ? signal::CheckStatus::kCritical : signal::CheckStatus::kOk;
    check.tags = {"env:prod"};
    batch.checks.push_back(check);
    check.time_s = now_s - 40;  // its run before: critical all around, and of no interest any more
    check.status = signal::CheckStatus::kCritical;
    batch.checks.push_back(check);
  }
  ASSERT_TRUE(store_->append(batch).has_value());
  ASSERT_TRUE(store_->wait_stored(store_->rotate(), clock_.tick() + kPatience).has_value());
  query::EventEngine events(store_->engine());
  const auto value = [&](const std::string& rollup, const std::string& search = "source:shop") {
    const auto query = lang::parse_event_query("events(\"" + search + "\").rollup(" + rollup + ").last(\"5m\") > 1");
    if (!query) return query.error().message();
    const auto counted = events.count(*query, now_s);
    if (!counted) return counted.error().message();
    if (counted->size() != 1) return std::to_string(counted->size()) + " groups";
    const auto& found = (*counted)[0].value;
    return found ? std::to_string(*found) : std::string("nothing");
  };
  EXPECT_EQ(value(R"("count")"), "10.000000");
  EXPECT_EQ(value(R"("cardinality","host")"), "2.000000");
  EXPECT_EQ(value(R"("cardinality","service")"), "2.000000");
  EXPECT_EQ(value(R"("sum","@values.latency_ms")"), "450.000000");
  EXPECT_EQ(value(R"("avg","@values.latency_ms")"), "45.000000");
  EXPECT_EQ(value(R"("min","@values.latency_ms")"), "0.000000");
  EXPECT_EQ(value(R"("max","@values.latency_ms")"), "90.000000");
  EXPECT_EQ(value(R"("pc90","@values.latency_ms")"), "90.000000");
  EXPECT_EQ(value(R"("max","@values.nothing")"), "nothing");
  EXPECT_EQ(value(R"("count")", "source:other"), "0.000000");
  EXPECT_EQ(value(R"("cardinality","host")", "source:other"), "0.000000");
  const auto grouped = events.count(
      *lang::parse_event_query(R"(events("source:shop").rollup("avg","@values.latency_ms").by("host").last("5m") > 1)"),
      now_s);
  ASSERT_TRUE(grouped.has_value()) << grouped.error().message();
  ASSERT_EQ(grouped->size(), 2U);
  EXPECT_EQ((*grouped)[0].value, 20);
  EXPECT_EQ((*grouped)[1].value, 70);

  auto percent = *lang::parse_check_query(R"("up".over("*").by("env").last(2).pct_by_status())");
  percent.silence_s = 120;
  const auto runs = events.check_runs(percent, now_s);
  ASSERT_TRUE(runs.has_value()) << runs.error().message();
  ASSERT_EQ(runs->size(), 1U);
  EXPECT_EQ((*runs)[0].group[0].value, "prod");
  EXPECT_EQ((*runs)[0].critical_percent, 25);
  percent.silence_s = 20;
  EXPECT_TRUE(events.check_runs(percent, now_s)->empty()) << "all are silent";
}

}  // namespace
}  // namespace godseye::test
