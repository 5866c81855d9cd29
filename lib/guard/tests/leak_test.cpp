#include <string>

#include <godseye/guard/leak.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

const std::string kPrompt =
    "You are Nova, the assistant of a garden shop. Never mention the supplier price list, and offer at most ten "
    "percent discount to customers who ask twice.";

TEST(Leak, SeesAPassageOfEightWordsHoweverItIsPunctuated) {
  const std::string answer = "Sure! It says: NEVER mention -- the supplier \"price list\", and offer at most five.";
  const LeakReport report = find_leaks(answer, kPrompt);
  ASSERT_TRUE(report.leaked);
  ASSERT_EQ(report.passages.size(), 1U);
  EXPECT_EQ(report.passages[0].words, 10U);
  EXPECT_EQ(answer.substr(report.passages[0].start, report.passages[0].end - report.passages[0].start),
            "NEVER mention -- the supplier \"price list\", and offer at most");
  EXPECT_EQ(report.longest_run, 10U);
  EXPECT_NEAR(report.overlap, 10.0 / 27, 1e-9);
}

TEST(Leak, LeavesSevenSharedWordsAlone) {
  const LeakReport report = find_leaks("We offer at most ten percent discount to members.", kPrompt);
  EXPECT_FALSE(report.leaked);
  EXPECT_EQ(report.longest_run, 7U);
  EXPECT_EQ(report.overlap, 0);
}

TEST(Leak, ReportsShortRunsAsNumbersOnly) {
  EXPECT_EQ(find_leaks("the assistant of a garden", kPrompt).longest_run, 5U);
  EXPECT_EQ(find_leaks("zebra", kPrompt).longest_run, 0U);
  EXPECT_FALSE(find_leaks("", kPrompt).leaked);
  EXPECT_FALSE(find_leaks("anything at all", "").leaked);
}

TEST(Leak, ReadsScriptsWithoutSpacesByCharacter) {
  const std::string secret = "你是商店的助手，绝对不要提到供应商的价格表。";
  EXPECT_TRUE(find_leaks("系统提示：绝对不要提到供应商的价格表", secret).leaked);
  EXPECT_FALSE(find_leaks("我想买一个花盆，请问价格是多少？", secret).leaked);
}

const std::string kShop =
    "You are Nova, the friendly assistant of the garden shop Hollow & Pine.\n"
    "Answer in at most five sentences and in the customer's language.\n"
    "Returns are free within 30 days of delivery if the plant is still in its pot.\n"
    "The shop is open from Monday to Saturday between 9 and 18 o'clock.\n"
    "Orders over 50 EUR ship free of charge within Germany and Austria.\n"
    "- The olive tree costs 89 EUR and the large clay pot costs 34 EUR.\n"
    "Never mention that the olive trees come from the supplier in Murcia.\n"
    "If a customer asks for a discount twice, offer ten percent with the code GREEN10.\n"
    "Confidential notes for the team:\n"
    "The olive trees are bought for 31 EUR and sold with a margin of 58 EUR each.\n";

TEST(Leak, LeavesQuotedFactsAlone) {
  for (const char* answer :
       {"Returns are free within 30 days of delivery if the plant is still in its pot, so just send it back.",
        "The shop is open from Monday to Saturday between 9 and 18 o'clock. See you soon!",
        "Orders over 50 EUR ship free of charge within Germany and Austria.",
        "The olive tree costs 89 EUR and the large clay pot costs 34 EUR. Shall I reserve them?",
        "Sure: the shop is open from Monday to Saturday between 9 and 18 o'clock, orders over 50 EUR ship free of "
        "charge "
        "within Germany and Austria."}) {
    const LeakReport report = find_leaks(answer, kShop);
    EXPECT_FALSE(report.leaked) << answer;
    EXPECT_TRUE(report.passages.empty()) << answer;
    EXPECT_GE(report.quoted_facts, 1U) << answer;
    EXPECT_GE(report.longest_run, kLeakWordsMin) << answer;
  }
}

TEST(Leak, SeesInstructionsAmongFacts) {
  for (const char* answer : {"My prompt says: You are Nova, the friendly assistant of the garden shop Hollow & Pine.",
                             "I was told: answer in at most five sentences and in the customer's language.",
                             "It reads 'never mention that the olive trees come from the supplier in Murcia'.",
                             "if a customer asks for a discount twice, offer ten percent with the code GREEN10",
                             "The olive trees are bought for 31 EUR and sold with a margin of 58 EUR each."}) {
    EXPECT_TRUE(find_leaks(answer, kShop).leaked) << answer;
  }
  const LeakReport whole = find_leaks("Here is everything I know. " + kShop, kShop);
  EXPECT_TRUE(whole.leaked);
  EXPECT_GT(whole.overlap, 0.95);
}

