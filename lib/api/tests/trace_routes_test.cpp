#include <godseye/api/llmobs_intake_routes.h>
#include <godseye/api/trace_agent_routes.h>
#include <godseye/ddtrace/client_stats.h>
#include <godseye/ddtrace/traces.h>

#include <gtest/gtest.h>

namespace godseye::api {
namespace {

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view key) const override { return key == "good"; }
  bool application_key_valid(std::string_view) const override { return false; }
};

signal::SpanBatch two_spans() {
  signal::SpanBatch batch;
  for (uint64_t id = 1; id <= 2; ++id) {
    signal::Span span;
    span.trace_id_low = 7;
    span.span_id = id;
    span.name = batch.add("op");
    batch.spans.push_back(span);
  }
  return batch;
}

constexpr const char* kLlmEvent = R"([{"spans":[{"span_id":"1","trace_id":"2","name":"n","meta":{"kind":"llm"},
  "tags":["language:python"]}]}])";

class TraceRoutesTest : public testing::Test {
 protected:
  TraceRoutesTest() {
    agent_.add_to(agent_router_);
    llmobs_.add_to(router_);
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  net::HttpResponse call(Router& router, std::string method, std::string path, std::string body, Headers headers) {
    net::HttpRequest out;
    out.method = std::move(method);
    out.target = out.raw_path = out.path = std::move(path);
    out.body = std::move(body);
    for (auto& [name, value] : headers) out.headers.add(name, value);
    return router.handle(out);
  }
  net::HttpResponse agent(std::string method, std::string path, std::string body = {}, Headers headers = {}) {
    return call(agent_router_, std::move(method), std::move(path), std::move(body), std::move(headers));
  }
  net::HttpResponse direct(std::string path, std::string body, Headers headers = {{"DD-API-KEY", "good"}}) {
    return call(router_, "POST", std::move(path), std::move(body), std::move(headers));
  }
  static const IntakePath* path(const std::vector<IntakePath>& paths, std::string_view name) {
    for (const IntakePath& one : paths) {
      if (one.path == name) return &one;
    }
    return nullptr;
  }

  NoKeys keys_;
  Router router_{keys_, {}};
  Router agent_router_{keys_, {}};
  base::Status journal_ = base::ok();
  std::vector<signal::SpanBatch> kept_;
  std::vector<std::string> origins_;
  std::vector<std::string> dropped_;
  std::string statsd_;
  uint64_t hits_ = 0;
  SpanSinks sinks_{
      .deliver =
          [this](signal::SpanBatch& batch, const pipeline::SpanOrigin& origin) {
            origins_.push_back(std::string(origin.client) + " " + std::string(origin.client_version) + " " +
                               std::string(origin.path));
            if (journal_) kept_.push_back(batch);
            return journal_;
          },
      .dropped = [this](const pipeline::SpanOrigin&, std::string_view reason,
                        uint64_t spans) { dropped_.push_back(std::string(reason) + " " + std::to_string(spans)); },
      .client_stats =
          [this](const ddtrace::ClientStats& stats) {
            hits_ += stats.buckets.at(0).groups.at(0).hits;
            return journal_;
          },
      .dogstatsd = [this](std::string_view lines) { statsd_ += lines; }};
  LlmObsIntakeRoutes llmobs_{sinks_};
  TraceAgentRoutes agent_{{.receiver_port = 8126, .statsd_port = 8125, .max_request_bytes = 1000}, sinks_, llmobs_};
};

TEST_F(TraceRoutesTest, InfoNamesItsOwnHash) {
  const net::HttpResponse info = agent("GET", "/info");
  EXPECT_EQ(info.status, 200);
  for (const char* text : {R"("/evp_proxy/v2/")", R"("/v0.4/traces")", R"("/telemetry/proxy/")",
                           R"("client_drop_p0s":false)", R"("span_meta_structs":true)", R"("span_events":true)",
                           R"("max_request_bytes":1000)", R"("statsd_port":8125)", R"("/dogstatsd/v2/proxy")"}) {
    EXPECT_NE(info.body.find(text), std::string::npos) << text;
  }
  const std::string state(info.headers.get("Datadog-Agent-State"));
  EXPECT_EQ(state.size(), 64u);
  EXPECT_EQ(agent("PUT", "/v0.4/traces", "\x90").headers.get("Datadog-Agent-State"), state);
}

TEST_F(TraceRoutesTest, TracesOfEveryVersionAreDeliveredAndAnsweredWithRates) {
  const signal::SpanBatch batch = two_spans();
  const std::pair<const char*, std::string> bodies[] = {{"/v0.4/traces", ddtrace::encode_v04(batch)},
                                                        {"/v0.5/traces", ddtrace::encode_v05(batch)},
                                                        {"/v0.7/traces", ddtrace::encode_v07(batch, {})},
                                                        {"/v1.0/traces", ddtrace::encode_v10(batch, {})}};
  size_t delivered = 0;
  for (const auto& [where, body] : bodies) {
    for (const char* method : {"PUT", "POST"}) {
      const net::HttpResponse answer =
          agent(method, where, body, {{"Datadog-Meta-Lang", "nodejs"}, {"Datadog-Meta-Tracer-Version", "5.1"}});
      EXPECT_EQ(answer.status, 200) << where << answer.body;
      EXPECT_EQ(answer.body, R"({"rate_by_service":{"service:,env:":1}})");
      EXPECT_EQ(answer.headers.get("content-type"), "application/json");
      ASSERT_EQ(kept_.size(), ++delivered);
      EXPECT_EQ(kept_.back().spans.size(), 2u);
      EXPECT_EQ(origins_.back(), "nodejs 5.1 " + std::string(where).substr(1, 4));
    }
  }
  EXPECT_EQ(agent("PUT", "/v0.3/traces", bodies[0].second).body, "OK\n");
  const IntakePath* v04 = path(agent_.paths(), "v0.4");
  ASSERT_TRUE(v04);
}

TEST_F(TraceRoutesTest, JsonTracesAreReadAsJson) {
  const net::HttpResponse answer = agent("PUT", "/v0.4/traces", R"([[{"trace_id":1,"span_id":2,"name":"a","start":5,
    "duration":6,"error":1,"meta":{"env":"dev"},"metrics":{"x":1.5}}]])");
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(kept_.size(), 1u);
  EXPECT_EQ(kept_[0].spans.at(0).error, 1);
  EXPECT_EQ(kept_[0].view(kept_[0].spans[0].env), "dev");
  EXPECT_EQ(kept_[0].metric_value(kept_[0].spans[0], "x"), 1.5);
}

