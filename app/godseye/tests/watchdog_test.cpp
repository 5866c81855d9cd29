#include "watchdog.h"

#include <atomic>

#include <godseye/net/http_server.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kGiB = 1ULL << 30;

class Rules : public ::testing::Test {
 protected:
  std::vector<Alarm> after(base::TickTime::duration passed) {
    reading_.at += passed;
    return rules_.judge(reading_);
  }
  WatchReading reading_{.at = base::TickTime(hours(1)), .disk_free_bytes = 500 * kGiB, .disk_bytes = 1000 * kGiB};
  WatchRules rules_;
};

TEST_F(Rules, TheEvaluatorIsLateAfterAMinuteWithoutAnEvaluation) {
  EXPECT_THAT(after(seconds(0)), IsEmpty());
  reading_.evaluated = 1;
  EXPECT_THAT(after(seconds(50)), IsEmpty());
  EXPECT_THAT(after(seconds(59)), IsEmpty());
  const std::vector<Alarm> late = after(seconds(1));
  ASSERT_THAT(late, SizeIs(1));
  EXPECT_EQ(late[0].name, "evaluator_late");
  EXPECT_THAT(late[0].text, HasSubstr("60 s"));
  reading_.evaluated = 2;
  EXPECT_THAT(after(seconds(1)), IsEmpty());
}

TEST_F(Rules, OneLossIsNoAlarmThreeReadingsInARowAre) {
  after(seconds(0));
  reading_.discarded = 10;
  EXPECT_THAT(after(seconds(10)), IsEmpty());
  EXPECT_THAT(after(seconds(10)), IsEmpty());
  for (const uint64_t discarded : {11, 12}) {
    reading_.evaluated += 1;
    reading_.discarded = discarded;
    EXPECT_THAT(after(seconds(10)), IsEmpty());
  }
  reading_.discarded = 15;
  const std::vector<Alarm> dropping = after(seconds(10));
  ASSERT_THAT(dropping, SizeIs(1));
  EXPECT_EQ(dropping[0].name, "intake_dropping");
  EXPECT_THAT(dropping[0].text, HasSubstr(", 5 so far"));
  reading_.evaluated += 1;
  EXPECT_THAT(after(seconds(59)), SizeIs(1));
  EXPECT_THAT(after(seconds(1)), IsEmpty());
}

TEST_F(Rules, ADiskThatFillsWithinADayIsToldAfterTenMinutes) {
  const auto fill = [&](uint64_t gib_each_minute) {
    std::vector<Alarm> last;
    for (int minute = 0; minute < 12; ++minute) {
      reading_.evaluated += 1;
      last = after(minutes(1));
      reading_.disk_free_bytes -= gib_each_minute * kGiB / 10;
    }
    return last;
  };
  EXPECT_THAT(fill(0), IsEmpty());
  const std::vector<Alarm> full = fill(10);  // 1 GiB a minute of 500
  ASSERT_THAT(full, SizeIs(1));
  EXPECT_EQ(full[0].name, "disk_will_be_full");
  EXPECT_THAT(full[0].text, HasSubstr("GiB of 1000.0 GiB are free"));
}

TEST_F(Rules, AnAlmostFullDiskIsToldAtOnce) {
  reading_.disk_free_bytes = 29 * kGiB;
  ASSERT_THAT(after(seconds(0)), SizeIs(1));
  reading_.disk_free_bytes = 31 * kGiB;
  EXPECT_THAT(after(seconds(1)), IsEmpty());
}

TEST_F(Rules, AnUnknownDiskIsNotJudged) {
  reading_.disk_bytes = 0;
  reading_.disk_free_bytes = 0;
  EXPECT_THAT(after(seconds(0)), IsEmpty());
}

class Outside {
 public:
  Outside() {
    auto server = net::HttpServer::start({.address = *net::parse_listen_address("127.0.0.1:0")},
                                         [this](const net::HttpRequest& request) {
                                           const base::MutexLock lock(mutex_);
                                           seen_.push_back(request.method + " " + request.path + " " + request.body);
                                           return net::json_response(status_, "{}");
                                         });
    server_ = *std::move(server);
  }
  std::string url(std::string_view path) const { return "http://" + server_->address().text() + std::string(path); }
  std::vector<std::string> seen() const {
    const base::MutexLock lock(mutex_);
    return seen_;
  }
  void answer(int status) {
    const base::MutexLock lock(mutex_);
    status_ = status;
  }

 private:
  mutable base::Mutex mutex_;
  int status_ = 200;
  std::vector<std::string> seen_;
  std::unique_ptr<net::HttpServer> server_;
};

template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

size_t count(const std::vector<std::string>& all, std::string_view part) {
  return static_cast<size_t>(std::count_if(
      all.begin(), all.end(), [&](const std::string& text) { return text.find(part) != std::string::npos; }));
}

TEST(Watchdog, TellsAnAlarmOnceAndItsEndAndBeatsOnlyWithout) {
  Outside outside;
  std::atomic<bool> full{false};
  Watchdog watchdog({.alarm_url = outside.url("/alarm"),
                     .heartbeat_url = outside.url("/beat"),
                     .source = "http://here",
                     .every = seconds(0),
                     .heartbeat_every = seconds(0)},
                    base::system_clock(), [&] {
                      std::this_thread::sleep_for(std::chrono::milliseconds(2));
                      return WatchReading{.at = std::chrono::steady_clock::now(),
                                          .disk_free_bytes = full ? 1 : 500 * kGiB,
                                          .disk_bytes = 1000 * kGiB};
                    });
  EXPECT_TRUE(eventually([&] { return count(outside.seen(), "GET /beat") > 0; }));
  EXPECT_EQ(count(outside.seen(), "POST"), 0u);
  // Refused: told again until it is taken, and then no more.
  outside.answer(500);
  full = true;
  EXPECT_TRUE(eventually([&] { return count(outside.seen(), "firing") > 1; }));
  EXPECT_THAT(watchdog.alarms(), SizeIs(1));
  outside.answer(200);
  EXPECT_TRUE(eventually([&] { return watchdog.stats().told == 1; }));
  full = false;
  EXPECT_TRUE(eventually([&] { return count(outside.seen(), "resolved") == 1; }));
  const size_t beats = count(outside.seen(), "GET /beat");
  EXPECT_TRUE(eventually([&] { return count(outside.seen(), "GET /beat") > beats; }));
  EXPECT_THAT(watchdog.alarms(), IsEmpty());
  EXPECT_EQ(watchdog.stats().alarms, 1u);
  const std::vector<std::string> seen = outside.seen();
  EXPECT_THAT(*std::find_if(seen.begin(), seen.end(),
                            [](const std::string& s) { return s.find("firing") != std::string::npos; }),
              ::testing::AllOf(HasSubstr(R"("alarm":"disk_will_be_full")"), HasSubstr(R"("source":"http://here")")));
}

}  // namespace
}  // namespace godseye::app
