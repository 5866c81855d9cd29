#include <godseye/base/temp_dir.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/todos.h>

#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

using base::ErrorCode;
using base::Status;

class Incidents : public ::testing::Test {
 protected:
  Incidents() : registry_(*Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal})) {}

  void in_write(const std::function<void(WriteSession&)>& body) {
    Status status = registry_->write([&](WriteSession& s) -> Status {
      body(s);
      return base::ok();
    });
    EXPECT_TRUE(status) << status.error().message();
  }

  static IncidentRow add(WriteSession& s, int64_t monitor_id, const std::string& group, const std::string& subject = {},
                         std::vector<std::string> services = {}) {
    IncidentRow row{.id = new_uuid(),
                    .title = "t " + group,
                    .monitor_id = monitor_id,
                    .group = group,
                    .detected_s = 100,
                    .subject = subject,
                    .services = std::move(services)};
    EXPECT_TRUE(create_incident(s, row));
    return row;
  }

  static std::vector<IncidentMember> open_members(WriteSession& s, const std::string& id) {
    std::vector<IncidentMember> open;
    const std::vector<IncidentMember> members = *list_members(s, id);
    for (const IncidentMember& member : members) {
      if (member.ended_s == 0) open.push_back(member);
    }
    return open;
  }

  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(Incidents, AnAlertIsCurrentInOneIncidentAndFindsItsResolvedOne) {
  in_write([](WriteSession& s) {
    IncidentRow first = add(s, 7, "a");
    ASSERT_TRUE(join_incident(s, {.incident_id = first.id, .monitor_id = 8, .group = "b", .since_s = 110}));
    EXPECT_EQ((*find_open_incident(s, 8, "b"))->id, first.id);
  });
  IncidentRow other{.id = new_uuid(), .title = "x", .monitor_id = 8, .group = "b"};
  const Status twice = registry_->write([&](WriteSession& s) { return create_incident(s, other); });
  EXPECT_EQ(twice.error().code(), ErrorCode::kAlreadyExists);
  in_write([](WriteSession& s) {
    IncidentRow first = **find_incident(s, "1");
    ASSERT_TRUE(end_member(s, first.id, 7, "a", 120));
    EXPECT_EQ(open_members(s, first.id).size(), 1U);
    first.state = "resolved";
    first.resolved_s = 130;
    ASSERT_TRUE(update_incident(s, first));
    EXPECT_FALSE(find_open_incident(s, 8, "b")->has_value());
    EXPECT_EQ((*find_resolved_incident(s, 8, "b", 130))->id, first.id);
    EXPECT_FALSE(find_resolved_incident(s, 8, "b", 131)->has_value());
    EXPECT_FALSE(find_resolved_incident(s, 8, "a", 0)->has_value());
    const IncidentRow second = add(s, 8, "b");
    EXPECT_EQ((*find_open_incident(s, 8, "b"))->id, second.id);
    first.state = "active";
    EXPECT_EQ(update_incident(s, first).error().code(), ErrorCode::kAlreadyExists) << "a member is current elsewhere";
  });
}

TEST_F(Incidents, ARelatedOneHasTheSubjectOrElseTheServiceAndRoomAndIsRecent) {
  in_write([](WriteSession& s) {
    const IncidentRow attack = add(s, 1, "session_id:m", "session_id:m", {"chatbot"});
    const IncidentRow slow = add(s, 2, "service:chatbot", "", {"chatbot", "cart"});
    EXPECT_EQ((*find_related_incident(s, {.subject = "session_id:m", .alerted_since_s = 100}))->id, attack.id);
    EXPECT_FALSE(find_related_incident(s, {.subject = "session_id:n"})->has_value());
    EXPECT_FALSE(find_related_incident(s, {.subject = "session_id:m", .alerted_since_s = 101})->has_value());
    EXPECT_EQ((*find_related_incident(s, {.services = {"x", "cart"}}))->id, slow.id);
    EXPECT_FALSE(find_related_incident(s, {.services = {"car"}})->has_value()) << "half a name";
    EXPECT_FALSE(find_related_incident(s, {})->has_value());
    for (size_t i = 1; i < kIncidentMembersMax; ++i) {
      ASSERT_TRUE(join_incident(
          s, {.incident_id = slow.id, .monitor_id = 2, .group = "service:cart,n:" + std::to_string(i), .since_s = 1}));
    }
    EXPECT_FALSE(find_related_incident(s, {.services = {"cart"}})->has_value()) << "full";
  });
}

