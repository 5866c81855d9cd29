#include "log_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace vcommerce {
namespace {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "log-file-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string log() const { return path + "/services.log"; }
  std::string text(const std::string& suffix = "") const {
    std::ifstream file(log() + suffix);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  size_t files() const { return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path), {})); }

  std::string path;
};

TEST(LogFile, KeepsItsLimitsAndTheLatestLines) {
  const Folder folder;
  auto file = LogFile::open(folder.log(), {.bytes_max = 100, .files_max = 3});
  ASSERT_TRUE(file);
  for (int i = 0; i < 100; ++i) file->write("line number " + std::to_string(100 + i) + "\n");  // 16 bytes each
  EXPECT_EQ(folder.files(), 3u);
  for (const char* suffix : {"", ".1", ".2"}) EXPECT_LE(folder.text(suffix).size(), 100u) << suffix;
  EXPECT_EQ(folder.text(".2").substr(0, 16), "line number 184\n");
  EXPECT_EQ(folder.text(), "line number 196\nline number 197\nline number 198\nline number 199\n");
  EXPECT_EQ(file->lines_lost(), 0u);
}

TEST(LogFile, CutsManyLinesAtOnceBetweenLines) {
  const Folder folder;
  auto file = LogFile::open(folder.log(), {.bytes_max = 10, .files_max = 9});
  ASSERT_TRUE(file);
  file->write("one\ntwo\nthree\nfour and more\nfive\n");
  EXPECT_EQ(folder.text(".3"), "one\ntwo\n");
  EXPECT_EQ(folder.text(".2"), "three\n");
  EXPECT_EQ(folder.text(".1"), "four and more\n") << "a line is never cut";
  EXPECT_EQ(folder.text(), "five\n");
}

TEST(LogFile, EachStartBeginsANewFile) {
  const Folder folder;
  for (const char* run : {"first\n", "second\n", "third\n"}) {
    auto file = LogFile::open(folder.log(), {.files_max = 2});
    ASSERT_TRUE(file);
    file->write(run);
  }
  EXPECT_EQ(folder.text(), "third\n");
  EXPECT_EQ(folder.text(".1"), "second\n");
  EXPECT_EQ(folder.files(), 2u);
}

TEST(LogFile, OneFileAloneBeginsAnew) {
  const Folder folder;
  auto file = LogFile::open(folder.log(), {.bytes_max = 8, .files_max = 1});
  ASSERT_TRUE(file);
  for (const char* line : {"one\n", "two\n", "three\n"}) file->write(line);
  EXPECT_EQ(folder.text(), "three\n");
  EXPECT_EQ(folder.files(), 1u);
}

TEST(LogFile, WhatTheDiskRefusesIsCounted) {
  auto full = LogFile::open("/dev/full", {});
  ASSERT_TRUE(full);
  full->write("one\ntwo\n");
  EXPECT_EQ(full->lines_lost(), 2u);
  const auto nowhere = LogFile::open("/nowhere/services.log", {});
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message().find("/nowhere/services.log"), std::string::npos);
}

TEST(LineGatherer, WritesWholeLinesAndCutsEndlessOnes) {
  const Folder folder;
  auto file = LogFile::open(folder.log(), {});
  ASSERT_TRUE(file);
  LineGatherer one, other;
  one.add("a", *file);
  other.add("b\nc", *file);
  one.add("aa\n", *file);
  other.end(*file);
  EXPECT_EQ(folder.text(), "b\naaa\nc\n");
  one.add(std::string(LineGatherer::kLineBytesMax + 1, 'x'), *file);
  EXPECT_EQ(folder.text().size(), 8 + LineGatherer::kLineBytesMax + 2);
}

}  // namespace
}  // namespace vcommerce
