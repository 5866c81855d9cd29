#include "monitor_command.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::app {
namespace {

using ::testing::HasSubstr;

std::string answer(bool complete, int64_t to_s, const std::string& transitions, int alert_s) {
  return R"({"complete":)" + std::string(complete ? "true" : "false") + R"(,"from":0,"to":200,"evaluated_to":)" +
         std::to_string(to_s) + R"(,"step":10,"evaluations":10,"evaluations_failed":0,"groups":[{"group":"host:a",)" +
         R"("status":"OK","triggered":1,"alert_s":)" + std::to_string(alert_s) +
         R"(,"warn_s":0,"no_data_s":0,"transitions":[)" + transitions + R"(],"points":[]}],"groups_total":1,)" +
         R"("groups_left_out":2,"transitions_total":1,"transitions_left_out":0,"warnings":["a note"],"resume":[["x"]]})";
}
std::string transition(int64_t time_s, const std::string& kind) {
  return R"({"time":)" + std::to_string(time_s) + R"(,"kind":")" + kind +
         R"(","from":"OK","to":"Alert","value":9.5,"threshold":4,"notify":true})";
}

TEST(TrialTable, PutsAnswersTogether) {
  TrialTable table;
  ASSERT_TRUE(table.add(answer(false, 100, transition(90, "Triggered"), 10)).has_value());
  EXPECT_FALSE(table.complete());
  EXPECT_EQ(table.evaluated_to_s(), 100);
  EXPECT_EQ(table.resume(), R"([["x"]])");
  ASSERT_TRUE(table.add(answer(true, 200, transition(120, "Recovered"), 20)).has_value());
  EXPECT_TRUE(table.complete());
  EXPECT_EQ(table.text(),
            "time (UTC)           what          value         group\n"
            "1970-01-01 00:01:30  Triggered     9.5           host:a\n"
            "1970-01-01 00:02:00  Recovered     9.5           host:a\n"
            "host:a: 2 times in Alert, 30 s in all, now OK\n"
            "20 evaluations, 1 groups\n"
            "note: at least 2 groups are not shown\n"
            "note: a note\n");
}

TEST(TrialTable, RefusesWhatIsNoAnswer) {
  TrialTable table;
  for (const char* text : {"", "{}", "[]", R"({"groups":7})", "<html>"})
    EXPECT_FALSE(table.add(text).has_value()) << text;
}

TEST(MonitorTry, NamesWhatIsWrongBeforeItAsksAnybody) {
  std::ostringstream out;
  std::ostringstream errors;
  std::istringstream none("[1]");
  EXPECT_EQ(run_try({.file = "-", .from = "yesterday"}, base::system_clock(), none, out, errors), 2);
  EXPECT_EQ(run_try({.file = "/nowhere.json"}, base::system_clock(), none, out, errors), 2);
  EXPECT_EQ(run_try({.file = "-"}, base::system_clock(), none, out, errors), 2);
  EXPECT_THAT(errors.str(), HasSubstr("--from: expected now"));
  EXPECT_THAT(errors.str(), HasSubstr("/nowhere.json: cannot be read"));
  EXPECT_THAT(errors.str(), HasSubstr("expected one monitor as a JSON object"));
}

}  // namespace
}  // namespace godseye::app
