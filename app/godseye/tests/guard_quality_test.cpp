#include "guard_command.h"
#include "guard_quality_rows.h"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace godseye::app {
namespace {

std::vector<std::string> run(const std::string& lines, const GuardOptions& options = {}, int status = 0) {
  std::istringstream in(lines);
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(guard_quality(options, in, out, err), status) << err.str();
  std::vector<std::string> answers;
  std::istringstream stream(out.str());
  for (std::string line; std::getline(stream, line);) answers.push_back(line);
  return answers;
}

bool has(const std::string& line, std::string_view part) { return line.find(part) != std::string::npos; }

TEST(GuardQuality, AnswersEachLineInOrder) {
  const auto lines =
      run("{\"question\":\"How long can I return it?\",\"context\":[\"Returns: 30 days.\",\"Unworn.\"],\"answer\":\"30 "
          "days, "
          "unworn.\",\"model\":\"gpt-4o\"}\n"
          "{\"question\":\"How long can I return it?\",\"context\":\"Returns: 30 days.\",\"answer\":\"I'm sorry, I "
          "can't help "
          "with that.\"}\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(has(lines[0], "\"reasons\":[]")) << lines[0];
  EXPECT_TRUE(has(lines[0], "\"tokens\":")) << lines[0];
  EXPECT_TRUE(has(lines[1], "\"reasons\":[\"refusal\"")) << lines[1];
}

TEST(GuardQuality, BadLinesAreAnsweredInTheirPlace) {
  const auto lines =
      run("nonsense\n{\"question\":\"a\"}\n{\"answer\":\"a\",\"question\":7}\n{\"answer\":\"Yes.\"}\n", {}, 1);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(has(lines[0], "\"error\":\"not JSON"));
  EXPECT_TRUE(has(lines[1], "\\\"answer\\\" is missing"));
  EXPECT_TRUE(has(lines[2], "\\\"question\\\" is not a string"));
  EXPECT_TRUE(has(lines[3], "\"score\""));
}

TEST(GuardQuality, RemembersServices) {
  std::string lines;
  for (int i = 0; i < 25; ++i) lines += "{\"service\":\"chat\",\"answer\":\"You have thirty days to return it.\"}\n";
  lines += "{\"service\":\"chat\",\"answer\":\"Yes.\"}\n{\"service\":\"other\",\"answer\":\"Yes.\"}\n";
  const auto out = run(lines);
  EXPECT_FALSE(has(out[0], "\"length\""));
  EXPECT_TRUE(has(out[25], "\"length\""));
  EXPECT_TRUE(has(out[25], "\"drift\":\"none\""));
  EXPECT_FALSE(has(out[26], "\"length\""));
}

TEST(GuardQuality, HoldsProductsAgainstACatalogue) {
  const std::string path = testing::TempDir() + "guard_quality_catalogue.jsonl";
  std::ofstream(path) << "{\"id\":\"SKU-1\",\"name\":\"Fjellby Desk Lamp\",\"brand\":\"Fjellby\",\"price\":\"49.99\","
                         "\"currency\":\"USD\",\"attributes\":{\"color\":\"black\",\"watts\":7},\"stock\":3}\n";
  GuardOptions options;
  options.catalogue_file = path;
  options.answer = "Take the Fjellby Desk Lamp for $20.00, or the Fjellby Ceiling Lamp.";
  options.json = true;
  auto lines = run("", options);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(has(lines[0], "\"named\":2,\"invalid\":1,\"wrong_price\":1")) << lines[0];
  options.json = false;
  lines = run("", options);
  EXPECT_GT(lines.size(), 5u);
  std::ofstream(path) << "{\"id\":\"SKU-1\",\"price\":\"free\"}\n";
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(guard_quality(options, in, out, err), 2);
  EXPECT_TRUE(has(err.str(), "catalogue.jsonl:1")) << err.str();
  EXPECT_TRUE(has(err.str(), "\"price\" is not a number")) << err.str();
  std::remove(path.c_str());
}

}  // namespace
}  // namespace godseye::app