TEST_F(TraceRoutesTest, WhoKnowsTheRatesGetsNone) {
  const net::HttpResponse first = agent("PUT", "/v0.4/traces", "\x90", {{"Datadog-Rates-Payload-Version", ""}});
  EXPECT_EQ(first.headers.get("Datadog-Rates-Payload-Version"), "1");
  EXPECT_NE(first.body, "{}");
  EXPECT_EQ(agent("PUT", "/v0.4/traces", "\x90", {{"Datadog-Rates-Payload-Version", "1"}}).body, "{}");
}

TEST_F(TraceRoutesTest, BadPayloadsAreRefusedAndCounted) {
  EXPECT_EQ(agent("PUT", "/v0.4/traces", "\x91").status, 400);
  EXPECT_EQ(agent("PUT", "/v0.5/traces", "{}").status, 400);
  EXPECT_EQ(agent("PUT", "/v1.0/traces", "garbage").status, 400);
  EXPECT_EQ(agent("PUT", "/v0.6/stats", "garbage").status, 400);
  EXPECT_TRUE(kept_.empty());
  const std::vector<IntakePath> paths = agent_.paths();
  ASSERT_TRUE(path(paths, "v0.4"));
  EXPECT_EQ(path(paths, "v0.4")->errors.at(0).first, "bodies_malformed");
}

