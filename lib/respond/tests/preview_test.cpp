#include <godseye/respond/preview.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::respond {
namespace {

using registry::GroupStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ddapi::MonitorSpec spec_of(std::string message) {
  ddapi::MonitorSpec spec;
  spec.name = "Errors of {{service.name}}";
  spec.type = "query alert";
  spec.query = "avg(last_5m):avg:m{*} by {service} > 0.7";
  spec.message = std::move(message);
  spec.priority = 2;
  return spec;
}

TEST(Preview, SaysWhatAnAlertWouldSay) {
  const auto preview = preview_message(
      spec_of("{{#is_alert}}{{service.name}} is at {{value}} {{comparator}} {{threshold}} @webhook-ops{{/is_alert}}"
              "{{#is_recovery}}over @incident-errors{{/is_recovery}}"),
      {.value = 0.9, .group = "service:shop,web", .time_s = 1'700'000'000});
  ASSERT_TRUE(preview) << preview.error().message();
  EXPECT_EQ(preview->title, "[P2] [Triggered on {service:shop,web}] Errors of shop,web");
  EXPECT_EQ(preview->text, "shop,web is at 0.9 &gt; 0.7 @webhook-ops");
  EXPECT_THAT(preview->handles, ElementsAre("webhook-ops"));
  EXPECT_THAT(preview->all_handles, ElementsAre("webhook-ops", "incident-errors"));
}

TEST(Preview, ARecoveryTakesTheOtherBranch) {
  const auto preview = preview_message(
      spec_of("{{#is_alert}}bad{{/is_alert}}{{#is_recovery}}over after {{triggered_duration_sec}} s{{/is_recovery}}"),
      {.from = GroupStatus::kAlert,
       .to = GroupStatus::kOk,
       .value = 0.1,
       .time_s = 1'700'000'060,
       .triggered_s = 1'700'000'000});
  ASSERT_TRUE(preview);
  EXPECT_EQ(preview->text, "over after 60 s");
  EXPECT_THAT(preview->handles, IsEmpty());
}

TEST(Preview, ARenotificationAddsTheEscalationText) {
  ddapi::MonitorSpec spec = spec_of("first @webhook-a");
  spec.options.renotify_interval = 10;
  spec.options.escalation_message = "still @webhook-b";
  const auto preview = preview_message(spec, {.renotify = true, .value = 1});
  ASSERT_TRUE(preview);
  EXPECT_EQ(preview->text, "first @webhook-a\n\nstill @webhook-b");
  EXPECT_THAT(preview->handles, ElementsAre("webhook-a", "webhook-b"));
}

TEST(Preview, AnUnfinishedQueryStillShowsItsMessage) {
  ddapi::MonitorSpec spec = spec_of("{{value}} of {{host.name}}");
  spec.query = "avg(last_5m):avg:m{";
  const auto preview = preview_message(spec, {.value = 3, .group = "host:a"});
  ASSERT_TRUE(preview) << preview.error().message();
  EXPECT_EQ(preview->text, "3 of a");
}

TEST(Preview, AnErrorNamesTheFieldAndThePlace) {
  const auto preview = preview_message(spec_of("x\n{{#is_alert}}y"), {});
  ASSERT_FALSE(preview);
  EXPECT_THAT(preview.error().message(), HasSubstr("message: line 2, column 1"));
}

TEST(Preview, AValueOfStrangersIsEscapedAndNotifiesNobody) {
  const auto preview = preview_message(spec_of("{{service.name}}"), {.group = "service:<b>x @webhook-ops"});
  ASSERT_TRUE(preview);
  EXPECT_EQ(preview->text, "&lt;b&gt;x @webhook-ops");
  EXPECT_THAT(preview->handles, IsEmpty());
}

}  // namespace
}  // namespace godseye::respond
