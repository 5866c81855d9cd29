#include "../tools/synthetic/catalogue.h"

#include <string>

#include <godseye/guard/products.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

Product product(std::string id, std::string name, std::string brand, double price, int64_t stock) {
  return {std::move(id), std::move(name), std::move(brand), price, "USD", {{"color", "black"}}, stock};
}

std::shared_ptr<const Catalogue> shop() {
  auto built = Catalogue::build({
      product("OLJCESPC7Z", "Sunglasses", "", 19.99, 10),
      product("66VCHSJNUP", "Tank Top", "", 18.99, 3),
      product("LS4PSXUNUM", "Salt & Pepper Shakers", "", 18.49, 0),
      product("SKU-1001", "Fjellby Desk Lamp", "Fjellby", 49.99, 12),
      product("SKU-1002", "AeroPulse X200 Headphones", "AeroPulse", 129, 0),
      product("SKU-1003", "Nordlys Oak Bookshelf", "Nordlys", 1299, 4),
      product("SKU-1004", "Fjellby Floor Lamp", "Fjellby", 89.5, 1),
  });
  EXPECT_TRUE(built) << (built ? "" : built.error().message());
  return *built;
}

// The verdicts in order: "valid:exact invalid:none".
std::string verdicts(const Catalogue& catalogue, std::string_view answer) {
  std::string out;
  for (const ProductFinding& finding : catalogue.check(answer).mentions) {
    out += (out.empty() ? "" : " ") + std::string(product_verdict_name(finding.verdict)) + ':' +
           std::string(product_match_name(finding.match));
  }
  return out;
}

TEST(Catalogue, ResolvesIdsAndNames) {
  const auto catalogue = shop();
  EXPECT_EQ(verdicts(*catalogue, "Take OLJCESPC7Z."), "valid:id");
  EXPECT_EQ(verdicts(*catalogue, "I recommend the Fjellby Desk Lamp."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "We have a nice fjellby desk lamp."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "Try our Salt & Pepper Shakers!"), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjelby Desk Lamp is lovely."), "valid:fuzzy");
  EXPECT_EQ(verdicts(*catalogue, "The Desk Lamp by Fjellby is lovely."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "The AeroPulse X200 is lovely."), "valid:fuzzy");
}

TEST(Catalogue, NamesWhatDoesNotExist) {
  const auto catalogue = shop();
  for (const std::string_view answer :
       {"I recommend the Fjellby Ceiling Lamp.", "The AeroPulse X210 Headphones are great.",
        "Our **Zephyr Glow Lantern** costs $39.99.", "Take OLJCESPC8Q.", "Have a look at SKU-9999.",
        "The Fjellby Desk Lamp Pro costs $59.99.", "You would love the Nordlys Walnut Bookshelf.",
        "I suggest the Brightwell desk lamp."}) {
    const ProductFindings findings = catalogue->check(answer);
    EXPECT_EQ(findings.invalid, 1u) << answer << " -> " << verdicts(*catalogue, answer);
  }
}

TEST(Catalogue, LeavesOrdinaryWordsAlone) {
  const auto catalogue = shop();
  for (const std::string_view answer :
       {"Our Customer Service team is happy to help. Free Shipping applies to orders over $50.",
        "Your order 281-2522412 has shipped; track it at the Royal Mail website.", "With code WELCOME10 you save 10%.",
        "I live in New York and work at the Grand Hotel.",
        "Hello Anna, thanks for writing! On Monday, 3 March, we moved to Berlin.",
        "You should watch the top of the page.", "A lamp with 40 W is bright enough for a desk."}) {
    EXPECT_EQ(verdicts(*catalogue, answer), "") << answer;
  }
}

TEST(Catalogue, ComparesPrices) {
  const auto catalogue = shop();
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp costs $49.99."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp costs $39.99."), "wrong_price:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp costs about $50."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "Nordlys Oak Bookshelf: $1,299.00"), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "Nordlys Oak Bookshelf: 1.299,00 \xE2\x82\xAC"), "valid:exact") << "other currency";
  EXPECT_EQ(verdicts(*catalogue, "Nordlys Oak Bookshelf: $1,199.00"), "wrong_price:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp. It costs $20."), "wrong_price:exact");
  EXPECT_EQ(verdicts(*catalogue, "With the Fjellby Desk Lamp you save $10 and shipping is $5."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp ($49.99) and the Fjellby Floor Lamp ($49.99)."),
            "valid:exact wrong_price:exact");
  const ProductFinding finding = catalogue->check("For $12.50 you get the Fjellby Desk Lamp.").mentions.at(0);
  EXPECT_EQ(finding.verdict, ProductVerdict::kWrongPrice);
  EXPECT_DOUBLE_EQ(*finding.said_price, 12.5);
  EXPECT_DOUBLE_EQ(*finding.catalogue_price, 49.99);
  EXPECT_EQ(finding.id, "SKU-1001");
}

