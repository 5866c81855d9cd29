#include "random_query.h"

#include <godseye/lang/metric_query.h>
#include <godseye/lang/monitor_query.h>

#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

constexpr uint64_t kSeeds = 3000;

TEST(MetricQueryProperty, ReadingPrintedTreesGivesTheSameTree) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomQuery random(seed);
    MetricQuery query;
    query.expressions.push_back(random.expression(4));
    const std::string text = to_text(query);
    if (text.size() > kQueryBytesMax) continue;
    auto read = parse_metric_query(text);
    ASSERT_TRUE(read.has_value()) << "seed " << seed << ": " << text << "\n" << read.error().message();
    ASSERT_EQ(read->expressions.size(), 1u) << "seed " << seed;
    ASSERT_TRUE(read->expressions[0] == query.expressions[0]) << "seed " << seed << ":\n"
                                                              << text << "\n"
                                                              << to_text(*read);
  }
}

TEST(MetricQueryProperty, EveryBrokenTextIsAnErrorWithinItsColumns) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const std::string text = to_text(RandomQuery(seed).expression(3));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20; ++i) {
      std::string broken = text;
      broken[random() % broken.size()] = "(){},:!*'.+ a1"[random() % 14];
      auto read = parse_metric_query(broken);
      if (read) continue;
      const auto column = error_column(read.error().message());
      ASSERT_TRUE(column.has_value()) << "seed " << seed << ": " << read.error().message();
      ASSERT_GE(*column, 1u);
      ASSERT_LE(*column, broken.size() + 1) << "seed " << seed << ": " << broken;
    }
  }
}

}  // namespace
}  // namespace godseye::lang
