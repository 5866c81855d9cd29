#include "event_codec.h"

#include <gtest/gtest.h>

namespace godseye::store {
namespace {

using signal::Event;
using signal::EventBatch;
using signal::ServiceCheck;

EventBatch sample() {
  EventBatch batch;
  batch.events.push_back({.id = 7'246'118'400'000'001,
                          .time_ms = 1'769'072'851'123,
                          .alert_type = signal::AlertType::kSnapshot,
                          .low_priority = true,
                          .title = "deployed",
                          .text = std::string("a\0b \xff", 5),
                          .host = "web-1",
                          .source = "deploy",
                          .aggregation_key = "shop",
                          .tags = {"env:prod", "service:shop"},
                          .attribution = {.values = {"s-1", "u-1", "", ""}},
                          .values = {{"latency_ms", 12.5}, {"value", -1e300}}});
  batch.events.push_back({.id = 1, .time_ms = -5, .title = ""});
  batch.checks.push_back({.time_s = 1'769'072'851,
                          .status = signal::CheckStatus::kCritical,
                          .check = "shop.up",
                          .host = "web-1",
                          .message = "refused",
                          .tags = {"service:shop"}});
  return batch;
}

TEST(EventCodec, GivesBackWhatItWrote) {
  std::string bytes;
  encode_events(sample(), bytes);
  const base::Result<EventBatch> decoded = decode_events(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(decoded->events, sample().events);
  EXPECT_EQ(decoded->checks, sample().checks);
}

TEST(EventCodec, EveryCutAndEveryChangedByteIsAnErrorOrABatch) {
  std::string bytes;
  encode_events(sample(), bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_events(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_events(bytes + "x"));
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x80);
    (void)decode_events(changed);  // must not crash or take much memory
  }
}

TEST(EventCodec, CountsThatLieAreRefused) {
  // 2^40 events in a handful of bytes.
  const std::string bytes("\x01\x80\x80\x80\x80\x80\x20 and so on", 16);
  EXPECT_FALSE(decode_events(bytes));
}

}  // namespace
}  // namespace godseye::store
