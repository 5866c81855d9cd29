#include "generator.h"

#include "words.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace vcommerce::catalogue {
namespace {

const std::vector<Product>& all() {
  static const std::vector<Product> products = generate_products();
  return products;
}

const Kind& kind_of(const Product& product) {
  for (const std::span<const Kind> kinds : {fashion_kinds(), house_kinds()}) {
    for (const Kind& kind : kinds) {
      if (kind.code == product.id.substr(4, 3)) return kind;
    }
  }
  ADD_FAILURE() << product.id;
  return fashion_kinds()[0];
}

bool in_list(std::string_view list, std::string_view word) {
  return ("|" + std::string(list) + "|").find("|" + std::string(word) + "|") != std::string::npos;
}

TEST(Generator, MakesEnoughOfEveryCategory) {
  std::map<std::string, int> categories;
  for (const Product& product : all()) ++categories[product.category];
  EXPECT_GE(all().size(), 500U);
  ASSERT_EQ(categories.size(), 5U);
  for (const auto& [category, count] : categories) EXPECT_GE(count, 80) << category;
}

TEST(Generator, NeverUsesAnIdOrANameTwice) {
  std::set<std::string> ids;
  std::set<std::string> names;
  for (const auto& products : {all(), retired_products()}) {
    for (const Product& product : products) {
      EXPECT_TRUE(ids.insert(product.id).second) << product.id;
      EXPECT_TRUE(names.insert(product.name).second) << product.name;
    }
  }
}

TEST(Generator, GivesTheSameListEachTime) {
  const std::vector<Product> again = generate_products();
  ASSERT_EQ(again.size(), all().size());
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].id, all()[i].id);
    EXPECT_EQ(again[i].description, all()[i].description);
    EXPECT_EQ(again[i].sizes, all()[i].sizes);
  }
}

TEST(Generator, KeepsWhatIdsStandFor) {
  const auto found = std::find_if(all().begin(), all().end(), [](const Product& p) { return p.id == "HOM-LMP-0001"; });
  ASSERT_NE(found, all().end());
  EXPECT_EQ(found->kind, "table lamp");
  EXPECT_EQ(found->category, "home");
}

TEST(Generator, PricesAndWeightsFitTheKind) {
  for (const Product& product : all()) {
    const Kind& kind = kind_of(product);
    EXPECT_GE(product.price.units, kind.price_low) << product.id;
    EXPECT_LT(product.price.units, kind.price_high) << product.id;
    EXPECT_GE(product.price.nanos, 0);
    EXPECT_EQ(product.price.nanos % 10'000'000, 0) << "no fractions of a cent";
    EXPECT_GE(product.weight_grams, kind.grams_low);
    EXPECT_LE(product.weight_grams, kind.grams_high);
    EXPECT_EQ(product.category, category_name(kind.category));
  }
}

TEST(Generator, SizesFitTheKind) {
  for (const Product& product : all()) {
    SizeLadder ladder{};
    for (const SizeLadder& one : size_ladders()) {
      if (one.name == kind_of(product).ladder) ladder = one;
    }
    ASSERT_FALSE(product.sizes.empty());
    if (ladder.one) {
      EXPECT_EQ(product.sizes.size(), 1U) << product.id;
    }
    for (const SizeStock& size : product.sizes) {
      EXPECT_TRUE(in_list(ladder.sizes, size.size)) << product.id << " " << size.size;
      EXPECT_GE(size.available, 0);
    }
  }
}

TEST(Generator, SaysSomethingOfItsOwnAboutEachProduct) {
  std::set<std::string> descriptions;
  for (const Product& product : all()) {
    EXPECT_GE(product.description.size(), 100U) << product.description;
    EXPECT_EQ(product.description.find('{'), std::string::npos) << product.description;
    EXPECT_TRUE(descriptions.insert(product.description).second) << product.id << ": " << product.description;
    EXPECT_FALSE(product.care.empty());
    EXPECT_FALSE(product.tags.empty()) << product.id;
    EXPECT_FALSE(product.colours.empty()) << product.id;
  }
}

TEST(Generator, PairsProductsThatExistAndAreOfAnotherKind) {
  std::set<std::string> ids;
  for (const Product& product : all()) ids.insert(product.id);
  for (const Product& product : all()) {
    EXPECT_GE(product.pairs_with.size(), 3U) << product.id;
    for (const std::string& other : product.pairs_with) {
      EXPECT_TRUE(ids.contains(other)) << other;
      EXPECT_NE(other.substr(4, 3), product.id.substr(4, 3));
    }
  }
}

TEST(Generator, HasThingsThatAreSoldOut) {
  const auto sold_out = std::count_if(all().begin(), all().end(), [](const Product& p) { return !p.in_stock(); });
  EXPECT_GT(sold_out, 0);
  EXPECT_LT(sold_out, 40);
}

TEST(PriceBand, BeginsWithItsLowerBound) {
  EXPECT_EQ(price_band({0, 0}), "0-25");
  EXPECT_EQ(price_band({24, 990'000'000}), "0-25");
  EXPECT_EQ(price_band({25, 0}), "25-50");
  EXPECT_EQ(price_band({99, 999'999'999}), "50-100");
  EXPECT_EQ(price_band({100, 0}), "100-200");
  EXPECT_EQ(price_band({200, 0}), "200-");
}

}  // namespace
}  // namespace vcommerce::catalogue
