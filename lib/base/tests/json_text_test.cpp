#include <godseye/base/json_text.h>

#include <gtest/gtest.h>

namespace godseye::base {
namespace {

using namespace std::string_view_literals;

TEST(JsonText, QuotesAndEscapes) {
  EXPECT_EQ(json_quoted(""), "\"\"");
  EXPECT_EQ(json_quoted("a\"b\\c\n\r\t\x01\x7f é"sv), R"("a\"b\\c\n\r\t\u0001\u007f é")");
  EXPECT_EQ(json_quoted("\0"sv), R"("\u0000")");
}

// Overlong forms, surrogates, a character cut short, bytes that begin none: U+FFFD for each byte.
TEST(JsonText, MakesUtf8Valid) {
  constexpr std::string_view kRepaired = "\xEF\xBF\xBD";
  const auto repaired = [&](size_t bytes) {
    std::string out = "\"";
    for (size_t i = 0; i < bytes; ++i) out += kRepaired;
    return out + '"';
  };
  EXPECT_EQ(json_quoted("\xff"), repaired(1));
  EXPECT_EQ(json_quoted("\xc0\xaf"), repaired(2));
  EXPECT_EQ(json_quoted("\xe0\x80\xaf"), repaired(3));
  EXPECT_EQ(json_quoted("\xed\xa0\x80"), repaired(3));
  EXPECT_EQ(json_quoted("\xf4\x90\x80\x80"), repaired(4));
  EXPECT_EQ(json_quoted("\xf0\x9f\x98"), repaired(3));
  EXPECT_EQ(json_quoted("\xC3("), "\"" + std::string(kRepaired) + "(\"");
  EXPECT_EQ(json_quoted("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");
}

}  // namespace
}  // namespace godseye::base
