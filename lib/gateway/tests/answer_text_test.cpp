#include "answer_text.h"

#include <random>

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

// Feeds `text` in pieces and returns what came out, joined.
std::string pass(std::string_view text, const std::vector<size_t>& cuts, bool redact, int64_t& count) {
  HeldText held;
  std::string out;
  std::vector<std::string> pieces;
  size_t at = 0;
  for (const size_t cut : cuts) {
    held.add(text.substr(at, cut - at));
    at = cut;
    held.release(redact, false, pieces, count);
  }
  held.add(text.substr(at));
  held.release(redact, true, pieces, count);
  for (const std::string& piece : pieces) out += piece;
  return out;
}

TEST(HeldText, AnEntityCutIntoPiecesIsTakenOutWhole) {
  const std::string text = "Write to anna.schmidt@example.com if you like.";
  int64_t count = 0;
  EXPECT_EQ(pass(text, {12, 16, 20, 25}, true, count), "Write to [EMAIL] if you like.");
  EXPECT_EQ(count, 1);
}

TEST(HeldText, WhatIsOnlyWatchedGoesOutUnchanged) {
  const std::string text = "Write to anna.schmidt@example.com if you like.";
  int64_t count = 0;
  EXPECT_EQ(pass(text, {12, 16, 20}, false, count), text);
  EXPECT_EQ(count, 1);
}

TEST(HeldText, NothingLeavesBeforeTheWindowHasPassed) {
  HeldText held;
  std::vector<std::string> pieces;
  int64_t count = 0;
  held.add(std::string(HeldText::kWindowBytes, 'x'));
  EXPECT_EQ(held.release(true, false, pieces, count), 0u);
  held.add(std::string(10, 'y'));
  EXPECT_EQ(held.release(true, false, pieces, count), 0u);  // the first piece reaches into the window
  held.add(std::string(HeldText::kWindowBytes, 'z'));
  EXPECT_EQ(held.release(true, false, pieces, count), 2u);
  EXPECT_EQ(held.release(true, true, pieces, count), 1u);
}

TEST(HeldText, AnySplitGivesTheSameText) {
  const uint64_t seed = 20261121;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::string text;
  for (int i = 0; i < 20; ++i) {
    text += "Some words that stand between the entities of this answer, number " + std::to_string(i) + ". ";
    text += "Mail bob" + std::to_string(i) + "@example.org or pay with 4111 1111 1111 1111 today. ";
  }
  int64_t whole_count = 0;
  const std::string whole = pass(text, {}, true, whole_count);
  EXPECT_EQ(whole.find("example.org"), std::string::npos);
  for (int round = 0; round < 50; ++round) {
    std::vector<size_t> cuts;
    for (size_t at = 1 + random() % 40; at < text.size(); at += 1 + random() % 40) cuts.push_back(at);
    int64_t count = 0;
    EXPECT_EQ(pass(text, cuts, true, count), whole);
    EXPECT_EQ(count, whole_count);
  }
}

TEST(JudgeAnswer, ACanaryStopsOnlyWhenTheRouteBlocks) {
  RouteSettings route;
  route.canaries = {"kestrel-7741"};
  std::vector<std::string> reasons;
  EXPECT_FALSE(judge_answer("the word is kestrel 7741", "", route, reasons).stop);
  EXPECT_EQ(reasons, std::vector<std::string>{"leak:canary"});
  route.leak = GuardMode::kBlock;
  const AnswerFinding finding = judge_answer("the word is kestrel 7741", "", route, reasons);
  EXPECT_TRUE(finding.stop);
  EXPECT_EQ(finding.rule, Rule::kLeak);
}

TEST(JudgeAnswer, APassageOfTheSystemPromptIsALeak) {
  RouteSettings route;
  route.leak = GuardMode::kBlock;
  std::vector<std::string> reasons;
  const std::string prompt = "You are the shop's assistant. Never give more than ten percent discount to anybody.";
  EXPECT_TRUE(
      judge_answer("My rules: never give more than ten percent discount to anybody, sorry.", prompt, route, reasons)
          .stop);
  EXPECT_FALSE(judge_answer("We have red shoes in your size.", prompt, route, reasons).stop);
}

}  // namespace
}  // namespace godseye::gateway
