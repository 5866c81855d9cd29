#include "html.h"

#include <gtest/gtest.h>

namespace vcommerce::frontend {
namespace {

TEST(Html, WritesLiteralsAsTheyAreAndEverythingElseAsText) {
  const std::string name = "<b>\"Tom\" & 'Ann'</b>";
  Html html;
  html("<p title=\""_h, name, "\">"_h, name, " × "_h, 3, "</p>"_h);
  EXPECT_EQ(html.text(),
            "<p title=\"&lt;b&gt;&quot;Tom&quot; &amp; &#39;Ann&#39;&lt;/b&gt;\">"
            "&lt;b&gt;&quot;Tom&quot; &amp; &#39;Ann&#39;&lt;/b&gt; × 3</p>");
}

TEST(Html, TakesPointersToTextForText) {
  const char* pointer = "<i>";
  Html html;
  html(pointer, std::string_view("<u>"));
  EXPECT_EQ(html.text(), "&lt;i&gt;&lt;u&gt;");
}

TEST(Html, NestsWithoutEscapingTwice) {
  Html inner;
  inner("<li>"_h, "a&b", "</li>"_h);
  Html outer;
  outer("<ul>"_h, inner, inner, "</ul>"_h);
  EXPECT_EQ(outer.text(), "<ul><li>a&amp;b</li><li>a&amp;b</li></ul>");
}

TEST(Html, ReplacesWhatIsNoText) {
  Html html;
  html(std::string_view("a\0b\x1b\x7f\xff\xc3(\n\tü", 12));
  EXPECT_EQ(html.text(), "a\uFFFDb\uFFFD\uFFFD\uFFFD\uFFFD(\n\tü");
}

}  // namespace
}  // namespace vcommerce::frontend
