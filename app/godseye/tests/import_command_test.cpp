#include "import_command.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace godseye::app {
namespace {

TEST(HistoryCutter, CutsBetweenLinesAndCountsThem) {
  std::string text;
  for (size_t i = 0; i < HistoryCutter::kLinesMax + 3; ++i) text += "line\n";
  text += "last without an end";
  std::istringstream in(text);
  HistoryCutter cutter(in, false);
  ASSERT_TRUE(cutter.next());
  EXPECT_EQ(cutter.first_line(), 1U);
  EXPECT_EQ(cutter.body().size(), HistoryCutter::kLinesMax * 5);
  ASSERT_TRUE(cutter.next());
  EXPECT_EQ(cutter.first_line(), HistoryCutter::kLinesMax + 1);
  EXPECT_EQ(cutter.body(), "line\nline\nline\nlast without an end\n");
  EXPECT_EQ(cutter.bytes(), text.size());
  EXPECT_FALSE(cutter.next());
}

TEST(HistoryCutter, RepeatsTheHeadOfCsv) {
  const std::string head = "metric,timestamp,value\n";
  const std::string wide = std::string(900'000, 'x') + "\n";
  std::istringstream in(head + wide + wide + wide + wide + wide + std::string(2 * HistoryCutter::kLineBytesMax, 'y'));
  HistoryCutter cutter(in, true);
  ASSERT_TRUE(cutter.next());
  EXPECT_EQ(cutter.first_line(), 2U);
  EXPECT_EQ(cutter.body(), head + wide + wide + wide + wide);
  ASSERT_TRUE(cutter.next());
  EXPECT_EQ(cutter.first_line(), 6U);
  // Of a line without end only the beginning is kept, for the server to refuse it by its number.
  EXPECT_EQ(cutter.body(), head + wide + std::string(HistoryCutter::kLineBytesMax, 'y') + "\n");
  EXPECT_FALSE(cutter.next());
}

TEST(HistoryCutter, FindsNothingInNothing) {
  std::istringstream empty("");
  EXPECT_FALSE(HistoryCutter(empty, true).next());
  std::istringstream head("metric,timestamp,value\n");
  EXPECT_FALSE(HistoryCutter(head, true).next());
}

TEST(ImportCommand, NamesFilesThatItCannotTake) {
  const auto run = [](const std::string& name) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream errors;
    EXPECT_EQ(run_import({.server = "http://127.0.0.1:1"}, {.files = {name}, .patience_s = 0}, in, out, errors), 2);
    return errors.str();
  };
  EXPECT_NE(run("points.txt").find("say --format ndjson or csv"), std::string::npos);
  EXPECT_NE(run("/nonexistent/points.csv").find("cannot be read"), std::string::npos);
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("import-" + std::to_string(getpid()) + ".csv");
  std::filesystem::create_directory(folder);
  EXPECT_NE(run(folder).find("is a directory"), std::string::npos);
  std::filesystem::remove(folder);
}

TEST(ImportCommand, SaysWhichServerIsAbsentAndThatItMayBeRunAgain) {
  std::istringstream in("{}\n");
  std::ostringstream out;
  std::ostringstream errors;
  EXPECT_EQ(run_import({.server = "http://127.0.0.1:1", .json = true},
                       {.files = {"-"}, .format = "ndjson", .patience_s = 0}, in, out, errors),
            2);
  EXPECT_NE(errors.str().find("- from line 1 on: http://127.0.0.1:1"), std::string::npos) << errors.str();
  EXPECT_NE(errors.str().find("nothing is stored twice"), std::string::npos) << errors.str();
  EXPECT_EQ(out.str(), R"({"files":[{"file":"-","lines":0,"stored":0,"already_there":0,"bad":0,"bad_lines":[]}]})"
                       "\n");
}

}  // namespace
}  // namespace godseye::app
