#include "management_fixture.h"

#include <godseye/registry/audit.h>
#include <godseye/registry/cases.h>

#include <gmock/gmock.h>

namespace godseye::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using CaseRoutesTest = WorkRoutesTest;

std::string body(const std::string& attributes) {
  return R"({"data":{"type":"case","attributes":{)" + attributes + "}}}";
}

constexpr const char* kCase = R"({"data":{"type":"case","attributes":{"title":"Costs","priority":"P3",
  "type_id":"00000000-0000-0000-0000-000000000001"},
  "relationships":{"project":{"data":{"id":"00000000-0000-4000-8000-000000000001","type":"project"}}}}})";

TEST_F(CaseRoutesTest, ACaseIsOpenedChangedClosedAndArchived) {
  const net::HttpResponse made = call("POST", "/api/v2/cases", kCase);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"("key":"CASE-1")"));
  const std::string one = "/api/v2/cases/CASE-1";
  EXPECT_THAT(call("POST", one + "/priority", body(R"("priority":"P1")")).body, HasSubstr(R"("priority":"P1")"));
  EXPECT_THAT(call("POST", one + "/assign", body(R"("assignee_id":"ada")")).body,
              HasSubstr(R"("assignee":{"data":{"id":"ada","type":"user"}})"));
  EXPECT_THAT(call("POST", one + "/unassign", R"({"data":{"type":"case"}})").body,
              HasSubstr(R"("assignee":{"data":null})"));
  EXPECT_THAT(call("POST", one + "/attributes", body(R"("attributes":{"service":["chatbot"]})")).body,
              HasSubstr(R"("service":["chatbot"])"));
  EXPECT_THAT(call("GET", "/api/v2/cases", "", {{"filter", "status:open service:chatbot cost"}}).body,
              HasSubstr(R"("total":1)"));
  const std::string closed = call("POST", one + "/status", body(R"("status":"CLOSED")")).body;
  EXPECT_THAT(closed, HasSubstr(R"("closed_at":"2023-11-14T22:13:20)"));
  EXPECT_THAT(closed, HasSubstr(R"("status_group":"SG_CLOSED")"));
  EXPECT_EQ(call("POST", one + "/archive", R"({"data":{"type":"case"}})").status, 200);
  EXPECT_THAT(call("GET", "/api/v2/cases").body, HasSubstr(R"("total":0)"));
  EXPECT_THAT(call("GET", "/api/v2/cases", "", {{"filter", "archived:true"}}).body, HasSubstr(R"("total":1)"));
  EXPECT_EQ(call("POST", one + "/unarchive", "").status, 200);
  EXPECT_THAT(call("GET", "/api/godseye/v1/cases/1/timeline").body, HasSubstr("priority P3 → P1."));
  const auto audit = *registry_->fetch<std::vector<registry::AuditRow>>(
      [](registry::ReadSession& s) { return registry::list_audit(s, {.target = "case:CASE-1"}); });
  EXPECT_EQ(audit.size(), 8U);
  EXPECT_EQ(call("DELETE", "/api/godseye/v1/cases/CASE-1").status, 204);
  EXPECT_EQ(call("GET", one).status, 404);
}

TEST_F(CaseRoutesTest, WrongRequestsSayWhatIsWrong) {
  call("POST", "/api/v2/cases", kCase);
  EXPECT_EQ(call("POST", "/api/v2/cases", "{}").status, 400);
  EXPECT_EQ(call("POST", "/api/v2/cases/CASE-1/status", body(R"("status":"DONE")")).status, 400);
  EXPECT_EQ(call("POST", "/api/v2/cases/CASE-9/status", body(R"("status":"OPEN")")).status, 404);
  EXPECT_EQ(call("GET", "/api/v2/cases", "", {{"filter", "colour:red"}}).status, 400);
  EXPECT_EQ(call("GET", "/api/v2/cases", "", {{"sort[field]", "title"}}).status, 400);
  EXPECT_EQ(call("DELETE", "/api/v2/cases/projects/00000000-0000-4000-8000-000000000001").status, 400);
  EXPECT_EQ(call("POST", "/api/v2/cases/CASE-1/relationships/incidents", R"({"data":{"id":"77"}})").status, 404);
}

TEST_F(CaseRoutesTest, CommentsAreDatadogsTimeline) {
  call("POST", "/api/v2/cases", kCase);
  EXPECT_THAT(call("POST", "/api/v2/cases/1/comment", body(R"("comment":"hm")"), {{"author", "ada"}}).body,
              HasSubstr(R"("message":"hm")"));
  const std::string cells = call("GET", "/api/v2/cases/1/timelines").body;
  EXPECT_THAT(cells, HasSubstr(R"x("name":"ada (api)")x"));
  EXPECT_THAT(cells, Not(HasSubstr("Opened by hand")));
  EXPECT_EQ(call("DELETE", "/api/v2/cases/1/comment/2").status, 204);
  EXPECT_EQ(call("DELETE", "/api/v2/cases/1/comment/2").status, 404);
}

TEST_F(CaseRoutesTest, ACaseBecomesOneIncident) {
  ASSERT_TRUE(registry_->write([](registry::WriteSession& s) {
    registry::CaseRow row{.id = registry::new_uuid(),
                          .title = "Loops",
                          .description = "why",
                          .priority = "P2",
                          .services = {"chatbot"},
                          .monitor_id = 3,
                          .group = "service:chatbot"};
    return registry::create_case(s, row);
  }));
  const net::HttpResponse made = call("POST", "/api/godseye/v1/cases/CASE-1/incident");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"("severity":"SEV-2")"));
  EXPECT_THAT(made.body, HasSubstr(R"("attributed_to":{"type":"textbox","value":"service:chatbot"})"));
  EXPECT_THAT(call("GET", "/api/v2/cases/CASE-1").body, HasSubstr(R"("status":"IN_PROGRESS")"));
  const net::HttpResponse twice = call("POST", "/api/godseye/v1/cases/CASE-1/incident");
  EXPECT_EQ(twice.status, 409);
  EXPECT_THAT(twice.body, HasSubstr("this case is incident 1 already"));
  call("POST", "/api/v2/cases", kCase);
  EXPECT_THAT(
      call("POST", "/api/v2/cases/CASE-2/relationships/incidents", R"({"data":{"id":"1","type":"incidents"}})").body,
      HasSubstr(R"("incident_id":")"));
  EXPECT_EQ(call("DELETE", "/api/v2/incidents/1").status, 204);
  EXPECT_EQ(call("POST", "/api/godseye/v1/cases/CASE-1/incident").status, 201) << "the first is gone";
}

TEST_F(CaseRoutesTest, ProjectsGiveKeys) {
  const net::HttpResponse made =
      call("POST", "/api/v2/cases/projects", R"({"data":{"type":"project","attributes":{"key":"OPS","name":"Ops"}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(call("GET", "/api/v2/cases/projects").body, HasSubstr(R"("key":"OPS")"));
  EXPECT_THAT(call("GET", "/api/v2/cases/projects/OPS").body, HasSubstr(R"("name":"Ops")"));
  EXPECT_THAT(call("GET", "/api/v2/cases/types").body, HasSubstr("Standard"));
  EXPECT_EQ(call("GET", "/api/godseye/v1/cases/CASE-1/evidence").status, 404);
}

}  // namespace
}  // namespace godseye::api
