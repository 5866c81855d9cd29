#include "responder_fixture.h"

#include <godseye/ddapi/incident.h>

#include <gmock/gmock.h>

namespace godseye::respond {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using IncidentGroups = ResponderWorld;

query::GroupValue at(std::vector<query::GroupTag> group, double value) {
  return {.group = std::move(group), .value = value};
}

TEST_F(IncidentGroups, TwoMonitorsOfOneSessionAreOneIncidentThatEndsWithTheLast) {
  watch("score", "session_id", "@incident-a", R"(,"priority":2)");
  watch("burst", "session_id", "@incident-b", R"(,"priority":1)");
  see("score", {at({{"session_id", "m"}}, 1), at({{"session_id", "n"}}, 1)});
  evaluate(10);
  ASSERT_THAT(incidents(), SizeIs(2)) << "two attackers";
  see("burst", {at({{"session_id", "m"}}, 1)});
  evaluate(20);
  ASSERT_THAT(incidents(), SizeIs(2));
  const std::vector<registry::IncidentRow> rows = incidents();
  const registry::IncidentRow& mallory = rows[0].subject == "session_id:m" ? rows[0] : rows[1];
  EXPECT_EQ(mallory.severity, "SEV-1") << "the worse one counts";
  EXPECT_THAT(timeline(mallory.id).back().content, HasSubstr("Another alert belongs to this incident: burst"));
  see("score", {});
  evaluate(30);
  const auto of_mallory = [&] {
    return **registry_->fetch<std::optional<registry::IncidentRow>>(
        [&](registry::ReadSession& s) { return registry::find_incident(s, mallory.id); });
  };
  EXPECT_EQ(of_mallory().state, "active");
  EXPECT_THAT(timeline(mallory.id).back().content, HasSubstr("1 other alert goes on."));
  see("burst", {});
  evaluate(40);
  EXPECT_EQ(of_mallory().state, "resolved");
  see("burst", {at({{"session_id", "m"}}, 1)});
  evaluate(50);
  EXPECT_EQ(of_mallory().state, "active") << "also the one that joined finds it again";
  EXPECT_THAT(incidents(), SizeIs(2));
}

TEST_F(IncidentGroups, AlertsOfOneServiceAreOneIncidentThoseThatNameSomebodyAreNot) {
  watch("quality", "service,model", "@incident-q");
  watch("slow", "service", "@incident-s");
  watch("attack", "service,session_id", "@incident-x");
  see("quality", {at({{"service", "chatbot"}, {"model", "a"}}, 1)});
  evaluate(10);
  see("slow", {at({{"service", "chatbot"}}, 1), at({{"service", "cart"}}, 1)});
  see("attack", {at({{"service", "chatbot"}, {"session_id", "m"}}, 1)});
  evaluate(20);
  std::vector<std::string> titles;
  const std::vector<registry::IncidentRow> rows = incidents();
  for (const registry::IncidentRow& row : rows) titles.push_back(row.title);
  EXPECT_THAT(titles, ::testing::UnorderedElementsAre("quality: service:chatbot,model:a", "slow: service:cart",
                                                      "attack: service:chatbot,session_id:m"));
}

TEST_F(IncidentGroups, AnAlertLongAfterTheLastOneOfTheServiceIsItsOwnIncident) {
  watch("quality", "service", "@incident-q");
  watch("slow", "service", "@incident-s");
  see("quality", {at({{"service", "chatbot"}}, 1)});
  evaluate(10);
  see("slow", {at({{"service", "chatbot"}}, 1)});
  evaluate(10 + 1801);
  EXPECT_THAT(incidents(), SizeIs(2));
}

TEST_F(IncidentGroups, OneWithAPostMortemIsNotOpenedAgain) {
  watch("slow", "service", "@incident-s");
  see("slow", {at({{"service", "chatbot"}}, 1)});
  evaluate(10);
  registry::IncidentRow row = incidents().at(0);
  row.state = "completed";
  row.resolved_s = 1'700'000'015;
  ASSERT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::update_incident(s, row); }));
  see("slow", {});
  evaluate(20);
  see("slow", {at({{"service", "chatbot"}}, 1)});
  evaluate(30);
  ASSERT_THAT(incidents(), SizeIs(2));
  EXPECT_EQ(incidents()[1].state, "completed");
}

TEST_F(IncidentGroups, TheMessagesListsBecomeAChecklist) {
  watch(
      "slow", "service",
      R"(**Why:** slow.\n- not an item\n**Next:**\n1. Look at traces.\n2) Scale up\n- [ ] Tell people\nplain @incident-s)",
      R"(,"assets":[{"category":"runbook","name":"Slow","url":"http://r/slow"}])");
  see("slow", {at({{"service", "chatbot"}}, 1)});
  evaluate(10);
  std::vector<std::string> items;
  const std::vector<registry::TodoRow> rows = todos(incidents().at(0).id);
  for (const registry::TodoRow& todo : rows) items.push_back(todo.content);
  EXPECT_THAT(items,
              ElementsAre("Look at traces.", "Scale up", "Tell people", "Follow the runbook: Slow http://r/slow"));
}

TEST_F(IncidentGroups, ACaseIsOpenedOnceToldOfARecoveryAndLeftToPeople) {
  const int64_t id = watch("cost", "service", "Costs. @case-cost", R"(,"priority":3)");
  see("cost", {at({{"service", "chatbot"}}, 1)});
  evaluate(10);
  ASSERT_THAT(cases(), SizeIs(1));
  EXPECT_THAT(incidents(), IsEmpty());
  registry::CaseRow row = cases()[0];
  EXPECT_EQ(row.title, "cost: service:chatbot");
  EXPECT_EQ(row.key, "CASE-1");
  EXPECT_EQ(row.priority, "P3");
  EXPECT_EQ(row.monitor_id, id);
  EXPECT_THAT(row.services, ElementsAre("chatbot"));
  EXPECT_THAT(row.description, HasSubstr("value 1 > 0.5 over last_1m"));
  EXPECT_EQ(transitions().at(0).notes, "");
  see("cost", {});
  evaluate(20);
  EXPECT_EQ(cases()[0].status, "OPEN");
  EXPECT_THAT(timeline(row.id).back().content, HasSubstr("The case stays open"));
  row = cases()[0];
  row.status = "CLOSED";
  row.closed_s = 1'700'000'025;
  ASSERT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::update_case(s, row); }));
  see("cost", {at({{"service", "chatbot"}}, 1)});
  evaluate(30);
  ASSERT_THAT(cases(), SizeIs(1));
  EXPECT_EQ(cases()[0].status, "OPEN");
  EXPECT_EQ(cases()[0].closed_s, 0);
}

TEST_F(IncidentGroups, ATitleOfHostileTagsStaysTheTextItIs) {
  watch("slow", "user_id", "@incident-s");
  see("slow", {at({{"user_id", "<img src=x>'; DROP TABLE incidents"}}, 1)});
  evaluate(10);
  EXPECT_EQ(incidents().at(0).subject, "user_id:<img src=x>'; DROP TABLE incidents");
}

}  // namespace
}  // namespace godseye::respond
