#include <algorithm>
#include <thread>

#include <godseye/base/mutex.h>
#include <godseye/base/temp_dir.h>
#include <godseye/notify/notification.h>
#include <godseye/notify/notifier.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/incidents.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::notify {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;
using registry::DeliveryState;
using ::testing::HasSubstr;

// Answers messages in turn with what the test lists, then with 200.
struct Receiver {
  base::Mutex mutex;
  std::vector<HttpMessage> calls GE_GUARDED_BY(mutex);
  std::vector<MailMessage> mails GE_GUARDED_BY(mutex);
  std::vector<base::Result<Answer>> answers GE_GUARDED_BY(mutex);
  bool hold GE_GUARDED_BY(mutex) = false;
  bool stopped GE_GUARDED_BY(mutex) = false;
  size_t running GE_GUARDED_BY(mutex) = 0;
  size_t running_max GE_GUARDED_BY(mutex) = 0;

  size_t count() {
    base::MutexLock lock(mutex);
    return calls.size();
  }
  std::vector<HttpMessage> all() {
    base::MutexLock lock(mutex);
    return calls;
  }
  void will_answer(std::vector<base::Result<Answer>> list) {
    base::MutexLock lock(mutex);
    answers = std::move(list);
  }
};

class FakeTransport : public Transport {
 public:
  explicit FakeTransport(Receiver& receiver) : receiver_(receiver) {}
  base::Result<Answer> post(const HttpMessage& message) override {
    {
      base::MutexLock lock(receiver_.mutex);
      receiver_.calls.push_back(message);
    }
    return answer();
  }
  base::Result<Answer> mail(const MailMessage& message) override {
    {
      base::MutexLock lock(receiver_.mutex);
      receiver_.mails.push_back(message);
    }
    return answer();
  }
  void stop() override {
    base::MutexLock lock(receiver_.mutex);
    receiver_.stopped = true;
  }

 private:
  base::Result<Answer> answer() {
    {
      base::MutexLock lock(receiver_.mutex);
      ++receiver_.running;
      receiver_.running_max = std::max(receiver_.running_max, receiver_.running);
    }
    for (;;) {
      base::MutexLock lock(receiver_.mutex);
      if (receiver_.stopped) return Error(ErrorCode::kCancelled, "stopping");
      if (receiver_.hold) continue;
      --receiver_.running;
      if (receiver_.answers.empty()) return Answer{.status = 200, .text = "ok"};
      base::Result<Answer> answer = receiver_.answers.front();
      receiver_.answers.erase(receiver_.answers.begin());
      return answer;
    }
  }
  Receiver& receiver_;
};

base::Result<Answer> status(int code, int retry_after_s = 0) {
  return Answer{.status = code, .retry_after = std::chrono::seconds(retry_after_s)};
}
base::Result<Answer> no_answer() { return Error(ErrorCode::kUnavailable, "refused"); }

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest()
      : registry_(*registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal})),
        vault_(*registry::KeyVault::parse(std::string(64, 'a'))) {
    config_.backoff = std::chrono::milliseconds(1);
    for (const char* name : {"ops", "slow", "quick"}) add({.kind = "webhook", .name = name, .rate_per_minute = 0}, {});
  }
  int64_t add(registry::ChannelRow row, const Secrets& secrets) {
    EXPECT_TRUE(registry_->write([&](registry::WriteSession& s) -> Status {
      if (Status added = registry::add_channel(s, row); !added) return added;
      return registry::set_channel_secrets(s, *vault_, row.id, secret_names(secrets), encode_secrets(secrets));
    }));
    return row.id;
  }
  std::unique_ptr<Notifier> start() {
    return std::make_unique<Notifier>(*registry_, vault_, std::make_unique<FakeTransport>(receiver_),
                                      base::system_clock(), config_);
  }
  void owe(int64_t transition, const std::string& channel = "ops", const std::string& incident = "",
           const std::string& kind = "webhook", const std::string& target = "") {
    Notification n{.event_id = "e" + std::to_string(transition),
                   .title = "title " + std::to_string(transition),
                   .kind = "Triggered",
                   .monitor_id = transition};
    Status status = registry_->write([&](registry::WriteSession& s) {
      registry::DeliveryRow row{.transition_id = transition,
                                .event_id = n.event_id,
                                .kind = kind,
                                .channel = channel,
                                .target = target,
                                .thread = n.thread(),
                                .notification = encode_notification(n),
                                .url = "http://x",
                                .headers_json = R"({"X-A":"b"})",
                                .content_type = "application/json",
                                .body = "{}",
                                .incident_id = incident,
                                .created_s = base::unix_seconds(base::system_clock().wall())};
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

  std::vector<registry::AttemptRow> attempts(int64_t delivery) {
    return *registry_->fetch<std::vector<registry::AttemptRow>>(
        [&](registry::ReadSession& s) { return registry::list_attempts(s, delivery); });
  }

  base::TempDir dir_;
  std::unique_ptr<registry::Registry> registry_;
  std::shared_ptr<const registry::KeyVault> vault_;
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
  receiver_.will_answer({no_answer(), status(503)});
  owe(1);
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kDelivered);
  EXPECT_EQ(rows()[0].attempts, 3);
  receiver_.will_answer({status(404)});
  owe(2);
  notifier->wake();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kFailed);
  EXPECT_EQ(rows()[0].attempts, 1);
  EXPECT_EQ(rows()[0].last_error, "answered 404");
}

