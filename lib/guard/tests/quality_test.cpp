#include "../tools/synthetic/answers.h"
#include "answer/signals.h"

#include <cmath>
#include <string>
#include <vector>

#include <godseye/guard/drift.h>
#include <godseye/guard/evaluate.h>
#include <godseye/guard/quality.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

constexpr std::string_view kQuestion = "How long do I have to return a pair of shoes?";
constexpr std::string_view kContext =
    "Returns: unworn items can be sent back within 30 days of delivery. Shoes must be in their original box.";

QualityScore score(std::string_view answer, std::string_view context = kContext) {
  return score_quality({.question = kQuestion, .context = context, .answer = answer});
}
double part(const QualityScore& scored, QualityPart which) { return scored.part(which).value; }

TEST(Quality, AGoodAnswerHasNoReasons) {
  const QualityScore scored = score("You have 30 days from delivery, as long as they are unworn and in their box.");
  EXPECT_GT(scored.score, 0.85);
  EXPECT_TRUE(scored.reasons.empty());
  EXPECT_FALSE(scored.ungrounded);
}

TEST(Quality, EachFaultNamesItsPart) {
  const auto worst = [&](std::string_view answer) {
    const QualityScore scored = score(answer);
    EXPECT_LT(scored.score, 0.5) << answer;
    return scored.reasons.empty() ? std::string_view("none") : scored.reasons.front();
  };
  EXPECT_EQ(worst("I'm sorry, but I can't help with that."), "refusal");
  EXPECT_EQ(worst("You have 30 days from delivery, as long as they are unworn and in their"), "truncation");
  EXPECT_EQ(worst("You can return shoes. You can return shoes. You can return shoes. You can return shoes."),
            "repetition");
  EXPECT_EQ(worst("You have 45 days and may return them for 90 EUR within 12 weeks."), "grounding");
  EXPECT_EQ(worst("30 days after delivery, you stupid idiot."), "civility");
}

TEST(Quality, AnAnswerToSomethingElseIsIrrelevant) {
  const QualityScore scored = score("The Azores are nine islands in the Atlantic Ocean.");
  EXPECT_LT(scored.score, 0.3);
  EXPECT_LT(part(scored, QualityPart::kRelevance), 0.3);
}

TEST(Quality, ShortAndTelegraphicAnswersAreFine) {
  for (const std::string_view answer : {"30 days", "30 days.", "Yes.", "Within 30 days of delivery."})
    EXPECT_GT(score(answer).score, 0.7) << answer;
}

TEST(Quality, WhatWasNotGivenIsNotMeasured) {
  const QualityScore scored =
      score_quality({.question = "", .context = "", .answer = "We are open from nine to five."});
  EXPECT_FALSE(scored.part(QualityPart::kGrounding).measured);
  EXPECT_FALSE(scored.part(QualityPart::kLength).measured);
  EXPECT_FALSE(scored.part(QualityPart::kEngagement).measured);
  EXPECT_GT(scored.score, 0.7);
}

TEST(Quality, EmptyAnswersScoreZero) {
  for (const std::string_view answer : {"", " \n ", "...", "\xF0\x9F\x98\x80"})
    EXPECT_EQ(score(answer).score, 0) << answer;
}

TEST(Quality, TheProvidersWordForCutOffCounts) {
  const std::string_view answer = "You have 30 days from delivery.";
  const double whole = score(answer).score;
  const QualityScore cut =
      score_quality({.question = kQuestion, .context = kContext, .answer = answer, .finish_reason = "length"});
  EXPECT_EQ(part(cut, QualityPart::kTruncation), 0);
  EXPECT_LT(cut.score, whole - 0.5);
}

TEST(Quality, LengthIsHeldAgainstTheServicesHistory) {
  LengthHistory history;
  const std::string usual = "You have thirty days from delivery and the shoes must be in their box.";
  for (int i = 0; i < 30; ++i) history.observe(usual);
  EXPECT_NEAR(history.deviation(usual), 0, 1e-6);
  std::string longer;
  for (int i = 0; i < 40; ++i)
    longer += "Sentence number " + std::to_string(i) + " says something about shoes and days. ";
  EXPECT_GT(history.deviation(longer), 3);
  const QualityScore scored =
      score_quality({.question = kQuestion, .context = kContext, .answer = longer, .history = &history});
  EXPECT_TRUE(scored.part(QualityPart::kLength).measured);
  EXPECT_LT(part(scored, QualityPart::kLength), 0.5);
  // Few answers are no history.
  LengthHistory young;
  young.observe(usual);
  EXPECT_EQ(young.deviation(longer), 0);
}

TEST(Quality, HistoryForgets) {
  LengthHistory history;
  for (int i = 0; i < 5000; ++i) history.observe("one two three");
  EXPECT_LE(history.count, LengthHistory::kMemory);
  for (int i = 0; i < 8000; ++i) history.observe("one two three four five six seven eight nine ten");
  EXPECT_NEAR(history.mean, std::log(11), 0.1);
}

