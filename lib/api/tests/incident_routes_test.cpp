#include "management_fixture.h"

#include <godseye/registry/audit.h>
#include <godseye/registry/incidents.h>

#include <gmock/gmock.h>

namespace godseye::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string incident(const std::string& attributes, const std::string& more = "") {
  return R"({"data":{"type":"incidents","id":"1","attributes":{)" + attributes + "}" + more + "}}";
}

class IncidentRoutesTest : public WorkRoutesTest {
 protected:
  void open(const std::string& title = "By hand", const std::string& fields = "") {
    ASSERT_EQ(call("POST", "/api/v2/incidents",
                   incident(R"("title":")" + title + R"(","customer_impacted":false,"fields":{)" + fields + "}"),
                   {{"author", "ada"}})
                  .status,
              201);
  }
  std::string timeline() { return call("GET", "/api/godseye/v1/incidents/1/timeline").body; }
};

TEST_F(IncidentRoutesTest, StateSeverityAndCommanderAreChangedToldAndAudited) {
  open();
  const std::string changed =
      call("PATCH", "/api/v2/incidents/1",
           incident(R"("fields":{"state":{"type":"dropdown","value":"stable"},
                                 "severity":{"type":"dropdown","value":"SEV-2"}})",
                    R"(,"relationships":{"commander_user":{"data":{"id":"ada","type":"users"}}})"),
           {{"author", "ada"}})
          .body;
  EXPECT_THAT(changed, HasSubstr(R"("state":"stable")"));
  EXPECT_THAT(changed, HasSubstr(R"("commander_user":{"data":{"id":"ada","type":"users"}})"));
  EXPECT_THAT(timeline(), HasSubstr("severity UNKNOWN → SEV-2, state active → stable, commander nobody → ada."));
  EXPECT_THAT(timeline(), HasSubstr(R"x("author":"ada (api)")x"));
  const auto audit = *registry_->fetch<std::vector<registry::AuditRow>>(
      [](registry::ReadSession& s) { return registry::list_audit(s, {.action = "incident."}); });
  ASSERT_EQ(audit.size(), 2U);
  EXPECT_EQ(audit[0].action, "incident.update");
  EXPECT_EQ(audit[0].target, "incident:1");
  EXPECT_THAT(audit[0].before_json, HasSubstr(R"("state":"active")"));
}

TEST_F(IncidentRoutesTest, TheSearchKnowsWhatPeopleAskForAndRefusesTheRest) {
  open("Slow checkout", R"("services":{"type":"multiselect","value":["checkout"]})");
  open("Attack", R"("attributed_to":{"type":"textbox","value":"session_id:Mallory-77"})");
  const auto total = [&](const std::string& query) {
    return call("GET", "/api/v2/incidents/search", "", {{"query", query}}).body;
  };
  EXPECT_THAT(total("state:open AND service:checkout"), HasSubstr(R"("total":1)"));
  EXPECT_THAT(total("session_id:mallory-77"), HasSubstr(R"("total":1)"));
  EXPECT_THAT(total("attributed_to:session_id:mallory-77"), HasSubstr(R"("total":1)"));
  EXPECT_THAT(total("slow check"), HasSubstr(R"("total":1)"));
  EXPECT_THAT(total("state:closed"), HasSubstr(R"("total":0)"));
  for (const char* wrong : {"state:(active OR stable)", "colour:red", "state:", "monitor:x"}) {
    EXPECT_EQ(call("GET", "/api/v2/incidents/search", "", {{"query", wrong}}).status, 400) << wrong;
  }
}

