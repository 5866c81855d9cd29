#include "metric_buffer.h"
#include "tracer_core.h"

#include <algorithm>
#include <cmath>

#include <godseye/dogstatsd/encode.h>
#include <godseye/sdk/sdk.h>

#include <gtest/gtest.h>

namespace godseye::sdk {
namespace {

TEST(Metrics, LinesAreDogStatsD) {
  auto buffer = std::make_shared<MetricBuffer>(1432, 1 << 20, std::vector<std::string>{"env:prod"});
  Metrics metrics(buffer);
  metrics.count("orders", 2, {"currency:EUR"});
  metrics.gauge("queue.depth", 1.5);
  metrics.distribution("latency", 0.25, {"a:1", "b:2"});
  metrics.histogram("size", 3);
  metrics.set("users", "u-1");
  metrics.service_check("payment.health", CheckStatus::kCritical, "down");
  const auto packets = buffer->take();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0],
            "orders:2|c|#env:prod,currency:EUR\n"
            "queue.depth:1.5|g|#env:prod\n"
            "latency:0.25|d|#env:prod,a:1,b:2\n"
            "size:3|h|#env:prod\n"
            "users:u-1|s|#env:prod\n"
            "_sc|payment.health|2|#env:prod|m:down");
}

TEST(Metrics, SayWhoseSpanIsActiveWhenAskedTo) {
  auto sdk = Sdk::start({.service = "x"}, -1);
  ASSERT_TRUE(sdk);
  auto buffer = std::make_shared<MetricBuffer>(1432, 1 << 20, std::vector<std::string>{});
  Metrics attributed(buffer, true);
  attributed.count("a", 1);
  Span span = (*sdk)->tracer().start("work");
  span.set_session("s-1");
  const Scope scope(span);
  attributed.count("b", 1, {"k:v"});
  span.set_user("u,1");
  attributed.distribution("c", 2, {"user_id:other"});
  attributed.set("d", "m");
  Metrics(buffer).count("e", 1);
  EXPECT_EQ(buffer->take().at(0),
            "a:1|c\n"
            "b:1|c|#k:v,session_id:s-1\n"
            "c:2|d|#user_id:other,session_id:s-1\n"
            "d:m|s|#session_id:s-1,user_id:u_1\n"
            "e:1|c");
}

// Lines of the usual length are written without dogstatsd's encoder: it decides what they look like.
TEST(Metrics, AreWhatTheEncoderWrites) {
  const double values[] = {0,      -0.0,      1,          -1,    99'999,    100'000, 1e15, 1e300,
                           5e-324, 0.1 + 0.2, 1.7976e308, -1e-7, 123456.75, 0.5,     3e5,  2147483648.0};
  const std::string long_tag(2000, 'x');
  const std::string almost(900, 'y');
  const std::vector<std::vector<std::string_view>> tag_lists = {
      {}, {"a:1"}, {"a:1", "b,2|", "c:\n", ""}, {almost}, {long_tag, "z:1"}};
  for (const std::string& constant : {std::string(), std::string("env:prod")}) {
    for (const double value : values) {
      for (const auto& tags : tag_lists) {
        const std::vector<std::string> constants(constant.empty() ? 0 : 1, constant);
        auto buffer = std::make_shared<MetricBuffer>(8192, 1 << 20, constants);
        Metrics(buffer).distribution("a.name", value, tags);
        std::string joined = constant, line;
        for (const std::string_view tag : tags) {
          std::string clean(tag);
          std::ranges::replace_if(clean, [](char c) { return c == '\n' || c == '|' || c == ','; }, '_');
          joined += (joined.empty() ? "" : ",") + clean;
        }
        dogstatsd::MetricMessage message{.name = "a.name", .kind = dogstatsd::MetricKind::kDistribution};
        message.values = std::span<const double>(&value, 1);
        message.tags = joined;
        dogstatsd::append_metric(message, line);
        EXPECT_EQ(buffer->take().at(0) + "\n", line);
      }
    }
  }
}

TEST(Metrics, AreAttributedWhenTheyAreLongToo) {
  auto core = std::make_shared<TracerCore>(Settings{.service = "x"}, base::system_clock());
  Tracer tracer(core);
  Span span = tracer.start("work");
  span.set_session("s-1");
  span.set_user("u|1");
  const Scope scope(span);
  auto buffer = std::make_shared<MetricBuffer>(8192, 1 << 20, std::vector<std::string>{});
  const std::string tag(2000, 'x');
  Metrics(buffer, true).count("a", 1, {tag});
  EXPECT_EQ(buffer->take().at(0), "a:1|c|#" + tag + ",session_id:s-1,user_id:u_1");
}

TEST(Metrics, AnEventKeepsItsLineFeeds) {
  auto buffer = std::make_shared<MetricBuffer>(1432, 1 << 20, std::vector<std::string>{});
  Metrics(buffer).event("deploy", "one\ntwo");
  EXPECT_EQ(buffer->take().at(0), "_e{6,8}:deploy|one\\ntwo");
}

TEST(Metrics, HostileNamesAndTagsStayInTheirLine) {
  auto buffer = std::make_shared<MetricBuffer>(1432, 1 << 20, std::vector<std::string>{});
  Metrics metrics(buffer);
  metrics.count("a\nb:1|c", 1, {"user:x\nmoney:1|c", "k:v,admin:true"});
  EXPECT_EQ(buffer->take().at(0), "a_b_1_c:1|c|#user:x_money:1_c,k:v_admin:true");
}

TEST(Metrics, WhatIsNoNumberIsCounted) {
  auto buffer = std::make_shared<MetricBuffer>(1432, 1 << 20, std::vector<std::string>{});
  Metrics metrics(buffer);
  metrics.gauge("a", NAN);
  metrics.gauge("a", INFINITY);
  metrics.gauge("", 1);
  EXPECT_TRUE(buffer->take().empty());
  EXPECT_EQ(buffer->dropped(), 3u);
}

TEST(Metrics, PacketsStayBelowTheirSize) {
  auto buffer = std::make_shared<MetricBuffer>(100, 1 << 20, std::vector<std::string>{});
  Metrics metrics(buffer);
  for (int i = 0; i < 100; ++i) metrics.count("metric.number." + std::to_string(i), i);
  size_t lines = 0;
  for (const std::string& packet : buffer->take()) {
    EXPECT_LE(packet.size(), 100u);
    EXPECT_FALSE(packet.ends_with('\n'));
    lines += 1 + static_cast<size_t>(std::count(packet.begin(), packet.end(), '\n'));
  }
  EXPECT_EQ(lines, 100u);
}

TEST(Metrics, BeyondTheBoundIsDroppedAndCounted) {
  auto buffer = std::make_shared<MetricBuffer>(100, 50, std::vector<std::string>{});
  Metrics metrics(buffer);
  for (int i = 0; i < 10; ++i) metrics.count("0123456789", 1);  // 15 bytes each
  EXPECT_EQ(buffer->dropped(), 7u);
  buffer->take();
  metrics.count("0123456789", 1);
  EXPECT_EQ(buffer->dropped(), 7u);
}

}  // namespace
}  // namespace godseye::sdk