TEST(Quality, EngagementCountsWhenClicksCarryIt) {
  const std::string_view answer = "You have 30 days from delivery.";
  const auto value = [&](Engagement engagement) {
    return part(
        score_quality({.question = kQuestion, .context = kContext, .answer = answer, .engagement = &engagement}),
        QualityPart::kEngagement);
  };
  EXPECT_GT(value({.shown = 10, .clicked = 6}), value({.shown = 10, .clicked = 0}));
  EXPECT_EQ(value({.shown = 3, .clicked = 1, .converted = true}), 1);
  EXPECT_LE(value({.rating = -1}), 0.1);
  EXPECT_GE(value({.shown = 0, .clicked = 4'000'000'000u}), 0);
}

TEST(Quality, FindsProductIds) {
  EXPECT_EQ(extract_product_ids("Take SKU-1042, 66VCHSJNUP or the X200B; not 2024, ABC, 30-day or covid-19."),
            (std::vector<std::string>{"SKU-1042", "66VCHSJNUP", "X200B"}));
  const QualityScore scored = score_quality({.question = "Which lamp?",
                                             .context = "SKU-1042: desk lamp, 29 EUR",
                                             .answer = "The desk lamp SKU-1042 or the desk lamp SKU-7777."});
  EXPECT_EQ(part(scored, QualityPart::kProductIds), 0.5);
}

TEST(Quality, AnotherLanguageThanTheContextIsNotHeldAgainstTheAnswer) {
  const QualityScore scored = score(
      "Sie haben ab der Lieferung 30 Tage Zeit und die Schuhe müssen mit ihrem Karton und nicht getragen zu uns "
      "kommen.");
  EXPECT_GT(scored.score, 0.8);
}

TEST(Quality, ScoresStayInRangeOnHostileInput) {
  std::vector<std::string> texts = {std::string(10 << 20, 'a'),       std::string(10 << 20, '\0'),
                                    std::string(1 << 20, '\xFF'),     std::string(1 << 20, '.'),
                                    std::string(1 << 20, '('),        std::string(1 << 20, '9'),
                                    std::string("\xE2\x80\xAEolleh"), std::string("```")};
  std::string repeated;
  while (repeated.size() < (1 << 20)) repeated += "not 1 not 2. ";
  texts.push_back(repeated);
  std::string bullets;
  while (bullets.size() < (1 << 19)) bullets += "- i am unable i cannot help\n";
  texts.push_back(bullets);
  for (const std::string& text : texts) {
    for (const QualityInput& input : {QualityInput{.question = text, .context = text, .answer = text},
                                      QualityInput{.question = kQuestion, .context = kContext, .answer = text},
                                      QualityInput{.question = text, .context = text, .answer = "Yes, 30 days."}}) {
      const QualityScore scored = score_quality(input);
      EXPECT_TRUE(scored.score >= 0 && scored.score <= 1);
      for (const auto& one : scored.parts) EXPECT_TRUE(one.value >= 0 && one.value <= 1);
    }
  }
}

// A fifth of the answers is faulty. The mean of all can fall by no more than the share of the faulty times the distance
// of the means, which is why both are held here.
TEST(Quality, SeparatesGeneratedFaults) {
  const uint64_t seed = 5;
  synthetic::Questioner questioner(seed);
  std::vector<LabelledScore> rows;
  double good = 0;
  double bad = 0;
  for (int i = 0; i < 1500; ++i) {
    const synthetic::Answer made = questioner.make_mixed();
    const double value =
        score_quality({.question = made.question, .context = made.context, .answer = made.answer}).score;
    const bool faulty = made.fault != synthetic::Fault::kNone;
    rows.push_back({1 - value, faulty});
    (faulty ? bad : good) += value;
  }
  const auto faulty =
      static_cast<double>(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.attack; }));
  const auto all = static_cast<double>(rows.size());
  EXPECT_GE(auroc(rows), 0.9) << "seed " << seed;
  EXPECT_GE(good / (all - faulty) - bad / faulty, 0.6) << "seed " << seed;
  EXPECT_GE(good / (all - faulty) - (good + bad) / all, 0.75 * faulty / all) << "seed " << seed;
}

TEST(Signals, TruncationKnowsHowTextsEnd) {
  const auto cut = [](std::string_view text) { return answer::truncation(text, text::Words(text), ""); };
  for (const std::string_view whole :
       {"It costs 5 EUR.", "Jane Austen", "Is that all?", "(It is closed.)", "1. rice\n2. beans\n3. corn", "Done!",
        "He said \"yes.\"", "```\nint x;\n```", "Enjoy \xF0\x9F\x98\x80", "\xE6\x98\xAF\xE7\x9A\x84\xE3\x80\x82"})
    EXPECT_LT(cut(whole), 0.3) << whole;
  for (const std::string_view part :
       {"It costs 5 EUR and", "Open the settings, then choose the", "First: rice, then beans,", "```\nint x;",
        "You can return it within thirty days as long as it is in its original pack"})
    EXPECT_GT(cut(part), 0.6) << part;
}

TEST(Drift, SeesASmallShiftThatLasts) {
  DriftDetector detector;
  uint64_t state = 3;
  const auto noise = [&] {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(state >> 33) / static_cast<double>(1ull << 31) - 0.5;
  };
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(detector.observe(0.85 + 0.1 * noise()), Drift::kNone) << i;
  int steps = 0;
  while (detector.observe(0.81 + 0.1 * noise()) == Drift::kNone && steps < 200) ++steps;
  EXPECT_LT(steps, 60);
  EXPECT_EQ(detector.drift(), Drift::kDown);
  EXPECT_LT(detector.change(), 0);
  for (int i = 0; i < 200; ++i) detector.observe(0.85 + 0.1 * noise());
  for (int i = 0; i < 400 && detector.drift() != Drift::kNone; ++i) detector.observe(0.86);
  EXPECT_NE(detector.drift(), Drift::kDown) << "recovered";
  detector.relearn();
  EXPECT_EQ(detector.count(), 0u);
  detector.observe(std::nan(""));
  EXPECT_EQ(detector.count(), 0u);
}

}  // namespace
}  // namespace godseye::guard