TEST_F(IncidentRoutesTest, CommentsHaveAuthorsAndCanBeTakenBack) {
  open();
  EXPECT_EQ(call("POST", "/api/godseye/v1/incidents/1/timeline", R"({"content":"<b>hm</b>","author":"eve"})").status,
            201);
  EXPECT_THAT(timeline(), HasSubstr(R"x("author":"eve (api)")x"));
  EXPECT_THAT(timeline(), HasSubstr("<b>hm</b>"));
  EXPECT_EQ(call("POST", "/api/godseye/v1/incidents/1/timeline", R"({"content":" "})").status, 400);
  EXPECT_EQ(call("POST", "/api/godseye/v1/incidents/9/timeline", R"({"content":"x"})").status, 404);
  EXPECT_EQ(call("DELETE", "/api/godseye/v1/incidents/1/timeline/2").status, 204);
  EXPECT_THAT(timeline(), Not(HasSubstr("hm")));
  EXPECT_EQ(call("DELETE", "/api/godseye/v1/incidents/1/timeline/1").status, 404) << "no comment";
}

TEST_F(IncidentRoutesTest, TheChecklistIsTicked) {
  open();
  const auto todo = [](const std::string& attributes) {
    return R"({"data":{"type":"incident_todos","attributes":{)" + attributes + "}}}";
  };
  const std::string base = "/api/v2/incidents/1/relationships/todos";
  const std::string made = call("POST", base, todo(R"("content":"Look","assignees":[])")).body;
  const size_t at = made.find(R"("id":")") + 6;
  const std::string id = made.substr(at, 36);
  EXPECT_THAT(call("GET", base).body, HasSubstr(R"("content":"Look")"));
  const std::string ticked =
      call("PATCH", base + "/" + id, todo(R"("completed":"2026-01-01T00:00:00Z")"), {{"author", "ada"}}).body;
  EXPECT_THAT(ticked, HasSubstr(R"x("completed_by":"ada (api)")x"));
  EXPECT_THAT(ticked, HasSubstr(R"("content":"Look")"));
  EXPECT_THAT(timeline(), HasSubstr("Done: Look"));
  EXPECT_EQ(call("GET", base + "/none").status, 404);
  EXPECT_EQ(call("DELETE", base + "/" + id).status, 204);
  EXPECT_THAT(call("GET", base).body, Not(HasSubstr("Look")));
}

TEST_F(IncidentRoutesTest, TheExportIsADocumentWithoutMarkupFromOutside) {
  open("<script>alert(1)</script>");
  call("POST", "/api/godseye/v1/incidents/1/timeline", R"({"content":"```\n# out"})");
  const net::HttpResponse exported = call("GET", "/api/godseye/v1/incidents/1/export");
  EXPECT_EQ(exported.status, 200);
  EXPECT_EQ(exported.headers.get("Content-Type"), "text/markdown; charset=utf-8");
  EXPECT_EQ(exported.headers.get("Content-Disposition"), "attachment; filename=\"incident-1.md\"");
  EXPECT_THAT(exported.body, HasSubstr("# Incident 1: \\<script\\>alert\\(1\\)\\</script\\>"));
  EXPECT_THAT(exported.body, HasSubstr("````text\n```\n# out\n````"));
  EXPECT_THAT(exported.body, HasSubstr("| Page | http://g/incidents/"));
  EXPECT_THAT(exported.body, HasSubstr("they cannot be asked here"));
  EXPECT_EQ(call("GET", "/api/godseye/v1/incidents/5/export").status, 404);
}

TEST_F(IncidentRoutesTest, WhoeverResolvesItEndsItsAlerts) {
  ASSERT_TRUE(registry_->write([](registry::WriteSession& s) {
    registry::IncidentRow row{
        .id = registry::new_uuid(), .title = "t", .monitor_id = 4, .group = "a:b", .detected_s = 1'699'999'000};
    return registry::create_incident(s, row);
  }));
  EXPECT_THAT(call("GET", "/api/godseye/v1/incidents/1/alerts").body,
              HasSubstr(R"({"monitor_id":4,"group":"a:b","since_s":1699999000})"));
  call("PATCH", "/api/v2/incidents/1", incident(R"("fields":{"state":{"type":"dropdown","value":"resolved"}})"));
  EXPECT_THAT(call("GET", "/api/godseye/v1/incidents/1/alerts").body, HasSubstr(R"("ended_s":1700000000)"));
  EXPECT_THAT(call("GET", "/api/godseye/v1/incidents/1/evidence").body, HasSubstr(R"("prompts":[])"));
}

}  // namespace
}  // namespace godseye::api
