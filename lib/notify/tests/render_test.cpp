#include <godseye/notify/render.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Golden payloads are written by hand from the public documentation of Slack's incoming webhooks and block kit, and of
// PagerDuty's Events API v2.
namespace godseye::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Notification alert() {
  return {.event_id = "11111111-2222-4333-8444-555555555555",
          .title = "[P1] [Triggered on {host:h1}] CPU",
          .message = "Look at h1. @slack-ops",
          .text = "Look at h1.",
          .reason = "value 0.91 > 0.7 over last_5m until 2026-01-02 03:04:05 UTC",
          .kind = "Triggered",
          .status = AlertStatus::kAlert,
          .monitor_id = 7,
          .monitor_name = "CPU",
          .monitor_url = "https://g.example.com/monitors/7",
          .query = "avg(last_5m):avg:system.cpu{*} by {host} > 0.7",
          .metric = "system.cpu",
          .group = "host:h1",
          .host = "h1",
          .tags = {"team:a", "host:h1"},
          .priority = 1,
          .time_s = 1767323045,
          .organization = "godseye",
          .incident = {.id = "i-1", .public_id = 3, .url = "https://g.example.com/incidents/i-1", .severity = "SEV-1"}};
}

Notification hostile() {
  Notification n = alert();
  n.title = "<!channel> *bold* <https://evil|click>\r\nBcc: a@evil.example @here";
  n.text = "<@U123> & <script>alert(1)</script> @channel `x`";
  n.group = "user:\"><img src=x>";
  n.reason = "a\r\n.\r\nQUIT";
  return n;
}

std::string slack(const std::vector<Notification>& all) { return slack_payload({}, all); }

TEST(Slack, AnAlertIsOneColouredAttachment) {
  EXPECT_EQ(
      slack({alert()}),
      R"({"text":"[P1] [Triggered on {host:h1}] CPU\nvalue 0.91 &gt; 0.7 over last_5m until 2026-01-02 03:04:05 UTC",)"
      R"("mrkdwn":false,"link_names":false,"parse":"none","unfurl_links":false,"attachments":[{"color":"#d63b3b",)"
      R"("fallback":"[P1] [Triggered on {host:h1}] CPU","blocks":[)"
      R"({"type":"header","text":{"type":"plain_text","text":"[P1] [Triggered on {host:h1}] CPU","emoji":false}},)"
      R"({"type":"section","text":{"type":"plain_text","text":"Look at h1.","emoji":false}},)"
      R"({"type":"section","fields":[{"type":"plain_text","text":"Status\nAlert","emoji":false},)"
      R"({"type":"plain_text","text":"Why\nvalue 0.91 > 0.7 over last_5m until 2026-01-02 03:04:05 UTC","emoji":false},)"
      R"({"type":"plain_text","text":"Group\nhost:h1","emoji":false},)"
      R"({"type":"plain_text","text":"Severity\nSEV-1","emoji":false}]},)"
      R"({"type":"context","elements":[{"type":"mrkdwn","text":"<https://g.example.com/monitors/7|Monitor> · )"
      R"(<https://g.example.com/incidents/i-1|Incident 3> · 11111111-2222-4333-8444-555555555555","verbatim":true}]}]}]})");
}

