#include "by_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::query {
namespace {

using testing::ElementsAre;
using testing::IsNan;

store::Column texts(const std::vector<std::string>& values) {
  store::Column::Texts column;
  for (const std::string& value : values) {
    column.bytes += value;
    column.ends.push_back(column.bytes.size());
  }
  return {"g", "String", std::move(column)};
}
store::Column numbers(std::vector<uint64_t> values) { return {"n", "UInt64", std::move(values)}; }
store::Column values(std::vector<double> values) { return {"v", "Float64", std::move(values)}; }

constexpr Buckets kBuckets{.start_s = 100, .interval_s = 10, .count = 3};

// Series 1 is in a and b, 2 in a, 3 without the key; 9 is known to nobody.
store::Rows groups() { return store::Rows({texts({"a", "a", "b", ""}), numbers({1, 2, 1, 3})}); }
store::Rows points() {
  return store::Rows(
      {numbers({1, 2, 1, 9, 3, 2, 1}), numbers({100, 100, 120, 110, 110, 130, 90}), values({2, 6, 5, 99, 7, 99, 99})});
}

std::vector<Line> lines_of(Method space) {
  GroupTable table(space, kBuckets, 100, 100);
  EXPECT_TRUE(add_by_series(groups(), points(), 1, space, kBuckets, 100, table));
  std::optional<GroupCut> cut;
  std::vector<Line> lines = table.take_lines(cut);
  EXPECT_FALSE(cut);
  return lines;
}

TEST(BySeries, ASeriesCountsInEachOfItsGroups) {
  const std::vector<Line> lines = lines_of(Method::kAvg);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0].group, ElementsAre(""));
  EXPECT_THAT(lines[0].values, ElementsAre(IsNan(), 7, IsNan()));
  EXPECT_THAT(lines[1].group, ElementsAre("a"));
  EXPECT_THAT(lines[1].values, ElementsAre(4, IsNan(), 5)) << "outside of the buckets is nothing";
  EXPECT_THAT(lines[2].group, ElementsAre("b"));
  EXPECT_THAT(lines[2].values, ElementsAre(2, IsNan(), 5));
}

TEST(BySeries, SpaceAggregatesAsItIsTold) {
  EXPECT_THAT(lines_of(Method::kSum)[1].values, ElementsAre(8, IsNan(), 5));
  EXPECT_THAT(lines_of(Method::kMin)[1].values, ElementsAre(2, IsNan(), 5));
  EXPECT_THAT(lines_of(Method::kMax)[1].values, ElementsAre(6, IsNan(), 5));
}

TEST(BySeries, WhatIsInTheTableAlreadyIsAddedTo) {
  GroupTable table(Method::kSum, kBuckets, 100, 100);
  table.add({"a"}, 100, 1, 1);
  ASSERT_TRUE(add_by_series(groups(), points(), 1, Method::kSum, kBuckets, 100, table));
  std::optional<GroupCut> cut;
  EXPECT_THAT(table.take_lines(cut)[1].values, ElementsAre(9, IsNan(), 5));
}

TEST(BySeries, MoreGroupsThanThereIsRoomForAreLeftToTheStore) {
  GroupTable table(Method::kSum, kBuckets, 100, 8);
  EXPECT_FALSE(add_by_series(groups(), points(), 1, Method::kSum, kBuckets, 8, table));
  std::optional<GroupCut> cut;
  EXPECT_TRUE(table.take_lines(cut).empty());
}

}  // namespace
}  // namespace godseye::query
