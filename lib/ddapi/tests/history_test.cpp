#include <godseye/ddapi/history.h>

#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

HistoryPart decode(std::string_view body, HistoryOptions options = {}) {
  base::Result<HistoryPart> part = decode_history(body, options);
  EXPECT_TRUE(part) << (part ? "" : part.error().message());
  return part ? *std::move(part) : HistoryPart();
}
HistoryPart decode_csv(std::string_view body, HistoryOptions options = {}) {
  options.format = HistoryFormat::kCsv;
  return decode(body, options);
}
std::string bad_line(std::string_view body, HistoryOptions options = {}) {
  const HistoryPart part = decode(body, options);
  return part.bad_lines.empty() ? "" : std::to_string(part.bad_lines[0].line) + ": " + part.bad_lines[0].text;
}
std::string head_error(std::string_view body) {
  const auto part = decode_history(body, {.format = HistoryFormat::kCsv});
  return part ? "" : part.error().message();
}

TEST(History, ReadsJsonLines) {
  const HistoryPart part = decode(
      R"({"metric":"shop.orders","timestamp":1700000000,"value":3,"type":"count","interval":60,"tags":["env:prod","a"],"host":"h"})"
      "\n\r\n"
      R"({"metric":"shop.load","timestamp":"2023-11-14T22:13:20Z","value":-0.5,"tags":"env:prod, b:c"})"
      "\n"
      R"({"metric":"shop.latency","timestamp":1700000000.9,"value":[1,2,2],"type":"distribution"})");
  EXPECT_EQ(part.lines, 3U);
  EXPECT_EQ(part.bad, 0U);
  ASSERT_EQ(part.payload.series.size(), 2U);
  const IntakeSeries& orders = part.payload.series[0];
  EXPECT_EQ(orders.metric, "shop.orders");
  EXPECT_EQ(orders.type, signal::MetricType::kCount);
  EXPECT_EQ(orders.interval_s, 60U);
  EXPECT_EQ(orders.host, "h");
  EXPECT_EQ(orders.tags, (std::vector<std::string>{"env:prod", "a"}));
  ASSERT_EQ(orders.points.size(), 1U);
  EXPECT_EQ(orders.points[0].time_s, 1700000000);
  EXPECT_EQ(orders.points[0].value, 3);
  EXPECT_EQ(part.payload.series[1].type, signal::MetricType::kGauge);
  EXPECT_EQ(part.payload.series[1].points[0].time_s, 1700000000);
  EXPECT_EQ(part.payload.series[1].tags, (std::vector<std::string>{"env:prod", "b:c"}));
  ASSERT_EQ(part.payload.distributions.size(), 1U);
  EXPECT_EQ(part.payload.distributions[0].points[0].sketch.count(), 3U);
  EXPECT_EQ(part.payload.distributions[0].points[0].time_s, 1700000000);
}

TEST(History, ReadsCsvInAnyOrderOfColumns) {
  const HistoryPart part = decode_csv(
      "\xEF\xBB\xBFtimestamp,metric,tags,value,type,interval\r\n"
      "1700000000,shop.orders,\"env:prod,note:say \"\"hi\"\"\",3,count,10\r\n"
      "\n"
      "1700000000123,shop.load,,1e3,,\n"
      "2023-11-14 23:13:20+01:00,shop.latency,a:b;c:d,1; 2 ;2,distribution,\n",
      {.first_line = 2});
  EXPECT_EQ(part.bad, 0U) << (part.bad_lines.empty() ? "" : part.bad_lines[0].text);
  ASSERT_EQ(part.payload.series.size(), 2U);
  EXPECT_EQ(part.payload.series[0].tags, (std::vector<std::string>{"env:prod", "note:say \"hi\""}));
  EXPECT_EQ(part.payload.series[0].interval_s, 10U);
  EXPECT_EQ(part.payload.series[1].points[0].time_s, 1700000000);
  EXPECT_EQ(part.payload.series[1].points[0].value, 1000);
  ASSERT_EQ(part.payload.distributions.size(), 1U);
  EXPECT_EQ(part.payload.distributions[0].points[0].time_s, 1700000000);
  EXPECT_EQ(part.payload.distributions[0].points[0].sketch.count(), 3U);
  EXPECT_EQ(part.payload.distributions[0].tags, (std::vector<std::string>{"a:b", "c:d"}));
}

TEST(History, NamesTheBadLineAndKeepsItsNeighbours) {
  const std::string good = R"({"metric":"a","timestamp":1700000000,"value":1})";
  const HistoryPart part = decode(good + "\nnonsense\n\n" + good + "\n{}\n" + good, {.first_line = 10});
  EXPECT_EQ(part.lines, 5U);
  EXPECT_EQ(part.bad, 2U);
  EXPECT_EQ(part.payload.series.size(), 3U);
  ASSERT_EQ(part.bad_lines.size(), 2U);
  EXPECT_EQ(part.bad_lines[0].line, 11U);
  EXPECT_EQ(part.bad_lines[1].line, 14U);
  std::string many;
  for (size_t i = 0; i < kBadLinesMax + 20; ++i) many += "x\n";
  EXPECT_EQ(decode(many).bad, kBadLinesMax + 20);
  EXPECT_EQ(decode(many).bad_lines.size(), kBadLinesMax);
}

