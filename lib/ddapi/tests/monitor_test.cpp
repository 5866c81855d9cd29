#include <godseye/ddapi/monitor.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFull = R"({
  "name": "Injection", "type": "query alert", "query": "max(last_1m):max:m{*} by {session_id} > 0.7",
  "message": "hello @incident-x", "tags": ["rule:1", "team:sec"], "priority": 1,
  "options": {"thresholds": {"critical": 0.7, "warning": 0.5}, "on_missing_data": "resolve", "new_group_delay": 0,
              "require_full_window": false, "silenced": {}, "notify_by": ["session_id"]},
  "assets": [{"category": "runbook", "name": "r", "url": "http://x/r"}],
  "id": 77, "overall_state": "OK", "errors": [], "draft_status": "published"})";

std::string error_of(std::string_view text) {
  base::Result<MonitorSpec> spec = decode_monitor(text);
  return spec ? "decoded" : spec.error().message();
}

TEST(MonitorCodec, ReadsEveryFieldAndKeepsUnknownOnes) {
  base::Result<MonitorSpec> spec = decode_monitor(kFull);
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->name, "Injection");
  EXPECT_EQ(spec->priority, 1);
  EXPECT_THAT(spec->tags, ElementsAre("rule:1", "team:sec"));
  EXPECT_EQ(spec->options.thresholds->critical, 0.7);
  EXPECT_EQ(spec->options.thresholds->warning, 0.5);
  EXPECT_EQ(spec->options.on_missing_data, "resolve");
  EXPECT_EQ(spec->options.unknown_json, R"({"silenced":{}})");
  EXPECT_EQ(spec->unknown_json, R"({"draft_status":"published"})");
  EXPECT_EQ(spec->assets.at(0).url, "http://x/r");
}

TEST(MonitorCodec, WhatItWritesItReadsBack) {
  const MonitorSpec spec = *decode_monitor(kFull);
  const std::string text = encode_monitor_spec(spec);
  EXPECT_EQ(encode_monitor_spec(*decode_monitor(text)), text);
}

TEST(MonitorCodec, TheAnswerHasWhatClientsNeedAndNoErrorsKey) {
  MonitorView view{.id = 5, .spec = *decode_monitor(kFull), .multi = true, .created_s = 0, .modified_s = 1700000000};
  view.groups = {{.name = "session_id:a", .status = "Alert", .last_triggered_s = 9, .value = 0.9}};
  const std::string text = encode_monitor(view);
  EXPECT_THAT(text, Not(HasSubstr("\"errors\"")));
  EXPECT_THAT(text, HasSubstr(R"("id":5)"));
  EXPECT_THAT(text, HasSubstr(R"("overall_state":"No Data")"));
  EXPECT_THAT(text, HasSubstr(R"("multi":true)"));
  EXPECT_THAT(text, HasSubstr(R"("modified":"2023-11-14T22:13:20.000000+00:00")"));
  EXPECT_THAT(text, HasSubstr(R"("groups":{"session_id:a":{)"));
  EXPECT_THAT(text, HasSubstr(R"("last_triggered_ts":9)"));
  EXPECT_THAT(text, Not(HasSubstr("last_resolved_ts")));
}

TEST(MonitorCodec, MergeChangesWhatIsGivenAndNullRemoves) {
  const MonitorSpec old = *decode_monitor(kFull);
  base::Result<MonitorSpec> merged = merge_monitor(
      old, R"({"name":"New","priority":null,"options":{"thresholds":{"critical":0.9},"on_missing_data":null,"x":1}})");
  ASSERT_TRUE(merged) << merged.error().message();
  EXPECT_EQ(merged->name, "New");
  EXPECT_EQ(merged->query, old.query);
  EXPECT_FALSE(merged->priority);
  EXPECT_EQ(merged->options.thresholds->critical, 0.9);
  EXPECT_FALSE(merged->options.thresholds->warning) << "thresholds are replaced as a whole";
  EXPECT_FALSE(merged->options.on_missing_data);
  EXPECT_EQ(merged->options.new_group_delay, 0);
  EXPECT_EQ(merged->options.unknown_json, R"({"silenced":{},"x":1})");
}

TEST(MonitorCodec, ErrorsNameTheField) {
  EXPECT_EQ(error_of(R"({"query":"q"})"),
            R"(type: expected "query alert", "composite", "service check" or "event-v2 alert")");
  EXPECT_EQ(error_of(R"({"type":"metric alert"})"), "query: expected a monitor query");
  EXPECT_EQ(error_of(R"({"type":"t","query":5})"), "query: expected a string");
  EXPECT_EQ(error_of(R"({"type":"t","query":"q","tags":"a"})"), "tags: expected an array of strings");
  EXPECT_EQ(error_of(R"({"type":"t","query":"q","options":[]})"), "options: expected an object");
  EXPECT_EQ(error_of(R"({"type":"t","query":"q","options":{"thresholds":{"critical":"x"}}})"),
            "options.thresholds.critical: expected a number");
  EXPECT_THAT(error_of(R"({"type":"t","query":"q","options":{"thresholds":{"critcal":1}}})"),
              HasSubstr("options.thresholds.critcal: not a threshold"));
  EXPECT_EQ(error_of(R"({"type":"t","query":"q","priority":1.5})"), "priority: expected an integer");
  EXPECT_EQ(error_of("[]"), "expected a JSON object");
  EXPECT_THAT(error_of("{"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("{} x"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(""), HasSubstr("not JSON"));
}

TEST(MonitorCodec, DepthAndSizeAreBounded) {
  std::string deep = R"({"type":"t","query":"q","x":)" + std::string(100000, '[');
  EXPECT_THAT(error_of(deep), HasSubstr("nests deeper than 24"));
  EXPECT_THAT(error_of(std::string(kMonitorBytesMax + 1, ' ')), HasSubstr("at most 262144"));
}

TEST(MonitorCodec, AListMayBeBareOrNamed) {
  EXPECT_EQ(decode_monitors(R"([{"type":"t","query":"q"}])")->size(), 1U);
  EXPECT_EQ(decode_monitors(R"({"monitors":[{"type":"t","query":"q"}]})")->size(), 1U);
  EXPECT_EQ(decode_monitors(R"([{"type":"t","query":"q"},{"type":"t"}])").error().message(),
            "monitor 2: query: expected a monitor query");
}

}  // namespace
}  // namespace godseye::ddapi