TEST(Catalogue, ComparesStock) {
  const auto catalogue = shop();
  EXPECT_EQ(verdicts(*catalogue, "The AeroPulse X200 Headphones are in stock."), "wrong_stock:exact");
  EXPECT_EQ(verdicts(*catalogue, "The AeroPulse X200 Headphones are sold out."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "The AeroPulse X200 Headphones are not in stock."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp is out of stock."), "wrong_stock:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp is available in black."), "valid:exact");
  EXPECT_EQ(verdicts(*catalogue, "Only 3 left of the Fjellby Desk Lamp."), "wrong_stock:exact");
  EXPECT_EQ(verdicts(*catalogue, "The Fjellby Desk Lamp is great. It is in stock."), "valid:exact");
}

TEST(Catalogue, BuildNamesTheBadRow) {
  auto no_id = Catalogue::build({product("A-1", "Lamp", "", 1, 1), product("--", "Chair", "", 1, 1)});
  ASSERT_FALSE(no_id);
  EXPECT_NE(no_id.error().message().find("product 2"), std::string::npos) << no_id.error().message();
  EXPECT_FALSE(Catalogue::build({product("A-1", "Lamp", "", -1, 1)}));
  EXPECT_FALSE(Catalogue::build({product("A-1", std::string(2000, 'x'), "", 1, 1)}));
  auto twice = Catalogue::build({product("A-1", "Lamp", "", 1, 1), product("a-1", "Desk Lamp", "", 2, 1)});
  ASSERT_TRUE(twice);
  EXPECT_EQ((*twice)->size(), 1u);
  EXPECT_EQ((*twice)->find("a1")->name, "Desk Lamp");
  EXPECT_EQ((*twice)->find("b"), nullptr);
  EXPECT_TRUE((*Catalogue::build({}))->check("The Fjellby Desk Lamp").mentions.empty());
}

// Twenty thousand products, each word of the mention in thousands of them, all of the words in one.
TEST(Catalogue, FindsTheOneProductAmongFrequentWords) {
  std::vector<Product> products;
  const char* colors[] = {"Red", "Blue", "Green"};
  const char* cuts[] = {"Slim", "Loose", "Straight"};
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = std::string("Nordvik ") + (i % 2 ? "Classic " : "Modern ") + colors[i % 3] + " Jeans " +
                             cuts[(i / 3) % 3] + " Edition " + std::to_string(i);
    products.push_back(product("SKU-" + std::to_string(100'000 + i), name, "Nordvik", 50, 1));
  }
  products.push_back(product("SKU-999999", "Nordvik Classic Jeans Modern Slim Loose", "Nordvik", 60, 1));
  const auto catalogue = *Catalogue::build(std::move(products));
  EXPECT_EQ(verdicts(*catalogue, "Take the Nordvik Modern Classic Jeans Loose Slim."), "valid:fuzzy");
  EXPECT_EQ(catalogue->check("Take the Nordvik Modern Classic Blue Jeans.").invalid, 1u);
}

TEST(Catalogue, HostileTextIsBounded) {
  const auto catalogue = shop();
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "Fjellby Desk Lamp $1, ";
  EXPECT_EQ(catalogue->check(many).mentions.size(), kMentionsMax);
  EXPECT_TRUE(catalogue->check(many).truncated);
  for (const std::string& text :
       {std::string(10 << 20, 'A'), std::string(10 << 20, '\0'), std::string(1 << 20, '\xFF'),
        std::string(1 << 20, '-'), std::string(1 << 20, '$'), std::string("\xE2\x80\xAE\xE2\x80\xAE pmaL\0x", 14)}) {
    catalogue->check(text);
  }
  std::string runs;
  while (runs.size() < (1 << 20)) runs += "Lamp-Lamp Fjellby ";
  catalogue->check(runs);
}

// Real products named in every way that the maker knows; a fifth invented; the numbers are those of docs/guard.md on a
// smaller catalogue.
TEST(Catalogue, SeparatesInventedFromRealOnGeneratedAnswers) {
  const uint64_t seed = 7;
  const std::vector<Product> products = synthetic::make_catalogue(seed, 5000);
  const auto catalogue = *Catalogue::build(products);
  synthetic::AnswerMaker maker(products, seed + 1);
  constexpr int kEach = 400;
  const auto share = [&](synthetic::AnswerKind kind, auto wrong) {
    int hits = 0;
    for (int i = 0; i < kEach; ++i) hits += wrong(catalogue->check(maker.make(kind).text));
    return static_cast<double>(hits) / kEach;
  };
  const auto invalid = [](const ProductFindings& found) { return found.invalid > 0; };
  EXPECT_LE(share(synthetic::AnswerKind::kValid, invalid), 0.02) << "seed " << seed;
  EXPECT_GE(share(synthetic::AnswerKind::kInvented, invalid), 0.9) << "seed " << seed;
  EXPECT_GE(share(synthetic::AnswerKind::kWrongPrice, [](const auto& found) { return found.wrong_price > 0; }), 0.98);
  EXPECT_GE(share(synthetic::AnswerKind::kOutOfStock, [](const auto& found) { return found.wrong_stock > 0; }), 0.95);
  EXPECT_LE(
      share(synthetic::AnswerKind::kValid, [](const auto& found) { return found.wrong_price + found.wrong_stock > 0; }),
      0.01);
}

}  // namespace
}  // namespace godseye::guard
