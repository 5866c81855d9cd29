#include <map>
#include <set>

#include <godseye/lang/template.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RenderedMessage render(std::string_view text, std::set<std::string> conditions = {},
                       std::map<std::string, std::string> variables = {}, int priority = 0) {
  base::Result<Template> parsed = Template::parse(text);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message();
    return {};
  }
  TemplateScope scope;
  scope.condition = [&](std::string_view name) { return conditions.contains(std::string(name)); };
  scope.variable = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  scope.priority = priority;
  return parsed->render(scope);
}

std::string failure(std::string_view text) {
  base::Result<Template> parsed = Template::parse(text);
  return parsed ? "parsed" : parsed.error().message();
}

TEST(Template, OnlyTrueBranchesAreWrittenAndNotify) {
  const std::string_view text =
      "{{#is_alert}}CPU {{value}} on {{host.name}} > {{threshold}} @pagerduty-infra{{/is_alert}}"
      "{{#is_recovery}}ok @slack-ops{{/is_recovery}}";
  RenderedMessage alert = render(text, {"is_alert"}, {{"value", "5"}, {"host.name", "a"}, {"threshold", "4"}});
  EXPECT_EQ(alert.text, "CPU 5 on a > 4 @pagerduty-infra");
  EXPECT_THAT(alert.handles, ElementsAre("pagerduty-infra"));
  RenderedMessage recovery = render(text, {"is_recovery"});
  EXPECT_EQ(recovery.text, "ok @slack-ops");
  EXPECT_THAT(recovery.handles, ElementsAre("slack-ops"));
}

TEST(Template, ElseNegationAndNesting) {
  EXPECT_EQ(render("{{#is_alert}}a{{else}}b{{/is_alert}}").text, "b");
  EXPECT_EQ(render("{{#is_alert}}a{{else}}b{{/is_alert}}", {"is_alert"}).text, "a");
  EXPECT_EQ(render("{{^is_alert}}a{{else}}b{{/is_alert}}").text, "a");
  EXPECT_EQ(render("{{#is_alert}}{{#is_renotify}}again{{else}}first{{/is_renotify}}{{/is_alert}}", {"is_alert"}).text,
            "first");
}

TEST(Template, MatchIsASubstringExactMatchIsEquality) {
  const std::map<std::string, std::string> variables = {{"env.name", "prod-eu"}, {"role.name", "db"}};
  EXPECT_EQ(render(R"({{#is_match "env.name" "staging" "prod"}}y{{/is_match}})", {}, variables).text, "y");
  EXPECT_EQ(render(R"({{#is_exact_match "env.name" "prod"}}y{{else}}n{{/is_exact_match}})", {}, variables).text, "n");
  EXPECT_EQ(render(R"({{#is_exact_match "role.name" "web" "db"}}y{{/is_exact_match}})", {}, variables).text, "y");
  EXPECT_EQ(render(R"({{^is_match "role.name" ""}}set{{/is_match}})", {}, variables).text, "set");
  EXPECT_EQ(render(R"({{^is_match "none.name" ""}}set{{else}}unset{{/is_match}})", {}, variables).text, "unset");
}

TEST(Template, PriorityIsTestedAndOverridden) {
  EXPECT_EQ(render("{{#is_priority 'P1'}}wake{{/is_priority}}", {}, {}, 1).text, "wake");
  EXPECT_EQ(render("{{#is_priority 'P1'}}wake{{/is_priority}}").text, "");
  EXPECT_EQ(render("{{override_priority 'P2'}}x", {}, {}, 4).priority, 2);
}

TEST(Template, VariablesAreEscapedUnlessInTripleBraces) {
  const std::map<std::string, std::string> variables = {{"session_id.name", "<b>&\"'"}, {"a.b.name", "dotted"}};
  EXPECT_EQ(render("{{session_id.name}}", {}, variables).text, "&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(render("{{{session_id.name}}}", {}, variables).text, "<b>&\"'");
  EXPECT_EQ(render("{{ [a.b].name }}|{{unknown}}|", {}, variables).text, "dotted||");
}

TEST(Template, CommentsGoAndRawStays) {
  EXPECT_EQ(render("a{{!-- no {{value}} --}}b{{! x }}c").text, "abc");
  EXPECT_EQ(render("{{{{raw}}}}{{value}}{{{{/raw}}}}").text, "{{value}}");
  EXPECT_EQ(render(R"({{{{is_match "h.name" "x"}}}}{{ .Matched }}{{{{/is_match}}}})", {}, {{"h.name", "xy"}}).text,
            "{{ .Matched }}");
}

