#include "query_command.h"

#include <gtest/gtest.h>

namespace godseye::app {
namespace {

TEST(QueryCommand, ReadsTimes) {
  EXPECT_EQ(parse_time("now", 1000).value(), 1000);
  EXPECT_EQ(parse_time("-1h", 10000).value(), 6400);
  EXPECT_EQ(parse_time("-2d", 1000000).value(), 1000000 - 172800);
  EXPECT_EQ(parse_time("1700000000", 5).value(), 1700000000);
  for (const char* wrong : {"", "1h", "-1y", "yesterday", "-99999999999999999999h", "-9000000000000w"}) {
    EXPECT_FALSE(parse_time(wrong, 5).has_value()) << wrong;
  }
}

TEST(QueryCommand, PutsACaretUnderTheColumn) {
  EXPECT_EQ(caret_under("avg:m{", 7), "  avg:m{\n        ^\n");
  EXPECT_EQ(caret_under("köln", 4), "  köln\n    ^\n");
}

TEST(QueryCommand, ShowsSeriesAsATable) {
  auto table =
      query_table(R"({"status":"ok","message":"cut","series":[{"expression":"avg:m{host:a}","tag_set":["host:a"],)"
                  R"("pointlist":[[1000,1],[2000,null],[3000,3]]}]})");
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(*table,
            "series  last        avg         min         max         points\n"
            "host:a  3           2           1           3           2       ▁█\n"
            "note: cut\n");
  EXPECT_EQ(query_table(R"({"message":"","series":[]})").value(), "no data\n");
  EXPECT_FALSE(query_table(R"({"series":5})").has_value());
  EXPECT_FALSE(query_table("<html>").has_value());
}

}  // namespace
}  // namespace godseye::app
