#include "fakes/fake_queries.h"

#include <algorithm>

#include <godseye/base/temp_dir.h>
#include <godseye/ddapi/incident.h>
#include <godseye/notify/notification.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/webhooks.h>
#include <godseye/respond/responder.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::respond {
namespace {

using base::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kMonitor = R"({"name":"Prompt injection","type":"query alert","priority":1,
  "query":"max(last_1m):max:llm.security.injection_attempt_score{*} by {session_id} > 0.7",
  "options":{"thresholds":{"critical":0.7,"warning":0.5},"on_missing_data":"resolve"},
  "assets":[{"category":"runbook","name":"Injection runbook","url":"http://runbooks/injection"}],
  "tags":["team:security"],
  "message":"{{#is_alert}}Look at session {{session_id.name}}. @incident-prompt-injection @webhook-ops{{/is_alert}}{{#is_recovery}}over @webhook-ops{{/is_recovery}}"})";

class ResponderTest : public ::testing::Test {
 protected:
  ResponderTest()
      : registry_(*registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal})),
        clock_{.wall = [] { return base::WallTime(std::chrono::seconds(1'700'000'000)); },
               .tick = [] { return base::TickTime{}; }},
        responder_({.public_url = "http://g"}, clock_, [this] { ++changes_; }),
        evaluator_(*registry_, queries_, responder_, clock_) {}

  int64_t add(const std::string& document) {
    return registry_
        ->change<registry::MonitorRow>(
            [&](registry::WriteSession& s) { return registry::create_monitor(s, document, "", 1); })
        ->id;
  }
  void add_webhook(registry::WebhookRow row) {
    ASSERT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::create_webhook(s, row); }));
  }
  void evaluate(int64_t at_s, const std::vector<std::pair<std::string, double>>& sessions) {
    queries_.set(sessions);
    ASSERT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(at_s))));
  }
  std::vector<registry::IncidentRow> incidents() {
    return *registry_->fetch<std::vector<registry::IncidentRow>>(
        [](registry::ReadSession& s) { return registry::list_incidents(s, {}); });
  }
  std::vector<registry::TimelineRow> timeline(const std::string& id) {
    return *registry_->fetch<std::vector<registry::TimelineRow>>(
        [&](registry::ReadSession& s) { return registry::list_timeline(s, id); });
  }
  std::vector<registry::DeliveryRow> deliveries() {
    return *registry_->fetch<std::vector<registry::DeliveryRow>>(
        [](registry::ReadSession& s) { return registry::list_deliveries(s, {}); });
  }
  std::vector<registry::TransitionRow> transitions() {
    return *registry_->fetch<std::vector<registry::TransitionRow>>(
        [](registry::ReadSession& s) { return registry::list_transitions(s, 0, "", 100); });
  }

  base::TempDir dir_;
  std::unique_ptr<registry::Registry> registry_;
  base::Clock clock_;
  FakeQueries queries_;
  int changes_ = 0;
  Responder responder_;
  monitor::Evaluator evaluator_;
};