TEST(Slack, HostileTextIsNeitherMarkupNorMention) {
  const std::string payload = slack({hostile()});
  EXPECT_THAT(payload, HasSubstr(R"("text":"&lt;!channel&gt; *bold* &lt;https://evil|click&gt;)"));
  // What stands in blocks is plain text, in which Slack reads no markup; bare mentions are broken for other servers.
  EXPECT_THAT(payload, Not(HasSubstr("@channel")));
  EXPECT_THAT(payload, Not(HasSubstr("@here")));
  EXPECT_THAT(payload, Not(HasSubstr("@U123")));
  Notification n = alert();
  n.monitor_url = "https://g/x|y> <!channel>";
  EXPECT_THAT(slack({n}), HasSubstr("<https://g/x%7Cy%3E%20%3C!channel%3E|Monitor>"));
}

TEST(Slack, StatesHaveTheirColours) {
  Notification n = alert();
  n.status = AlertStatus::kOk;
  EXPECT_THAT(slack({n}), HasSubstr("#2f9e62"));
  n.status = AlertStatus::kWarn;
  EXPECT_THAT(slack({n}), HasSubstr("#e0a100"));
  n.status = AlertStatus::kNoData;
  EXPECT_THAT(slack({n}), HasSubstr("#8a8f98"));
}

TEST(Slack, LongTextsStayWithinItsLimits) {
  Notification n = alert();
  n.title = std::string(1000, 't');
  n.text = std::string(60'000, 'x') + "ä";
  n.reason = std::string(9000, 'r');
  const std::string payload = slack({n});
  EXPECT_LT(payload.size(), 10'000U);
  EXPECT_THAT(payload, HasSubstr(std::string(147, 't') + "…\""));
  EXPECT_THAT(payload, Not(HasSubstr(std::string(3000, 'x'))));
}

TEST(Slack, ADigestListsEveryOneAndTakesTheWorstColour) {
  std::vector<Notification> all;
  for (int i = 0; i < 200; ++i) {
    Notification n = alert();
    n.event_id = "id-" + std::to_string(i) + ".";
    n.title = std::string(500, 't');
    n.status = i == 150 ? AlertStatus::kAlert : AlertStatus::kOk;
    all.push_back(n);
  }
  const std::string payload = slack(all);
  for (const Notification& n : all) EXPECT_THAT(payload, HasSubstr("(" + n.event_id + ")"));
  EXPECT_THAT(payload, HasSubstr("#d63b3b"));
  EXPECT_THAT(payload, HasSubstr("200 notifications in one message"));
}

TEST(PagerDuty, AnAlertTriggersAndItsRecoveryResolvesTheSame) {
  Notification n = alert();
  EXPECT_EQ(
      pagerduty_event(n, "R0UT1NG"),
      R"({"routing_key":"R0UT1NG","dedup_key":"godseye:7/host:h1","event_action":"trigger","client":"Godseye",)"
      R"("client_url":"https://g.example.com/monitors/7","links":[{"href":"https://g.example.com/monitors/7","text":"Monitor"},)"
      R"({"href":"https://g.example.com/incidents/i-1","text":"Incident"}],"payload":{)"
      R"("summary":"[P1] [Triggered on {host:h1}] CPU","source":"h1","severity":"critical",)"
      R"("timestamp":"2026-01-02T03:04:05Z","component":"CPU","group":"host:h1","class":"system.cpu","custom_details":{)"
      R"("status":"Alert","transition":"Triggered","why":"value 0.91 > 0.7 over last_5m until 2026-01-02 03:04:05 UTC",)"
      R"("message":"Look at h1.","query":"avg(last_5m):avg:system.cpu{*} by {host} > 0.7","tags":["team:a","host:h1"],)"
      R"("event_id":"11111111-2222-4333-8444-555555555555","incident":3}}})");
  n.kind = kAcknowledged;
  EXPECT_EQ(pagerduty_event(n, "R0UT1NG"),
            R"({"routing_key":"R0UT1NG","dedup_key":"godseye:7/host:h1","event_action":"acknowledge"})")
      << "under the key that triggered it";
  n.status = AlertStatus::kOk;
  EXPECT_EQ(pagerduty_event(n, "R0UT1NG"),
            R"({"routing_key":"R0UT1NG","dedup_key":"godseye:7/host:h1","event_action":"resolve"})");
}

TEST(PagerDuty, SeverityFollowsStateAndPriority) {
  Notification n = alert();
  n.priority = 2;
  EXPECT_THAT(pagerduty_event(n, "k"), HasSubstr(R"("severity":"error")"));
  n.priority = 5;
  EXPECT_THAT(pagerduty_event(n, "k"), HasSubstr(R"("severity":"info")"));
  n.status = AlertStatus::kWarn;
  EXPECT_THAT(pagerduty_event(n, "k"), HasSubstr(R"("severity":"warning")"));
}

TEST(PagerDuty, AKeyThatIsTooLongIsHashed) {
  Notification n = alert();
  n.group = std::string(400, 'g');
  EXPECT_LE(pagerduty_dedup_key(n).size(), 255U);
  Notification other = n;
  other.group += "x";
  EXPECT_NE(pagerduty_dedup_key(n), pagerduty_dedup_key(other));
}

const MailSettings kMail{.host = "mail.example.com", .from = "godseye@example.com"};

std::string header_block(const std::string& message) { return message.substr(0, message.find("\r\n\r\n")); }

TEST(Mail, HasTheHeadersOfAMessageThatAMachineWrote) {
  const std::vector<std::string> to = {"a@example.com", "b@example.com"};
  const std::vector<Notification> one = {alert()};
  const std::string message = mail_message(kMail, to, one, 1767323045);
  EXPECT_TRUE(
      message.starts_with("Date: Fri, 2 Jan 2026 03:04:05 +0000\r\n"
                          "From: Godseye <godseye@example.com>\r\n"
                          "To: a@example.com,\r\n b@example.com\r\n"
                          "Subject: [P1] [Triggered on {host:h1}] CPU\r\n"
                          "Message-ID: <11111111-2222-4333-8444-555555555555@example.com>\r\n"
                          "References: <thread-"))
      << message;
  EXPECT_THAT(message, HasSubstr("Auto-Submitted: auto-generated\r\n"));
  EXPECT_THAT(message, HasSubstr("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"));
  EXPECT_THAT(message, HasSubstr("Content-Type: text/html; charset=utf-8"));
  for (size_t at = 0; at < message.size(); ++at) {
    if (message[at] == '\n') ASSERT_TRUE(at > 0 && message[at - 1] == '\r') << "a bare line feed at " << at;
  }
}

TEST(Mail, NoTextBecomesAHeaderOrACommand) {
  const std::vector<std::string> to = {"a@example.com"};
  const std::vector<Notification> one = {hostile()};
  const std::string message = mail_message(kMail, to, one, 1);
  EXPECT_THAT(header_block(message), Not(HasSubstr("\r\nBcc")));
  EXPECT_THAT(message, Not(HasSubstr("\r\n.\r\n")));
  EXPECT_THAT(message, Not(HasSubstr("<script>")));
  Notification n = alert();
  n.title = "ü=?UTF-8?Q?x?=\nX-Evil: 1";
  n.event_id = "evil>\r\nX: y";
  const std::vector<Notification> other = {n};
  const std::string headers = header_block(mail_message(kMail, to, other, 1));
  EXPECT_THAT(headers, Not(HasSubstr("X-Evil")));
  EXPECT_THAT(headers, Not(HasSubstr("evil>")));
  EXPECT_THAT(headers, HasSubstr("Subject: =?UTF-8?B?"));
}

TEST(Mail, LongSubjectsAreFoldedWords) {
  Notification n = alert();
  n.title.clear();
  for (int i = 0; i < 100; ++i) n.title += "ä";
  const std::vector<Notification> one = {n};
  const std::vector<std::string> to = {"a@example.com"};
  const std::string headers = header_block(mail_message(kMail, to, one, 1));
  size_t line = 0;
  for (const char c : headers) {
    line = c == '\n' ? 0 : line + 1;
    ASSERT_LE(line, 90U);
  }
}

TEST(Console, IsOneLine) {
  const std::string line = console_line(hostile());
  EXPECT_EQ(line.find_first_of("\r\n\x1b"), std::string::npos);
  EXPECT_THAT(line, HasSubstr("<script>"));
}

// HMAC-SHA256("secret", "1700000000.{}"), from another implementation.
TEST(Signature, IsTheHmacOfTimeAndBody) {
  EXPECT_EQ(signature_header("secret", 1'700'000'000, "{}"),
            "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163");
  EXPECT_NE(signature_header("secret", 1'700'000'001, "{}"), signature_header("secret", 1'700'000'000, "{}"));
}

TEST(Answer, IsCutAndMasked) {
  const Secrets secrets{{"url", "https://hooks/T0/B0/abc"}, {"short", "ab"}};
  EXPECT_EQ(masked_answer("cannot post to https://hooks/T0/B0/abc\nabout", secrets, 100), "cannot post to ••• about");
  EXPECT_EQ(masked_answer("key=sk-0123456789abcdefghijklmnop.", secrets, 100), "key=•••.");
  EXPECT_EQ(masked_answer("internationalisation-is-long-too", secrets, 100), "internationalisation-is-long-too");
  EXPECT_EQ(masked_answer(std::string(5000, ' '), secrets, 20).size(), 20U);
  EXPECT_EQ(masked_answer("bad \xff byte\x1b[0m", secrets, 100), "bad \xef\xbf\xbd byte [0m");
  EXPECT_EQ(cut_text("äöü", 5), "ä…");
  EXPECT_EQ(cut_text("äöü", 6), "äöü");
}

TEST(Notification, SurvivesItsStorage) {
  const Notification n = hostile();
  const Notification back = *decode_notification(encode_notification(n));
  EXPECT_EQ(encode_notification(back), encode_notification(n));
  EXPECT_EQ(back.tags, n.tags);
  EXPECT_EQ(back.incident.public_id, 3);
  for (const char* text : {"", "{}", "[]", R"({"event_id":"a","status":9})", R"({"event_id":5})"}) {
    EXPECT_EQ(decode_notification(text).error().code(), base::ErrorCode::kCorrupt) << text;
  }
  const ddapi::PayloadVariables variables = payload_variables(alert());
  EXPECT_EQ(variables.at("ALERT_SCOPE"), "host:h1");
  EXPECT_EQ(variables.at("TAGS[team]"), "a");
  EXPECT_EQ(variables.at("INCIDENT_PUBLIC_ID"), "3");
}

}  // namespace
}  // namespace godseye::notify
