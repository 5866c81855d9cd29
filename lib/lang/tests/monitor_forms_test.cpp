#include <godseye/lang/monitor_forms.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CheckQueries, HaveTagsGroupsAndANumberOfRuns) {
  const auto query = parse_check_query(
      R"("http.up".over("env:prod","role:web").exclude("host:a").by("host","url").last(4).count_by_status())");
  ASSERT_TRUE(query) << query.error().message();
  EXPECT_EQ(query->check, "http.up");
  EXPECT_THAT(query->over, ElementsAre("env:prod", "role:web"));
  EXPECT_THAT(query->exclude, ElementsAre("host:a"));
  EXPECT_THAT(query->group_by, ElementsAre("host", "url"));
  EXPECT_EQ(query->last, 4U);
  EXPECT_THAT(parse_check_query(R"("c".over("*").last(2).count_by_status())")->over, IsEmpty());
}

TEST(CheckQueries, MayAskForPercents) {
  const auto query = parse_check_query(R"("http.up".over("*").by("env").last(2).pct_by_status())");
  ASSERT_TRUE(query) << query.error().message();
  EXPECT_TRUE(query->percent);
  EXPECT_THAT(query->group_by, ElementsAre("env"));
}

TEST(CheckQueries, WrongOnesAreNamed) {
  const auto error = [](std::string_view text) {
    const auto query = parse_check_query(text);
    return query ? std::string("accepted") : query.error().message();
  };
  EXPECT_THAT(error(""), HasSubstr("a text in quotes"));
  EXPECT_THAT(error(R"("c)"), HasSubstr("no closing quote"));
  EXPECT_THAT(error(R"("c".last(2).count_by_status())"), HasSubstr("over"));
  EXPECT_THAT(error(R"("c".over("*").count_by_status())"), HasSubstr("last(n)"));
  EXPECT_THAT(error(R"("c".over("*").last(101).count_by_status())"), HasSubstr("1 to 100"));
  EXPECT_THAT(error(R"("c".over("*").last(1.5).count_by_status())"), HasSubstr("1 to 100"));
  EXPECT_THAT(error(R"("c".over("").last(1).count_by_status())"), HasSubstr("empty text"));
  EXPECT_THAT(error(R"("c".over("*").last(1).pct_by_status() > 2)"), HasSubstr("the end"));
  EXPECT_THAT(error(R"("c".over("*").last(1).count_by_status() > 2)"), HasSubstr("the end"));
}

TEST(EventQueries, CarryASearchAWindowAndAThreshold) {
  const auto query =
      parse_event_query(R"(events("source:deploy \"went wrong\"").rollup("count").by("service").last("5m") >= 3)");
  ASSERT_TRUE(query) << query.error().message();
  EXPECT_EQ(to_text(query->search), R"(source:deploy "went wrong")");
  EXPECT_THAT(query->group_by, ElementsAre("service"));
  EXPECT_EQ(query->window.seconds, 300U);
  EXPECT_EQ(query->comparator, Comparator::kGreaterEqual);
  EXPECT_EQ(query->threshold, 3);
}

TEST(EventQueries, RollUpNumbersAndDifferentValues) {
  const auto query = parse_event_query(
      R"(events("source:shop").rollup("pc95", "@values.latency_ms").by("service").last("15m") > 800)");
  ASSERT_TRUE(query) << query.error().message();
  EXPECT_EQ(query->method, EventMethod::kPercentile);
  EXPECT_EQ(query->percentile, 95);
  EXPECT_EQ(query->measure, "latency_ms");
  const auto different = parse_event_query(R"(events("*").rollup("cardinality","usr.id").last("1h") > 100)");
  ASSERT_TRUE(different) << different.error().message();
  EXPECT_EQ(different->method, EventMethod::kCardinality);
  EXPECT_EQ(different->measure, "usr.id");
}

TEST(EventQueries, WrongOnesAreNamed) {
  const auto error = [](std::string_view text) {
    const auto query = parse_event_query(text);
    return query ? std::string("accepted") : query.error().message();
  };
  EXPECT_THAT(error("avg(last_5m):avg:m{*} > 1"), HasSubstr("events("));
  EXPECT_THAT(error(R"(events("a:(").rollup("count").last("5m") > 1)"), HasSubstr("search text"));
  EXPECT_THAT(error(R"(events("*").rollup("cardinality").last("5m") > 1)"), HasSubstr("needs what to look at"));
  EXPECT_THAT(error(R"(events("*").rollup("p95","@values.a").last("5m") > 1)"), HasSubstr("\"p95\") is not known"));
  EXPECT_THAT(error(R"(events("*").rollup("count","host").last("5m") > 1)"), HasSubstr("takes no measure"));
  EXPECT_THAT(error(R"(events("*").rollup("avg","@duration").last("5m") > 1)"), HasSubstr("@values.latency_ms"));
  EXPECT_THAT(error(R"(events("*").rollup("avg","@values.").last("5m") > 1)"), HasSubstr("@values.latency_ms"));
  EXPECT_THAT(error(R"(events("*").last("5m") > 1)"), HasSubstr("rollup"));
  EXPECT_THAT(error(R"(events("*").rollup("count") > 1)"), HasSubstr("last"));
  EXPECT_THAT(error(R"(events("*").rollup("count").last("5y") > 1)"), HasSubstr("1 minute to 48 hours"));
  EXPECT_THAT(error(R"(events("*").rollup("count").last("5m"))"), HasSubstr("threshold"));
}

std::string shape(const Composite& composite) {
  using Kind = Composite::Kind;
  if (composite.kind == Kind::kMonitor) return std::to_string(composite.monitor_id);
  if (composite.kind == Kind::kNot) return "!" + shape(composite.children[0]);
  std::string text = "(";
  for (const Composite& child : composite.children) {
    if (text.size() > 1) text += composite.kind == Kind::kAnd ? " && " : " || ";
    text += shape(child);
  }
  return text + ")";
}

TEST(Composites, NotBindsTighterThanAndThanOr) {
  const auto read = [](std::string_view text) {
    const auto composite = parse_composite(text);
    return composite ? shape(*composite) : composite.error().message();
  };
  EXPECT_EQ(read("1 && !2 || 3"), "((1 && !2) || 3)");
  EXPECT_EQ(read("1&&(2||!3)&&4"), "(1 && (2 || !3) && 4)");
  EXPECT_EQ(read("!(1 || 2)"), "!(1 || 2)");
  EXPECT_EQ(read("7"), "7");
  EXPECT_THAT(read("1 & 2"), HasSubstr("&&"));
  EXPECT_THAT(read("1 &&"), HasSubstr("the id of a monitor"));
  EXPECT_THAT(read("1 2"), HasSubstr("or the end"));
  EXPECT_THAT(read("(1"), HasSubstr("')'"));
  EXPECT_THAT(read("0"), HasSubstr("the id of a monitor"));
  EXPECT_THAT(read("99999999999999999999"), HasSubstr("the id of a monitor"));
  EXPECT_THAT(read("1||2||3||4||5||6||7||8||9||10||11"), HasSubstr("at most 10 monitors"));
  EXPECT_THAT(read(std::string(200, '!') + "1"), HasSubstr("column"));
  EXPECT_THAT(composite_members(*parse_composite("1 && 2 || 1")), ElementsAre(1, 2));
}

}  // namespace
}  // namespace godseye::lang
