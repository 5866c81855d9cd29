#include "control_command.h"

#include "control_parts.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::app {
namespace {

using ::testing::HasSubstr;

TEST(ControlCommand, DurationsHaveUnits) {
  EXPECT_EQ(*parse_duration("90s"), 90);
  EXPECT_EQ(*parse_duration("1h"), 3600);
  EXPECT_EQ(*parse_duration("2w"), 1'209'600);
  for (const char* wrong : {"", "1", "h", "-1h", "0s", "1y", "1.5h", "99999999999w"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

TEST(ControlCommand, WrongFlagsAndAnAbsentServerAreNamed) {
  std::ostringstream out, errors;
  const ControlTarget target{.server = "http://127.0.0.1:1"};
  EXPECT_EQ(run_block(target, {.kind = "planet", .value = "x"}, out, errors), 2);
  EXPECT_THAT(errors.str(), HasSubstr("planet"));
  EXPECT_EQ(run_block(target, {.kind = "user", .value = "x", .duration = "soon"}, out, errors), 2);
  EXPECT_THAT(errors.str(), HasSubstr("--for"));
  EXPECT_EQ(run_blocks(target, {}, base::system_clock(), out, errors), 2);
  EXPECT_THAT(errors.str(), HasSubstr("http://127.0.0.1:1"));
}

TEST(ControlCommand, BlocksAreATable) {
  const auto text = blocks_table(
      R"({"blocks":[{"kind":"session","value":"m\u0007","expires":4600,"created":1000,"author":"ana","reason":"r"},)"
      R"({"kind":"user","value":"u","expires":null,"created":0,"author":"gateway","lifted":5,"lifted_by":"bo"}]})",
      1000);
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("session  m?     60 minutes"));
  EXPECT_THAT(*text, HasSubstr("1970-01-01 00:16:40Z"));
  EXPECT_THAT(*text, HasSubstr("lifted by bo"));
  EXPECT_EQ(*blocks_table(R"({"blocks":[]})", 1), "no blocks\n");
  EXPECT_FALSE(blocks_table("{}", 1));
  EXPECT_FALSE(audit_table("nonsense"));
  EXPECT_THAT(*audit_table(R"({"entries":[{"time":1.5,"actor":"ana","action":"block.set","target":"session:m"}]})"),
              HasSubstr("block.set"));
}

TEST(ControlParts, TheUsersLastMessageIsWhatFeedbackIsAbout) {
  EXPECT_EQ(user_text(R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},)"
                      R"({"role":"user","content":"c"}]})"),
            "c");
  EXPECT_EQ(user_text(R"({"value":"plain"})"), "plain");
  EXPECT_EQ(user_text("nonsense"), "");
  EXPECT_EQ(user_text("[]"), "");
}

}  // namespace
}  // namespace godseye::app
