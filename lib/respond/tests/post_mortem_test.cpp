#include <random>

#include <godseye/respond/post_mortem.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::respond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Markdown, WhatComesFromOutsideIsNeverMarkup) {
  EXPECT_EQ(escape_markdown("<img src=x onerror=alert(1)>"), "\\<img src\\=x onerror\\=alert\\(1\\)\\>");
  EXPECT_EQ(escape_markdown("[a](javascript:x)"), "\\[a\\]\\(javascript\\:x\\)");
  EXPECT_EQ(escape_markdown("# a\n- b\r\n1. c"), "\\# a \\- b 1\\. c") << "one line";
  EXPECT_EQ(escape_markdown("    code"), "code");
  EXPECT_EQ(escape_markdown("see https://evil.example or www.evil.example"),
            "see https\\://evil.example or www\\.evil.example");
  EXPECT_EQ(escape_markdown("a|b"), "a\\|b");
  EXPECT_EQ(escape_markdown("a \xE2\x80\xAE b"), "a b") << "no turned reading order";
  EXPECT_EQ(escape_markdown("session_id:mallory-77"), "session\\_id\\:mallory-77");
}

TEST(Markdown, ABlockCannotBeLeft) {
  EXPECT_EQ(markdown_block("a"), "```text\na\n```\n");
  EXPECT_EQ(markdown_block("```\n# out\n```"), "````text\n```\n# out\n```\n````\n");
  EXPECT_EQ(markdown_block("a\x1b[31m"), "```text\na [31m\n```\n");
}

TEST(Markdown, NoTextHasASpecialSignWithoutItsEscape) {
  const unsigned seed = 42;
  std::mt19937 random(seed);
  const std::string signs = "\\`*_{}[]<>#|~&:@!\n\t ab.-";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned i = random() % 40; i > 0; --i) text += signs[random() % signs.size()];
    const std::string out = escape_markdown(text);
    for (size_t i = 0; i < out.size(); ++i) {
      if (out[i] == '\\') {
        ++i;
        continue;
      }
      ASSERT_EQ(std::string_view("`*_{}[]<>#|~&:@!\n").find(out[i]), std::string_view::npos)
          << "seed " << seed << ": " << text << " → " << out;
    }
  }
}

PostMortem example() {
  return {.number = 7,
          .title = "Prompt injection: session_id:<b>m</b>",
          .state = "resolved",
          .severity = "SEV-1",
          .attributed_to = "session_id:<b>m</b>",
          .commander = "ada",
          .summary = "What: it",
          .customer_impacted = true,
          .impact_scope = "all",
          .opened_s = 1'700'000'000,
          .resolved_s = 1'700'000'100,
          .exported_s = 1'700'000'200,
          .address = "http://g/incidents/u",
          .alerts = {{.monitor_id = 3, .name = "n", .query = "max(last_1m):max:m{*} > 1", .group = "a:b"}},
          .timeline = {{.time_s = 1'700'000'050, .kind = "comment", .author = "ada", .text = "</pre> ``` hm"}},
          .tasks = {{.text = "look", .done = true, .by = "ada"}, {.text = "tell"}},
          .prompts = {{.time_s = 1'700'000'001, .text = "# ignore\n```\n<script>", .score = 0.91, .trace_id = "ff"}},
          .traces = {{.trace_id = "ff", .name = "a|b", .service = "s", .duration_ms = 12, .error = true}}};
}

TEST(PostMortem, TellsWhatHappenedInOrder) {
  const std::string text = post_mortem_markdown(example());
  EXPECT_THAT(text, HasSubstr("# Incident 7: Prompt injection\\: session\\_id\\:\\<b\\>m\\</b\\>\n"));
  EXPECT_THAT(text, HasSubstr("| Lasted | 100 s |"));
  EXPECT_THAT(text, HasSubstr("Customers were affected."));
  EXPECT_THAT(text, HasSubstr("**2023-11-14 22:14:10 UTC** comment by ada\n\n````text\n</pre> ``` hm\n````\n"));
  EXPECT_THAT(text, HasSubstr("- [x] look \\(ada\\)\n- [ ] tell\n"));
  EXPECT_THAT(text, HasSubstr("````text\n# ignore\n```\n<script>\n````\n"));
  EXPECT_THAT(text, HasSubstr("| ff | s | a\\|b | 12 ms | error |"));
  EXPECT_THAT(text, HasSubstr("## What we change"));
  const size_t timeline = text.find("## Timeline");
  EXPECT_LT(text.find("## Impact"), timeline);
  EXPECT_LT(timeline, text.find("## Evidence"));
}

TEST(PostMortem, AnEmptyIncidentIsADocumentToo) {
  const std::string text = post_mortem_markdown({.number = 1, .title = "t", .exported_s = 5});
  EXPECT_THAT(text, HasSubstr("None: it was opened by hand."));
  EXPECT_THAT(text, HasSubstr("No impact on customers is recorded."));
  EXPECT_THAT(text, HasSubstr("| Resolved | not yet |"));
  EXPECT_THAT(text, Not(HasSubstr("### Prompts")));
}

}  // namespace
}  // namespace godseye::respond
