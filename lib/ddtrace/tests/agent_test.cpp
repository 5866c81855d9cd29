#include <cmath>

#include <godseye/ddtrace/agent.h>
#include <godseye/ddtrace/client_stats.h>
#include <godseye/msgpack/writer.h>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace godseye::ddtrace {
namespace {

using namespace std::string_literals;

TEST(AgentInfo, IsJsonThatClientsUnderstand) {
  const std::string body = info_document({.receiver_socket = "/run/a \"b\".sock", .statsd_proxy = true});
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(body).get(root), simdjson::SUCCESS);
  std::vector<std::string> endpoints;
  for (const simdjson::dom::element endpoint : root["endpoints"].get_array())
    endpoints.emplace_back(endpoint.get_string().value());
  for (const char* path : {"/v0.4/traces", "/v0.6/stats", "/evp_proxy/v2/", "/evp_proxy/v4/", "/v0.7/config",
                           "/telemetry/proxy/", "/dogstatsd/v2/proxy"}) {
    EXPECT_NE(std::find(endpoints.begin(), endpoints.end(), path), endpoints.end()) << path;
  }
  EXPECT_EQ(bool(root["client_drop_p0s"].get_bool()), false);
  EXPECT_EQ(root["config"]["receiver_socket"].get_string().value(), "/run/a \"b\".sock");
  EXPECT_EQ(info_document({}).find("dogstatsd"), std::string::npos);
}

TEST(AgentRates, AlwaysHaveTheDefault) {
  EXPECT_EQ(rates_document({}), R"({"rate_by_service":{"service:,env:":1}})");
  const SamplingRate rates[] = {{"Web", "Dev", 0.25}, {"db", "", 7}};
  EXPECT_EQ(rates_document(rates),
            R"({"rate_by_service":{"service:web,env:dev":0.25,"service:db,env:":1,"service:,env:":1}})");
}

ClientStats one_group() {
  ClientStats stats;
  stats.hostname = "h";
  stats.env = "prod";
  stats.version = "1";
  stats.language = "python";
  stats.tracer_version = "4";
  stats.runtime_id = "r";
  stats.service = "s";
  stats.container_id = "c";
  ClientStatsGroup group{.service = "web",
                         .name = "http",
                         .resource = "GET /",
                         .type = "web",
                         .span_kind = "server",
                         .http_method = "GET",
                         .http_status = 200,
                         .synthetics = true,
                         .is_trace_root = 1,
                         .peer_tags = {"peer.service:db"},
                         .hits = 10,
                         .top_level_hits = 9,
                         .errors = 1,
                         .duration_ns = 12345,
                         .ok = {{0, 2}, {1e6, 3}, {5e8, 4}},
                         .error = {{2e9, 1}}};
  stats.buckets.push_back({.start_ns = 1'760'000'000'000'000'000, .duration_ns = 10'000'000'000, .groups = {group}});
  return stats;
}

TEST(ClientStatistics, WhatIsEncodedDecodesToTheSame) {
  const ClientStats stats = one_group();
  const auto back = decode_stats_v06(encode_stats_v06(stats));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->hostname, "h");
  EXPECT_EQ(back->env, "prod");
  EXPECT_EQ(back->language, "python");
  EXPECT_EQ(back->container_id, "c");
  ASSERT_EQ(back->buckets.size(), 1u);
  EXPECT_EQ(back->buckets[0].start_ns, 1'760'000'000'000'000'000);
  ASSERT_EQ(back->buckets[0].groups.size(), 1u);
  const ClientStatsGroup& group = back->buckets[0].groups[0];
  EXPECT_EQ(group.service, "web");
  EXPECT_EQ(group.http_status, 200u);
  EXPECT_EQ(group.is_trace_root, 1);
  EXPECT_TRUE(group.synthetics);
  EXPECT_EQ(group.peer_tags, std::vector<std::string>{"peer.service:db"});
  EXPECT_EQ(group.hits, 10u);
  EXPECT_EQ(group.duration_ns, 12345u);
  ASSERT_EQ(group.ok.size(), 3u);
  EXPECT_EQ(group.ok[0].duration_ns, 0);
  EXPECT_EQ(group.ok[0].count, 2);
  EXPECT_NEAR(group.ok[1].duration_ns, 1e6, 1e4);
  EXPECT_EQ(group.ok[1].count, 3);
  EXPECT_NEAR(group.ok[2].duration_ns, 5e8, 5e6);
  EXPECT_NEAR(group.error.at(0).duration_ns, 2e9, 2e7);
}

// gamma 2, offset 0, bins 3: 5.0 and, contiguous from -1: 1.0, 0, 2.0; by hand from sketches-go's ddsketch.proto.
TEST(ClientStatistics, ReadsBothKindsOfBins) {
  const std::string sketch =
      "\x0a\x09\x09\x00\x00\x00\x00\x00\x00\x00\x40"          // mapping {gamma 2.0}
      "\x12\x29"                                              // positive values, 41 bytes
      "\x0a\x0b\x08\x06\x11\x00\x00\x00\x00\x00\x00\x14\x40"  // binCounts {3: 5.0}
      "\x12\x18\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x40"
      "\x18\x01"s;  // offset -1
  ClientStats stats = one_group();
  std::string body;
  msgpack::Writer writer(body);
  writer.map(1);
  writer.string("Stats");
  writer.array(1);
  writer.map(1);
  writer.string("Stats");
  writer.array(1);
  writer.map(1);
  writer.string("OkSummary");
  writer.binary(sketch);
  const auto back = decode_stats_v06(body);
  ASSERT_TRUE(back);
  const auto& ok = back->buckets.at(0).groups.at(0).ok;
  ASSERT_EQ(back->sketches_dropped, 0u);
  ASSERT_EQ(ok.size(), 3u);
  // Value of bin i: 2 · 2^i / 3.
  EXPECT_NEAR(ok[0].duration_ns, 1.0 / 3, 1e-9);
  EXPECT_EQ(ok[0].count, 1);
  EXPECT_NEAR(ok[1].duration_ns, 4.0 / 3, 1e-9);
  EXPECT_EQ(ok[1].count, 2);
  EXPECT_NEAR(ok[2].duration_ns, 16.0 / 3, 1e-9);
  EXPECT_EQ(ok[2].count, 5);
}

TEST(ClientStatistics, ABrokenSketchCostsOnlyItself) {
  std::string body;
  msgpack::Writer writer(body);
  writer.map(2);
  writer.string("Stats");
  writer.array(1);
  writer.map(1);
  writer.string("Stats");
  writer.array(1);
  writer.map(3);
  writer.string("Hits");
  writer.unsigned_integer(3);
  writer.string("OkSummary");
  writer.binary("\x12\xff");
  writer.string("Unknown");
  writer.map(0);
  writer.string("Sequence");
  writer.unsigned_integer(3);
  const auto back = decode_stats_v06(body);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->sketches_dropped, 1u);
  EXPECT_EQ(back->buckets.at(0).groups.at(0).hits, 3u);
}

TEST(ClientStatistics, RefusesEveryTruncation) {
  const std::string body = encode_stats_v06(one_group());
  for (size_t size = 0; size < body.size(); ++size)
    EXPECT_FALSE(decode_stats_v06(std::string_view(body).substr(0, size))) << size;
  EXPECT_FALSE(decode_stats_v06(body + "\xc0"));
}

}  // namespace
}  // namespace godseye::ddtrace
