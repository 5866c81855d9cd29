#include <cmath>
#include <fstream>
#include <sstream>

#include <godseye/base/temp_dir.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/group_states.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/webhooks.h>

#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

using base::ErrorCode;
using base::Status;

class Repositories : public ::testing::Test {
 protected:
  Repositories() : registry_(*Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal})) {}

  // Runs `body` in one transaction; what it expects is checked inside.
  void in_write(const std::function<void(WriteSession&)>& body) {
    Status status = registry_->write([&](WriteSession& s) -> Status {
      body(s);
      return base::ok();
    });
    EXPECT_TRUE(status) << status.error().message();
  }

  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(Repositories, FirstKeysAreMadeOnceAndFoundByTheirTextAlone) {
  in_write([](WriteSession& s) {
    base::Result<std::optional<FirstKeys>> first = create_first_keys(s, 5);
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->api_key.size(), 32U);
    EXPECT_EQ((*first)->app_key.size(), 40U);
    EXPECT_FALSE(create_first_keys(s, 6)->has_value()) << "a second pair";
    EXPECT_TRUE(find_key(s, KeyKind::kApi, (*first)->api_key)->has_value());
    EXPECT_FALSE(*find_key(s, KeyKind::kApplication, (*first)->api_key)) << "the other kind";
    EXPECT_FALSE(*find_key(s, KeyKind::kApi, std::string(32, '0')));
    EXPECT_FALSE(*find_key(s, KeyKind::kApi, "' OR 1=1 --"));
    EXPECT_FALSE(*find_key(s, KeyKind::kApi, std::string_view("\0", 1)));
    std::string upper = (*first)->api_key;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_TRUE(find_key(s, KeyKind::kApi, upper)->has_value());
  });
}

TEST_F(Repositories, TheFileHoldsNoKeyText) {
  std::string text;
  in_write([&](WriteSession& s) { text = create_key(s, KeyKind::kApi, "a", 1)->text; });
  registry_.reset();
  std::ostringstream bytes;
  bytes << std::ifstream(dir_.file("registry.sqlite"), std::ios::binary).rdbuf();
  EXPECT_GT(bytes.str().size(), 4096U);
  EXPECT_EQ(bytes.str().find(text), std::string::npos);
}

TEST_F(Repositories, ADeletedKeyIsUnknownAndNoNewFirstPairIsMade) {
  in_write([](WriteSession& s) {
    FirstKeys first = **create_first_keys(s, 5);
    KeyRow row = **find_key(s, KeyKind::kApi, first.api_key);
    EXPECT_TRUE(delete_key(s, KeyKind::kApi, row.id));
    EXPECT_FALSE(*find_key(s, KeyKind::kApi, first.api_key));
    EXPECT_EQ(delete_key(s, KeyKind::kApi, row.id).error().code(), ErrorCode::kNotFound);
    EXPECT_TRUE(delete_key(s, KeyKind::kApplication, list_keys(s, KeyKind::kApplication)->front().id));
    EXPECT_FALSE(create_first_keys(s, 6)->has_value());
  });
}

