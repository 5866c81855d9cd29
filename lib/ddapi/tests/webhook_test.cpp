#include <godseye/ddapi/webhook.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const PayloadVariables kVariables = {{"ID", "7"},       {"EVENT_TITLE", "say \"hi\"\n"},   {"TAGS", "a:b,c:d"},
                                     {"TAGS[c]", "d"},  {"ALERT_TRANSITION", "Triggered"}, {"TOKEN", "s3 cret"},
                                     {"ALERT_ID", "42"}};

std::string error_of(std::string_view text) {
  base::Result<Webhook> webhook = decode_webhook(text);
  return webhook ? "decoded" : webhook.error().message();
}

TEST(WebhookCodec, ReadsAndWritesTheConfiguration) {
  base::Result<Webhook> webhook = decode_webhook(
      R"({"name":"ops","url":"https://x/y","payload":"{}","custom_headers":"{\"A\":\"b\"}","encode_as":"form"})");
  ASSERT_TRUE(webhook) << webhook.error().message();
  EXPECT_EQ(encode_webhook(*webhook),
            R"({"name":"ops","url":"https://x/y","payload":"{}","custom_headers":"{\"A\":\"b\"}","encode_as":"form"})");
  base::Result<Webhook> merged = merge_webhook(*webhook, R"({"payload":null,"url":"http://z"})");
  EXPECT_FALSE(merged->payload);
  EXPECT_EQ(merged->url, "http://z");
  EXPECT_EQ(merged->encode_as, "form");
}

TEST(WebhookCodec, ErrorsNameTheField) {
  EXPECT_THAT(error_of(R"({"url":"http://x"})"), HasSubstr("name: expected"));
  EXPECT_THAT(error_of(R"({"name":"a b","url":"http://x"})"), HasSubstr("name: expected"));
  for (const char* url :
       {"ftp://x", "http://", "http://:80/", "http://x:/", "http://x:port/", "http://x/a b", "x", "http://u:p@x/"}) {
    EXPECT_THAT(error_of(R"({"name":"a","url":")" + std::string(url) + "\"}"), HasSubstr("url: expected")) << url;
  }
  for (const char* url : {"http://x", "https://x:8443/a?b", "http://[::1]:80/", "http://[::1]", "http://x/@$ID"}) {
    EXPECT_EQ(error_of(R"({"name":"a","url":")" + std::string(url) + "\"}"), "decoded") << url;
  }
  EXPECT_THAT(error_of(R"({"name":"a","url":"http://x","encode_as":"xml"})"), HasSubstr("encode_as: expected"));
  EXPECT_THAT(error_of(R"({"name":"a","url":"http://x","custom_headers":"[]"})"),
              HasSubstr("custom_headers: expected"));
}

TEST(WebhookCodec, WhatCanNeverBeSentIsRefusedWhenItIsWritten) {
  const auto headers = [](const std::string& text) {
    return error_of(R"({"name":"a","url":"http://x","custom_headers":")" + text + "\"}");
  };
  EXPECT_THAT(headers(R"({\"Content-Length\":\"3\"})"), HasSubstr("custom_headers.Content-Length: expected the name"));
  EXPECT_THAT(headers(R"({\"transfer-encoding\":\"chunked\"})"), HasSubstr("custom_headers.transfer-encoding"));
  EXPECT_THAT(headers(R"({\"a b\":\"c\"})"), HasSubstr("custom_headers.a b"));
  EXPECT_THAT(headers(R"({\"X-A\":\"b\\r\\nEvil: 1\"})"), HasSubstr("custom_headers.X-A: expected one line"));
  EXPECT_EQ(headers(R"({\"Authorization\":\"Bearer $TOKEN\"})"), "decoded");
  const auto payload = [](const std::string& text) {
    return error_of(R"({"name":"a","url":"http://x","payload":")" + text + "\"}");
  };
  EXPECT_THAT(payload(R"({\"a\":$ID)"), HasSubstr("payload: expected JSON with its $VARIABLES filled in"));
  EXPECT_THAT(payload("$ID $ID"), HasSubstr("payload: expected"));
  EXPECT_EQ(payload(R"({\"a\":$ID,\"b\":\"$TAGS[x y] $ costs\",\"c\":[$A,$TAGS[z]]})"), "decoded");
  EXPECT_EQ(payload("$BODY"), "decoded") << "a custom variable may be all of it";
}

TEST(WebhookPayload, FillsVariablesEscapedForJson) {
  const Webhook webhook{
      .name = "w",
      .url = "http://x",
      .payload = R"({"t":"$EVENT_TITLE","n":$ID,"c":"$TAGS[c] $TAGS $TAGS[none]|","u":"$UNKNOWN $"})"};
  base::Result<Payload> payload = render_payload(webhook, kVariables);
  ASSERT_TRUE(payload) << payload.error().message();
  EXPECT_EQ(payload->body, R"({"t":"say \"hi\"\n","n":7,"c":"d a:b,c:d |","u":"$UNKNOWN $"})");
  EXPECT_EQ(payload->content_type, "application/json");
}

TEST(WebhookPayload, TheLongestNameWinsAndValuesAreNotExpandedAgain) {
  const Webhook webhook{.name = "w", .url = "u", .payload = R"({"a":"$ALERT_ID","b":"$IDX","c":"$V"})"};
  EXPECT_EQ(render_payload(webhook, {{"ID", "7"}, {"ALERT_ID", "42"}, {"V", "$ID"}})->body,
            R"({"a":"42","b":"7X","c":"$ID"})");
}

TEST(WebhookPayload, TheDefaultHasItsSevenKeys) {
  base::Result<Payload> payload = render_payload({.name = "w", .url = "u"}, kVariables);
  ASSERT_TRUE(payload);
  for (const char* key : {"body", "last_updated", "event_type", "title", "date", "org", "id"}) {
    EXPECT_THAT(payload->body, HasSubstr("\"" + std::string(key) + "\":"));
  }
}

TEST(WebhookPayload, FormsAreEncodedAndBadPayloadsNamed) {
  const Webhook form{.name = "w", .url = "u", .payload = R"({"a b":"$TOKEN","n":5})", .encode_as = "form"};
  EXPECT_EQ(render_payload(form, kVariables)->body, "a%20b=s3%20cret&n=5");
  const Webhook bad{.name = "w", .url = "u", .payload = R"({"a":)"};
  EXPECT_THAT(render_payload(bad, kVariables).error().message(), HasSubstr("webhook w: payload: not JSON"));
}

TEST(WebhookPayload, HeadersAndUrlTakeVariables) {
  const Webhook webhook{.name = "w", .url = "u", .custom_headers = R"({"Authorization":"Bearer $TOKEN"})"};
  EXPECT_THAT(*render_headers(webhook, kVariables), ElementsAre(Pair("Authorization", "Bearer s3 cret")));
  EXPECT_FALSE(render_headers({.name = "w", .custom_headers = R"({"A":"$EVENT_TITLE"})"}, kVariables))
      << "a line break would forge a header";
  EXPECT_FALSE(render_headers({.name = "w", .custom_headers = R"({"Content-Length":"3"})"}, kVariables))
      << "the receiver would take a part for the whole";
  EXPECT_EQ(render_url("http://x/?t=$TOKEN", kVariables), "http://x/?t=s3%20cret");
}

TEST(WebhookCodec, ASecretIsNotShown) {
  EXPECT_THAT(encode_custom_variable({.name = "T", .value = "s3", .is_secret = true}), Not(HasSubstr("s3")));
  EXPECT_FALSE(decode_custom_variable(R"({"name":"lower","value":"x","is_secret":false})"));
}

}  // namespace
}  // namespace godseye::ddapi
