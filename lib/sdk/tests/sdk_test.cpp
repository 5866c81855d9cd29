#include "block_watch.h"
#include "fake_agent.h"
#include "log_buffer.h"

#include <chrono>
#include <functional>
#include <map>

#include <godseye/ddtrace/traces.h>
#include <godseye/sdk/sdk.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace godseye::sdk {
namespace {

using namespace std::chrono_literals;

bool until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

Settings settings_for(const FakeAgent& agent, const FakeStatsd& statsd) {
  return {.service = "shop",
          .statsd_url = statsd.url(),
          .agent_url = agent.url(),
          .metric_interval = 10ms,
          .trace_interval = 10ms};
}

size_t spans_in(const std::vector<FakeAgent::Request>& requests) {
  signal::SpanBatch batch;
  for (const auto& request : requests) {
    if (request.head.starts_with("PUT /v0.4/traces ")) EXPECT_TRUE(ddtrace::decode_v04(request.body, {}, batch));
  }
  return batch.spans.size();
}

TEST(Sdk, MetricsAndTracesArrive) {
  FakeAgent agent;
  FakeStatsd statsd;
  agent.answer(200, R"({"rate_by_service":{"service:,env:":1}})");
  auto sdk = Sdk::start(settings_for(agent, statsd), -1);
  ASSERT_TRUE(sdk);
  (*sdk)->metrics().count("orders", 1);
  (*sdk)->tracer().start("request").finish();
  EXPECT_TRUE((*sdk)->flush(5s));
  EXPECT_EQ(statsd.packets(), std::vector<std::string>{"orders:1|c|#service:shop"});
  const auto requests = agent.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_NE(requests[0].head.find("X-Datadog-Trace-Count: 1"), std::string::npos) << requests[0].head;
  EXPECT_NE(requests[0].head.find("Datadog-Meta-Lang: cpp"), std::string::npos);
  EXPECT_EQ(spans_in(requests), 1u);
}

TEST(Sdk, AnAgentThatIsAwayGetsTheSpansWhenItIsBack) {
  FakeAgent agent;
  FakeStatsd statsd;
  agent.answer(503);
  auto sdk = Sdk::start(settings_for(agent, statsd), -1);
  ASSERT_TRUE(sdk);
  for (int i = 0; i < 3; ++i) (*sdk)->tracer().start("request").finish();
  ASSERT_TRUE(until([&] { return !agent.requests().empty(); }));
  EXPECT_FALSE((*sdk)->flush(2s));
  agent.answer(200);
  const size_t refused = agent.requests().size();
  EXPECT_TRUE(until([&] {
    (*sdk)->flush(1s);
    const auto all = agent.requests();
    return spans_in({all.begin() + static_cast<std::ptrdiff_t>(refused), all.end()}) == 3;
  }));
  EXPECT_EQ((*sdk)->losses().spans_unsent, 0u);
}

TEST(Sdk, WhatTheAgentRefusesForGoodIsCounted) {
  FakeAgent agent;
  FakeStatsd statsd;
  agent.answer(413);
  auto sdk = Sdk::start(settings_for(agent, statsd), -1);
  ASSERT_TRUE(sdk);
  (*sdk)->tracer().start("request").finish();
  EXPECT_TRUE((*sdk)->flush(5s));
  EXPECT_EQ((*sdk)->losses().spans_unsent, 1u);
}

TEST(Sdk, ItsEndSendsWhatIsLeftAndHandlesLiveOn) {
  FakeAgent agent;
  FakeStatsd statsd;
  std::unique_ptr<Sdk> sdk = *Sdk::start(settings_for(agent, statsd), -1);
  Tracer tracer = sdk->tracer();
  Metrics metrics = sdk->metrics();
  Span open = tracer.start("open");
  tracer.start("finished", {.new_trace = true}).finish();
  metrics.count("last", 1);
  sdk.reset();
  EXPECT_EQ(spans_in(agent.requests()), 1u);
  EXPECT_EQ(statsd.packets().size(), 1u);
  open.finish();
  metrics.count("late", 1);
  tracer.start("late").finish();
}

TEST(Sdk, WithNobodyThereItStartsAndEndsInTime) {
  Settings settings{.service = "alone", .statsd_url = "unix:///nowhere/dsd.socket", .agent_url = "http://127.0.0.1:1"};
  settings.shutdown_wait = 200ms;
  auto sdk = Sdk::start(settings, -1);
  ASSERT_TRUE(sdk);
  (*sdk)->metrics().count("a", 1);
  (*sdk)->tracer().start("a").finish();
  EXPECT_FALSE((*sdk)->flush(500ms));
  EXPECT_EQ((*sdk)->losses().metric_packets, 1u);
}

TEST(Sdk, AServerThatHangsDoesNotHoldTheEnd) {
  FakeAgent agent;
  FakeStatsd statsd;
  agent.stream("");
  Settings settings = settings_for(agent, statsd);
  settings.shutdown_wait = 100ms;
  settings.http_timeout = 60s;
  auto sdk = Sdk::start(settings, -1);
  ASSERT_TRUE(sdk);
  (*sdk)->tracer().start("a").finish();
  ASSERT_TRUE(until([&] { return !agent.requests().empty(); }));
  sdk->reset();  // the test's own time limit is the assertion
}

TEST(Sdk, WrongSettingsAreNamed) {
  for (const auto& [statsd, agent] : {std::pair{"http://x", "http://y"}, std::pair{"udp://h:99999", "http://y"},
                                      std::pair{"udp://h", "ftp://y"}, std::pair{"udp://h", "http://y/path"}}) {
    const auto sdk = Sdk::start({.statsd_url = statsd, .agent_url = agent}, -1);
    ASSERT_FALSE(sdk) << statsd << " " << agent;
    EXPECT_NE(sdk.error().message().find("_url"), std::string::npos);
  }
}

TEST(Sdk, AnalyticsCarryTheSessionOfTheSpan) {
  FakeAgent agent;
  FakeStatsd statsd;
  Settings settings = settings_for(agent, statsd);
  settings.api_url = agent.url();
  settings.api_key = "k";
  auto sdk = Sdk::start(settings, -1);
  ASSERT_TRUE(sdk);
  Span span = (*sdk)->tracer().start("checkout");
  span.set_session("s-1");
  {
    Scope scope(span);
    (*sdk)->analytics().track_conversion("order_completed", {.value = 12.5, .properties_json = R"({"items":2})"});
  }
  EXPECT_TRUE((*sdk)->flush(5s));
  const auto requests = agent.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_TRUE(requests[0].head.starts_with("POST /api/godseye/v1/analytics "));
  EXPECT_NE(requests[0].head.find("DD-API-KEY: k"), std::string::npos);
  EXPECT_TRUE(requests[0].body.starts_with(
      R"([{"type":"conversion","name":"order_completed","session_id":"s-1","service":"shop","value":12.5,"properties":{"items":2},"timestamp_ms":)"))
      << requests[0].body;
}

TEST(Sdk, BlocksFollowTheStream) {
  FakeAgent agent;
  FakeStatsd statsd;
  agent.stream(
      "event: snapshot\ndata: "
      "{\"version\":4,\"blocks\":[{\"kind\":\"session\",\"value\":\"mallory\",\"expires\":99999999999}]}\n\n");
  Settings settings = settings_for(agent, statsd);
  settings.api_url = agent.url();
  settings.app_key = "a";
  auto sdk = Sdk::start(settings, -1);
  ASSERT_TRUE(sdk);
  EXPECT_TRUE(until([&] { return (*sdk)->blocks().blocked("session", "mallory"); }));
  EXPECT_FALSE((*sdk)->blocks().blocked("user", "mallory"));
  EXPECT_FALSE((*sdk)->blocks().blocked("session", "alice"));
}

TEST(BlockWatch, ChangesExpiryAndPiecesOfAnyLength) {
  int64_t now = 1000;
  BlockWatch watch({.wall = [&] { return base::WallTime(std::chrono::seconds(now)); }, .tick = {}});
  const std::string stream =
      ": hello\n\nevent: snapshot\ndata: "
      "{\"version\":1,\"blocks\":[{\"kind\":\"user\",\"value\":\"u\",\"expires\":2000}]}\n\n"
      "event: change\r\ndata: {\"version\":2,\"blocks\":[{\"kind\":\"session\",\"value\":\"s\",\"expires\":0},\n"
      "data: {\"kind\":\"user\",\"value\":\"v\",\"active\":false,\"expires\":1}]}\n\n"
      "event: change\ndata: not json\n\nevent: settings\ndata: {\"version\":3}\n\n";
  watch.begin();
  for (const char c : stream) watch.feed({&c, 1});
  EXPECT_TRUE(watch.blocked("user", "u"));
  EXPECT_TRUE(watch.blocked("session", "s"));
  EXPECT_FALSE(watch.blocked("user", "v"));
  EXPECT_EQ(watch.stats().version, 2u);
  now = 2000;
  EXPECT_FALSE(watch.blocked("user", "u")) << "it expired";
  watch.feed(
      "event: change\ndata: {\"version\":5,\"blocks\":[{\"kind\":\"session\",\"value\":\"s\",\"active\":false}]}\n\n");
  EXPECT_FALSE(watch.blocked("session", "s"));
}

TEST(Log, LinesCarryTheIdsOfTheSpanAndStayLines) {
  Settings settings{.service = "shop", .env = "prod"};
  base::Clock clock = base::system_clock();
  clock.wall = [] { return base::WallTime(std::chrono::milliseconds(1'767'614'400'123)); };
  auto buffer = std::make_shared<LogBuffer>(settings, clock);
  Log log(buffer);
  log.info("plain", {{"k", "v"}});
  EXPECT_EQ(
      buffer->take(),
      R"({"timestamp":"2026-01-05T12:00:00.123Z","status":"info","service":"shop","env":"prod","message":"plain","k":"v"})"
      "\n");
  log.error("two\nlines \"quoted\"", {{"status", "fake"}});
  const std::string line = buffer->take();
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_NE(line.find(R"(two\nlines \"quoted\"",)"
                      "\"field.status\":\"fake\""),
            std::string::npos)
      << line;
}