TEST_F(TraceRoutesTest, SingleBadSpansAreCountedByReason) {
  EXPECT_EQ(agent("PUT", "/v0.4/traces", R"([[{"trace_id":1,"span_id":0},{"trace_id":1,"span_id":2}]])",
                  {{"Datadog-Client-Dropped-P0-Spans", "9"}})
                .status,
            200);
  EXPECT_EQ(kept_.at(0).spans.size(), 1u);
  EXPECT_EQ(dropped_, std::vector<std::string>{"span_id_zero 1"});
  const std::vector<IntakePath> paths = agent_.paths();
  const IntakePath* v04 = path(paths, "v0.4");
  EXPECT_EQ(v04->events_in, 2u);
  EXPECT_EQ(v04->events_out, 1u);
  EXPECT_EQ(v04->discarded, 1u);
  EXPECT_EQ(v04->errors,
            (std::vector<std::pair<std::string, uint64_t>>{{"dropped_by_client", 9}, {"span_id_zero", 1}}));
}

TEST_F(TraceRoutesTest, AFullJournalIs429AndABrokenOne503) {
  const std::string body = ddtrace::encode_v04(two_spans());
  journal_ = base::Error(base::ErrorCode::kQueueFull, "the journal is full");
  const net::HttpResponse full = agent("PUT", "/v0.4/traces", body);
  EXPECT_EQ(full.status, 429);
  EXPECT_NE(full.body.find("rate_by_service"), std::string::npos);
  EXPECT_EQ(direct("/api/v2/llmobs", kLlmEvent).status, 429);
  journal_ = base::Error(base::ErrorCode::kNoSpace, "disk full");
  EXPECT_EQ(agent("PUT", "/v0.4/traces", body).status, 503);
  EXPECT_EQ(direct("/api/v2/llmobs", kLlmEvent).status, 503);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(TraceRoutesTest, ClientStatisticsReachTheirSink) {
  ddtrace::ClientStats stats;
  stats.buckets.push_back({.start_ns = 1, .duration_ns = 10, .groups = {{.service = "web", .hits = 5}}});
  EXPECT_EQ(agent("POST", "/v0.6/stats", ddtrace::encode_stats_v06(stats)).status, 200);
  EXPECT_EQ(hits_, 5u);
}

TEST_F(TraceRoutesTest, EvpProxyRoutesByWhatItCarries) {
  const TraceRoutesTest::Headers llm = {{"X-Datadog-EVP-Subdomain", "llmobs-intake"}};
  const TraceRoutesTest::Headers api = {{"X-Datadog-EVP-Subdomain", "api"}};
  EXPECT_EQ(agent("POST", "/evp_proxy/v2/api/v2/llmobs", kLlmEvent, llm).status, 202);
  ASSERT_EQ(kept_.size(), 1u);
  EXPECT_EQ(kept_[0].llm.size(), 1u);
  EXPECT_EQ(origins_.back(), "python  evp_llmobs");
  EXPECT_EQ(agent("POST", "/evp_proxy/v4/api/intake/llm-obs/v2/eval-metric",
                  R"({"data":{"attributes":{"metrics":[{"label":"q","metric_type":"score","score_value":1,
                      "join_on":{"span":{"span_id":"1","trace_id":"2"}}}]}}})",
                  api)
                .status,
            202);
  EXPECT_EQ(kept_.at(1).evaluations.size(), 1u);
  EXPECT_EQ(agent("POST", "/evp_proxy/v2/api/v2/citestcycle", "x", {{"X-Datadog-EVP-Subdomain", "citestcycle-intake"}})
                .status,
            202);
  EXPECT_EQ(agent("POST", "/evp_proxy/v2/api/v2/llmobs", kLlmEvent).status, 502);
  EXPECT_EQ(kept_.size(), 2u);
}

