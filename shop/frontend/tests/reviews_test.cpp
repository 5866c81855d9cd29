#include "review_check.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <vcommerce/frontend/reviews.h>
#include <vcommerce/orders/data_folder.h>

namespace vcommerce::frontend {
namespace {

class ReviewsOfAProduct : public ::testing::Test {
 protected:
  std::unique_ptr<Reviews> open() {
    auto reviews = Reviews::open(folder_.path() + "/reviews.sqlite", base::system_clock());
    EXPECT_TRUE(reviews);
    return *std::move(reviews);
  }
  DataFolder folder_ = *DataFolder::open("");
};

TEST_F(ReviewsOfAProduct, AreOnePerAuthorAndSurviveARestart) {
  ASSERT_TRUE(open()->write("LAMP", "session-1", {.name = "Ann", .stars = 5, .text = "Warm light."}));
  ASSERT_TRUE(open()->write("LAMP", "session-2", {.name = "Bob & <3", .stars = 2, .text = "Wobbles.\nA lot."}));
  ASSERT_TRUE(open()->write("LAMP", "session-1", {.name = "Ann", .stars = 4, .text = "Warm, a little."}));
  ASSERT_TRUE(open()->write("MUG", "session-1", {.name = "Ann", .stars = 1, .text = "Leaks."}));
  const auto view = open()->of("LAMP", "session-1");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->count, 2);
  EXPECT_EQ(view->average_tenths, 30);
  ASSERT_EQ(view->newest.size(), 2u);
  EXPECT_EQ(view->newest[0].text, "Warm, a little.");
  EXPECT_EQ(view->newest[1].name, "Bob & <3");
  ASSERT_TRUE(view->own);
  EXPECT_EQ(view->own->stars, 4);
  EXPECT_FALSE(open()->of("LAMP", "session-3")->own);
  EXPECT_EQ(open()->of("SCARF", "session-1")->count, 0);
}

TEST_F(ReviewsOfAProduct, SayWhatIsWrongWithOne) {
  auto reviews = open();
  const auto message = [&](const Review& review) { return reviews->write("LAMP", "s", review).error().message(); };
  EXPECT_EQ(message({.name = "A", .stars = 0, .text = "x"}), "stars: from 1 to 5");
  EXPECT_EQ(message({.name = "A", .stars = 6, .text = "x"}), "stars: from 1 to 5");
  EXPECT_EQ(message({.name = "", .stars = 3, .text = "x"}), "name: between 1 and 60 bytes on one line");
  EXPECT_EQ(message({.name = "a\nb", .stars = 3, .text = "x"}), "name: between 1 and 60 bytes on one line");
  EXPECT_EQ(message({.name = "A", .stars = 3, .text = " \n "}), "text: is missing");
  EXPECT_EQ(message({.name = "A", .stars = 3, .text = std::string(2'001, 'x')}), "text: longer than 2,000 bytes");
  EXPECT_EQ(reviews->of("LAMP", "s")->count, 0);
}

TEST_F(ReviewsOfAProduct, AreBounded) {
  auto reviews = open();
  for (int i = 0; i < kReviewsKept + 3; ++i) {
    const std::string author = "session-" + std::to_string(i);
    ASSERT_TRUE(reviews->write("LAMP", author, {.name = author, .stars = 3, .text = "x"}));
  }
  const auto view = reviews->of("LAMP", "session-0");
  EXPECT_EQ(view->count, kReviewsKept);
  EXPECT_EQ(static_cast<int64_t>(view->newest.size()), kReviewsShown);
  EXPECT_EQ(view->newest[0].name, "session-" + std::to_string(kReviewsKept + 2));
  EXPECT_FALSE(view->own);
}

TEST_F(ReviewsOfAProduct, ThatLookHostileWaitForTheOperator) {
  const auto reviews = open();
  EXPECT_EQ(*reviews->write("LAMP", "session-1", {.name = "Ann", .stars = 5, .text = "Warm light."}), "");
  EXPECT_EQ(*reviews->write("LAMP", "session-1", {.name = "Ann", .stars = 1, .text = "<b>Cheap</b>"}), "markup");
  EXPECT_EQ(*reviews->write("LAMP", "session-2", {.name = "Eve", .stars = 1, .text = "see www.lamps.shop"}), "link");
  // Everybody else sees what was said before, the author what waits.
  const auto seen = reviews->of("LAMP", "session-3");
  EXPECT_EQ(seen->count, 1);
  EXPECT_EQ(seen->average_tenths, 50);
  EXPECT_EQ(seen->newest[0].text, "Warm light.");
  EXPECT_FALSE(seen->own_waits);
  EXPECT_TRUE(reviews->of("LAMP", "session-1")->own_waits);
  EXPECT_EQ(reviews->of("LAMP", "session-1")->own->text, "<b>Cheap</b>");
  // The operator's process has a connection of its own.
  const auto desk = open();
  const auto all = desk->list("", false, 10);
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[2].held, "");
  const auto waiting = desk->list("LAMP", true, 10);
  ASSERT_EQ(waiting->size(), 2u);
  const auto of_eve = std::ranges::find(*waiting, "Eve", [](const KeptReview& one) { return one.review.name; });
  const auto of_ann = std::ranges::find(*waiting, "Ann", [](const KeptReview& one) { return one.review.name; });
  ASSERT_NE(of_eve, waiting->end());
  ASSERT_NE(of_ann, waiting->end());
  EXPECT_EQ(of_eve->held, "link");
  EXPECT_TRUE(desk->remove(of_eve->id));
  EXPECT_EQ(desk->remove(of_eve->id).error().code(), base::ErrorCode::kNotFound);
  EXPECT_TRUE(desk->release(of_ann->id));
  EXPECT_EQ(desk->release(of_ann->id).error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(reviews->of("LAMP", "session-3")->average_tenths, 10);
  EXPECT_FALSE(reviews->of("LAMP", "session-1")->own_waits);
  // What is shown can be removed too; what is no id has nothing.
  EXPECT_TRUE(desk->remove(of_ann->id));
  EXPECT_EQ(reviews->of("LAMP", "session-1")->count, 0);
  for (const char* id : {"", "/", "LAMP/", "LAMP", "LAMP/%", "LAMP/____________"}) EXPECT_FALSE(desk->remove(id)) << id;
}

TEST_F(ReviewsOfAProduct, ThatCopyAnotherWordForWordWait) {
  const auto reviews = open();
  const Review copied{.name = "Ann", .stars = 5, .text = "The best I ever had, buy it now."};
  EXPECT_EQ(*reviews->write("LAMP", "session-1", copied), "");
  EXPECT_EQ(*reviews->write("LAMP", "session-1", copied), "");
  EXPECT_EQ(*reviews->write("MUG", "session-2", copied), "repeated");
  EXPECT_EQ(*reviews->write("MUG", "session-3", copied), "repeated");
  // A better one takes the place of the one that waits.
  EXPECT_EQ(*reviews->write("MUG", "session-2", {.name = "Bob", .stars = 4, .text = "Holds tea."}), "");
  EXPECT_EQ(reviews->list("MUG", true, 10)->size(), 1u);
  // Short words are everybody's.
  EXPECT_EQ(*reviews->write("LAMP", "session-4", {.name = "Cid", .stars = 4, .text = "Holds tea."}), "");
}

TEST_F(ReviewsOfAProduct, ThatWaitAreBounded) {
  const auto reviews = open();
  for (int i = 0; i < kReviewsHeld + 2; ++i) {
    ASSERT_TRUE(reviews->write("LAMP", "session-" + std::to_string(i), {.name = "A", .stars = 3, .text = "<b>x"}));
  }
  EXPECT_EQ(static_cast<int64_t>(reviews->list("", true, 2 * kReviewsHeld)->size()), kReviewsHeld);
}

TEST(ReasonToHold, IsMarkupLinksRepetitionAndTurnedText) {
  const auto reason = [](const std::string& text) {
    return std::string(reason_to_hold({.name = "Ann", .stars = 3, .text = text}));
  };
  for (const char* good :
       {"Warm light, I <3 it.", "5 < 6, and 6 > 5", "Great.Nice", "A. B. C.", "No. 5 @ home", "Sehr schön – wirklich!",
        "!!!!!!!!!!!", "so so so so so so so", "ships in 1.5 days...", "مصباح جميل جدا", "好い照明です"}) {
    EXPECT_EQ(reason(good), "") << good;
  }
  for (const char* text :
       {"<script>alert(1)</script>", "</div>", "a <!-- b", "<?php", "[URL=x]y[/URL]", "x<IMG src=y>"})
    EXPECT_EQ(reason(text), "markup") << text;
  for (const char* text : {"http://evil.example/x", "HTTPS://EVIL", "look at WWW.evil", "cheap-lamps.com!",
                           "lamps.shop/a?b", "write to me@mail.example", "JavaScript:alert(1)", "(see lamps.com)"})
    EXPECT_EQ(reason(text), "link") << text;
  for (const char* text : {"!!!!!!!!!!!!", "buy buy buy buy buy buy buy buy", "BUY buy Buy now buy buy buy lamp"})
    EXPECT_EQ(reason(text), "repeated") << text;
  EXPECT_EQ(reason("gnp.\u202Eexe"), "direction");
  EXPECT_EQ(reason("a \u2066b"), "direction");
  EXPECT_EQ(reason_to_hold({.name = "lamps.com", .stars = 5, .text = "Nice"}), "link");
}

// A session's name opens its cart: it is not in the file.
TEST_F(ReviewsOfAProduct, DoNotKeepTheNamesOfSessions) {
  ASSERT_TRUE(open()->write("LAMP", "a-secret-session", {.name = "Ann", .stars = 5, .text = "Warm light."}));
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    std::string bytes(file.file_size(), '\0');
    FILE* from = std::fopen(file.path().c_str(), "rb");
    ASSERT_EQ(std::fread(bytes.data(), 1, bytes.size(), from), bytes.size());
    std::fclose(from);
    EXPECT_EQ(bytes.find("a-secret-session"), std::string::npos) << file.path();
  }
}

}  // namespace
}  // namespace vcommerce::frontend
