#include "impressions.h"

#include <functional>
#include <map>

#include <gtest/gtest.h>

namespace vcommerce::frontend {
namespace {

using namespace std::chrono_literals;

// adservice, which a test can close, and what was lost.
class AdCount : public ::testing::Test {
 protected:
  std::unique_ptr<Impressions> impressions(size_t waiting_max = 200) {
    return std::make_unique<Impressions>(
        [this](const std::vector<Impression>& seen) {
          base::MutexLock lock(mutex_);
          ++calls_;
          while (held_) changed_.wait(mutex_);
          EXPECT_LE(seen.size(), Impressions::kAtOnce);
          if (answer_) return base::Status(*answer_);
          for (const Impression& one : seen) told_.push_back(one.placement);
          return base::ok();
        },
        [this](size_t count, std::string_view reason) {
          base::MutexLock lock(mutex_);
          lost_[std::string(reason)] += count;
        },
        Impressions::Limits{.waiting_max = waiting_max, .pause = 1ms});
  }
  static void add(Impressions& to, int first, int count) {
    for (int i = first; i < first + count; ++i) to.add({std::to_string(i), "session-1", ""});
  }
  void set(bool held, std::optional<base::Error> answer) {
    base::MutexLock lock(mutex_);
    held_ = held;
    answer_ = std::move(answer);
    changed_.notify_all();
  }
  template <typename Condition>
  bool comes_true(Condition condition) {
    for (const auto end = std::chrono::steady_clock::now() + 30s; std::chrono::steady_clock::now() < end;) {
      {
        base::MutexLock lock(mutex_);
        if (condition()) return true;
      }
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  static std::vector<std::string> numbers(int first, int count) {
    std::vector<std::string> out;
    for (int i = first; i < first + count; ++i) out.push_back(std::to_string(i));
    return out;
  }

  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::vector<std::string> told_;
  std::map<std::string, size_t> lost_;
  std::optional<base::Error> answer_;
  bool held_ = false;
  int calls_ = 0;
};

TEST_F(AdCount, ToldInOrderManyAtATimeAndTheRestAtTheEnd) {
  {
    const auto one = impressions();
    set(true, std::nullopt);
    add(*one, 0, 150);  // nobody waited for the service
    EXPECT_TRUE(comes_true([&] { return calls_ == 1; }));
    set(false, std::nullopt);
  }
  EXPECT_EQ(told_, numbers(0, 150));
  EXPECT_LE(calls_, 5);
  EXPECT_TRUE(lost_.empty());
}

TEST_F(AdCount, WaitsWhileTheServiceIsAwayAndCountsWhatDoesNotFit) {
  {
    const auto one = impressions(100);
    set(false, base::Error(base::ErrorCode::kUnavailable, "away"));
    add(*one, 0, 90);
    EXPECT_TRUE(comes_true([&] { return calls_ >= 2; }));
    EXPECT_TRUE(told_.empty());
    // What is being told has left the queue for that moment, and is put back as far as there is room.
    add(*one, 90, 100);
    EXPECT_TRUE(comes_true([&] { return lost_["full"] == 90; }));
    set(false, std::nullopt);
    EXPECT_TRUE(comes_true([&] { return told_.size() == 100; }));
  }
  EXPECT_EQ(lost_, (std::map<std::string, size_t>{{"full", 90}}));
}

TEST_F(AdCount, IsNotToldWhatTheServiceRefusesForEver) {
  const auto one = impressions();
  set(false, base::Error(base::ErrorCode::kInvalidArgument, "impressions: no"));
  add(*one, 0, 3);
  EXPECT_TRUE(comes_true([&] { return lost_["refused"] == 3; }));
  set(false, std::nullopt);
  add(*one, 3, 1);
  EXPECT_TRUE(comes_true([&] { return told_ == numbers(3, 1); }));
}

TEST_F(AdCount, EndsWithoutTheServiceAndSaysWhatIsLost) {
  set(false, base::Error(base::ErrorCode::kTimeout, "too slow"));
  {
    const auto one = impressions();
    add(*one, 0, 70);
  }
  EXPECT_EQ(lost_, (std::map<std::string, size_t>{{"ended", 70}}));
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace vcommerce::frontend
