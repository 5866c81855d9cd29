#include <string>
#include <thread>
#include <vector>

#include <godseye/guard/pii_memory.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

bool same(const std::vector<PiiEntity>& a, const std::vector<PiiEntity>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].type != b[i].type || a[i].start != b[i].start || a[i].end != b[i].end) return false;
  }
  return true;
}

TEST(PiiMemory, AnswersTheSecondQuestionWithoutASearch) {
  PiiMemory memory;
  const std::string text = "Write to rick@web.de or call +44 20 7946 0958, please.";
  const std::vector<PiiEntity> first = memory.find(text);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_TRUE(same(first, find_pii(text)));
  EXPECT_TRUE(same(first, memory.find(text)));
  EXPECT_EQ(memory.searches(), 1U);
  EXPECT_EQ(memory.hits(), 1U);
}

TEST(PiiMemory, TellsTextsApartByEveryByte) {
  PiiMemory memory;
  EXPECT_EQ(memory.find("Write to rick@web.de please, not by post.").size(), 1U);
  EXPECT_EQ(memory.find("Write to rick#web.de please, not by post.").size(), 0U);
  EXPECT_EQ(memory.hits(), 0U);
}

TEST(PiiMemory, SearchesShortTextsAndTextsFullOfDataEachTime) {
  PiiMemory memory;
  EXPECT_EQ(memory.find("a@web.de").size(), 1U);
  EXPECT_EQ(memory.searches(), 0U);
  std::string many;
  for (size_t i = 0; i <= PiiMemory::kKeptEntitiesMax; ++i) many += "write to rick" + std::to_string(i) + "@web.de; ";
  EXPECT_EQ(memory.find(many).size(), PiiMemory::kKeptEntitiesMax + 1);
  EXPECT_EQ(memory.find(many).size(), PiiMemory::kKeptEntitiesMax + 1);
  EXPECT_EQ(memory.hits(), 0U);
}

TEST(PiiMemory, ForgetsAndStaysRightWhenThereAreMoreTextsThanSlots) {
  PiiMemory memory;
  const auto text = [](size_t i) {
    return "message number " + std::to_string(i) + (i % 3 == 0 ? ", to jo@web.de" : ", to nobody at all");
  };
  for (size_t round = 0; round < 2; ++round) {
    for (size_t i = 0; i < 2 * PiiMemory::kTextsMax; ++i) ASSERT_EQ(memory.find(text(i)).size(), i % 3 == 0 ? 1U : 0U);
  }
}

TEST(PiiMemory, IsAskedByManyThreadsAtOnce) {
  PiiMemory memory;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&memory] {
      for (size_t i = 0; i < 2000; ++i) {
        const bool data = i % 2 == 0;
        const std::string text =
            "a longer text " + std::to_string(i % 40) + (data ? " of jo@web.de, truly" : " of nobody, truly");
        ASSERT_EQ(memory.find(text).size(), data ? 1U : 0U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(memory.hits() + memory.searches(), 8000U);
  EXPECT_GT(memory.hits(), 4000U);  // two of the forty texts may want one slot
}

}  // namespace
}  // namespace godseye::guard