TEST_F(Incidents, ListsAreFilteredByWhatAPersonAsks) {
  in_write([](WriteSession& s) {
    IncidentRow a = add(s, 1, "session_id:m", "session_id:m", {"chatbot"});
    add(s, 2, "g", "", {"cart"});
    a.commander = "Ada";
    a.state = "resolved";
    ASSERT_TRUE(update_incident(s, a));
    const auto count = [&](const IncidentFilter& filter) { return *count_incidents(s, filter); };
    EXPECT_EQ(count({}), 2U);
    EXPECT_EQ(count({.state = "open"}), 1U);
    EXPECT_EQ(count({.state = "closed"}), 1U);
    EXPECT_EQ(count({.service = "cart"}), 1U);
    EXPECT_EQ(count({.service = "car"}), 0U);
    EXPECT_EQ(count({.subject = "session_id:m"}), 1U);
    EXPECT_EQ(count({.commander = "ada"}), 1U);
    EXPECT_EQ(count({.text = "T SESSION"}), 1U);
    EXPECT_EQ(count({.text = "%"}), 0U) << "no pattern";
    EXPECT_EQ(count({.monitor_id = 2}), 1U);
    EXPECT_EQ((*list_incidents(s, {.oldest_first = true}))[0].commander, "Ada");
  });
}

TEST_F(Incidents, TodosAreTickedBoundedAndGoWithTheirIncident) {
  in_write([](WriteSession& s) {
    const IncidentRow incident = add(s, 1, "a");
    TodoRow todo{.incident_id = incident.id, .content = "look"};
    ASSERT_TRUE(create_todo(s, todo));
    todo.completed = "2026-01-01T00:00:00Z";
    todo.completed_by = "ada";
    ASSERT_TRUE(update_todo(s, todo));
    EXPECT_EQ((*find_todo(s, incident.id, todo.id))->completed_by, "ada");
    EXPECT_FALSE(find_todo(s, "other", todo.id)->has_value());
    EXPECT_EQ(delete_todo(s, "other", todo.id).error().code(), ErrorCode::kNotFound);
    for (size_t i = 1; i < kTodosMax; ++i) {
      TodoRow more{.incident_id = incident.id, .content = "x"};
      ASSERT_TRUE(create_todo(s, more));
    }
    TodoRow over{.incident_id = incident.id, .content = "x"};
    EXPECT_EQ(create_todo(s, over).error().code(), ErrorCode::kTooLarge);
    ASSERT_TRUE(delete_incident(s, incident.id));
    EXPECT_TRUE(list_todos(s, incident.id)->empty());
    EXPECT_TRUE(list_members(s, incident.id)->empty());
  });
}

TEST_F(Incidents, OnlyACommentCanBeDeletedFromATimeline) {
  in_write([](WriteSession& s) {
    const IncidentRow incident = add(s, 1, "a");
    ASSERT_TRUE(add_timeline(s, {.incident_id = incident.id, .kind = "change", .content = "c", .data_json = "{}"}));
    ASSERT_TRUE(add_timeline(
        s, {.incident_id = incident.id, .kind = "comment", .content = "hm", .data_json = "{}", .author = "ada"}));
    const std::vector<TimelineRow> rows = *list_timeline(s, incident.id);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[1].author, "ada");
    EXPECT_EQ(delete_comment(s, incident.id, rows[0].id).error().code(), ErrorCode::kNotFound);
    EXPECT_TRUE(delete_comment(s, incident.id, rows[1].id));
  });
}

}  // namespace
}  // namespace godseye::registry
