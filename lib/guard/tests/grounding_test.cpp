#include <string>

#include <godseye/guard/grounding.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

constexpr std::string_view kContext =
    "Skerry 28 backpack: 28 litres, sleeve for laptops up to 16 inch, not waterproof, 1,089.00 EUR. Returns within 30 "
    "days. Designed by Mira Halden in Bergen.";

std::string kinds(std::string_view answer, std::string_view context = kContext, std::string_view question = {}) {
  std::string out;
  for (const UnsupportedClaim& claim : score_grounding(answer, context, question).unsupported)
    out += (out.empty() ? "" : " ") + std::string(claim_kind_name(claim.kind));
  return out;
}

TEST(Grounding, WhatTheContextSaysIsSupported) {
  for (const std::string_view answer :
       {"The Skerry 28 holds 28 litres and fits laptops up to 16 inch.", "It costs 1.089 EUR.",
        "It costs \xE2\x82\xAC"
        "1089.",
        "You can return it within 30 days.", "It was designed by Mira Halden."}) {
    const Grounding grounding = score_grounding(answer, kContext);
    EXPECT_TRUE(grounding.measured);
    EXPECT_FALSE(grounding.ungrounded) << answer << ": " << kinds(answer);
    EXPECT_GT(grounding.score, 0.7) << answer;
  }
}

TEST(Grounding, NamesTheKindOfWhatIsMissing) {
  EXPECT_EQ(kinds("The Skerry 28 holds 35 litres."), "number");
  EXPECT_EQ(kinds("The Skerry 28 backpack costs 79 EUR."), "price");
  EXPECT_EQ(kinds("The Skerry backpack was designed by Henrik Solberg."), "name");
  EXPECT_NE(kinds("Use this voucher for the Skerry 28 backpack.").find("discount"), std::string::npos);
  EXPECT_NE(kinds("The Skerry 28 backpack has 20% off today.").find("discount"), std::string::npos);
  EXPECT_NE(kinds("The Skerry 28 backpack ships with free shipping.").find("discount"), std::string::npos);
  EXPECT_EQ(kinds("Feel free to ask for the Skerry 28 backpack."), "");
  EXPECT_NE(kinds("It comes with a lifetime guarantee on all parts.").find("policy"), std::string::npos);
  EXPECT_NE(kinds("The Skerry 28 backpack is waterproof.").find("contradiction"), std::string::npos);
  EXPECT_NE(kinds("Whales sing beneath frozen northern seas.").find("statement"), std::string::npos);
}

TEST(Grounding, PricesDiscountsAndPoliciesFlagTheAnswer) {
  EXPECT_TRUE(
      score_grounding("The Skerry 28 backpack with 28 litres and laptops sleeve costs 79 EUR.", kContext).ungrounded);
  EXPECT_TRUE(
      score_grounding("The Skerry 28 backpack has 28 litres. You get a discount with it.", kContext).ungrounded);
  EXPECT_TRUE(
      score_grounding("The Skerry 28 backpack has 28 litres. It has a lifetime guarantee.", kContext).ungrounded);
}

TEST(Grounding, SpansAreBytesOfTheAnswer) {
  const std::string_view answer = "É: it holds 35 litres.";
  const Grounding grounding = score_grounding(answer, kContext);
  ASSERT_FALSE(grounding.unsupported.empty());
  const UnsupportedClaim& claim = grounding.unsupported.front();
  EXPECT_EQ(answer.substr(claim.start, claim.end - claim.start), "35");
}

TEST(Grounding, TheQuestionMayBeRepeated) {
  EXPECT_EQ(
      kinds("For 4 people and 60 EUR take the Skerry 28 backpack.", kContext, "Something for 4 people up to 60 EUR?"),
      "");
}

TEST(Grounding, TwoOfThemCostTwiceAsMuch) {
  EXPECT_EQ(kinds("Two of them cost 178 EUR.", "Backpack: 89 EUR each.", "What do two backpacks cost?"), "");
}

TEST(Grounding, SayingThatTheContextLacksItIsHonest) {
  EXPECT_FALSE(score_grounding("I could not find the warranty in the information I have.", kContext).ungrounded);
}

TEST(Grounding, WithoutContextNothingIsMeasured) {
  for (const Grounding& grounding : {score_grounding("It costs 5 EUR.", ""), score_grounding("", kContext)}) {
    EXPECT_FALSE(grounding.measured);
    EXPECT_FALSE(grounding.ungrounded);
    EXPECT_EQ(grounding.score, 1);
  }
}

TEST(Grounding, HostileTextIsBounded) {
  std::string numbers;
  while (numbers.size() < (2 << 20)) numbers += "$7 8 % ";
  for (const std::string& text :
       {numbers, std::string(10 << 20, 'x'), std::string(4 << 20, '\0'), std::string(1 << 20, '\xF0')}) {
    const Grounding grounding = score_grounding(text, kContext);
    EXPECT_LE(grounding.unsupported.size(), kUnsupportedMax);
    EXPECT_TRUE(grounding.score >= 0 && grounding.score <= 1);
    score_grounding("It costs 5 EUR.", text, text);
  }
}

}  // namespace
}  // namespace godseye::guard