TEST(History, SaysWhatIsWrong) {
  const auto with = [](std::string_view fields) { return bad_line("{" + std::string(fields) + "}"); };
  EXPECT_EQ(with(R"("metric":"a","timestamp":"soon","value":1)"),
            "1: timestamp: expected seconds, milliseconds or 2023-11-14T22:13:20Z");
  for (const char* time : {"\"2023-11-14T22:13:20\"", "\"2023-13-14T22:13:20Z\"", "\"2023-11-14\"", "-1", "1e15",
                           "true", "null", "\"2023-02-30T00:00:00Z\"", "\"2023-11-14T22:13:20.Z\"", "\"nan\""}) {
    EXPECT_TRUE(
        with(R"("metric":"a","value":1,"timestamp":)" + std::string(time)).starts_with("1: timestamp: expected"))
        << time;
  }
  for (const char* value : {"\"1\"", "null", "{}", "[1,null]", "true"}) {
    EXPECT_TRUE(with(R"("metric":"a","timestamp":1,"value":)" + std::string(value)).starts_with("1: value: expected"))
        << value;
  }
  EXPECT_EQ(with(R"("metric":"a","timestamp":1,"value":[1,2])"),
            "1: value: expected one number (several make a distribution)");
  EXPECT_EQ(with(R"("metric":"a","timestamp":1,"value":[],"type":"distribution")"),
            "1: value: expected 1 to 10000 numbers");
  EXPECT_EQ(with(R"("metric":"a","timestamp":1,"value":[1e308,1e308],"type":"distribution")"),
            "1: value: expected numbers whose sum is finite");
  EXPECT_EQ(with(R"("metric":"!","timestamp":1,"value":1)"), "1: metric: expected a name");
  EXPECT_EQ(with(R"("metric":"a","timestamp":1,"value":1,"type":"set")"),
            "1: type: expected gauge, count, rate or distribution");
  EXPECT_EQ(with(R"("metric":"a","timestamp":1,"value":1,"interval":-1)"), "1: interval: expected 0 to 86400 seconds");
  EXPECT_EQ(with(R"("metric":"a","timestamp":1,"value":1,"colour":2)"),
            "1: unknown field colour: expected metric, timestamp, value, type, tags, interval, host");
  EXPECT_EQ(bad_line(R"({"metric":"a","timestamp":1000,"value":1})", {.oldest_s = 2000}),
            "1: timestamp: 1970-01-01T00:16:40.000000+00:00 is before 1970-01-01T00:33:20.000000+00:00, the oldest "
            "that is kept");
  EXPECT_EQ(bad_line(R"({"metric":"a","timestamp":1000,"value":1})", {.newest_s = 999}),
            "1: timestamp: 1970-01-01T00:16:40.000000+00:00 is in the future");
  EXPECT_EQ(bad_line(std::string(kHistoryLineBytesMax + 1, 'x')), "1: longer than 65536 bytes");
}

TEST(History, SaysWhatIsWrongWithCsv) {
  const auto with = [](std::string_view line) {
    const HistoryPart part = decode_csv("metric,timestamp,value,tags\n" + std::string(line), {.first_line = 2});
    return part.bad_lines.empty() ? "" : part.bad_lines[0].text;
  };
  EXPECT_EQ(with("a,1,2"), "3 fields, the head has 4");
  EXPECT_EQ(with("a,1,\"2,x"), "a quote is not closed, or text follows one");
  EXPECT_EQ(with("a,1,\"2\"x,y"), "a quote is not closed, or text follows one");
  EXPECT_EQ(with("a,1,2;,"), "");
  EXPECT_EQ(with("a,1,2;3,"), "value: expected one number (several make a distribution)");
  EXPECT_EQ(with("a,1,,"), "value: expected one number (several make a distribution)");
  EXPECT_EQ(with("a,1,inf,"), "value: expected a number, or several with ';' between them for a distribution");
  EXPECT_EQ(head_error("metric,time,value\n"),
            "the head of the CSV has the column 'time': expected metric, timestamp, value, type, tags, interval, host");
  EXPECT_EQ(head_error("metric,timestamp\n"), "the head of the CSV has no column value");
  EXPECT_EQ(head_error("metric,metric\n"), "the head of the CSV has metric twice");
  EXPECT_EQ(head_error("metric,\"x\n"), "the head of the CSV has an open quote");
  EXPECT_NE(head_error(""), "");
}

TEST(History, RefusesTooMuchAtOnce) {
  std::string lines;
  for (size_t i = 0; i < kHistoryLinesMax; ++i) lines += "x\n";
  EXPECT_EQ(decode(lines).bad, kHistoryLinesMax);
  const auto more = decode_history(lines + "x", {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), base::ErrorCode::kTooLarge);
  const auto large = decode_history(std::string(kHistoryBytesMax + 1, '\n'), {});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), base::ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace godseye::ddapi