TEST_F(ResponderTest, AnAttackerGetsOneAttributedIncidentThatClosesWhenTheSessionFallsSilent) {
  const int64_t id = add(kMonitor);
  evaluate(1'700'000'010, {{"mallory-77", 0.91}, {"alice", 0.1}});
  ASSERT_THAT(incidents(), SizeIs(1));
  registry::IncidentRow incident = incidents()[0];
  EXPECT_EQ(incident.title, "Prompt injection: session_id:mallory-77");
  EXPECT_EQ(incident.state, "active");
  EXPECT_EQ(incident.severity, "SEV-1");
  EXPECT_EQ(incident.monitor_id, id);
  const ddapi::IncidentFields fields = ddapi::decode_incident_fields(incident.fields_json);
  EXPECT_EQ(fields.at("attributed_to"), R"({"type":"textbox","value":"session_id:mallory-77"})");
  const std::string& summary = fields.at("summary");
  EXPECT_THAT(summary, HasSubstr("What: Prompt injection (session_id:mallory-77)"));
  EXPECT_THAT(summary, HasSubstr("value 0.91 > 0.7 over last_1m until 2023-11-14 22:13:30 UTC, since"));
  EXPECT_THAT(summary, HasSubstr("Next: Look at session mallory-77."));
  EXPECT_THAT(summary, HasSubstr("http://runbooks/injection"));

  evaluate(1'700'000'020, {{"mallory-77", 0.95}, {"alice", 0.1}});
  EXPECT_THAT(incidents(), SizeIs(1)) << "updated, not duplicated";
  evaluate(1'700'000'030, {{"mallory-77", 0.6}});
  evaluate(1'700'000'040, {{"mallory-77", 0.9}});
  EXPECT_THAT(incidents(), SizeIs(1));
  evaluate(1'700'000'050, {});
  ASSERT_THAT(incidents(), SizeIs(1));
  EXPECT_EQ(incidents()[0].state, "resolved");
  EXPECT_EQ(incidents()[0].resolved_s, 1'700'000'050);

  std::vector<std::string> kinds;
  for (const registry::TimelineRow& row : timeline(incident.id)) {
    if (row.kind == "transition") kinds.push_back(row.content.substr(0, row.content.find(':')));
  }
  EXPECT_THAT(kinds, ElementsAre("**Triggered**", "**Warn**", "**Triggered**", "**Recovered**"));
  const registry::TimelineRow first = timeline(incident.id)[0];
  EXPECT_THAT(first.data_json, HasSubstr(R"("window_start_s":1699999950)"));
  EXPECT_THAT(first.data_json, HasSubstr(R"("threshold":7E-1)"));
  evaluate(1'700'000'060, {{"mallory-77", 0.9}});
  ASSERT_THAT(incidents(), SizeIs(1)) << "the same attack goes on";
  EXPECT_EQ(incidents()[0].state, "active");
  EXPECT_EQ(incidents()[0].resolved_s, 0);
  const std::vector<registry::TimelineRow> told = timeline(incident.id);
  EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const registry::TimelineRow& row) {
    return row.content.find("Opened again, 10 s after it was resolved.") != std::string::npos;
  }));
  evaluate(1'700'000'070, {});
  evaluate(1'700'000'671, {{"mallory-77", 0.9}});
  EXPECT_THAT(incidents(), SizeIs(2)) << "later than that it is a new one";
  EXPECT_EQ(changes_, 7);
}

TEST_F(ResponderTest, EachGroupHasItsOwnIncident) {
  add(kMonitor);
  evaluate(1'700'000'010, {{"m1", 0.91}, {"m2", 0.8}});
  EXPECT_THAT(incidents(), SizeIs(2));
}

TEST_F(ResponderTest, AWebhookIsOwedOncePerTransitionWithItsBodyRendered) {
  add_webhook({.name = "ops",
               .url = "http://127.0.0.1:1/hook?t=$ALERT_TRANSITION",
               .payload = R"({"id":"$ID","group":"$ALERT_SCOPE","session":"$TAGS[session_id]","type":"$ALERT_TYPE",
                              "incident":"$INCIDENT_UUID","text":"$TEXT_ONLY_MSG","secret":"$TOKEN"})",
               .custom_headers = R"({"X-Token":"$TOKEN"})"});
  ASSERT_TRUE(registry_->write([](registry::WriteSession& s) {
    return registry::create_custom_variable(s, {.name = "TOKEN", .value = "t0k", .is_secret = true});
  }));
  add(kMonitor);
  evaluate(1'700'000'010, {{"mallory", 0.91}});
  evaluate(1'700'000'020, {{"mallory", 0.93}});
  ASSERT_THAT(deliveries(), SizeIs(1));
  const registry::DeliveryRow row = deliveries()[0];
  EXPECT_EQ(row.event_id, transitions()[0].event_id);
  EXPECT_EQ(row.url, "http://127.0.0.1:1/hook?t=Triggered");
  EXPECT_EQ(row.headers_json, R"({"X-Token":"t0k"})");
  EXPECT_THAT(row.body, HasSubstr(R"("group":"session_id:mallory","session":"mallory","type":"error")"));
  EXPECT_THAT(row.body, HasSubstr(incidents()[0].id));
  EXPECT_THAT(row.body, HasSubstr(R"("text":"Look at session mallory.")"));
  EXPECT_EQ(row.incident_id, incidents()[0].id);
  evaluate(1'700'000'030, {});
  EXPECT_THAT(deliveries(), SizeIs(2));
  EXPECT_THAT(deliveries()[0].body, HasSubstr(R"("type":"success")"));
}

TEST_F(ResponderTest, GroupsToldTogetherAreAllNamed) {
  add_webhook({.name = "ops", .url = "http://127.0.0.1:1/hook", .payload = R"("$TEXT_ONLY_MSG")"});
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
          "options":{"notify_by":["*"],"on_missing_data":"resolve"},
          "message":"{{#is_alert}}bad: {{session_id.name}}{{/is_alert}}{{#is_recovery}}well: {{session_id.name}}{{/is_recovery}} @webhook-ops"})");
  evaluate(1'700'000'010, {{"zoe", 0.9}, {"ann", 0.9}, {"bob", 0.1}});
  ASSERT_THAT(deliveries(), SizeIs(1));
  EXPECT_EQ(deliveries()[0].body, R"("bad: ann,zoe")");
  evaluate(1'700'000'020, {{"bob", 0.1}});
  ASSERT_THAT(deliveries(), SizeIs(2));
  EXPECT_EQ(deliveries()[0].body, R"("well: ann,zoe")");
}

TEST_F(ResponderTest, UnknownHandlesAndMissingWebhooksAreNotedAndHoldNothingUp) {
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
          "message":"@incident-x @webhook-nowhere @case-cost @slack-ops. @oncall-night @a@example.com"})");
  evaluate(1'700'000'010, {{"a", 0.9}});
  ASSERT_THAT(incidents(), SizeIs(1));
  const std::string notes = transitions()[0].notes;
  EXPECT_THAT(notes, HasSubstr("@webhook-nowhere: no webhook of this name is configured"));
  EXPECT_THAT(notes, Not(HasSubstr("@case-cost")));
  EXPECT_THAT(notes,
              HasSubstr("@slack-ops.: no slack of this name is configured (a handle ends at a blank: remove the '.')"));
  EXPECT_THAT(notes, HasSubstr("@oncall-night: not known here"));
  EXPECT_THAT(notes, HasSubstr("@a@example.com: nobody was told, no mail channel is configured"));
  EXPECT_EQ(timeline(incidents()[0].id).back().content, notes);
}

TEST_F(ResponderTest, EachChannelThatAMessageNamesIsOwedOnce) {
  ASSERT_TRUE(registry_->write([](registry::WriteSession& s) -> Status {
    for (const char* kind : {"slack", "mail", "pagerduty", "console"}) {
      registry::ChannelRow row{.kind = kind, .name = "ops", .settings_json = "{}"};
      if (Status added = registry::add_channel(s, row); !added) return added;
    }
    registry::ChannelRow off{.kind = "slack", .name = "off", .enabled = false};
    return registry::add_channel(s, off);
  }));
  add(R"({"name":"n","type":"query alert","priority":2,"query":"max(last_1m):max:m{*} by {host} > 0.7","tags":["team:a"],
          "message":"Look. @slack-ops @slack-ops @mail-ops @a@example.com @pagerduty-ops @console-ops @slack-off @incident-x"})");
  queries_.values = {{.group = {{"host", "h1"}}, .value = 0.9}};
  ASSERT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(1'700'000'010))));
  const auto owed = deliveries();
  ASSERT_THAT(owed, SizeIs(5));
  EXPECT_THAT(transitions()[0].notes, HasSubstr("@slack-off: not told, the channel is disabled"));
  const auto to_one = std::find_if(owed.begin(), owed.end(), [](const auto& row) { return !row.target.empty(); });
  ASSERT_NE(to_one, owed.end());
  EXPECT_EQ(to_one->kind, "mail");
  EXPECT_EQ(to_one->channel, "ops") << "the only mail channel is the default one";
  const notify::Notification n = *notify::decode_notification(owed[0].notification);
  EXPECT_EQ(n.event_id, owed[0].event_id);
  EXPECT_EQ(n.title, "[P2] [Triggered on {host:h1}] n");
  EXPECT_EQ(n.text, "Look.");
  EXPECT_EQ(n.status, notify::AlertStatus::kAlert);
  EXPECT_EQ(n.host, "h1");
  EXPECT_THAT(n.tags, ElementsAre("team:a", "host:h1"));
  EXPECT_EQ(n.incident.severity, "SEV-2");
  EXPECT_EQ(owed[0].thread, n.thread());
}

TEST_F(ResponderTest, APayloadThatIsNoJsonIsNoted) {
  add_webhook({.name = "bad", .url = "http://x", .payload = "{\"a\":$ALERT_SCOPE}"});
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7","message":"@webhook-bad"})");
  evaluate(1'700'000'010, {{"a", 0.9}});
  EXPECT_THAT(deliveries(), IsEmpty());
  EXPECT_THAT(transitions()[0].notes, HasSubstr("webhook bad: payload: not JSON"));
}

TEST_F(ResponderTest, WithoutAnIncidentHandleNoneIsOpened) {
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7","message":"hello"})");
  evaluate(1'700'000'010, {{"a", 0.9}});
  EXPECT_THAT(incidents(), IsEmpty());
  EXPECT_THAT(transitions(), SizeIs(1));
}

TEST_F(ResponderTest, TheMessagesOwnNextPartIsWhatToDo) {
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
          "message":"**Why:** because.\n**Next:** call the\nbrigade. @incident-x"})");
  evaluate(1'700'000'010, {{"a", 0.9}});
  const std::string summary = ddapi::decode_incident_fields(incidents().at(0).fields_json).at("summary");
  EXPECT_THAT(summary, HasSubstr(R"(\n\nNext: call the\nbrigade.")"));
  EXPECT_THAT(summary, Not(HasSubstr("because")));
}

TEST_F(ResponderTest, SilentNoDataTellsNobody) {
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
          "message":"@incident-x","options":{"on_missing_data":"show_no_data"}})");
  evaluate(1'700'000'010, {{"a", 0.1}});
  evaluate(1'700'000'020, {});
  EXPECT_EQ(transitions()[0].kind, "No Data");
  EXPECT_THAT(incidents(), IsEmpty());
}

TEST_F(ResponderTest, ARenotificationCarriesTheEscalationAndOpensNothingAnew) {
  add_webhook({.name = "ops", .url = "http://x"});
  add_webhook({.name = "boss", .url = "http://y"});
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
          "message":"{{#is_renotify}}again{{else}}first{{/is_renotify}} @incident-x @webhook-ops",
          "options":{"renotify_interval":1,"escalation_message":"Nobody answers. @webhook-boss"}})");
  evaluate(1'700'000'010, {{"a", 0.9}});
  ASSERT_THAT(incidents(), SizeIs(1));
  EXPECT_THAT(deliveries(), SizeIs(1));
  evaluate(1'700'000'060, {{"a", 0.9}});
  EXPECT_THAT(transitions(), SizeIs(1)) << "not yet due";
  evaluate(1'700'000'070, {{"a", 0.9}});
  EXPECT_EQ(transitions()[0].kind, "Re-Triggered");
  EXPECT_THAT(incidents(), SizeIs(1));
  EXPECT_THAT(timeline(incidents()[0].id), SizeIs(2));
  const std::vector<registry::DeliveryRow> owed = deliveries();
  ASSERT_THAT(owed, SizeIs(3));
  EXPECT_EQ(owed[0].channel, "boss");
  EXPECT_THAT(owed[0].body, HasSubstr("again"));
  EXPECT_THAT(owed[0].body, HasSubstr("Nobody answers."));
  EXPECT_THAT(owed[0].body, HasSubstr("[Re-Triggered on {session_id:a}]"));
  // A person resolves it; the monitor repeating itself does not open another.
  registry::IncidentRow incident = incidents()[0];
  incident.state = "resolved";
  ASSERT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::update_incident(s, incident); }));
  evaluate(1'700'000'130, {{"a", 0.9}});
  EXPECT_THAT(transitions(), SizeIs(3));
  EXPECT_THAT(incidents(), SizeIs(1));
}

TEST_F(ResponderTest, TimesAreToldInTheReadersZoneAndNumbersComputed) {
  add_webhook({.name = "ops", .url = "http://x"});
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
          "message":"{{local_time 'last_triggered_at' 'Asia/Kolkata'}} {{eval \"value * 100\"}} % [{{local_time 'last_triggered_at' 'No/Where'}}] @webhook-ops"})");
  evaluate(1'700'000'010, {{"a", 0.9}});
  EXPECT_THAT(deliveries().at(0).body, HasSubstr("2023-11-15 03:43:30+05:30 90 % []"));
}

TEST_F(ResponderTest, ATagValueCannotOpenIncidentsOrCallWebhooks) {
  add_webhook({.name = "ops", .url = "http://x"});
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7",
          "message":"{{session_id.name}} {{{session_id.name}}}"})");
  evaluate(1'700'000'010, {{"x @webhook-ops @incident-y", 0.9}});
  EXPECT_THAT(deliveries(), IsEmpty());
  EXPECT_THAT(incidents(), IsEmpty());
}

TEST_F(ResponderTest, ATagSaysTheSeverityOutright) {
  add(R"({"name":"n","type":"query alert","query":"max(last_1m):max:m{*} > 0.7","message":"@incident-x",
          "tags":["severity:sev-4"],"priority":1})");
  queries_.values = {{.group = {}, .value = 1}};
  ASSERT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(1'700'000'010))));
  EXPECT_EQ(incidents()[0].severity, "SEV-4");
  EXPECT_THAT(incidents()[0].fields_json, Not(HasSubstr("attributed_to")));
}

}  // namespace
}  // namespace godseye::respond
