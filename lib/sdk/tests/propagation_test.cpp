#include <map>

#include <godseye/sdk/propagation.h>

#include <gtest/gtest.h>

namespace godseye::sdk {
namespace {

using Headers = std::map<std::string, std::string, std::less<>>;

Headers injected(const SpanContext& context) {
  Headers headers;
  inject(context, [&](std::string_view name, std::string_view value) { headers.emplace(name, value); });
  return headers;
}

std::optional<SpanContext> extracted(const Headers& headers) {
  return extract([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = headers.find(name);
    if (found == headers.end()) return std::nullopt;
    return found->second;
  });
}

SpanContext sample() {
  SpanContext context;
  context.trace_id_high = 0x66aa11bb00000000;
  context.trace_id_low = 1311768467463790320;
  context.span_id = 0xa1;
  context.priority = 1;
  context.trace_tags = {{"dm", "-1"}};
  return context;
}

TEST(Propagation, TheHeadersOfTheDocumentedExample) {
  const Headers expected = {{"x-datadog-trace-id", "1311768467463790320"},
                            {"x-datadog-parent-id", "161"},
                            {"x-datadog-sampling-priority", "1"},
                            {"x-datadog-tags", "_dd.p.tid=66aa11bb00000000,_dd.p.dm=-1"},
                            {"traceparent", "00-66aa11bb00000000123456789abcdef0-00000000000000a1-01"},
                            {"tracestate", "dd=s:1;p:00000000000000a1;t.dm:-1"}};
  EXPECT_EQ(injected(sample()), expected);
}

TEST(Propagation, WhatIsInjectedIsExtractedFromEitherFamily) {
  SpanContext context = sample();
  context.origin = "rum";
  context.baggage = {{"session.id", "s 1,=ü"}, {"user.id", "u-7"}};
  Headers headers = injected(context);
  EXPECT_EQ(headers["baggage"], "session.id=s%201%2C%3D%C3%BC,user.id=u-7");
  for (const bool datadog : {true, false}) {
    Headers some = headers;
    for (const char* name : {"x-datadog-trace-id", "x-datadog-parent-id"}) {
      if (!datadog) some.erase(name);
    }
    if (datadog) some.erase("traceparent");
    const auto got = extracted(some);
    ASSERT_TRUE(got) << datadog;
    EXPECT_EQ(got->trace_id_high, context.trace_id_high);
    EXPECT_EQ(got->trace_id_low, context.trace_id_low);
    EXPECT_EQ(got->span_id, context.span_id);
    EXPECT_EQ(got->priority, 1);
    EXPECT_EQ(got->origin, "rum");
    EXPECT_EQ(got->trace_tags, context.trace_tags);
    EXPECT_EQ(got->baggage, context.baggage);
  }
}

TEST(Propagation, OtherVendorsStateTravelsBehindOurs) {
  Headers headers = injected(sample());
  headers["tracestate"] = "other=1,dd=s:2;t.dm:-4,more=x";
  headers.erase("x-datadog-trace-id");
  const auto got = extracted(headers);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->priority, 2);
  EXPECT_EQ(injected(*got).at("tracestate"), "dd=s:2;p:00000000000000a1;t.dm:-4,other=1,more=x");
}

TEST(Propagation, ThePriorityOfTracestateCountsOnlyWhereTheFlagAgrees) {
  Headers headers = {{"traceparent", "00-66aa11bb00000000123456789abcdef0-00000000000000a1-00"},
                     {"tracestate", "dd=s:2"}};
  EXPECT_EQ(extracted(headers)->priority, 0);
}

TEST(Propagation, WrongHeadersAreNoTrace) {
  for (const char* parent : {"", "00", "00-66aa11bb00000000123456789abcdef0-00000000000000a1",
                             "ff-66aa11bb00000000123456789abcdef0-00000000000000a1-01",
                             "00-00000000000000000000000000000000-00000000000000a1-01",
                             "00-66aa11bb00000000123456789abcdef0-0000000000000000-01",
                             "00-66AA11BB00000000123456789ABCDEF0-00000000000000a1-01",
                             "00-66aa11bb00000000123456789abcdef0-00000000000000a1-01-x",
                             "00-66aa11bb00000000123456789abcdef0-00000000000000a1-zz"}) {
    EXPECT_FALSE(extracted({{"traceparent", parent}})) << parent;
  }
  for (const char* id : {"0", "-1", "99999999999999999999999", "abc", "1 ", ""}) {
    EXPECT_FALSE(extracted({{"x-datadog-trace-id", id}, {"x-datadog-parent-id", "1"}})) << id;
    EXPECT_FALSE(extracted({{"x-datadog-trace-id", "1"}, {"x-datadog-parent-id", id}})) << id;
  }
  EXPECT_FALSE(extracted({}));
}

TEST(Propagation, BaggageAloneIsKeptWithoutATrace) {
  const auto got = extracted({{"baggage", "session.id=s-1;property=x , user.id = u%2D1,broken,=none"}});
  ASSERT_TRUE(got);
  EXPECT_FALSE(got->valid());
  EXPECT_EQ(got->baggage_item("session.id"), "s-1");
  EXPECT_EQ(got->baggage_item("user.id"), "u-1");
  EXPECT_EQ(got->baggage.size(), 2u);
}

TEST(Propagation, BoundsHoldBothWays) {
  std::string many;
  for (int i = 0; i < 500; ++i) many += "k" + std::to_string(i) + "=v,";
  const auto got = extracted({{"baggage", many}});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->baggage.size(), 64u);
  SpanContext context = sample();
  context.trace_tags = {{"dm", "-1"}, {"long", std::string(600, 'x')}};
  const Headers headers = injected(context);
  EXPECT_FALSE(headers.contains("x-datadog-tags"));
  EXPECT_EQ(headers.at("tracestate"), "dd=s:1;p:00000000000000a1;t.dm:-1");
}

TEST(Propagation, HeadersNeverHoldLineFeeds) {
  SpanContext context = sample();
  context.origin = "a";
  context.baggage = {{"user.id", "x\r\nset-cookie: a"}, {"bad\nkey", "v"}};
  context.trace_tags = {{"a\nb", "c"}, {"k", "x\r\ny"}};
  for (const auto& [name, value] : injected(context)) {
    EXPECT_EQ((name + value).find_first_of("\r\n"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace godseye::sdk
