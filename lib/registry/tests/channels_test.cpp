#include <godseye/base/temp_dir.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/webhooks.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

using base::ErrorCode;
using base::Status;
using ::testing::HasSubstr;

const std::string kKey(64, 'a');

class ChannelsTest : public ::testing::Test {
 protected:
  ChannelsTest()
      : registry_(*Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal})),
        vault_(*KeyVault::parse(kKey)) {}
  void in_write(const std::function<void(WriteSession&)>& work) {
    ASSERT_TRUE(registry_->write([&](WriteSession& session) -> Status {
      work(session);
      return base::ok();
    }));
  }
  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
  std::shared_ptr<const KeyVault> vault_;
};

TEST_F(ChannelsTest, AChannelIsFoundByItsHandleAndChanged) {
  in_write([](WriteSession& s) {
    ChannelRow row{.kind = "slack", .name = "ops", .digest_after = 10, .created_s = 5, .modified_s = 5};
    ASSERT_TRUE(add_channel(s, row));
    ChannelRow again{.kind = "slack", .name = "ops"};
    EXPECT_EQ(add_channel(s, again).error().message(), "a slack has the name ops already");
    ChannelRow mail{.kind = "mail", .name = "ops"};
    EXPECT_TRUE(add_channel(s, mail)) << "names are each kind's own";
    row.name = "night";
    row.enabled = false;
    EXPECT_TRUE(update_channel(s, row));
    EXPECT_FALSE(find_channel(s, "slack", "ops")->has_value());
    EXPECT_FALSE((**find_channel(s, "slack", "night")).enabled);
    EXPECT_EQ((**find_channel(s, row.id)).digest_after, 10);
    EXPECT_EQ(list_channels(s)->size(), 2U);
    EXPECT_TRUE(delete_channel(s, row.id));
    EXPECT_EQ(delete_channel(s, row.id).error().code(), ErrorCode::kNotFound);
  });
}

