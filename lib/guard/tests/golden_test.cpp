#include "../tools/golden/golden.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace godseye::guard {
namespace {

std::string text_of(simdjson::dom::element row, const char* name) {
  std::string_view text;
  return row[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// Scores of texts that this repository wrote, kept from before the scorers were made fast. A change that is meant to
// change scores writes the file again: godseye-guard-golden scores data/golden.jsonl.
TEST(Golden, ScoresAreThoseThatWereKept) {
  std::ifstream file(GE_GUARD_DATA "/golden.jsonl");
  ASSERT_TRUE(file.good());
  simdjson::dom::parser parser;
  std::string line;
  size_t rows = 0;
  while (std::getline(file, line)) {
    simdjson::dom::element row;
    ASSERT_EQ(parser.parse(line).get(row), simdjson::SUCCESS) << rows;
    const std::string text = text_of(row, "text");
    const std::string question = text_of(row, "question");
    const std::string context = text_of(row, "context");
    const std::string now = golden::scores_of({.text = text, .question = question, .context = context});
    EXPECT_LE(golden::difference(text_of(row, "scores"), now), 1e-6) << text << '\n' << text_of(row, "scores") << now;
    ++rows;
  }
  EXPECT_GE(rows, 700U);
}

TEST(Golden, ADifferenceIsFoundWhereverItIs) {
  EXPECT_EQ(golden::difference("a 1.5 b\n", "a 1.5 b\n"), 0);
  EXPECT_NEAR(golden::difference("a 1.5 b\n2", "a 1.75 b\n2"), 0.25, 1e-12);
  EXPECT_GT(golden::difference("a 1.5", "b 1.5"), 1e9);
  EXPECT_GT(golden::difference("a 1.5", "a 1.5 c"), 1e9);
}

}  // namespace
}  // namespace godseye::guard