TEST_F(NotifierTest, GivesUpAfterFiveAttemptsAndTellsTheIncident) {
  receiver_.will_answer({10, no_answer()});
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

TEST_F(NotifierTest, EveryAttemptIsLogged) {
  receiver_.will_answer({status(503), Answer{.status = 200, .text = "token 0123456789abcdef0123456789abcdef"}});
  owe(1);
  auto notifier = start();
  ASSERT_TRUE(settled());
  const auto log = attempts(rows()[0].id);
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0].status, 503);
  EXPECT_EQ(log[0].error, "answered 503");
  EXPECT_EQ(log[1].answer, "token •••") << "what looks like a key is not kept";
  EXPECT_EQ(log[1].error, "");
}

TEST_F(NotifierTest, ASignedWebhookCarriesItsSignature) {
  add({.kind = "webhook", .name = "signed"}, {{"hmac_secret", "s3cret"}});
  owe(1, "signed");
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_THAT(
      receiver_.all()[0].headers,
      ::testing::Contains(::testing::Pair("X-Godseye-Signature", ::testing::MatchesRegex("t=[0-9]+,v1=[0-9a-f]+"))));
}

TEST_F(NotifierTest, SecretsGoToTheReceiverAndNowhereElse) {
  const std::string url = "http://hooks.example.com/services/T0/B0/verysecret";
  add({.kind = "slack", .name = "ops"}, {{"url", url}});
  receiver_.will_answer({base::Result<Answer>(Error(ErrorCode::kInvalidArgument, "cannot call " + url))});
  owe(1, "ops", "", "slack");
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(receiver_.all()[0].url, url);
  EXPECT_EQ(rows()[0].last_error, "cannot call •••");
}

TEST_F(NotifierTest, ABurstForPeopleIsOneMessageThatListsAll) {
  add({.kind = "slack", .name = "ops", .digest_after = 3}, {{"url", "http://hooks"}});
  for (int i = 1; i <= 20; ++i) owe(i, "ops", "", "slack");
  auto notifier = start();
  ASSERT_TRUE(settled());
  ASSERT_EQ(receiver_.count(), 1U);
  const std::string body = receiver_.all()[0].body;
  for (int i = 1; i <= 20; ++i) EXPECT_THAT(body, HasSubstr("(e" + std::to_string(i) + ")"));
  EXPECT_EQ(attempts(rows()[0].id)[0].together, 20);
  EXPECT_EQ(notifier->stats().digests, 1U);
  EXPECT_EQ(notifier->stats().delivered, 20U);
}

TEST_F(NotifierTest, MailToOneAddressIsAMessageOfItsOwn) {
  add({.kind = "mail",
       .name = "team",
       .settings_json = R"({"host":"h","port":25,"from":"g@example.com","to":["t@example.com"]})"},
      {});
  owe(1, "team", "", "mail");
  owe(1, "team", "", "mail", "a@example.com");
  auto notifier = start();
  ASSERT_TRUE(settled());
  base::MutexLock lock(receiver_.mutex);
  ASSERT_EQ(receiver_.mails.size(), 2U);
  EXPECT_THAT((std::vector<std::vector<std::string>>{receiver_.mails[0].to, receiver_.mails[1].to}),
              ::testing::UnorderedElementsAre(std::vector<std::string>{"t@example.com"},
                                              std::vector<std::string>{"a@example.com"}));
}

