#include "query.h"

#include "generator.h"

#include <gtest/gtest.h>

namespace vcommerce::catalogue {
namespace {

using Words = std::vector<std::string>;

TEST(QueryWords, AreLowerCaseAndTelling) {
  EXPECT_EQ(query_words("Show me a LINEN dress, please!"), (Words{"linen", "dress"}));
  EXPECT_EQ(query_words("gardener's t-shirt"), (Words{"gardeners", "t", "shirt"}));
  EXPECT_EQ(query_words("for the"), (Words{"for", "the"})) << "nothing else is there";
  EXPECT_EQ(query_words("café"), (Words{"café"}));
  EXPECT_TRUE(query_words(" -- \"' * ").empty());
}

TEST(QueryWords, AreBounded) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "word" + std::to_string(i) + " ";
  EXPECT_EQ(query_words(many).size(), kQueryWordsMax);
  for (const std::string& word : query_words(std::string(1000, 'x'))) EXPECT_LE(word.size(), kWordBytesMax);
}

TEST(EditDistance, CountsEditsUpToItsLimit) {
  EXPECT_EQ(edit_distance("jacket", "jacket", 2), 0);
  EXPECT_EQ(edit_distance("jaket", "jacket", 2), 1);
  EXPECT_EQ(edit_distance("jackett", "jacket", 2), 1);
  EXPECT_EQ(edit_distance("jecket", "jacket", 2), 1);
  EXPECT_EQ(edit_distance("ajcket", "jacket", 2), 1) << "neighbours swapped";
  EXPECT_EQ(edit_distance("jkt", "jacket", 2), 3) << "limit + 1";
  EXPECT_EQ(edit_distance("", "ab", 2), 2);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3);
}

TEST(MatchExpression, QuotesEveryWord) {
  EXPECT_EQ(match_expression({"linen"}, false), R"(("linen"*))");
  EXPECT_EQ(match_expression({"or", "not"}, false), R"(("or") AND ("not"*))");
  EXPECT_EQ(match_expression({"t", "x"}, true), R"(("t") OR ("x"))");
  EXPECT_EQ(match_expression({"a\"bc"}, false), R"(("abc"*))");
  EXPECT_EQ(match_expression({"sweater"}, false), R"(("sweater"* OR "jumper" OR "sweatshirt"))");
}

class VocabularyOfTheShop : public testing::Test {
 protected:
  VocabularyOfTheShop() {
    for (const Product& product : generate_products()) vocabulary_.add(product);
  }
  Vocabulary vocabulary_;
};

TEST_F(VocabularyOfTheShop, KnowsWordsBeginningsAndOtherWords) {
  for (const std::string_view word : {"linen", "sneak", "trainers", "mugs", "dresses", "otterby", "hoodie"}) {
    EXPECT_TRUE(vocabulary_.knows(word)) << word;
  }
  EXPECT_FALSE(vocabulary_.knows("sneekers"));
  EXPECT_FALSE(vocabulary_.knows("xq"));
}

TEST_F(VocabularyOfTheShop, FindsTheNearestWord) {
  EXPECT_EQ(vocabulary_.nearest("sneekers"), "sneakers");
  EXPECT_EQ(vocabulary_.nearest("jaket"), "jacket");
  EXPECT_EQ(vocabulary_.nearest("neckalce"), "necklace");
  EXPECT_EQ(vocabulary_.nearest("sunglases"), "sunglasses");
  EXPECT_EQ(vocabulary_.nearest("lipstik"), "lipstick");
  EXPECT_EQ(vocabulary_.nearest("xqzvwkjhg"), "");
  EXPECT_EQ(vocabulary_.nearest("abc"), "") << "too short to guess at";
  EXPECT_EQ(vocabulary_.nearest(std::string(5000, 'a')), "");
}

TEST_F(VocabularyOfTheShop, NamesKindsForWhoFoundNothing) { EXPECT_EQ(vocabulary_.kinds(6).size(), 6U); }

}  // namespace
}  // namespace vcommerce::catalogue