TEST_F(TraceRoutesTest, WhatClientsAskForIsAnsweredSoThatTheyStayQuiet) {
  EXPECT_EQ(agent("POST", "/v0.7/config", "{}").body, "{}");
  EXPECT_EQ(agent("POST", "/v0.7/config", "{}").status, 200);
  EXPECT_EQ(agent("POST", "/telemetry/proxy/api/v2/apmtelemetry", "{}").status, 202);
  EXPECT_EQ(agent("POST", "/profiling/v1/input", "x").status, 200);
  EXPECT_EQ(agent("POST", "/tracer_flare/v1", "x").status, 200);
  EXPECT_EQ(agent("POST", "/debugger/v1/input", "x").status, 202);
  EXPECT_EQ(agent("PUT", "/v0.4/services", "{}").body, "OK\n");
  EXPECT_EQ(agent("POST", "/dogstatsd/v2/proxy", "a:1|c\nb:2|c").status, 200);
  EXPECT_EQ(statsd_, "a:1|c\nb:2|c");
  EXPECT_EQ(path(agent_.paths(), "profiling")->bytes_in, 1u);
  EXPECT_EQ(agent("GET", "/nothing").status, 404);
}

TEST_F(TraceRoutesTest, DirectIntakeNeedsAKey) {
  EXPECT_EQ(direct("/api/v2/llmobs", kLlmEvent, {}).status, 403);
  EXPECT_EQ(direct("/api/v2/llmobs", kLlmEvent).status, 202);
  EXPECT_EQ(direct("/api/v2/llmobs", "[").status, 400);
  EXPECT_EQ(direct("/api/v2/llmobs", "[]").status, 202);
  const net::HttpResponse nothing = direct("/api/v2/llmobs", R"([{"name":"no id"}])");
  EXPECT_EQ(nothing.status, 400);
  EXPECT_NE(nothing.body.find("1 no_span_id"), std::string::npos);
  EXPECT_EQ(
      direct("/api/intake/llm-obs/v1/trace/spans",
             R"({"data":{"attributes":{"ml_app":"a","spans":[{"span_id":"1","trace_id":"1","meta":{"kind":"llm"}}]}}})")
          .status,
      202);
  EXPECT_EQ(direct("/api/v2/apmtelemetry", "{}").status, 202);
}

TEST_F(TraceRoutesTest, AgentlessTracesCarryLlmSpans) {
  const net::HttpResponse answer =
      direct("/v1/input", R"({"traces":[{"hostname":"h1","env":"prod","languageName":"python",
    "tracerVersion":"4.1","spans":[{"trace_id":"123456789abcdef0","span_id":"a1","parent_id":"0","service":"s","name":"n",
    "start":1760000000.5,"duration":5,"error":0,"meta":{"_dd.p.tid":"66aa11bb00000000"},"metrics":{"_trace_root":1},
    "meta_struct":{"_llmobs":{"ml_app":"shop","meta":{"span_kind":1,"span":{"kind":"llm"}},"metrics":{"input_tokens":3}}}}]}]})");
  ASSERT_EQ(answer.status, 202) << answer.body;
  ASSERT_EQ(kept_.size(), 1u);
  const signal::Span& span = kept_[0].spans.at(0);
  EXPECT_EQ(span.trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(span.trace_id_low, 0x123456789abcdef0u);
  EXPECT_EQ(span.span_id, 0xa1u);
  EXPECT_EQ(span.start_ns, 1'760'000'000'500'000'000);
  EXPECT_EQ(kept_[0].view(span.env), "prod");
  EXPECT_EQ(kept_[0].view(span.host), "h1");
  EXPECT_EQ(kept_[0].llm.at(0).input_tokens, 3);
  EXPECT_EQ(origins_.back(), "python 4.1 agentless");
}

}  // namespace
}  // namespace godseye::api
