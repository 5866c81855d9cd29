#include <godseye/ddapi/event.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(EventCodec, ReadsTheFieldsOfV1) {
  const auto event = decode_event_v1(R"({"title":"deployed","text":"v2","date_happened":1769072851,"host":"web-1",
      "priority":"low","alert_type":"success","aggregation_key":"shop","source_type_name":"deploy",
      "tags":["env:prod","session_id:s-1"],"device_name":"x"})");
  ASSERT_TRUE(event) << event.error().message();
  EXPECT_EQ(event->title, "deployed");
  EXPECT_EQ(event->time_ms, 1'769'072'851'000);
  EXPECT_TRUE(event->low_priority);
  EXPECT_EQ(event->alert_type, signal::AlertType::kSuccess);
  EXPECT_EQ(event->source, "deploy");
  EXPECT_THAT(event->tags, ElementsAre("env:prod", "session_id:s-1"));
}

TEST(EventCodec, NamesWhatIsWrong) {
  const auto error = [](const char* json) {
    const auto event = decode_event_v1(json);
    return event ? std::string("read") : event.error().message();
  };
  EXPECT_THAT(error(R"({"text":"x"})"), HasSubstr("title"));
  EXPECT_THAT(error(R"({"title":"x","alert_type":"loud"})"), HasSubstr("alert_type"));
  EXPECT_THAT(error(R"({"title":"x","priority":"high"})"), HasSubstr("priority"));
  EXPECT_THAT(error(R"({"title":7})"), HasSubstr("title"));
  EXPECT_THAT(error("[]"), HasSubstr("object"));
}

TEST(EventCodec, ReadsChangesAndAlertsOfV2) {
  const auto event = decode_event_v2(R"({"data":{"type":"event","attributes":{"title":"flag on","category":"change",
      "message":"","timestamp":"2026-01-22T09:07:31.250+01:00","tags":["service:shop"],
      "attributes":{"changed_resource":{"name":"flag","type":"feature_flag"}}}}})");
  ASSERT_TRUE(event) << event.error().message();
  EXPECT_EQ(event->time_ms, 1'769'069'251'250);
  EXPECT_THAT(event->tags, ElementsAre("service:shop", "category:change"));
  EXPECT_THAT(event->text, HasSubstr("feature_flag"));
  EXPECT_FALSE(decode_event_v2(R"({"data":{"attributes":{"title":"x","category":"other","attributes":{}}}})"));
  EXPECT_FALSE(decode_event_v2("{}"));
}

TEST(EventCodec, ReadsOneCheckOrMany) {
  const auto one = decode_checks(R"({"check":"app.ok","host_name":"h","status":2,"tags":[],"message":"m"})");
  ASSERT_TRUE(one) << one.error().message();
  EXPECT_EQ(one->at(0).status, signal::CheckStatus::kCritical);
  const auto many = decode_checks(R"([{"check":"a","status":0},{"check":"b","status":3}])");
  ASSERT_TRUE(many);
  EXPECT_EQ(many->size(), 2U);
  EXPECT_THAT(decode_checks(R"([{"check":"a","status":0},{"check":"b","status":4}])").error().message(),
              HasSubstr("[1].status"));
  EXPECT_FALSE(decode_checks(R"([7])"));
}

TEST(EventCodec, AProductAnalyticsCallIsAnEventWithItsNumbers) {
  const auto tracks = decode_tracks(R"({"type":"endpoint_usage","name":"/chat","session_id":"s-1","service":"shop",
      "latency_ms":120.5,"cost_usd":0.002,"properties":{"model":"flash"}})");
  ASSERT_TRUE(tracks) << tracks.error().message();
  const signal::Event& event = tracks->at(0);
  EXPECT_EQ(event.title, "Product Analytics: /chat");
  EXPECT_EQ(event.source, signal::kProductAnalyticsSource);
  EXPECT_EQ(event.text, R"({"model":"flash"})");
  EXPECT_THAT(event.tags,
              ElementsAre("analytics_type:endpoint_usage", "endpoint:/chat", "service:shop", "session_id:s-1"));
  ASSERT_EQ(event.values.size(), 2U);
  EXPECT_EQ(event.values[0].second, 120.5);
  EXPECT_THAT(decode_tracks(R"([{"type":"page","name":"x"}])").error().message(), HasSubstr("[0].type"));
  EXPECT_THAT(decode_tracks(R"([{"type":"event"}])").error().message(), HasSubstr("[0].name"));
  const auto clicks = decode_tracks(R"({"type":"user_action","name":"click","shown":5,"clicked":1,"rating":-1})");
  ASSERT_TRUE(clicks) << clicks.error().message();
  EXPECT_THAT(clicks->at(0).values, ElementsAre(Pair("shown", 5), Pair("clicked", 1), Pair("rating", -1)));
  EXPECT_THAT(decode_tracks(R"({"type":"user_action","name":"x","rating":2})").error().message(), HasSubstr("rating"));
  EXPECT_THAT(decode_tracks(R"({"type":"user_action","name":"x","shown":-1})").error().message(), HasSubstr("shown"));
}

TEST(EventCodec, AnswersCarryWhatTypedClientsNeed) {
  signal::Event event{.id = 7, .time_ms = 1'769'072'851'123, .title = "<b>", .text = "t"};
  event.attribution.values[0] = "s-1";
  EXPECT_THAT(encode_event_created_v1(event, "http://g"), HasSubstr(R"("status":"ok")"));
  EXPECT_THAT(encode_event_v1(event, "http://g"), HasSubstr(R"("url":"http://g/api/v1/events/7")"));
  const std::string page = encode_events_v2({event}, "c", "/next", 3, "r");
  EXPECT_THAT(page, HasSubstr(R"("session_id:s-1")"));
  EXPECT_THAT(page, HasSubstr(R"("after":"c")"));
  EXPECT_THAT(page, HasSubstr("2026-01-22T09:07:31.123Z"));
}

}  // namespace
}  // namespace godseye::ddapi
