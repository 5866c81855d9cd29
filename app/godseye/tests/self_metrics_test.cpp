#include "self_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::app {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

SelfMetric counter(std::string name, int64_t value, std::vector<std::pair<std::string, std::string>> tags = {}) {
  return {std::move(name), std::move(tags), value, SelfMetric::Kind::kCounter};
}

TEST(SelfMetrics, SendsWhatWasAddedAndGaugesAsTheyAre) {
  SelfMetrics metrics;
  const SelfMetric gauge{"store.lag_ms", {}, 12, SelfMetric::Kind::kGauge};
  EXPECT_EQ(metrics.lines({counter("cut.points", 100), gauge}),
            (std::vector<std::string>{"godseye.store.lag_ms:12|g"}));
  EXPECT_EQ(metrics.lines({counter("cut.points", 107), gauge, counter("intake.errors", 2, {{"path", "x"}})}),
            (std::vector<std::string>{"godseye.cut.points:7|c", "godseye.store.lag_ms:12|g",
                                      "godseye.intake.errors:2|c|#path:x"}));
  EXPECT_TRUE(metrics.lines({counter("cut.points", 107)}).empty());
}

TEST(SelfMetrics, AClientsNameNeverBecomesSyntax) {
  SelfMetrics metrics;
  metrics.lines({});
  const std::vector<SelfMetric> now{counter("ingestion.received", 1, {{"client", "a|c\nb:1|c|#x,y\"\\"}})};
  EXPECT_EQ(metrics.lines(now),
            (std::vector<std::string>{"godseye.ingestion.received:1|c|#client:a_c_b:1_c__x_y\"\\"}));
  EXPECT_EQ(prometheus_text(now),
            "# TYPE godseye_ingestion_received_total counter\n"
            "godseye_ingestion_received_total{client=\"a|c\\nb:1|c|#x,y\\\"\\\\\"} 1\n");
}

TEST(SelfMetrics, EachFamilyIsDeclaredOnceAndItsSamplesStandTogether) {
  Readings now;
  now.span_clients = {{.client = "python", .version = "4.1", .path = "v0.4", .received = 3},
                      {.client = "nodejs", .version = "5", .path = "v0.4", .received = 4}};
  const std::string text = prometheus_text(self_metrics_of(now));
  std::string last;
  std::vector<std::string> families;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# TYPE ")) {
      last = line.substr(7, line.rfind(' ') - 7);
      EXPECT_THAT(families, Not(Contains(last)));
      families.push_back(last);
    } else {
      EXPECT_EQ(line.substr(0, line.find_first_of("{ ")), last);
    }
  }
  EXPECT_THAT(text,
              HasSubstr("godseye_ingestion_received_total{path=\"v0.4\",client=\"python\",client_version=\"4.1\"} 3"));
}

}  // namespace
}  // namespace godseye::app
