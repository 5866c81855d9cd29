#include <godseye/lang/search.h>

#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

using Kind = SearchNode::Kind;

// Canonical text, or the error.
std::string canonical(std::string_view text) {
  auto query = parse_search(text);
  return query ? to_text(*query) : query.error().message();
}

SearchNode parsed(std::string_view text) {
  auto query = parse_search(text);
  EXPECT_TRUE(query.has_value()) << text << ": " << query.error().message();
  return query ? *std::move(query) : SearchNode{};
}

TEST(Search, AnEmptyQueryAndAStarAreEverything) {
  EXPECT_EQ(parsed("").kind, Kind::kEverything);
  EXPECT_EQ(parsed("  ").kind, Kind::kEverything);
  EXPECT_EQ(parsed("*").kind, Kind::kEverything);
  EXPECT_EQ(parsed("*:*").kind, Kind::kEverything);
  EXPECT_EQ(canonical("* service:a *"), "service:a");
}

TEST(Search, SideBySideIsAndWhichBindsStrongerThanOr) {
  EXPECT_EQ(canonical("a b OR c AND d"), "a b OR c d");
  EXPECT_EQ(canonical("a (b OR c) d"), "a (b OR c) d");
  EXPECT_EQ(canonical("(a b) (c d)"), "a b c d");
  EXPECT_EQ(canonical("(a OR b) OR c"), "a OR b OR c");
  EXPECT_EQ(canonical("a and or"), "a and or");  // operators are capitals
}

TEST(Search, Negates) {
  EXPECT_EQ(canonical("-a NOT b !c -(d e)"), "-a -b -c -(d e)");
  EXPECT_EQ(canonical("NOT NOT a"), "--a");
  EXPECT_EQ(canonical("a-b"), "a-b");
}

TEST(Search, ReadsKeysAndAttributes) {
  const SearchNode tag = parsed("service:shop-api");
  EXPECT_EQ(tag.kind, Kind::kTerm);
  EXPECT_EQ(tag.key, "service");
  EXPECT_FALSE(tag.attribute);
  EXPECT_EQ(tag.value.text, "shop-api");
  const SearchNode attribute = parsed("@http.url:\"http://a b/\"");
  EXPECT_TRUE(attribute.attribute);
  EXPECT_EQ(attribute.key, "http.url");
  EXPECT_EQ(attribute.value.text, "http://a b/");
  EXPECT_FALSE(attribute.value.glob);
  EXPECT_EQ(parsed("resource_name:http://x:80/y").value.text, "http://x:80/y");
  EXPECT_EQ(parsed("\\@a:b").key, "@a");
  EXPECT_FALSE(parsed("\\@a:b").attribute);
}

TEST(Search, AGroupOfValuesRepeatsItsKey) {
  EXPECT_EQ(canonical("env:(prod OR \"pre prod\") x"), "(env:prod OR env:pre\\ prod) x");
  EXPECT_EQ(canonical("@a:(>5 -<9 OR [1 TO 2])"), "@a:>5 -@a:<9 OR @a:[1 TO 2]");
  EXPECT_EQ(canonical("-env:(a b)"), "-(env:a env:b)");
}

TEST(Search, TellsWildcardsFromTheirCharacters) {
  EXPECT_TRUE(parsed("service:a*b").value.glob);
  EXPECT_FALSE(parsed("service:\"a*b\"").value.glob);
  EXPECT_FALSE(parsed("service:a\\*b").value.glob);
  EXPECT_EQ(parsed("service:a\\*b").value.text, "a*b");
  EXPECT_EQ(parsed("service:a\\**").value.text, "a\\**");
  EXPECT_EQ(parsed("@a:*").kind, Kind::kExists);
  EXPECT_EQ(parsed("@a:\"*\"").kind, Kind::kTerm);
  EXPECT_EQ(canonical("@a:[* TO *]"), "@a:*");
}

TEST(Search, ReadsRangesAndComparisons) {
  const SearchNode range = parsed("@c:[400 TO 499}");
  EXPECT_EQ(range.kind, Kind::kRange);
  EXPECT_TRUE(range.low.inclusive);
  EXPECT_FALSE(range.high.inclusive);
  EXPECT_EQ(range.low.number, 400);
  const SearchNode longer = parsed("@duration:>20ms");
  EXPECT_TRUE(longer.low.is_number);
  EXPECT_TRUE(longer.low.has_unit);
  EXPECT_EQ(longer.low.number, 2e7);
  EXPECT_TRUE(longer.high.open);
  EXPECT_EQ(canonical("@a:>=5 @b:[-1.5 TO *] @c:{* TO x} version:[1.2 TO \"2 0\"]"),
            "@a:>=5 @b:>=\\-1.5 @c:<x version:[1.2 TO 2\\ 0]");
}

TEST(Search, PhrasesKeepTheirText) {
  const SearchNode phrase = parsed(R"("say \"hi\" \\ * now")");
  EXPECT_EQ(phrase.kind, Kind::kText);
  EXPECT_TRUE(phrase.quoted);
  EXPECT_EQ(phrase.value.text, R"(say "hi" \ * now)");
  EXPECT_EQ(canonical("\"AND\" \\AND"), "\"AND\" \\AND");
}