TEST_F(NotifierTest, MailServersSayLaterWithFourAndNeverWithFive) {
  add({.kind = "mail",
       .name = "team",
       .settings_json = R"({"host":"h","port":25,"from":"g@example.com","to":["t@example.com"]})"},
      {});
  receiver_.will_answer({status(451), status(250), status(550)});
  owe(1, "team", "", "mail");
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kDelivered);
  EXPECT_EQ(rows()[0].attempts, 2);
  owe(2, "team", "", "mail");
  notifier->wake();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].state, DeliveryState::kFailed);
  EXPECT_EQ(rows()[0].attempts, 1);
}

TEST_F(NotifierTest, WhatTheReceiverAsksForIsWaited) {
  receiver_.will_answer({status(429, 3600)});
  owe(1);
  owe(2);
  auto notifier = start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (notifier->health("webhook", "ops").state != "paused" && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  const ChannelHealth health = notifier->health("webhook", "ops");
  EXPECT_EQ(health.state, "paused");
  EXPECT_GT(health.paused_until_ms, base::unix_millis(base::system_clock().wall()) + 3'500'000);
}

TEST_F(NotifierTest, ADeadChannelUsesUpNoAttemptsOfWhatWaits) {
  config_.circuit_failures = 2;
  config_.circuit_open = config_.circuit_open_max = std::chrono::milliseconds(5);
  config_.attempts_max = 3;
  receiver_.will_answer({12, no_answer()});
  for (int i = 1; i <= 3; ++i) owe(i);
  auto notifier = start();
  ASSERT_TRUE(settled());
  for (const registry::DeliveryRow& row : rows()) EXPECT_EQ(row.state, DeliveryState::kDelivered) << row.last_error;
  EXPECT_EQ(notifier->health("webhook", "ops").state, "ok");
}

TEST_F(NotifierTest, WhatADeletedOrDisabledChannelIsOwedFails) {
  add({.kind = "slack", .name = "off", .enabled = false}, {{"url", "http://hooks"}});
  owe(1, "gone", "", "slack");
  owe(2, "off", "", "slack");
  auto notifier = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(rows()[0].last_error, "the channel is disabled");
  EXPECT_EQ(rows()[1].last_error, "the channel was deleted");
  EXPECT_EQ(receiver_.count(), 0U);
}

TEST_F(NotifierTest, TheTestButtonSendsAndLogs) {
  const int64_t id = add({.kind = "slack", .name = "ops"}, {{"url", "http://hooks"}});
  receiver_.will_answer({Answer{.status = 404, .text = "no_service"}});
  auto notifier = start();
  const auto failed = notifier->test(id);
  ASSERT_TRUE(failed);
  EXPECT_FALSE(failed->delivered);
  EXPECT_EQ(failed->answer, "no_service");
  EXPECT_EQ(rows()[0].id, failed->delivery_id);
  EXPECT_EQ(rows()[0].state, DeliveryState::kFailed) << "a test is not tried again";
  EXPECT_TRUE(notifier->test(id)->delivered);
  EXPECT_THAT(receiver_.all()[1].body, HasSubstr("[TEST]"));
  EXPECT_EQ(notifier->test(999).error().code(), ErrorCode::kNotFound);
}

TEST_F(NotifierTest, ATestOfPagerdutyIsResolvedAtOnce) {
  const int64_t id = add({.kind = "pagerduty", .name = "infra"}, {{"routing_key", "k"}});
  auto notifier = start();
  EXPECT_TRUE(notifier->test(id)->delivered);
  ASSERT_EQ(receiver_.count(), 2U);
  EXPECT_THAT(receiver_.all()[0].body, HasSubstr(R"("event_action":"trigger")"));
  EXPECT_THAT(receiver_.all()[1].body, HasSubstr(R"("event_action":"resolve")"));
}

}  // namespace
}  // namespace godseye::notify
