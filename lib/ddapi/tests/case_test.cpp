#include <godseye/ddapi/case.h>
#include <godseye/ddapi/incident.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string body(const std::string& attributes) {
  return R"({"data":{"type":"case","attributes":)" + attributes + "}}";
}

template <typename T>
std::string error_of(const base::Result<T>& result) {
  return result ? "decoded" : result.error().message();
}

TEST(CaseCodec, ReadsACreateRequest) {
  const auto made = decode_case_create(
      R"({"data":{"type":"case","attributes":{"title":"Costs","description":"d","priority":"P2",
          "type_id":"00000000-0000-0000-0000-000000000001"},
          "relationships":{"project":{"data":{"id":"p","type":"project"}},"assignee":{"data":null}}}})");
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->title, "Costs");
  EXPECT_EQ(made->priority, "P2");
  EXPECT_EQ(made->project_id, "p");
  EXPECT_EQ(made->assignee, "");
}

TEST(CaseCodec, ErrorsNameTheField) {
  EXPECT_EQ(error_of(decode_case_create("{}")), "data: expected an object");
  EXPECT_EQ(error_of(decode_case_create(R"({"data":{"type":"cases"}})")), "data.type: expected \"case\"");
  EXPECT_EQ(error_of(decode_case_create(body(R"({"title":" "})"))), "data.attributes.title: expected 1 to 2000 bytes");
  EXPECT_EQ(error_of(decode_case_create(body(R"({"title":"t"})"))), "data.attributes.type_id: expected a string");
  EXPECT_THAT(error_of(decode_case_create(body(R"({"title":"t","type_id":"other"})"))),
              HasSubstr("the one type of case there is"));
  EXPECT_EQ(error_of(decode_case_status(body(R"({"status":"DONE"})"))),
            "data.attributes.status: expected one of OPEN, IN_PROGRESS, CLOSED");
  EXPECT_EQ(error_of(decode_case_priority(body("{}"))), "data.attributes.priority: expected a string");
  EXPECT_EQ(error_of(decode_case_comment(body(R"({"comment":""})"))),
            "data.attributes.comment: expected 1 to 32768 bytes");
  EXPECT_THAT(error_of(decode_case_attributes(body(R"({"attributes":{"a":"b"}})"))), HasSubstr("attributes.a"));
  EXPECT_EQ(error_of(decode_case_project(R"({"data":{"type":"project","attributes":{"key":"ops","name":"n"}}})")),
            "data.attributes.key: expected 1 to 10 upper-case letters and digits, a letter first");
  EXPECT_TRUE(decode_case_empty(""));
  EXPECT_FALSE(decode_case_empty("[]"));
}

TEST(CaseCodec, OneSmallRequestForEachChange) {
  EXPECT_EQ(*decode_case_status(body(R"({"status":"IN_PROGRESS"})")), "IN_PROGRESS");
  EXPECT_EQ(*decode_case_priority(body(R"({"priority":"P1"})")), "P1");
  EXPECT_EQ(*decode_case_assignee(body(R"({"assignee_id":"ada"})")), "ada");
  EXPECT_EQ(*decode_case_description(body(R"({"description":""})")), "");
  const auto attributes = decode_case_attributes(body(R"({"attributes":{"service":["a","b"]}})"));
  EXPECT_THAT(attributes->at("service"), ElementsAre("a", "b"));
  EXPECT_EQ(decode_stored_case_attributes(encode_case_attributes(*attributes)), *attributes);
}