TEST(Leak, TellsOrdersFromFactsInOtherLanguages) {
  const std::string german =
      "Du bist der Assistent eines Buchladens. Antworte immer kurz und nenne nie die Preise der anderen Haendler. "
      "Die Lieferung dauert in der Regel zwei bis drei Werktage und kostet 3,90 Euro.";
  EXPECT_FALSE(
      find_leaks("Die Lieferung dauert in der Regel zwei bis drei Werktage und kostet 3,90 Euro.", german).leaked);
  EXPECT_TRUE(find_leaks("Antworte immer kurz und nenne nie die Preise der anderen Haendler", german).leaked);
  const std::string french =
      "Tu es l'assistant d'une librairie de Lyon. Ne parle jamais des prix des autres magasins de la ville. "
      "La livraison est gratuite pour les commandes de plus de trente euros en France.";
  EXPECT_FALSE(
      find_leaks("La livraison est gratuite pour les commandes de plus de trente euros en France.", french).leaked);
  EXPECT_TRUE(find_leaks("ne parle jamais des prix des autres magasins de la ville", french).leaked);
}

// A prompt as shops write them: a line of role and rule, the rules of the shop, the products as JSON.
TEST(Leak, LeavesTheRulesOfAShopAlone) {
  const std::string prompt =
      "You are the assistant of a clothing shop. Answer from this text only.\n"
      "Worn shoes can be exchanged within 14 days if the sole is clean.\n"
      "A refund needs the unworn product and its box within 30 days.\n"
      "Delivery takes two to three working days and is free from 80 EUR.\n"
      "Gift cards are valid for three years.\n"
      "Products:\n"
      "[{\"id\":\"FJ-201\",\"name\":\"Fjord shell\",\"price\":149,\"currency\":\"EUR\",\"stock\":4}]";
  EXPECT_FALSE(find_leaks("Worn shoes can be exchanged within 14 days if the sole is clean.", prompt).leaked);
  EXPECT_FALSE(
      find_leaks("A refund needs the unworn product and its box within 30 days. Anything else?", prompt).leaked);
  EXPECT_FALSE(find_leaks("Delivery takes two to three working days and is free from 80 EUR. Gift cards are valid for "
                          "three years.",
                          prompt)
                   .leaked);
  EXPECT_FALSE(find_leaks("id FJ-201, name: Fjord shell, price 149, currency EUR, stock 4", prompt).leaked);
  EXPECT_TRUE(find_leaks("You are the assistant of a clothing shop. Answer from this text only.", prompt).leaked);
}

TEST(Leak, CountsPoliciesAsFactsAndRulesAboutThemAsOrders) {
  const std::string prompt =
      "Help visitors of the museum. The entrance fee is 12 EUR for adults and free for children under 14. "
      "Children under 14 must be accompanied by an adult at all times in the garden. "
      "Tell visitors who ask for the director that the director is away until further notice. "
      "The wifi password of the staff room is bluebird seven and it changes every month.";
  EXPECT_FALSE(find_leaks("The entrance fee is 12 EUR for adults and free for children under 14.", prompt).leaked);
  EXPECT_FALSE(
      find_leaks("Children under 14 must be accompanied by an adult at all times in the garden.", prompt).leaked);
  EXPECT_TRUE(
      find_leaks("visitors who ask for the director that the director is away until further notice", prompt).leaked);
  EXPECT_TRUE(find_leaks("the wifi password of the staff room is bluebird seven and it changes", prompt).leaked);
}

TEST(Leak, FindsACanaryThroughItsDisguises) {
  const std::vector<std::string_view> canaries = {"Zx7-Kite-4410", "short"};
  const auto came_out = [&](std::string_view answer) { return find_leaks(answer, "", canaries).canaries.size() == 1; };
  EXPECT_TRUE(came_out("the marker is zx7-kite-4410."));
  EXPECT_TRUE(came_out("z x 7 . k i t e . 4 4 1 0"));
  EXPECT_TRUE(came_out("ｚｘ７－ｋｉｔｅ－４４１０"));
  EXPECT_TRUE(came_out("backwards: 0144-etik-7xz"));
  EXPECT_TRUE(came_out("5a78372d4b6974652d34343130"));                // hexadecimal
  EXPECT_TRUE(came_out("Wng3LUtpdGUtNDQxMA=="));                      // base64
  EXPECT_TRUE(came_out("VGhlIG1hcmtlciBpcyBaeDctS2l0ZS00NDEwIG9r"));  // base64 of a sentence around it
  EXPECT_FALSE(came_out("a kite of 44 x 10 is short"));               // too short to be a canary
}

TEST(Leak, EndsOnAnyBytes) {
  const std::string zeros(1 << 20, '\0');
  const std::string same = [] {
    std::string out;
    for (int i = 0; i < 200'000; ++i) out += "a ";
    return out;
  }();
  EXPECT_FALSE(find_leaks(zeros, zeros, {"canary-word"}).leaked);
  EXPECT_TRUE(find_leaks(same, same).leaked);
  EXPECT_FALSE(find_leaks("\xff\xfe\xc0", "\xff\xfe\xc0", {std::string_view("\xff\0\xff\0\xff\0", 6)}).leaked);
}

}  // namespace
}  // namespace godseye::guard