TEST(Template, EvalComputes) {
  const std::map<std::string, std::string> variables = {{"value", "0.25"}, {"threshold", "1536"}, {"host.name", "a"}};
  const auto eval = [&](const std::string& text) { return render("{{eval \"" + text + "\"}}", {}, variables).text; };
  EXPECT_EQ(eval("value * 100"), "25");
  EXPECT_EQ(eval("1 + 2 * 3 ^ 2"), "19");
  EXPECT_EQ(eval("(1 + 2) * -3"), "-9");
  EXPECT_EQ(eval("-2 ^ 2"), "-4");
  EXPECT_EQ(eval("2 ^ 3 ^ 2"), "512");
  EXPECT_EQ(eval("7 % 4 - 10 / 4"), "0.5");
  EXPECT_EQ(eval("round(value * 10)"), "3");
  EXPECT_EQ(eval("round(2 / 3, 2)"), "0.67");
  EXPECT_EQ(eval("humanize_bytes(threshold)"), "1.5KB");
  EXPECT_EQ(eval("humanize_bits(2500000)"), "2.5Mb");
  EXPECT_EQ(eval("int(3.9) + ceil(0.1) + floor(0.9) + sgn(-5) + to_bool(7) + trunc(-1.5)"), "3");
  EXPECT_EQ(eval("abs(-3) + dec(2.5) + exp(0) + log10(100) + atan2(0, 1)"), "6.5");
  // What has no number renders empty, like any unknown variable.
  EXPECT_EQ(eval("value / 0"), "");
  EXPECT_EQ(eval("[host.name] + 1"), "");
  EXPECT_EQ(eval("nothing + 1"), "");
  // An address in an expression is no handle.
  EXPECT_THAT(render("{{eval \"1+1\"}} @webhook-a").handles, ElementsAre("webhook-a"));
}

TEST(Template, EvalErrorsAreNamed) {
  EXPECT_THAT(failure("{{eval value}} {{eval \"1 +\"}}"), HasSubstr("column 16: eval: expected a number"));
  EXPECT_THAT(failure("{{eval \"(1\"}}"), HasSubstr("expected ')'"));
  EXPECT_THAT(failure("{{eval \"1 2\"}}"), HasSubstr("expected an operator at '2'"));
  EXPECT_THAT(failure("{{eval \"system(1)\"}}"), HasSubstr("no function system"));
  EXPECT_THAT(failure("{{eval \"atan2(1)\"}}"), HasSubstr("takes 2 arguments"));
  EXPECT_THAT(failure("{{eval}}"), HasSubstr("eval takes one expression"));
  EXPECT_THAT(failure("{{eval \"" + std::string(5000, '(') + "\"}}"), HasSubstr("levels"));
  EXPECT_THAT(failure("{{eval \"1" + std::string(5000, '+') + "1\"}}"), HasSubstr("eval: "));
}

TEST(Template, LocalTimeAsksForTheZone) {
  base::Result<Template> parsed =
      Template::parse("{{local_time 'last_triggered_at' 'Asia/Tokyo'}}|{{local_time 'x' 'y'}}");
  ASSERT_TRUE(parsed);
  TemplateScope scope;
  scope.variable = [](std::string_view name) -> std::optional<std::string> {
    return name == "last_triggered_at_epoch" ? std::optional<std::string>("1700000000000") : std::nullopt;
  };
  scope.local_time = [](int64_t unix_s, const std::string& zone) { return std::to_string(unix_s) + " " + zone; };
  EXPECT_EQ(parsed->render(scope).text, "1700000000 Asia/Tokyo|");
  EXPECT_THAT(failure("{{local_time 'a'}}"), HasSubstr("local_time takes a variable and a time zone"));
}

TEST(Template, HandlesEndAtABlankAndMayHoldVariables) {
  EXPECT_THAT(
      render("@slack-{{service.name}} (@a-b) x@y.com @user@y.com\n@end.", {}, {{"service.name", "chat"}}).handles,
      ElementsAre("slack-chat", "a-b)", "user@y.com", "end."));
  EXPECT_THAT(render("@workflow-w(k=v, h=host.name) @x @x").handles, ElementsAre("workflow-w(k=v, h=host.name)", "x"));
  EXPECT_THAT(render("@ @").handles, IsEmpty());
}