TEST_F(Repositories, AMonitorIsChangedAndItsRevisionMoves) {
  in_write([](WriteSession& s) {
    const int64_t before = *monitors_revision(s);
    MonitorRow row = *create_monitor(s, R"({"name":"a"})", "rule:1", 10);
    EXPECT_EQ(create_monitor(s, "{}", "rule:1", 10).error().code(), ErrorCode::kAlreadyExists);
    MonitorRow changed = *update_monitor(s, row.id, R"({"name":"b"})", 20);
    EXPECT_EQ(changed.document, R"({"name":"b"})");
    EXPECT_EQ(changed.revision, 2);
    EXPECT_EQ(changed.created_s, 10);
    EXPECT_EQ(changed.modified_s, 20);
    EXPECT_TRUE(delete_monitor(s, row.id));
    EXPECT_EQ(*monitors_revision(s), before + 3);
    EXPECT_TRUE(*import_key_seen(s, "rule:1")) << "a removed one stays removed";
    EXPECT_EQ(delete_monitor(s, row.id).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(update_monitor(s, row.id, "{}", 1).error().code(), ErrorCode::kNotFound);
    EXPECT_GT(create_monitor(s, "{}", "", 1)->id, row.id) << "ids are not reused";
  });
}

TEST_F(Repositories, AGroupStateReadsBackAsWrittenAndGoesWithItsMonitor) {
  in_write([](WriteSession& s) {
    const int64_t id = create_monitor(s, "{}", "", 1)->id;
    GroupStateRow row{.monitor_id = id,
                      .group = "session_id:mallory-77",
                      .status = GroupStatus::kAlert,
                      .first_seen_s = 1,
                      .silent_since_s = 2,
                      .status_since_s = 3,
                      .first_triggered_s = 4,
                      .last_triggered_s = 5,
                      .last_resolved_s = 6,
                      .last_nodata_s = 7,
                      .last_notified_s = 8,
                      .value = 0.91};
    EXPECT_TRUE(put_group_state(s, row));
    row.status = GroupStatus::kOk;
    EXPECT_TRUE(put_group_state(s, row));
    EXPECT_EQ(*list_group_states(s, id), std::vector<GroupStateRow>{row});
    EXPECT_TRUE(delete_monitor(s, id));
    EXPECT_TRUE(list_group_states(s, id)->empty());
  });
}

TEST_F(Repositories, TransitionsAreListedNewestFirst) {
  in_write([](WriteSession& s) {
    TransitionRow a{.monitor_id = 1, .group = "*", .kind = "Triggered", .time_s = 10, .value = 1.5};
    TransitionRow b{.monitor_id = 1, .group = "*", .kind = "No Data", .time_s = 20, .value = std::nan("")};
    TransitionRow other{.monitor_id = 2, .group = "*", .kind = "Warn", .time_s = 30};
    for (TransitionRow* row : {&a, &b, &other}) EXPECT_TRUE(add_transition(s, *row));
    EXPECT_TRUE(set_transition_notes(s, a.id, "odd"));
    std::vector<TransitionRow> rows = *list_transitions(s, 1, "*", 10);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].kind, "No Data");
    EXPECT_TRUE(std::isnan(rows[0].value));
    EXPECT_EQ(rows[1].notes, "odd");
    const auto in_range = [&](TransitionRange range) { return list_transitions(s, range)->size(); };
    EXPECT_EQ(in_range({.monitor_id = 1}), list_transitions(s, 1, "", 10)->size());
    EXPECT_EQ(in_range({.monitor_id = 1, .from_s = a.time_s, .to_s = a.time_s}), 0U);
    EXPECT_EQ(in_range({.monitor_id = 1, .group = a.group, .from_s = a.time_s, .to_s = a.time_s + 1}), 1U);
    EXPECT_EQ(in_range({.monitor_id = 1, .count_max = 1}), 1U);
    EXPECT_TRUE(prune_transitions(s, 15, 10));
    EXPECT_EQ(list_transitions(s, 0, "", 10)->size(), 2U);
  });
}

TEST_F(Repositories, OneOpenIncidentForAMonitorAndGroup) {
  in_write([](WriteSession& s) {
    IncidentRow row{.id = new_uuid(), .title = "t", .monitor_id = 7, .group = "session_id:a", .created_s = 1};
    EXPECT_TRUE(create_incident(s, row));
    EXPECT_EQ(row.public_id, 1);
    IncidentRow second = row;
    second.id = new_uuid();
    EXPECT_EQ(create_incident(s, second).error().code(), ErrorCode::kAlreadyExists);
    EXPECT_EQ((**find_open_incident(s, 7, "session_id:a")).id, row.id);
    row.state = "resolved";
    row.resolved_s = 9;
    EXPECT_TRUE(update_incident(s, row));
    EXPECT_FALSE(*find_open_incident(s, 7, "session_id:a"));
    EXPECT_TRUE(create_incident(s, second)) << "after the first is resolved";
    IncidentRow by_hand{.id = new_uuid(), .title = "h"};
    IncidentRow by_hand_too{.id = new_uuid(), .title = "h"};
    EXPECT_TRUE(create_incident(s, by_hand));
    EXPECT_TRUE(create_incident(s, by_hand_too)) << "people may open as many as they like";
    EXPECT_EQ((**find_incident(s, std::to_string(second.public_id))).id, second.id);
    EXPECT_FALSE(*find_incident(s, "99999999999999999999999"));
    EXPECT_EQ(list_incidents(s, {.state = "resolved"})->size(), 1U);
    EXPECT_EQ(*count_incidents(s, {}), 4U);
    EXPECT_EQ(list_incidents(s, {.offset = 1, .count_max = 2})->size(), 2U);
  });
}

