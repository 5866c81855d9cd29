#include "ad_book.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace vcommerce::ads {
namespace {

class Book : public ::testing::Test {
 protected:
  int next_ = 0;
  AdBook book_{campaigns(), [this] { return "p-" + std::to_string(next_++); }};
};

TEST(Campaigns, ServeEveryCategoryAndStayInTheShop) {
  std::set<std::string_view> ids;
  std::set<std::string_view> categories;
  for (const Campaign& campaign : campaigns()) {
    EXPECT_TRUE(ids.insert(campaign.id).second) << campaign.id;
    categories.insert(campaign.category);
    EXPECT_TRUE(campaign.path.starts_with("/search?q=")) << campaign.path;
    EXPECT_FALSE(campaign.headline.empty());
    for (const std::string& word : ad_words(campaign.words)) {
      EXPECT_NE((" " + std::string(campaign.words) + " ").find(" " + word + " "), std::string::npos)
          << campaign.id << ": " << word << " is not in the singular";
    }
  }
  EXPECT_EQ(categories, (std::set<std::string_view>{"accessories", "apparel", "beauty", "home", "shoes"}));
}

TEST(AdWords, AreLowerCaseAndSingular) {
  EXPECT_EQ(ad_words("Linen DRESSES, boots & glass"), (std::vector<std::string>{"linen", "dresse", "boot", "glass"}));
  EXPECT_TRUE(ad_words("<>&\"'").empty());
}

TEST_F(Book, ChoosesByWordsFirst) {
  const auto chosen = book_.choose({"Hiking shoes"}, "shoes", 2);
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].campaign->id, "trail-head");
  EXPECT_TRUE(chosen[0].matched);
  EXPECT_EQ(chosen[1].campaign->category, "shoes");
  EXPECT_TRUE(chosen[1].matched);
}

TEST_F(Book, FillsUpWithWhatDoesNotFit) {
  const auto chosen = book_.choose({"zzz"}, "", 3);
  ASSERT_EQ(chosen.size(), 3U);
  for (const Placement& placement : chosen) EXPECT_FALSE(placement.matched);
}

TEST_F(Book, GivesEveryCampaignItsTurn) {
  std::set<std::string_view> shown;
  for (size_t i = 0; i < campaigns().size(); ++i) shown.insert(book_.choose({}, "", 1).at(0).campaign->id);
  EXPECT_EQ(shown.size(), campaigns().size());
}

TEST_F(Book, NeverShowsOneTwiceInAnAnswer) {
  std::set<std::string_view> shown;
  for (const Placement& placement : book_.choose({"linen"}, "home", 1000)) {
    EXPECT_TRUE(shown.insert(placement.campaign->id).second);
  }
  EXPECT_EQ(shown.size(), campaigns().size());
}

TEST_F(Book, CountsAShowingOnceAsSeenAndOnceAsClicked) {
  const std::string id = book_.choose({}, "", 1).at(0).id;
  EXPECT_EQ(book_.seen(id), Counted::kYes);
  EXPECT_EQ(book_.seen(id), Counted::kAgain);
  EXPECT_EQ(book_.clicked(id), Counted::kYes);
  EXPECT_EQ(book_.clicked(id), Counted::kAgain);
  EXPECT_EQ(book_.clicked("p-999999"), Counted::kUnknown);
}

TEST_F(Book, ForgetsTheOldestShowings) {
  const std::string first = book_.choose({}, "", 1).at(0).id;
  for (size_t i = 0; i < kPlacementsMax / 8; ++i) (void)book_.choose({}, "", 8);
  EXPECT_EQ(book_.placements(), kPlacementsMax);
  EXPECT_EQ(book_.seen(first), Counted::kUnknown);
}

TEST(AdBook, IsEmptyWithoutCampaigns) {
  AdBook book({}, [] { return std::string("x"); });
  EXPECT_TRUE(book.choose({"linen"}, "home", 3).empty());
}

}  // namespace
}  // namespace vcommerce::ads