TEST_F(ChannelsTest, SecretsOpenUnderTheirVaultAndTheirRowOnly) {
  in_write([&](WriteSession& s) {
    ChannelRow row{.kind = "slack", .name = "ops"};
    ASSERT_TRUE(add_channel(s, row));
    EXPECT_EQ(*channel_secrets(s, *vault_, row.id), "");
    ASSERT_TRUE(set_channel_secrets(s, *vault_, row.id, "url", R"({"url":"https://hooks/T0/B0/x"})"));
    EXPECT_EQ(*channel_secrets(s, *vault_, row.id), R"({"url":"https://hooks/T0/B0/x"})");
    EXPECT_EQ((**find_channel(s, row.id)).secret_names, "url");
    const auto other = *KeyVault::parse(std::string(64, 'b'));
    EXPECT_EQ(channel_secrets(s, *other, row.id).error().code(), ErrorCode::kCorrupt);
    ASSERT_TRUE(set_channel_secrets(s, *vault_, row.id, "", ""));
    EXPECT_EQ(*channel_secrets(s, *vault_, row.id), "");
    EXPECT_EQ(
        set_channel_secrets(s, *vault_, row.id, "url", std::string(kChannelSecretsBytesMax + 1, 'x')).error().code(),
        ErrorCode::kTooLarge);
  });
}

TEST_F(ChannelsTest, AWebhookIsAChannelOfItsKind) {
  in_write([](WriteSession& s) {
    ASSERT_TRUE(create_webhook(s, {.name = "ops", .url = "http://x", .custom_headers = R"({"A":"b"})"}));
    const ChannelRow row = **find_channel(s, "webhook", "ops");
    EXPECT_THAT(row.settings_json, HasSubstr(R"("url":"http://x")"));
    EXPECT_EQ(row.digest_after, 0) << "programs get each event";
    EXPECT_TRUE(delete_webhook(s, "ops"));
    EXPECT_TRUE(list_channels(s)->empty());
  });
}

DeliveryRow owed(int64_t transition, std::string kind, std::string thread, int64_t due_ms) {
  return {.transition_id = transition,
          .event_id = "e" + std::to_string(transition),
          .kind = std::move(kind),
          .channel = "ops",
          .thread = std::move(thread),
          .next_attempt_ms = due_ms,
          .created_s = 1};
}

TEST_F(ChannelsTest, OneTransitionIsOwedToEachChannelOnce) {
  in_write([](WriteSession& s) {
    DeliveryRow slack = owed(1, "slack", "", 1000);
    DeliveryRow webhook = owed(1, "webhook", "", 900);
    DeliveryRow mail = owed(1, "mail", "", 1000);
    DeliveryRow to_one = mail;
    to_one.target = "a@example.com";
    for (DeliveryRow* row : {&slack, &webhook, &mail, &to_one}) EXPECT_TRUE(add_delivery(s, *row));
    DeliveryRow twice = to_one;
    EXPECT_EQ(add_delivery(s, twice).error().code(), ErrorCode::kAlreadyExists);
    const auto channels = *owed_channels(s, 950);
    ASSERT_EQ(channels.size(), 1U);
    EXPECT_EQ(channels[0].kind, "webhook");
    EXPECT_EQ(owed_channels(s, 1000)->size(), 3U);
    EXPECT_EQ(**next_delivery_ms(s, 900), 1000);
  });
}

TEST_F(ChannelsTest, ALaterMessageOfAThreadWaitsForTheEarlierOne) {
  in_write([](WriteSession& s) {
    DeliveryRow first = owed(1, "pagerduty", "7/host:a", 5000);
    DeliveryRow second = owed(2, "pagerduty", "7/host:a", 1000);
    DeliveryRow other = owed(3, "pagerduty", "7/host:b", 1000);
    for (DeliveryRow* row : {&first, &second, &other}) ASSERT_TRUE(add_delivery(s, *row));
    auto due = *due_deliveries(s, {"pagerduty", "ops"}, 2000, 10);
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].id, other.id);
    first.state = DeliveryState::kDelivered;
    ASSERT_TRUE(record_attempt(s, first));
    EXPECT_EQ(due_deliveries(s, {"pagerduty", "ops"}, 2000, 10)->size(), 2U);
  });
}

TEST_F(ChannelsTest, AttemptsStayWithTheirDeliveryUntilItIsForgotten) {
  in_write([](WriteSession& s) {
    DeliveryRow row = owed(1, "slack", "", 1000);
    ASSERT_TRUE(add_delivery(s, row));
    ASSERT_TRUE(add_attempt(s, {.delivery_id = row.id, .time_ms = 1, .status = 503, .error = "answered 503"}));
    ASSERT_TRUE(add_attempt(s, {.delivery_id = row.id, .time_ms = 2, .status = 200, .answer = "ok", .together = 3}));
    EXPECT_EQ(list_attempts(s, row.id)->at(1).together, 3);
    row.state = DeliveryState::kFailed;
    row.attempts = 5;
    row.done_s = 3;
    ASSERT_TRUE(record_attempt(s, row));
    ASSERT_TRUE(resend_delivery(s, row.id, 9000));
    const DeliveryRow again = **find_delivery(s, row.id);
    EXPECT_EQ(again.state, DeliveryState::kPending);
    EXPECT_EQ(again.attempts, 0);
    EXPECT_EQ(again.event_id, "e1") << "who gets it twice can tell by the id";
    EXPECT_EQ(resend_delivery(s, 99, 1).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(*expire_deliveries(s, 10, 20, "gave up"), 1U);
    EXPECT_EQ((**find_delivery(s, row.id)).last_error, "gave up");
    EXPECT_EQ(list_deliveries(s, {.kind = "slack", .state = 2})->size(), 1U);
    EXPECT_TRUE(list_deliveries(s, {.kind = "mail"})->empty());
    ASSERT_TRUE(prune_deliveries(s, 21, 10));
    EXPECT_TRUE(list_attempts(s, row.id)->empty());
  });
}

}  // namespace
}  // namespace godseye::registry