TEST_F(Repositories, ATimelineEndsAtItsLimitAndSaysSo) {
  in_write([](WriteSession& s) {
    for (size_t i = 0; i < kTimelineMax + 5; ++i) {
      ASSERT_TRUE(add_timeline(s, {.incident_id = "x", .kind = "note", .content = "entry"}));
    }
    std::vector<TimelineRow> rows = *list_timeline(s, "x");
    ASSERT_EQ(rows.size(), kTimelineMax);
    EXPECT_EQ(rows[kTimelineMax - 2].content, "entry");
    EXPECT_NE(rows.back().content.find("full"), std::string::npos);
  });
}

TEST_F(Repositories, WebhooksAndVariablesByName) {
  in_write([](WriteSession& s) {
    WebhookRow row{.name = "ops", .url = "http://127.0.0.1:1/", .payload = "", .custom_headers = std::nullopt};
    EXPECT_TRUE(create_webhook(s, row));
    Status again = create_webhook(s, row);
    EXPECT_EQ(again.error().message(), "a webhook has the name ops already");
    EXPECT_EQ((**find_webhook(s, "ops")).payload, "") << "an empty payload is not an absent one";
    EXPECT_EQ((**find_webhook(s, "ops")).custom_headers, std::nullopt);
    row.name = "ops2";
    EXPECT_TRUE(update_webhook(s, "ops", row));
    EXPECT_EQ(update_webhook(s, "ops", row).error().code(), ErrorCode::kNotFound);
    EXPECT_TRUE(delete_webhook(s, "ops2"));
    EXPECT_TRUE(create_custom_variable(s, {.name = "TOKEN", .value = "v", .is_secret = true}));
    EXPECT_TRUE((**find_custom_variable(s, "TOKEN")).is_secret);
    EXPECT_EQ(delete_custom_variable(s, "NONE").error().code(), ErrorCode::kNotFound);
  });
}

TEST_F(Repositories, ADeliveryIsOwedOnceAndDueInItsTime) {
  in_write([](WriteSession& s) {
    DeliveryRow row{.transition_id = 4, .event_id = "e", .channel = "ops", .body = "{}", .next_attempt_ms = 1000};
    EXPECT_TRUE(add_delivery(s, row));
    DeliveryRow twice = row;
    EXPECT_EQ(add_delivery(s, twice).error().code(), ErrorCode::kAlreadyExists);
    EXPECT_TRUE(due_deliveries(s, {"webhook", "ops"}, 999, 10)->empty());
    EXPECT_EQ(due_deliveries(s, {"webhook", "ops"}, 1000, 10)->size(), 1U);
    EXPECT_EQ(*next_delivery_ms(s), 1000);
    row.state = DeliveryState::kDelivered;
    row.attempts = 1;
    row.done_s = 7;
    EXPECT_TRUE(record_attempt(s, row));
    EXPECT_FALSE(*next_delivery_ms(s));
    EXPECT_EQ(list_deliveries(s, {.channel = "ops"})->front().attempts, 1);
    EXPECT_TRUE(prune_deliveries(s, 8, 10));
    EXPECT_TRUE(list_deliveries(s, {})->empty());
  });
}

}  // namespace
}  // namespace godseye::registry
