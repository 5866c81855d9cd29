#include "fakes/temp_dir.h"

#include <algorithm>
#include <thread>

#include <godseye/base/mutex.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/incidents.h>
#include <godseye/respond/notifier.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::respond {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;
using registry::DeliveryState;
using ::testing::HasSubstr;

// Answers calls in turn with what the test lists, then with 200.
struct Receiver {
  base::Mutex mutex;
  std::vector<WebhookCall> calls GE_GUARDED_BY(mutex);
  std::vector<base::Result<int>> answers GE_GUARDED_BY(mutex);
  bool hold GE_GUARDED_BY(mutex) = false;
  bool stopped GE_GUARDED_BY(mutex) = false;
  size_t running GE_GUARDED_BY(mutex) = 0;
  size_t running_max GE_GUARDED_BY(mutex) = 0;

  size_t count() {
    base::MutexLock lock(mutex);
    return calls.size();
  }
};

class FakeCaller : public WebhookCaller {
 public:
  explicit FakeCaller(Receiver& receiver) : receiver_(receiver) {}
  base::Result<int> call(const WebhookCall& call) override {
    {
      base::MutexLock lock(receiver_.mutex);
      receiver_.calls.push_back(call);
      ++receiver_.running;
      receiver_.running_max = std::max(receiver_.running_max, receiver_.running);
    }
    for (;;) {
      base::MutexLock lock(receiver_.mutex);
      if (receiver_.stopped) return Error(ErrorCode::kCancelled, "stopping");
      if (receiver_.hold) continue;
      --receiver_.running;
      if (receiver_.answers.empty()) return 200;
      base::Result<int> answer = receiver_.answers.front();
      receiver_.answers.erase(receiver_.answers.begin());
      return answer;
    }
  }
  void stop() override {
    base::MutexLock lock(receiver_.mutex);
    receiver_.stopped = true;
  }

 private:
  Receiver& receiver_;
};

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() : registry_(*registry::Registry::open({.path = dir_.file(), .sync = registry::Sync::kNormal})) {
    config_.backoff = std::chrono::milliseconds(1);
  }
  std::unique_ptr<Notifier> start() {
    return std::make_unique<Notifier>(*registry_, std::make_unique<FakeCaller>(receiver_), base::system_clock(),
                                      config_);
  }
  void owe(int64_t transition, const std::string& webhook = "ops", const std::string& incident = "") {
    Status status = registry_->write([&](registry::WriteSession& s) {
      registry::DeliveryRow row{.transition_id = transition,
                                .event_id = "e" + std::to_string(transition),
                                .channel = webhook,
                                .url = "http://x",
                                .headers_json = R"({"X-A":"b"})",
                                .content_type = "application/json",
                                .body = "{}",
                                .incident_id = incident};
      return registry::add_delivery(s, row);
    });
    ASSERT_TRUE(status);
  }
  std::vector<registry::DeliveryRow> rows() {
    return *registry_->fetch<std::vector<registry::DeliveryRow>>(
        [](registry::ReadSession& s) { return registry::list_deliveries(s, {.count_max = 1000}); });
  }
  // Polls until nothing is pending.
  bool settled() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto all = rows();
      if (std::none_of(all.begin(), all.end(), [](const auto& r) { return r.state == DeliveryState::kPending; })) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }

  TempDir dir_;
  std::unique_ptr<registry::Registry> registry_;
  Receiver receiver_;
  NotifierConfig config_;
};

TEST_F(NotifierTest, DeliversWhatIsOwedAndRecordsIt) {
  owe(1, "ops", "incident-1");
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kDelivered);
  EXPECT_EQ(rows()[0].attempts, 1);
  EXPECT_EQ(rows()[0].last_status, 200);
  base::MutexLock lock(receiver_.mutex);
  ASSERT_EQ(receiver_.calls.size(), 1U);
  EXPECT_THAT(receiver_.calls[0].headers, ::testing::Contains(::testing::Pair("X-A", "b")));
  EXPECT_THAT(receiver_.calls[0].headers, ::testing::Contains(::testing::Pair("X-Godseye-Delivery", "e1")));
  EXPECT_EQ(registry_
                ->fetch<std::vector<registry::TimelineRow>>(
                    [](registry::ReadSession& s) { return registry::list_timeline(s, "incident-1"); })
                ->front()
                .content,
            "Webhook `ops` was called (1 attempt).");
}

TEST_F(NotifierTest, RetriesNetworkFailuresAndServerErrorsNotClientErrors) {
  {
    base::MutexLock lock(receiver_.mutex);
    receiver_.answers = {base::Result<int>(Error(ErrorCode::kUnavailable, "refused")), base::Result<int>(503)};
  }
  owe(1);
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kDelivered);
  EXPECT_EQ(rows()[0].attempts, 3);
  {
    base::MutexLock lock(receiver_.mutex);
    receiver_.answers = {base::Result<int>(404)};
  }
  owe(2);
  notifier->wake();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kFailed);
  EXPECT_EQ(rows()[0].attempts, 1);
  EXPECT_EQ(rows()[0].last_error, "answered 404");
}

TEST_F(NotifierTest, GivesUpAfterFiveAttemptsAndTellsTheIncident) {
  {
    base::MutexLock lock(receiver_.mutex);
    for (int i = 0; i < 10; ++i) receiver_.answers.emplace_back(Error(ErrorCode::kUnavailable, "refused"));
  }
  owe(1, "ops", "incident-1");
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kFailed);
  EXPECT_EQ(receiver_.count(), 5U);
  EXPECT_EQ(notifier->stats().retries, 4U);
  EXPECT_THAT(registry_
                  ->fetch<std::vector<registry::TimelineRow>>(
                      [](registry::ReadSession& s) { return registry::list_timeline(s, "incident-1"); })
                  ->front()
                  .content,
              HasSubstr("failed after 5 attempts: refused"));
}

TEST_F(NotifierTest, ASlowWebhookNeitherRunsTwiceNorHoldsUpOthers) {
  {
    base::MutexLock lock(receiver_.mutex);
    receiver_.hold = true;
  }
  config_.parallel = 4;
  for (int i = 1; i <= 50; ++i) owe(i, "slow");
  owe(100, "quick");
  auto notifier = start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (receiver_.count() < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  for (int i = 0; i < 20; ++i) notifier->wake();
  EXPECT_EQ(receiver_.count(), 3U) << "two of the slow one, and the quick one";
  {
    base::MutexLock lock(receiver_.mutex);
    receiver_.hold = false;
  }
  ASSERT_TRUE(settled());
  EXPECT_EQ(receiver_.count(), 51U) << "each once";
  base::MutexLock lock(receiver_.mutex);
  EXPECT_LE(receiver_.running_max, 4U);
}

TEST_F(NotifierTest, StoppingLeavesWhatIsInFlightOwed) {
  {
    base::MutexLock lock(receiver_.mutex);
    receiver_.hold = true;
  }
  owe(1);
  auto notifier = start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (receiver_.count() < 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  notifier.reset();
  EXPECT_EQ(rows()[0].state, DeliveryState::kPending);
  EXPECT_EQ(rows()[0].attempts, 0);
}

}  // namespace
}  // namespace godseye::respond
