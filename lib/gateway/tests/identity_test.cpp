#include <godseye/gateway/identity.h>

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

TEST(GatewayIdentity, HeadersBeatBaggageWhichBeatsTheBody) {
  genai::RequestFacts facts;
  facts.user = "body-user";
  facts.metadata = {{"session_id", "body-session"}};
  facts.safety_identifier = "safety";
  const net::Headers all{{"X-Session-Id", "h-1"}, {"baggage", "session.id=b-1, user.id=b%20user;p=1,other=x"}};
  const Identity identity = identify(all, facts);
  EXPECT_EQ(identity.session_id, "h-1");
  EXPECT_EQ(identity.user_id, "b user");
  EXPECT_EQ(identify({}, facts).session_id, "body-session");
  EXPECT_EQ(identify({}, facts).user_id, "body-user");
  facts.user = {};
  EXPECT_EQ(identify({}, facts).user_id, "safety");
}

TEST(GatewayIdentity, TagsNameTheServiceAndKeepTheRest) {
  const net::Headers headers{{"x-godseye-tags", "service:shop, env:prod,version:1.2,ml_app:bot,team:red,lonely,:bad"},
                             {"x-godseye-tier", "gold"}};
  const Identity identity = identify(headers, {});
  EXPECT_EQ(identity.service, "shop");
  EXPECT_EQ(identity.env, "prod");
  EXPECT_EQ(identity.version, "1.2");
  EXPECT_EQ(identity.ml_app, "bot");
  EXPECT_EQ(identity.tier, "gold");
  ASSERT_EQ(identity.tags.size(), 2u);
  EXPECT_EQ(identity.tags[0], (std::pair<std::string, std::string>("team", "red")));
  EXPECT_EQ(identity.tags[1].first, "lonely");
}

TEST(GatewayIdentity, LongValuesAreCutBetweenCharacters) {
  const net::Headers headers{{"x-user-id", std::string(199, 'a') + "\xc3\xa4\xc3\xa4"}};
  EXPECT_EQ(identify(headers, {}).user_id, std::string(199, 'a'));
}

TEST(GatewayTrace, DatadogsHeadersWin) {
  const net::Headers headers{{"x-datadog-trace-id", "1234567890"},
                             {"x-datadog-parent-id", "42"},
                             {"x-datadog-sampling-priority", "2"},
                             {"x-datadog-tags", "_dd.p.dm=-1,_dd.p.tid=66aa11bb00000000"},
                             {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  const TraceContext trace = read_trace(headers);
  EXPECT_EQ(trace.trace_id_low, 1234567890u);
  EXPECT_EQ(trace.trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(trace.parent_id, 42u);
  EXPECT_EQ(trace.sampling_priority, 2);
}

TEST(GatewayTrace, W3cIsReadAndCarriedOnInBothForms) {
  const TraceContext trace = read_trace(
      {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}, {"tracestate", "dd=s:1"}});
  EXPECT_EQ(trace.trace_id_high, 0x0af7651916cd43ddu);
  EXPECT_EQ(trace.trace_id_low, 0x8448eb211c80319cu);
  EXPECT_EQ(trace.parent_id, 0xb7ad6b7169203331u);
  EXPECT_EQ(trace.sampling_priority, 0);
  net::Headers out;
  write_trace(trace, 0x10, out);
  EXPECT_EQ(out.get("traceparent"), "00-0af7651916cd43dd8448eb211c80319c-0000000000000010-00");
  EXPECT_EQ(out.get("tracestate"), "dd=s:1");
  EXPECT_EQ(out.get("x-datadog-trace-id"), "9532127138774266268");
  EXPECT_EQ(out.get("x-datadog-parent-id"), "16");
  EXPECT_EQ(out.get("x-datadog-tags"), "_dd.p.tid=0af7651916cd43dd");
}

TEST(GatewayTrace, BrokenContextIsNoContext) {
  for (const char* text : {"", "00", "00-xyz", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    EXPECT_EQ(read_trace({{"traceparent", text}}).trace_id_low, 0u) << text;
  }
  EXPECT_EQ(read_trace({{"x-datadog-trace-id", "12x"}}).trace_id_low, 0u);
}

}  // namespace
}  // namespace godseye::gateway
