#include <godseye/notify/channel.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::notify {
namespace {

using base::ErrorCode;
using registry::ChannelRow;
using ::testing::HasSubstr;

std::string refusal(const std::string& json) {
  const auto change = parse_channel(json, nullptr);
  return change ? "taken" : change.error().message();
}

TEST(Channel, EachKindHasItsSettingsAndItsSecret) {
  const auto slack = parse_channel(
      R"({"kind":"slack","name":"ops","settings":{"channel":"#ops"},"secrets":{"url":"https://hooks.slack.com/services/T0/B0/x"}})",
      nullptr);
  ASSERT_TRUE(slack);
  EXPECT_EQ(slack->row.rate_per_minute, 60);
  EXPECT_EQ(slack->row.digest_after, 10);
  EXPECT_EQ(slack->secrets.at("url"), "https://hooks.slack.com/services/T0/B0/x");
  EXPECT_EQ(slack_settings(slack->row.settings_json).channel, "#ops");
  EXPECT_THAT(slack->row.settings_json, ::testing::Not(HasSubstr("hooks.slack.com")));

  const auto mail = parse_channel(
      R"({"kind":"mail","name":"team","settings":{"host":"mail.example.com","from":"g@example.com","to":["a@example.com"],"user":"u"},"secrets":{"password":"p"}})",
      nullptr);
  ASSERT_TRUE(mail);
  const MailSettings settings = mail_settings(mail->row.settings_json);
  EXPECT_EQ(settings.port, 587);
  EXPECT_EQ(settings.tls, MailTls::kStartTls);
  EXPECT_EQ(settings.to, std::vector<std::string>{"a@example.com"});

  const auto pagerduty = parse_channel(R"({"kind":"pagerduty","name":"infra","secrets":{"routing_key":"k"}})", nullptr);
  ASSERT_TRUE(pagerduty);
  EXPECT_EQ(pagerduty_settings(pagerduty->row.settings_json).url, kPagerdutyUrl);
  EXPECT_TRUE(parse_channel(R"({"kind":"console","name":"log"})", nullptr));
  const auto webhook = parse_channel(
      R"({"kind":"webhook","name":"w","settings":{"url":"https://x/y"},"secrets":{"hmac_secret":"s"}})", nullptr);
  ASSERT_TRUE(webhook);
  EXPECT_THAT(webhook->row.settings_json, HasSubstr(R"("encode_as":"json")"));
}

TEST(Channel, WrongOnesAreRefusedByTheNameOfTheField) {
  EXPECT_THAT(refusal("["), HasSubstr("expected a JSON object"));
  EXPECT_THAT(refusal(R"({"kind":"pigeon","name":"x"})"), HasSubstr("kind: expected webhook, slack"));
  EXPECT_THAT(refusal(R"({"kind":"slack","name":"a b"})"), HasSubstr("name: expected"));
  EXPECT_THAT(refusal(R"({"kind":"slack","name":"a","colour":"red"})"), HasSubstr("colour: not known here"));
  EXPECT_THAT(refusal(R"({"kind":"slack","name":"a","secrets":{"url":"ftp://x"}})"),
              HasSubstr("secrets.url: expected"));
  EXPECT_THAT(refusal(R"({"kind":"slack","name":"a","secrets":{"token":"x"}})"), HasSubstr("has one secret, url"));
  EXPECT_THAT(refusal(R"({"kind":"console","name":"a","secrets":{"url":"x"}})"), HasSubstr("has no secrets"));
  EXPECT_THAT(refusal(R"({"kind":"webhook","name":"a","settings":{"url":"nowhere"}})"), HasSubstr("settings.url"));
  EXPECT_THAT(refusal(R"({"kind":"webhook","name":"a","settings":{"url":"http://x"},"digest_after":3})"),
              HasSubstr("programs get each event by itself"));
  EXPECT_THAT(refusal(R"({"kind":"mail","name":"a","settings":{"host":"h"}})"), HasSubstr("settings.from"));
  EXPECT_THAT(refusal(R"({"kind":"mail","name":"a","settings":{"host":"h\r\nQUIT","from":"a@b.c"}})"),
              HasSubstr("settings.host"));
  EXPECT_THAT(refusal(R"({"kind":"mail","name":"a","settings":{"host":"h","from":"a@b.c","to":["x"]}})"),
              HasSubstr("settings.to"));
  EXPECT_THAT(refusal(R"({"kind":"mail","name":"a","settings":{"host":"h","from":"a@b.c","tls":"none","user":"u"}})"),
              HasSubstr("not sent in the clear"));
  EXPECT_THAT(refusal(R"({"kind":"pagerduty","name":"a","settings":{"url":"x"}})"), HasSubstr("settings.url"));
  EXPECT_THAT(refusal(R"({"kind":"slack","name":"a","rate_per_minute":-1})"), HasSubstr("rate_per_minute"));
  EXPECT_EQ(parse_channel(std::string(kChannelBytesMax + 1, ' '), nullptr).error().code(), ErrorCode::kTooLarge);
}

TEST(Channel, AChangeKeepsWhatItDoesNotName) {
  ChannelRow old =
      parse_channel(R"({"kind":"slack","name":"ops","settings":{"channel":"#a"},"digest_after":4})", nullptr)->row;
  old.id = 7;
  const auto change = parse_channel(R"({"enabled":false,"secrets":{"url":null}})", &old);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->row.id, 7);
  EXPECT_FALSE(change->row.enabled);
  EXPECT_EQ(change->row.digest_after, 4);
  EXPECT_EQ(slack_settings(change->row.settings_json).channel, "#a");
  EXPECT_EQ(change->secrets.at("url"), std::nullopt);
  EXPECT_THAT(parse_channel(R"({"kind":"mail"})", &old).error().message(), HasSubstr("keeps its kind"));
}

TEST(Channel, SecretsThatAreNeededAreAskedFor) {
  const ChannelRow slack{.kind = "slack", .name = "ops"};
  EXPECT_THAT(check_secrets(slack, {}).error().message(), HasSubstr("secrets.url"));
  EXPECT_TRUE(check_secrets(slack, {{"url", "https://x"}}));
  const ChannelRow mail{.kind = "mail", .name = "m", .settings_json = R"({"host":"h","user":"u"})"};
  EXPECT_THAT(check_secrets(mail, {}).error().message(), HasSubstr("password"));
  EXPECT_TRUE(check_secrets({.kind = "webhook", .name = "w"}, {}));
  const Secrets secrets{{"a", "1"}, {"b", "\""}};
  EXPECT_EQ(decode_secrets(encode_secrets(secrets)), secrets);
  EXPECT_EQ(secret_names(secrets), "a,b");
  EXPECT_EQ(encode_secrets({}), "");
}

TEST(Channel, AHandleNamesAChannelOrAnAddress) {
  EXPECT_EQ(parse_handle("slack-ops")->kind, "slack");
  EXPECT_EQ(parse_handle("slack-account-ops")->name, "account-ops");
  EXPECT_EQ(parse_handle("webhook-a.b_c")->name, "a.b_c");
  EXPECT_EQ(parse_handle("pagerduty-infra")->kind, "pagerduty");
  EXPECT_EQ(parse_handle("console-log")->kind, "console");
  EXPECT_EQ(parse_handle("mail-team")->name, "team");
  EXPECT_EQ(parse_handle("ops@example.com")->target, "ops@example.com");
  for (const char* handle :
       {"incident-x", "case-x", "oncall-x", "slack-", "slack-ops.", "slack-a b", "", "a@", "a@b c"}) {
    const auto parsed = parse_handle(handle);
    EXPECT_TRUE(!parsed || (std::string_view(handle) == "slack-ops." && parsed->name == "ops.")) << handle;
  }
}

TEST(Channel, AnAddressIsWhatMailCanCarry) {
  for (const char* good : {"a@b.c", "first.last+tag@sub.example.com", "o'neil@example.com", "x@localhost"}) {
    EXPECT_TRUE(is_mail_address(good)) << good;
  }
  for (const char* bad : {"", "@", "a@", "@b", "a b@c.d", "a@b..c", "a@.b", "a@b.", "a@b\r\nRCPT TO:<x@y>", "<a@b.c>",
                          "a@b.c,d@e.f", "\"a\"@b.c", "-oQ/tmp@x.y", "a@b_c.d"}) {
    EXPECT_FALSE(is_mail_address(bad)) << bad;
  }
  EXPECT_FALSE(is_mail_address(std::string(65, 'a') + "@b.c"));
}

}  // namespace
}  // namespace godseye::notify