TEST(Search, AZeroByteIsACharacterOnceEscaped) {
  const std::string text("k:\\\0x", 5);
  const SearchNode node = parsed(text);
  EXPECT_EQ(node.value.text, std::string("\0x", 2));
  EXPECT_EQ(to_text(node), text);
}

TEST(SearchError, NamesTheColumnAndWhatWasExpected) {
  EXPECT_EQ(canonical("a AND"), "column 6: expected a word, a \"phrase\", key:value or '(' but found the end");
  EXPECT_EQ(canonical("OR a"), "column 1: expected a word, a \"phrase\", key:value or '(' but found 'OR'");
  EXPECT_EQ(canonical("(a"), "column 3: expected AND, OR or ')' but found the end");
  EXPECT_EQ(canonical("a)"), "column 2: expected a term, AND, OR or the end but found ')'");
  EXPECT_EQ(canonical("service:"), "column 9: expected a value after 'service:'");
  EXPECT_EQ(canonical("service: a"), "column 9: expected a value after 'service:'");
  EXPECT_EQ(canonical(":x"), "column 1: expected a key before ':'");
  EXPECT_EQ(canonical("@:x"), "column 1: expected a key before ':'");
  EXPECT_EQ(canonical("a*:x"), "column 1: expected a key without wildcards; they stand in values");
  EXPECT_EQ(canonical("@a:[1 2]"), "column 7: expected TO between the ends of the range but found '2'");
  EXPECT_EQ(canonical("@a:[1 TO 2"), "column 11: expected ']' or '}' after the range but found the end");
  EXPECT_EQ(canonical("@a:[1 TO ]"), "column 10: expected a number, a text or '*' but found ']'");
  EXPECT_EQ(canonical("\"abc"), "column 1: expected a closing quote for the phrase that begins here");
  EXPECT_EQ(canonical("x \"\""), "column 3: expected a phrase between the quotes");
  EXPECT_EQ(canonical("a\\"), "column 3: expected a character after the backslash but found the end");
  EXPECT_EQ(canonical("- a"), "column 3: expected a term right after '-' but found 'a'");
  EXPECT_EQ(canonical("@a:>*"), "column 5: expected a number after the comparison but found '*'");
  EXPECT_EQ(canonical("\xff"), "column 1: expected UTF-8 text");
}

TEST(SearchError, SaysWhatIsNotSupported) {
  EXPECT_EQ(parse_search("CIDR(@a,10.0.0.0/8)").error().code(), base::ErrorCode::kUnimplemented);
  EXPECT_EQ(parse_search("#calc:1").error().code(), base::ErrorCode::kUnimplemented);
}

TEST(SearchError, IsBounded) {
  EXPECT_EQ(parse_search(std::string(10'000, '(')).error().code(), base::ErrorCode::kTooLarge);
  EXPECT_EQ(parse_search(std::string(10'000, '-') + "a").error().code(), base::ErrorCode::kTooLarge);
  EXPECT_EQ(parse_search(std::string(kSearchTermBytesMax + 1, 'a')).error().code(), base::ErrorCode::kTooLarge);
  EXPECT_TRUE(parse_search(std::string(kSearchTermBytesMax, 'a')).has_value());
  EXPECT_EQ(parse_search(std::string(kQueryBytesMax + 1, ' ')).error().code(), base::ErrorCode::kTooLarge);
  std::string many;
  for (size_t i = 0; i < kQueryNodesMax; ++i) many += "a ";
  EXPECT_TRUE(parse_search(many).has_value());
  EXPECT_EQ(parse_search(many + "a").error().code(), base::ErrorCode::kTooLarge);
}

TEST(SearchGlob, MatchesRunsCharactersAndEscapes) {
  EXPECT_TRUE(search_glob_matches("a*c", "abbc"));
  EXPECT_TRUE(search_glob_matches("*", ""));
  EXPECT_FALSE(search_glob_matches("a*c", "abb"));
  EXPECT_TRUE(search_glob_matches("a?c", "aéc"));
  EXPECT_FALSE(search_glob_matches("a?c", "abbc"));
  EXPECT_TRUE(search_glob_matches("a\\*b*", "a*bc"));
  EXPECT_FALSE(search_glob_matches("a\\*b*", "axbc"));
  EXPECT_TRUE(search_glob_matches("*ab*ab", "abxabab"));
}

TEST(SearchText, QuotesWhatNeedsIt) {
  for (const std::string_view text : {"a", "a b", "AND", "", "-x", "a\"b\\", "a:b", "a*", "(x)"}) {
    const SearchNode node = parsed("key:" + quoted_search_value(text));
    EXPECT_EQ(node.kind, Kind::kTerm) << text;
    EXPECT_EQ(node.value.text, text);
    EXPECT_FALSE(node.value.glob);
  }
}

}  // namespace
}  // namespace godseye::lang
