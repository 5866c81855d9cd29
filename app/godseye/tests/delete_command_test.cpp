#include "delete_command.h"

#include <sstream>

#include <gtest/gtest.h>

namespace godseye::app {
namespace {

TEST(DeleteCommand, WantsOneSessionOrOneUser) {
  for (const auto& [session, user] : {std::pair{"", ""}, {"s", "u"}}) {
    std::ostringstream out;
    std::ostringstream errors;
    EXPECT_EQ(run_delete({.session = session, .user = user}, out, errors), 2);
    EXPECT_EQ(errors.str(), "godseye delete: expected either --session ID or --user ID\n");
  }
}

TEST(DeleteCommand, SaysWhichServerIsAbsent) {
  std::ostringstream out;
  std::ostringstream errors;
  EXPECT_EQ(run_delete({.session = "s", .server = "http://127.0.0.1:1"}, out, errors), 2);
  EXPECT_NE(errors.str().find("http://127.0.0.1:1"), std::string::npos) << errors.str();
}

TEST(DeleteCommand, ReportsByTable) {
  EXPECT_EQ(*delete_report(R"({"deleted":{"spans":12,"llm_spans":3},"rows":15,"note":"look\u0007"})"),
            "erased 15 rows\n  spans         12\n  llm_spans     3\nnote: look?\n");
  EXPECT_FALSE(delete_report("{}").has_value());
  EXPECT_FALSE(delete_report("nonsense").has_value());
}

}  // namespace
}  // namespace godseye::app
