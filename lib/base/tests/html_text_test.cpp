#include <godseye/base/html_text.h>

#include <gtest/gtest.h>

namespace godseye::base {
namespace {

TEST(HtmlText, EscapesWhatEndsAnElementOrAnAttribute) {
  EXPECT_EQ(escape_html("<a href=\"x\" title='y'>&</a>"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
}

TEST(HtmlText, LeavesEveryOtherByteAlone) {
  const std::string text("caf\xc3\xa9 \x01\xff\n`=/\0", 13);
  EXPECT_EQ(escape_html(text), text);
  EXPECT_EQ(html_entity('a'), "");
}

}  // namespace
}  // namespace godseye::base
