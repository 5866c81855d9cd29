#include <string>

#include <godseye/ddapi/series.h>

#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

using signal::MetricType;

std::string from_hex(std::string_view hex) {
  std::string out;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return out;
}

TEST(SeriesV1, ReadsWhatOldAndNewClientsSend) {
  const auto payload = decode_series_v1(R"({"series":[
    {"metric":"a.b","points":[[1700000000,1.5],["1700000010",2],[1700000020.9,[3]]],"host":"h","tags":["env:x"],
     "type":"rate","interval":10,"device":"sda","source_type_name":"s"},
    {"metric":"c","points":[],"type":"counter","interval":null}]})");
  ASSERT_TRUE(payload.has_value()) << payload.error().message();
  const IntakeSeries& first = payload->series[0];
  EXPECT_EQ(first.type, MetricType::kRate);
  EXPECT_EQ(first.interval_s, 10U);
  EXPECT_EQ(first.host, "h");
  EXPECT_EQ(first.tags, (std::vector<std::string>{"env:x", "device:sda"}));
  ASSERT_EQ(first.points.size(), 3U);
  EXPECT_EQ(first.points[1].time_s, 1700000010);
  EXPECT_EQ(first.points[2].time_s, 1700000020);
  EXPECT_EQ(first.points[2].value, 3);
  EXPECT_EQ(payload->series[1].type, MetricType::kCount);
}

TEST(SeriesV1, NamesTheFieldThatIsWrong) {
  const auto error = [](std::string_view body) { return decode_series_v1(body).error().message(); };
  EXPECT_NE(error(R"({"series":[{"metric":"a","points":[[1,"x"]]}]})").find("series[0].points[0]"), std::string::npos);
  EXPECT_NE(error(R"({"series":[{"points":[]}]})").find("series[0].metric"), std::string::npos);
  EXPECT_NE(error(R"({"series":{}})").find("series"), std::string::npos);
  EXPECT_NE(error(R"({"series":[{"metric":"a","points":[],"type":"x"}]})").find("type"), std::string::npos);
  EXPECT_FALSE(decode_series_v1("").has_value());
  EXPECT_FALSE(decode_series_v1(std::string(200, '[')).has_value());
}

TEST(SeriesV2, ReadsResourcesAndTypes) {
  const auto payload = decode_series_v2(R"({"series":[{"metric":"m","type":1,"interval":60,
    "points":[{"timestamp":1700000000,"value":4}],"resources":[{"type":"host","name":"h"},{"type":"device","name":"d"}],
    "tags":["a:b"],"unit":"x","metadata":{"origin":{"product":1}}}]})");
  ASSERT_TRUE(payload.has_value()) << payload.error().message();
  EXPECT_EQ(payload->series[0].type, MetricType::kCount);
  EXPECT_EQ(payload->series[0].host, "h");
  EXPECT_EQ(payload->series[0].tags, (std::vector<std::string>{"a:b", "device:d"}));
  EXPECT_EQ(payload->series[0].points[0].value, 4);
  EXPECT_FALSE(decode_series_v2(R"({"series":[{"metric":"m","type":7,"points":[]}]})").has_value());
}

// The example of the specification, byte for byte.
TEST(SeriesV2Protobuf, ReadsTheDocumentedExample) {
  const auto payload = decode_series_v2_protobuf(
      from_hex("0a 23 0a 09 0a 04 68 6f 73 74 12 01 68 12 03 61 2e 62 22 0f 09 00 00 00 00 00 00 f8 3f 10 80 e2 cf aa "
               "06 28 03"));
  ASSERT_TRUE(payload.has_value()) << payload.error().message();
  ASSERT_EQ(payload->series.size(), 1U);
  EXPECT_EQ(payload->series[0].metric, "a.b");
  EXPECT_EQ(payload->series[0].host, "h");
  EXPECT_EQ(payload->series[0].type, MetricType::kGauge);
  EXPECT_EQ(payload->series[0].points[0].value, 1.5);
  EXPECT_EQ(payload->series[0].points[0].time_s, 1700000000);
}

TEST(SeriesV2Protobuf, RefusesEveryTruncation) {
  const std::string whole = from_hex(
      "0a 23 0a 09 0a 04 68 6f 73 74 12 01 68 12 03 61 2e 62 22 0f 09 00 00 00 00 00 00 f8 3f 10 80 e2 cf aa 06 28 03");
  for (size_t size = 1; size < whole.size(); ++size)
    EXPECT_FALSE(decode_series_v2_protobuf(whole.substr(0, size)).has_value()) << size;
  EXPECT_FALSE(decode_series_v2_protobuf(std::string(40, '\xff')).has_value());
}

TEST(DistributionPoints, MakeOneSketchATimestamp) {
  const auto payload =
      decode_distribution_points(R"({"series":[{"metric":"d","points":[[1700000000,[1,2,3.5]]],"tags":["a:b"]}]})");
  ASSERT_TRUE(payload.has_value()) << payload.error().message();
  const signal::Sketch& sketch = payload->distributions[0].points[0].sketch;
  EXPECT_EQ(sketch.count(), 3U);
  EXPECT_EQ(sketch.sum(), 6.5);
  EXPECT_EQ(sketch.max(), 3.5);
  EXPECT_FALSE(decode_distribution_points(R"({"series":[{"metric":"d","points":[[1,2]]}]})").has_value());
}

// metric "d", one sketch at 1700000000: count 3, min 1, max 1, sum 3, one bin 1338 (zigzag 2676 = f4 14) of 3.
TEST(Sketches, KeepBinsAsSentAndCheckThem) {
  const std::string numbers =
      "08 80 e2 cf aa 06 10 03 19 00 00 00 00 00 00 f0 3f 21 00 00 00 00 00 00 f0 3f 31 00 00 00 00 00 00 08 40";
  const std::string good = from_hex("0a 2f 0a 01 64 3a 2a " + numbers + " 3a 02 f4 14 42 01 03");
  auto payload = decode_sketches(good);
  ASSERT_TRUE(payload.has_value()) << payload.error().message();
  const signal::Sketch& sketch = payload->distributions.at(0).points.at(0).sketch;
  EXPECT_EQ(sketch.count(), 3U);
  ASSERT_EQ(sketch.bins().size(), 1U);
  EXPECT_EQ(sketch.bins()[0].key, 1338);
  std::string wrong = good;
  wrong.back() = 4;  // bins now hold 4, the count still says 3
  EXPECT_FALSE(decode_sketches(wrong).has_value());
}

}  // namespace
}  // namespace godseye::ddapi