TEST(Template, ATagValueCannotNotify) {
  EXPECT_THAT(render("{{session_id.name}} {{{session_id.name}}}", {}, {{"session_id.name", "x @webhook-ops"}}).handles,
              IsEmpty());
}

TEST(Template, PossibleHandlesAreThoseOfEveryBranch) {
  base::Result<Template> parsed =
      Template::parse("{{#is_alert}}@a{{else}}@b{{#is_warning}}@c{{/is_warning}}{{/is_alert}}@d-{{x.name}}");
  EXPECT_THAT(parsed->possible_handles(), ElementsAre("a", "b", "c", "d-{{x.name}}"));
}

TEST(Template, ErrorsNameLineColumnAndWhatWasExpected) {
  EXPECT_EQ(failure("a\nbc{{#is_alert}}x"), "line 2, column 3: {{#is_alert}} is not closed");
  EXPECT_EQ(failure("{{#is_alert}}{{/is_warning}}"),
            "line 1, column 14: {{/is_warning}} where {{/is_alert}} was expected");
  EXPECT_EQ(failure("{{/is_alert}}"), "line 1, column 1: {{/is_alert}} closes nothing");
  EXPECT_EQ(failure("{{value"), "line 1, column 1: {{ is not closed");
  EXPECT_EQ(failure("{{}}"), "line 1, column 1: there is nothing between the braces");
  EXPECT_EQ(failure("{{else}}"), "line 1, column 1: {{else}} outside a condition");
  EXPECT_THAT(failure("{{#if value}}x{{/if}}"), HasSubstr("is not a condition"));
  EXPECT_THAT(failure("{{#is_match \"a\"}}x{{/is_match}}"), HasSubstr("a variable and at least one string"));
  EXPECT_THAT(failure("{{override_priority 'P9'}}"), HasSubstr("'P1' to 'P5'"));
}

// Short texts that would make long ones, or much work.
TEST(Template, WhatBlowsUpIsBounded) {
  const std::string huge(1 << 20, 'y');
  std::string many;
  for (size_t i = 0; i < kTemplateNodesMax; ++i) many += "{{v}}";
  const RenderedMessage repeated = render(many, {}, {{"v", huge}});
  EXPECT_TRUE(repeated.cut);
  EXPECT_LE(repeated.text.size(), kMessageBytesMax);
  EXPECT_THAT(failure(many + "{{v}}"), HasSubstr("at most 4000 parts"));
  EXPECT_LE(render("{{eval \"9^9^9^9\"}} {{eval \"-9^9^9^9\"}} {{eval \"1/0\"}}", {}, {}).text.size(), 200U);
  EXPECT_THAT(failure("{{eval \"" + std::string(5000, '(') + "1" + std::string(5000, ')') + "\"}}"),
              HasSubstr("at most"));
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i) sum += "+1";
  EXPECT_THAT(failure("{{eval \"" + sum + "\"}}"), HasSubstr("at most"));
  std::string handles;
  for (int i = 0; i < 3000; ++i) handles += "@webhook-" + std::to_string(i) + " ";
  EXPECT_EQ(render(handles, {}, {}).handles.size(), kHandlesMax);
  EXPECT_LE(render("{{#is_match \"v\" \"y\"}}{{v}}{{/is_match}}", {}, {{"v", huge}}).text.size(), kMessageBytesMax);
}

TEST(Template, LimitsHoldAtTheirEdge) {
  std::string deep;
  for (size_t i = 0; i < kTemplateDepthMax; ++i) deep += "{{#is_alert}}";
  std::string closing;
  for (size_t i = 0; i < kTemplateDepthMax; ++i) closing += "{{/is_alert}}";
  EXPECT_EQ(failure(deep + closing), "parsed");
  EXPECT_THAT(failure("{{#is_alert}}" + deep + closing + "{{/is_alert}}"), HasSubstr("at most 16 deep"));
  EXPECT_EQ(failure(std::string(kTemplateBytesMax, 'x')), "parsed");
  EXPECT_THAT(failure(std::string(kTemplateBytesMax + 1, 'x')), HasSubstr("at most 65536 bytes"));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "{{v}}";
  RenderedMessage message = render(many, {}, {{"v", "\xC3\xA9" + std::string(100, 'y')}});
  EXPECT_TRUE(message.cut);
  EXPECT_LE(message.text.size(), kMessageBytesMax);
}

}  // namespace
}  // namespace godseye::lang
