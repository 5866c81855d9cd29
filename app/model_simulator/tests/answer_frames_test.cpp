#include "answer_frames.h"

#include <gtest/gtest.h>

namespace godseye::model_simulator {
namespace {

std::string joined(const std::vector<std::string_view>& pieces) {
  std::string text;
  for (const std::string_view piece : pieces) text += piece;
  return text;
}

TEST(TokenPieces, AreWordsWithTheBlanksBeforeThem) {
  EXPECT_EQ(token_pieces("Hi there,  you"), (std::vector<std::string_view>{"Hi", " there,", "  you"}));
  EXPECT_TRUE(token_pieces("").empty());
  EXPECT_EQ(token_pieces("  "), (std::vector<std::string_view>{"  "}));
}

TEST(TokenPieces, NeverCutACharacter) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += i % 7 == 0 ? " \xe2\x82\xac" : "\xf0\x9f\x98\x80";
  EXPECT_EQ(joined(token_pieces(text)), text);
  for (const std::string_view piece : token_pieces(text))
    EXPECT_NE(static_cast<unsigned char>(piece.front()) & 0xc0, 0x80);
}

TEST(Steps, NameCallsOnceAndEndWithUsage) {
  genai::Part call;
  call.kind = genai::PartKind::kToolCall;
  call.id = "call_1";
  call.name = "get_weather";
  call.text = R"({"city":"Paris"})";
  genai::Choice choice;
  choice.parts = {call, call};
  choice.finish = genai::FinishReason::kToolCalls;
  genai::ChatAnswer answer;
  answer.choices = {choice};
  answer.usage.input = 1;
  const auto steps = steps_of(answer);
  std::string arguments[2];
  int named = 0;
  for (const Step& step : steps) {
    if (step.delta.kind != genai::DeltaKind::kToolCall) continue;
    named += !step.delta.name.empty();
    arguments[step.delta.call] += step.delta.text;
  }
  EXPECT_EQ(named, 2);
  EXPECT_EQ(arguments[0], call.text);
  EXPECT_EQ(arguments[1], call.text);
  EXPECT_EQ(steps.front().delta.kind, genai::DeltaKind::kStart);
  EXPECT_EQ(steps.back().delta.kind, genai::DeltaKind::kUsage);
}

}  // namespace
}  // namespace godseye::model_simulator