TEST(CaseCodec, AnswersAreJsonApi) {
  const CaseView view{.id = "u",
                      .number = 3,
                      .key = "CASE-3",
                      .project_id = "p",
                      .title = "<b>",
                      .status = "IN_PROGRESS",
                      .priority = "P3",
                      .type_id = "t",
                      .attributes_json = R"({"service":["x"]})",
                      .created_s = 1'700'000'000};
  const std::string text = encode_case(view);
  EXPECT_THAT(text, HasSubstr(R"("status_group":"SG_IN_PROGRESS")"));
  EXPECT_THAT(text, HasSubstr(R"("assignee":{"data":null})"));
  EXPECT_THAT(text, HasSubstr(R"("project":{"data":{"id":"p","type":"project"}})"));
  EXPECT_THAT(text, HasSubstr(R"("attributes":{"service":["x"]})"));
  EXPECT_THAT(text, HasSubstr(R"("closed_at":null)"));
  EXPECT_THAT(encode_cases({view}, 1, 50, 51), HasSubstr(R"("page":{"current":1,"size":50,"total":51})"));
  EXPECT_THAT(encode_case_cells({{.id = 4, .time_s = 1, .author = "ada", .content = "hm"}}),
              HasSubstr(R"("cell_content":{"message":"hm"})"));
}

TEST(TodoCodec, ReadsTicksAndRefusesNonsense) {
  const auto todo = [](const std::string& attributes) {
    return decode_todo_update(R"({"data":{"type":"incident_todos","attributes":)" + attributes + "}}");
  };
  const auto made = todo(R"({"content":"look","assignees":["@ada",{"id":"U1","name":"n"}],"completed":"2026-01-01"})");
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->completed, "2026-01-01");
  EXPECT_EQ(todo(R"({"completed":null})")->completed, "") << "null unticks";
  EXPECT_FALSE(todo("{}")->completed);
  EXPECT_EQ(error_of(todo(R"({"content":"  "})")), "data.attributes.content: expected 1 to 4000 bytes, not blank");
  EXPECT_EQ(error_of(todo(R"({"assignees":[1]})")),
            "data.attributes.assignees: expected handles, or objects with id and name");
  EXPECT_EQ(error_of(decode_todo_create(R"({"data":{"type":"incident_todos","attributes":{}}})")),
            "data.attributes.content: expected a string");
  EXPECT_THAT(encode_todo({.id = "i", .content = "c", .assignees_json = "broken"}),
              HasSubstr(R"("assignees":[],"due_date":null,"completed":null)"));
}

TEST(CommentCodec, IsBoundedAndNotBlank) {
  EXPECT_EQ(decode_comment(R"({"content":"hm","author":"ada"})")->author, "ada");
  EXPECT_EQ(error_of(decode_comment(R"({"content":" \n"})")), "content: expected 1 to 32768 bytes, not blank");
  EXPECT_EQ(error_of(decode_comment(R"({"content":1})")), "content: expected a string");
  EXPECT_FALSE(decode_comment("{\"content\":\"" + std::string(kCommentBytesMax + 1, 'a') + "\"}"));
}

TEST(IncidentCodec, TheCommanderAndTheImpactAreReadAndTakenBack) {
  const auto decode = [](const std::string& rest) {
    return decode_incident_update(R"({"data":{"id":"x","type":"incidents",)" + rest + "}}");
  };
  const auto named = decode(R"("relationships":{"commander_user":{"data":{"id":"ada","type":"users"}}})");
  ASSERT_TRUE(named) << named.error().message();
  EXPECT_EQ(named->commander, "ada");
  EXPECT_EQ(decode(R"("relationships":{"commander_user":{"data":null}})")->commander, "");
  EXPECT_FALSE(decode(R"("attributes":{})")->commander);
  EXPECT_FALSE(decode(R"("relationships":{"commander_user":{"data":7}})"));
  const auto hit =
      decode(R"("attributes":{"customer_impact_start":"2023-11-14T22:13:20Z","customer_impact_end":null})");
  ASSERT_TRUE(hit) << hit.error().message();
  EXPECT_EQ(hit->customer_impact_start_s, 1'700'000'000);
  EXPECT_EQ(hit->customer_impact_end_s, 0);
  EXPECT_FALSE(decode(R"("attributes":{"customer_impact_start":"yesterday-ish"})"));
  IncidentView view{.id = "u", .title = "t", .state = "active", .severity = "SEV-2", .commander = "ada"};
  view.customer_impact_start_s = 1'700'000'000;
  view.customer_impact_end_s = 1'700'000'060;
  const std::string text = encode_incident(view);
  EXPECT_THAT(text, HasSubstr(R"("commander_user":{"data":{"id":"ada","type":"users"}})"));
  EXPECT_THAT(text, HasSubstr(R"("customer_impact_duration":60)"));
  EXPECT_THAT(text, HasSubstr(R"("name":"ada")"));
}

}  // namespace
}  // namespace godseye::ddapi
