#include "reviews.h"

#include <filesystem>

#include <gtest/gtest.h>
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
  ASSERT_TRUE(open()->write("LAMP", "session-2", {.name = "<b>Bob</b>", .stars = 2, .text = "Wobbles.\nA lot."}));
  ASSERT_TRUE(open()->write("LAMP", "session-1", {.name = "Ann", .stars = 4, .text = "Warm, a little."}));
  ASSERT_TRUE(open()->write("MUG", "session-1", {.name = "Ann", .stars = 1, .text = "Leaks."}));
  const auto view = open()->of("LAMP", "session-1");
  ASSERT_TRUE(view);
  EXPECT_EQ(view->count, 2);
  EXPECT_EQ(view->average_tenths, 30);
  ASSERT_EQ(view->newest.size(), 2u);
  EXPECT_EQ(view->newest[0].text, "Warm, a little.");
  EXPECT_EQ(view->newest[1].name, "<b>Bob</b>");
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
