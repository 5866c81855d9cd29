#include "godseye_feed.h"

#include "store_fixture.h"

namespace vcommerce::catalogue {
namespace {

using namespace std::chrono_literals;

class Feed : public testing::Test {
 protected:
  struct Call {
    std::string path;
    std::string body;
  };

  HandClock hands_;
  std::vector<Call> calls_;
  int status_ = 200;
  GodseyeFeed feed_{{},
                    {[]() -> base::Result<std::string> { return std::string("all\n"); },
                     [](const std::set<std::string>& ids) -> base::Result<std::string> {
                       std::string lines;
                       for (const std::string& id : ids) lines += id + "\n";
                       return lines;
                     }},
                    [this](const std::string& path, const std::string& body) -> base::Result<int> {
                      calls_.push_back({path, body});
                      if (status_ == 0) return base::Error(base::ErrorCode::kUnavailable, "nobody there");
                      return status_;
                    },
                    nullptr,
                    hands_.clock()};

  void step_after(std::chrono::milliseconds wait) {
    hands_.advance(wait);
    (void)feed_.step();
  }
};

TEST_F(Feed, TellsEverythingFirstAndThenWhatChanged) {
  (void)feed_.step();
  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_[0].path, "/api/godseye/v1/catalogues/shop");
  EXPECT_EQ(calls_[0].body, "all\n");
  feed_.changed({false, {"A-1", "B-2"}});
  feed_.changed({false, {"A-1"}});
  step_after(2s);
  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(calls_[1].path, "/api/godseye/v1/catalogues/shop?part=true");
  EXPECT_EQ(calls_[1].body, "A-1\nB-2\n");
  step_after(1min);
  EXPECT_EQ(calls_.size(), 2U) << "nothing changed";
  step_after(1h);
  ASSERT_EQ(calls_.size(), 3U);
  EXPECT_EQ(calls_[2].body, "all\n");
}

TEST_F(Feed, TriesAgainAndLosesNothing) {
  for (const int status : {0, 503, 401}) {
    status_ = status;
    step_after(status == 0 ? 0s : 60s);
  }
  EXPECT_EQ(calls_.size(), 3U);
  feed_.changed({false, {"A-1"}});
  EXPECT_GT(feed_.step(), 1s) << "not before its time";
  EXPECT_EQ(calls_.size(), 3U);
  status_ = 200;
  step_after(60s);
  EXPECT_EQ(calls_.back().body, "all\n") << "A-1 is in it";
  status_ = 500;
  feed_.changed({false, {"B-2"}});
  step_after(2s);
  EXPECT_EQ(calls_.back().body, "B-2\n");
  status_ = 200;
  feed_.changed({false, {"C-3"}});
  step_after(60s);
  EXPECT_EQ(calls_.back().body, "B-2\nC-3\n");
}

TEST_F(Feed, WaitsNoLongerThanAMinuteBetweenTries) {
  status_ = 500;
  std::chrono::milliseconds wait = feed_.step();
  EXPECT_EQ(wait, 1s);
  for (int i = 0; i < 12; ++i) {
    hands_.advance(wait);
    wait = feed_.step();
  }
  EXPECT_EQ(wait, 60s);
}

TEST_F(Feed, TellsNothingWhilePaused) {
  feed_.pause(true);
  step_after(1h);
  EXPECT_TRUE(calls_.empty());
  feed_.pause(false);
  (void)feed_.step();
  EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(Feed, TellsEverythingWhenTooMuchChanged) {
  (void)feed_.step();
  feed_.changed({true, {}});
  step_after(2s);
  EXPECT_EQ(calls_.back().body, "all\n");
}

TEST(FeedLine, IsExactAndEscaped) {
  Product one = product("A-1", "The \"Mug\"\n<script>");
  one.price = {79, 950'000'000};
  EXPECT_EQ(feed_line(one),
            R"({"id":"A-1","name":"The \"Mug\"\n<script>","brand":"Otterby","price":79.95,"currency":"USD","stock":5,)"
            R"("attributes":{"category":"home","kind":"mug","material":"","color":"Sage","size":"One size"}})");
  one.price = {5, 50'000'000};
  EXPECT_NE(feed_line(one).find("\"price\":5.05,"), std::string::npos);
  one.price = {5, 0};
  EXPECT_NE(feed_line(one).find("\"price\":5,"), std::string::npos);
  EXPECT_EQ(removed_line("A-1"), R"({"id":"A-1","removed":true})");
}

}  // namespace
}  // namespace vcommerce::catalogue
