#include "recommender.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

namespace vcommerce::recommendation {
namespace {

Item item(std::string id, std::string kind, std::string category, int64_t cents, std::vector<std::string> tags = {}) {
  Item made;
  made.id = std::move(id);
  made.name = "The " + made.id;
  made.brand = "Otterby";
  made.kind = std::move(kind);
  made.category = std::move(category);
  made.price_cents = cents;
  made.tags = std::move(tags);
  return made;
}

std::vector<std::string> ids_of(const std::vector<Recommendation>& list) {
  std::vector<std::string> ids;
  for (const Recommendation& one : list) ids.push_back(one.id);
  return ids;
}

bool has(const std::vector<Recommendation>& list, const std::string& id) {
  const auto ids = ids_of(list);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::vector<Item> shelf() {
  std::vector<Item> items = {
      item("MUG-1", "mug", "home", 1'900, {"stoneware", "sage"}),
      item("MUG-2", "mug", "home", 2'100, {"stoneware", "sage"}),
      item("BOWL-1", "bowl", "home", 2'500, {"stoneware"}),
      item("SOAP-1", "soap", "beauty", 700, {"natural"}),
      item("COAT-1", "coat", "apparel", 29'900, {"wool"}),
  };
  items[0].pairs_with = {"SOAP-1"};
  return items;
}

TEST(Similarity, IsHighestForTheSameKindAndNothingForItself) {
  const std::vector<Item> items = shelf();
  EXPECT_EQ(similarity(items[0], items[0]), 0);
  EXPECT_GT(similarity(items[0], items[1]), similarity(items[0], items[2]));
  EXPECT_GT(similarity(items[0], items[2]), similarity(items[0], items[4]));
  // Worked out by hand: kind 400, brand 150, all tags shared 300, 1900 of 2100 cents 135.
  EXPECT_EQ(similarity(items[0], items[1]), 985);
  EXPECT_EQ(similarity(items[0], items[1]), similarity(items[1], items[0]));
}

TEST(Recommend, KnowsHintsAndLikeness) {
  const Assortment assortment(shelf());
  const CoPurchases purchases;
  const auto list =
      recommend(assortment, purchases, {.looked_at = {"MUG-1"}, .in_cart = {}, .category = "", .count = 5});
  ASSERT_EQ(list.size(), 4U) << "everything but itself";
  EXPECT_EQ(list[0].id, "MUG-2");
  EXPECT_EQ(list[0].reason, Reason::kSimilar);
  const auto soap =
      std::find_if(list.begin(), list.end(), [](const Recommendation& one) { return one.id == "SOAP-1"; });
  ASSERT_NE(soap, list.end());
  EXPECT_EQ(soap->reason, Reason::kBoughtTogether) << "the catalogue hints at it";
  EXPECT_TRUE(std::is_sorted(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.score > b.score; }));
}

TEST(Recommend, LearnsFromOrders) {
  const Assortment assortment(shelf());
  CoPurchases purchases;
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(purchases.record("o-" + std::to_string(i), {"MUG-1", "COAT-1"}));
  const auto list =
      recommend(assortment, purchases, {.looked_at = {"MUG-1"}, .in_cart = {}, .category = "", .count = 1});
  EXPECT_EQ(list.at(0).id, "COAT-1");
  EXPECT_EQ(list.at(0).reason, Reason::kBoughtTogether);
}

TEST(Recommend, NeverShowsTheCartNorWhatIsSoldOut) {
  std::vector<Item> items = shelf();
  items[1].in_stock = false;
  const Assortment assortment(std::move(items));
  const CoPurchases purchases;
  const auto list =
      recommend(assortment, purchases, {.looked_at = {"MUG-1"}, .in_cart = {"BOWL-1"}, .category = "", .count = 50});
  EXPECT_FALSE(has(list, "MUG-1"));
  EXPECT_FALSE(has(list, "MUG-2"));
  EXPECT_FALSE(has(list, "BOWL-1"));
  EXPECT_TRUE(has(list, "SOAP-1"));
}

TEST(Recommend, FollowsTheCartWhenNothingIsLookedAt) {
  const Assortment assortment(shelf());
  const CoPurchases purchases;
  EXPECT_EQ(
      recommend(assortment, purchases, {.looked_at = {}, .in_cart = {"MUG-1"}, .category = "", .count = 1}).at(0).id,
      "MUG-2");
}

TEST(Recommend, ShowsWhatSellsWhenNothingElseIsKnown) {
  const Assortment assortment(shelf());
  CoPurchases purchases;
  (void)purchases.record("o-1", {"COAT-1"});
  const auto list =
      recommend(assortment, purchases, {.looked_at = {"NO-SUCH"}, .in_cart = {}, .category = "", .count = 2});
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].id, "COAT-1");
  EXPECT_EQ(list[0].reason, Reason::kPopular);
}

TEST(Recommend, StaysInTheCategory) {
  const Assortment assortment(shelf());
  const CoPurchases purchases;
  EXPECT_EQ(ids_of(recommend(assortment, purchases,
                             {.looked_at = {"MUG-1"}, .in_cart = {}, .category = "beauty", .count = 5})),
            std::vector<std::string>{"SOAP-1"});
  EXPECT_TRUE(
      recommend(assortment, purchases, {.looked_at = {}, .in_cart = {}, .category = "none", .count = 5}).empty());
  EXPECT_TRUE(recommend(Assortment({}), purchases, {.looked_at = {"MUG-1"}, .in_cart = {}, .category = "", .count = 5})
                  .empty());
}

TEST(CoPurchases, CountAnOrderOnce) {
  CoPurchases purchases;
  EXPECT_TRUE(purchases.record("o-1", {"A", "B", "A"}));
  EXPECT_FALSE(purchases.record("o-1", {"A", "B"}));
  EXPECT_EQ(purchases.with("A"), (std::map<std::string, uint32_t>{{"B", 1}}));
  EXPECT_EQ(purchases.sold("A"), 1U);
  EXPECT_EQ(purchases.sold("Z"), 0U);
}

TEST(CoPurchases, StayWithinTheirLimits) {
  CoPurchases purchases;
  for (int order = 0; order < 60; ++order) {
    std::vector<std::string> products;
    for (int i = 0; i < 100; ++i) products.push_back(std::to_string(order) + "-" + std::to_string(i));
    EXPECT_TRUE(purchases.record(std::to_string(order), products));
  }
  EXPECT_EQ(purchases.pairs(), kPairsMax);
}

TEST(CoPurchases, AreToldByManyThreads) {
  CoPurchases purchases;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&purchases, t] {
      for (int i = 0; i < 200; ++i) (void)purchases.record(std::to_string(t) + "/" + std::to_string(i), {"A", "B"});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(purchases.with("A").at("B"), 800U);
}

}  // namespace
}  // namespace vcommerce::recommendation