TEST(Log, AFullPipeHoldsNobody) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::fcntl(ends[1], F_SETPIPE_SZ, 4096);
  const std::string text = std::string(99, 'x') + "\n";
  std::string many;
  for (int i = 0; i < 1000; ++i) many += text;
  EXPECT_GT(write_lines(ends[1], many, 10ms), 900u);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Settings, VariablesOfDatadogsLibrariesAreUnderstood) {
  std::map<std::string, const char*> variables = {
      {"DD_SERVICE", "cart"},           {"DD_ENV", "prod"},
      {"DD_AGENT_HOST", "10.0.0.7"},    {"DD_TAGS", "team:a,tier:1 zone:x"},
      {"DD_TRACE_SAMPLE_RATE", "0.25"}, {"DD_DOGSTATSD_URL", "unix:///run/dsd.socket"}};
  const auto lookup = [&](const char* name) { return variables.contains(name) ? variables[name] : nullptr; };
  const auto settings = settings_from(lookup);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->service, "cart");
  EXPECT_EQ(settings->agent_url, "http://10.0.0.7:8126");
  EXPECT_EQ(settings->statsd_url, "unix:///run/dsd.socket");
  EXPECT_EQ(settings->tags, (std::vector<std::string>{"team:a", "tier:1", "zone:x"}));
  EXPECT_EQ(settings->sample_rate, 0.25);
  variables["DD_TRACE_SAMPLE_RATE"] = "2";
  const auto wrong = settings_from(lookup);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("DD_TRACE_SAMPLE_RATE=2"), std::string::npos);
}

}  // namespace
}  // namespace godseye::sdk
