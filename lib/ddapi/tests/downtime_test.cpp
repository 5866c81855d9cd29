#include <godseye/ddapi/downtime.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string v2(const std::string& attributes) {
  return R"({"data":{"type":"downtime","attributes":{)" + attributes + "}}}";
}
constexpr const char* kMonitor = R"("monitor_identifier":{"monitor_id":7},"scope":"env:prod")";

TEST(DowntimeV2, AOneTimeScheduleHasMomentsWithZones) {
  const auto spec = decode_downtime_v2(
      v2(std::string(kMonitor) +
         R"(,"schedule":{"start":"2026-01-01T01:00:00+01:00","end":"2026-01-01T02:00:00Z"},"message":"m")"));
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->monitor_id, 7);
  EXPECT_EQ(spec->scope, "env:prod");
  EXPECT_EQ(spec->start_s, 1767225600);
  EXPECT_EQ(spec->end_s, 1767232800);
  EXPECT_THAT(spec->notify_end_states, ElementsAre("alert", "no data", "warn"));
  EXPECT_THAT(spec->notify_end_types, ElementsAre("expired"));
}

TEST(DowntimeV2, ARecurringScheduleKeepsRuleDurationAndZone) {
  const auto spec = decode_downtime_v2(v2(std::string(kMonitor) +
                                          R"(,"schedule":{"timezone":"Europe/Paris","recurrences":
          [{"rrule":"FREQ=WEEKLY;BYDAY=SU","duration":"1h30m","start":"2026-01-04T02:00"}]})"));
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->timezone, "Europe/Paris");
  ASSERT_EQ(spec->recurrences.size(), 1U);
  EXPECT_EQ(spec->recurrences[0].duration_s, 5400);
  const auto again = decode_downtime_spec(encode_downtime_spec(*spec));
  ASSERT_TRUE(again);
  EXPECT_EQ(encode_downtime_spec(*again), encode_downtime_spec(*spec));
}

TEST(DowntimeV2, APartialUpdateLeavesTheRest) {
  const auto spec = decode_downtime_v2(v2(std::string(kMonitor) + R"(,"message":"old")"));
  const auto changed = decode_downtime_v2(v2(R"("scope":"env:dev")"), &*spec);
  ASSERT_TRUE(changed) << changed.error().message();
  EXPECT_EQ(changed->scope, "env:dev");
  EXPECT_EQ(changed->message, "old");
  EXPECT_EQ(changed->monitor_id, 7);
}

TEST(DowntimeV2, ErrorsNameTheField) {
  const auto error = [](const std::string& text) {
    const auto spec = decode_downtime_v2(text);
    return spec ? std::string("accepted") : spec.error().message();
  };
  EXPECT_THAT(error("{}"), HasSubstr("data.attributes: expected an object"));
  EXPECT_THAT(error("["), HasSubstr("JSON"));
  EXPECT_THAT(error(v2(R"("scope":"*")")), HasSubstr("monitor_identifier"));
  EXPECT_THAT(error(v2(R"("monitor_identifier":{"monitor_id":1})")), HasSubstr("scope"));
  EXPECT_THAT(error(v2(R"("scope":"*","monitor_identifier":{"monitor_id":1,"monitor_tags":["a"]})")),
              HasSubstr("monitor_id, or monitor_tags"));
  EXPECT_THAT(error(v2(std::string(kMonitor) + R"(,"schedule":{"start":"tomorrow"})")),
              HasSubstr("schedule.start: expected a time with zone"));
  EXPECT_THAT(
      error(v2(std::string(kMonitor) + R"(,"schedule":{"recurrences":[{"rrule":"FREQ=DAILY","duration":"x"}]})")),
      HasSubstr("recurrences[0].duration"));
  EXPECT_THAT(error(v2(std::string(kMonitor) + R"(,"schedule":{"recurrences":[]})")),
              HasSubstr("one to 5 recurrences"));
}

TEST(DowntimeV1, RecurrencesByTypeBecomeTheSameRule) {
  const auto rule = [](const std::string& recurrence) {
    const auto spec =
        decode_downtime_v1(R"({"scope":["env:prod"],"start":1000,"end":4600,"recurrence":)" + recurrence + "}");
    return spec ? spec->recurrences.at(0).rrule : spec.error().message();
  };
  EXPECT_EQ(rule(R"({"type":"days","period":2})"), "FREQ=DAILY;INTERVAL=2");
  EXPECT_EQ(rule(R"({"type":"weeks","period":1,"week_days":["Mon","Tue"],"until_occurrences":4})"),
            "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU;COUNT=4");
  EXPECT_EQ(rule(R"({"type":"months","period":1,"until_date":1767225600})"),
            "FREQ=MONTHLY;INTERVAL=1;UNTIL=20260101T000000Z");
  EXPECT_EQ(rule(R"({"type":"rrule","rrule":"FREQ=YEARLY;BYMONTH=1"})"), "FREQ=YEARLY;BYMONTH=1");
  EXPECT_THAT(rule(R"({"type":"hours","period":1})"), HasSubstr("recurrence.type: expected days"));
  EXPECT_THAT(rule(R"({"type":"days","period":0})"), HasSubstr("recurrence.period"));
}

TEST(DowntimeV1, ScopesAreJoinedAndNullRecurrenceIsNone) {
  const auto spec = decode_downtime_v1(R"({"scope":["env:prod","host:a"],"start":1000,"recurrence":null,"end":null})");
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->scope, "env:prod,host:a");
  EXPECT_THAT(spec->recurrences, IsEmpty());
  EXPECT_THAT(spec->monitor_tags, ElementsAre("*"));
  EXPECT_EQ(decode_downtime_v1(R"({"scope":"*"})")->scope, "*");
}

TEST(DowntimeV1, AnswersHaveWhatTypedClientsNeed) {
  DowntimeView view{.id = 3, .uuid = "u", .status = "active", .current_start_s = 10, .current_end_s = 0};
  view.spec.scope = "env:prod";
  const std::string text = encode_downtime_v1(view);
  EXPECT_THAT(text, HasSubstr(R"("id":3)"));
  EXPECT_THAT(text, HasSubstr(R"("active":true)"));
  EXPECT_THAT(text, HasSubstr(R"("end":null)"));
  EXPECT_THAT(text, HasSubstr(R"("scope":["env:prod"])"));
}

TEST(Mute, ReadsAnEmptyBodyAndDogshellsText) {
  EXPECT_EQ(decode_mute("")->scope, "*");
  EXPECT_EQ(decode_mute("{}")->end_s, 0);
  EXPECT_EQ(decode_mute(R"({"scope":[],"end":null})")->scope, "*");
  const auto mute = decode_mute(R"({"scope":"host:a","end":"1767225600"})");
  ASSERT_TRUE(mute);
  EXPECT_EQ(mute->scope, "host:a");
  EXPECT_EQ(mute->end_s, 1767225600);
  EXPECT_FALSE(decode_mute(R"({"end":"soon"})"));
  EXPECT_FALSE(decode_mute(R"({"end":-1})"));
}

TEST(Duration, IsReadAndWritten) {
  EXPECT_EQ(read_duration("90m"), 5400);
  EXPECT_EQ(read_duration("1w2d"), 777600);
  EXPECT_FALSE(read_duration(""));
  EXPECT_FALSE(read_duration("h"));
  EXPECT_FALSE(read_duration("0h"));
  EXPECT_FALSE(read_duration("99999999999999999999h"));
  EXPECT_EQ(duration_text(5400), "1h30m");
}

}  // namespace
}  // namespace godseye::ddapi
