#include <godseye/ddapi/incident.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string create_error(std::string_view text) {
  base::Result<IncidentChange> change = decode_incident_create(text);
  return change ? "decoded" : change.error().message();
}

TEST(IncidentCodec, ReadsACreateRequest) {
  base::Result<IncidentChange> change = decode_incident_create(
      R"({"data":{"type":"incidents","attributes":{"title":"t","customer_impacted":false,
          "fields":{"state":{"type":"dropdown","value":"stable"},"severity":{"type":"dropdown","value":"SEV-2"},
                    "teams":{"type":"autocomplete","value":["a"]}},
          "initial_cells":[{"cell_type":"markdown","content":{"content":"first"}}]}}})");
  ASSERT_TRUE(change) << change.error().message();
  EXPECT_EQ(change->title, "t");
  EXPECT_EQ(change->state, "stable");
  EXPECT_EQ(change->severity, "SEV-2");
  EXPECT_EQ(change->fields.at("teams"), R"({"type":"autocomplete","value":["a"]})");
  EXPECT_THAT(change->initial_cells, ElementsAre("first"));
}

TEST(IncidentCodec, ErrorsNameTheField) {
  EXPECT_EQ(create_error("{}"), "data: expected an object");
  EXPECT_EQ(create_error(R"({"data":{"type":"x"}})"), "data.type: expected \"incidents\"");
  EXPECT_EQ(create_error(R"({"data":{"type":"incidents","attributes":{"title":"t"}}})"),
            "data.attributes.customer_impacted: expected true or false");
  EXPECT_EQ(create_error(R"({"data":{"type":"incidents","attributes":{"title":"t","customer_impacted":true}}})"),
            "data.attributes.customer_impact_scope: expected a string when customer_impacted is true");
  EXPECT_THAT(create_error(R"({"data":{"type":"incidents","attributes":{"fields":{"state":{"value":"done"}}}}})"),
              HasSubstr("data.attributes.fields.state: expected one of active, stable, resolved, completed"));
  EXPECT_EQ(create_error(R"({"data":{"type":"incidents","attributes":{"fields":{"x":1}}}})"),
            "data.attributes.fields.x: expected an object with type and value");
}

TEST(IncidentCodec, AnUpdateMayNameNothingAndNullRemovesAField) {
  base::Result<IncidentChange> change =
      decode_incident_update(R"({"data":{"id":"x","type":"incidents","attributes":{"fields":{"teams":null}}}})");
  ASSERT_TRUE(change);
  EXPECT_FALSE(change->title);
  EXPECT_THAT(change->fields_removed, ElementsAre("teams"));
}

TEST(IncidentCodec, TheAnswerIsJsonApiWithAttribution) {
  IncidentView view{.id = "u", .public_id = 3, .title = "t", .state = "resolved", .severity = "SEV-1"};
  view.fields["attributed_to"] = incident_field("textbox", "session_id:mallory-77");
  view.created_s = 1700000000;
  view.resolved_s = 1700000060;
  const std::string text = encode_incident(view);
  EXPECT_THAT(text, HasSubstr(R"("attributed_to":{"type":"textbox","value":"session_id:mallory-77"})"));
  EXPECT_THAT(text, HasSubstr(R"("severity":{"type":"dropdown","value":"SEV-1"})"));
  EXPECT_THAT(text, HasSubstr(R"("time_to_resolve":60)"));
  EXPECT_THAT(text, HasSubstr(R"("type":"incidents")"));
  EXPECT_THAT(encode_incidents({view}, 10, 5, 11), HasSubstr(R"({"offset":10,"next_offset":11,"size":5})"));
  EXPECT_THAT(encode_incident_search({view}, 0, 5, 1), HasSubstr(R"("total":1)"));
}

TEST(IncidentCodec, StoredFieldsReadBack) {
  const IncidentFields fields = {{"a", incident_field("textbox", "x\"y")}, {"b", incident_field({"1", "2"})}};
  EXPECT_EQ(decode_incident_fields(encode_incident_fields(fields)), fields);
  EXPECT_TRUE(decode_incident_fields("nonsense").empty());
}

}  // namespace
}  // namespace godseye::ddapi
