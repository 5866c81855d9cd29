#include <algorithm>

#include <godseye/simulator/behaviour.h>
#include <godseye/simulator/faults.h>

#include <gtest/gtest.h>

namespace godseye::simulator {
namespace {

using namespace std::chrono_literals;

TEST(FaultHeader, ReadsNamesAndNumbers) {
  const auto faults = parse_fault_header("status=429; retry_after=2;; malformed ; quality=0.3;code=insufficient_quota");
  ASSERT_TRUE(faults.has_value());
  EXPECT_EQ(faults->get(Fault::kStatus), 429);
  EXPECT_EQ(faults->get(Fault::kRetryAfter), 2);
  EXPECT_TRUE(faults->is_on(Fault::kMalformed));
  EXPECT_EQ(faults->get(Fault::kQuality), 0.3);
  EXPECT_EQ(faults->code, "insufficient_quota");
  EXPECT_FALSE(faults->has(Fault::kRude));
}

TEST(FaultHeader, RefusesAnUnknownNameWithThoseThatExist) {
  const auto faults = parse_fault_header("statsu=429");
  ASSERT_FALSE(faults.has_value());
  for (const char* part : {"unknown fault 'statsu'", " status", " stall_after_tokens", " say"}) {
    EXPECT_NE(faults.error().message().find(part), std::string::npos) << part;
  }
}

TEST(FaultHeader, RefusesValuesOutOfRangeAndNoNumbers) {
  for (const char* header : {"status=200", "status=600", "quality=1.01", "quality=nan", "quality=x", "chunk_bytes=0",
                             "latency_ms=-1", "latency_ms=1e999", "status=4 29"}) {
    EXPECT_FALSE(parse_fault_header(header).has_value()) << header;
  }
  EXPECT_FALSE(parse_fault_header(std::string(kFaultHeaderBytesMax + 1, ' ')).has_value());
  EXPECT_TRUE(parse_fault_header(std::string(kFaultHeaderBytesMax, ' ')).has_value());
}

TEST(FaultHeader, EveryKnownNameIsRead) {
  for (const FaultInfo& info : known_faults()) {
    const auto faults = parse_fault_header(std::string(info.name) + "=" + std::to_string(info.max));
    ASSERT_TRUE(faults.has_value()) << info.name;
    EXPECT_FALSE(faults->empty()) << info.name;
  }
  static_assert(static_cast<size_t>(Fault::kAnswerTokens) + 1 == kFaults);
}

TEST(FaultOrders, ReadRatesModelsAndExpiry) {
  const auto orders =
      parse_fault_orders(R"([{"status":503,"rate":0.5,"expires_in_s":60},{"quality":0.3,"model":"gpt-4o-simulated"}])");
  ASSERT_TRUE(orders.has_value());
  ASSERT_EQ(orders->size(), 2u);
  EXPECT_EQ((*orders)[0].rate, 0.5);
  EXPECT_EQ((*orders)[0].expires_in, 60);
  EXPECT_EQ((*orders)[1].model, "gpt-4o");
  for (const char* bad :
       {"", "1", "[1]", R"({"rate":2})", R"({"nope":1})", R"({"status":"x"})", R"({"status":[1]})", R"({"model":1})"}) {
    EXPECT_FALSE(parse_fault_orders(bad).has_value()) << bad;
  }
}

TEST(FaultBoard, OrdersEndWhenTheyExpireAndAreForTheirModel) {
  FaultBoard board;
  const base::TickTime start{};
  board.put(*parse_fault_orders(R"([{"status":503,"expires_in_s":10},{"quality":0.3,"model":"gpt-4o"}])"), start);
  base::Random random(1);
  EXPECT_EQ(board.draw("gemini-2.0-flash", start, random).get(Fault::kStatus), 503);
  EXPECT_FALSE(board.draw("gemini-2.0-flash", start, random).has(Fault::kQuality));
  EXPECT_TRUE(board.draw("gpt-4o-simulated", start, random).has(Fault::kQuality));
  EXPECT_FALSE(board.draw("gpt-4o", start + 10s, random).has(Fault::kStatus));
  EXPECT_NE(board.json(start).find("\"expires_in_s\":"), std::string::npos);
  board.clear();
  EXPECT_TRUE(board.draw("gpt-4o", start, random).empty());
}

TEST(FaultBoard, ARateIsKeptOverManyRequests) {
  FaultBoard board;
  board.put(*parse_fault_orders(R"({"status":503,"rate":0.2})"), {});
  base::Random random(7);
  int hit = 0;
  for (int i = 0; i < 10'000; ++i) hit += board.draw("m", {}, random).has(Fault::kStatus);
  EXPECT_NEAR(hit, 2000, 150);
}

TEST(FaultSet, TheHeaderWinsOverTheBoard) {
  const auto header = *parse_fault_header("quality=1");
  const auto board = *parse_fault_header("quality=0.1; status=500");
  EXPECT_EQ(header.over(board).get(Fault::kQuality), 1);
  EXPECT_EQ(header.over(board).get(Fault::kStatus), 500);
}

Behaviour drawn(std::string_view header, uint64_t seed, double hours = 0) {
  base::Random random(seed);
  return decide(ModelTraits{}, *parse_fault_header(header), std::chrono::duration<double>(hours * 3600), random);
}

bool any(const Behaviour& b) { return b.ramble || b.wrong || b.hallucinate || b.truncate || b.refuse || b.rude; }

TEST(Behaviour, DefectsComeAsOftenAsTheQualityModelSays) {
  // (1 - q)^1.5 of the answers have one.
  for (const auto& [header, share] : std::initializer_list<std::pair<const char*, double>>{
           {"quality=1", 0}, {"quality=0.9", 0.0316}, {"quality=0.3", 0.586}, {"quality=0", 1}}) {
    int hit = 0;
    for (uint64_t seed = 0; seed < 4000; ++seed) hit += any(drawn(header, seed));
    EXPECT_NEAR(hit / 4000.0, share, 0.03) << header;
  }
}

TEST(Behaviour, ARateDecidesAloneAboutItsDefect) {
  int hit = 0;
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    EXPECT_FALSE(drawn("quality=0; rude=0", seed).rude);
    hit += drawn("quality=1; hallucinate=0.1", seed).hallucinate;
  }
  EXPECT_NEAR(hit / 4000.0, 0.1, 0.02);
}

TEST(Behaviour, QualityDecaysOverTimeDownToItsFloor) {
  EXPECT_NEAR(drawn("quality=0.9; quality_decay_per_hour=0.2", 1, 2).quality, 0.5, 1e-9);
  EXPECT_NEAR(drawn("quality=0.9; quality_decay_per_hour=0.2", 1, 100).quality, kQualityMin, 1e-9);
  EXPECT_EQ(drawn("quality=0", 1).quality, 0);
}

TEST(Latency, FollowsItsDistribution) {
  base::Random random(3);
  EXPECT_EQ(draw_latency(*parse_fault_header("latency_ms=800"), random), 800ms);
  EXPECT_EQ(draw_latency({}, random), 0ms);
  std::vector<double> waits;
  for (int i = 0; i < 2001; ++i) {
    const auto wait = draw_latency(*parse_fault_header("latency_ms=100;latency_sigma=0.5"), random);
    waits.push_back(static_cast<double>(wait.count()));
  }
  std::sort(waits.begin(), waits.end());
  EXPECT_NEAR(waits[1000], 100, 6);
  EXPECT_NEAR(waits[1682], 100 * std::exp(0.5), 12);  // one deviation above the median: 84 %
  int spikes = 0;
  for (int i = 0; i < 2000; ++i) {
    spikes += draw_latency(*parse_fault_header("latency_spike_rate=0.01;latency_spike_ms=3000"), random) >= 3s;
  }
  EXPECT_NEAR(spikes, 20, 14);
}

}  // namespace
}  // namespace godseye::simulator
