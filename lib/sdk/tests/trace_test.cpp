#include "trace_payload.h"
#include "tracer_core.h"

#include <array>
#include <set>
#include <thread>

#include <godseye/ddtrace/traces.h>

#include <gtest/gtest.h>

namespace godseye::sdk {
namespace {

// A clock that moves a millisecond with each reading.
base::Clock ticking() {
  auto at = std::make_shared<int64_t>(1'700'000'000'000'000'000);
  return {.wall = [at] { return base::WallTime(std::chrono::nanoseconds(*at += 1'000'000)); },
          .tick = [at] { return base::TickTime(std::chrono::nanoseconds(*at += 1'000'000)); }};
}

struct Traced {
  explicit Traced(Settings given = {.service = "shop"})
      : settings(std::move(given)), core(std::make_shared<TracerCore>(settings, ticking())), tracer(core) {}

  // What the Agent would read.
  signal::SpanBatch sent() {
    const auto chunks = core->take();
    signal::SpanBatch batch;
    const std::string body = trace_payload(chunks, settings, {.process_id = 42, .runtime_id = "r-1"}).body;
    const auto counts = ddtrace::decode_v04(body, {}, batch);
    EXPECT_TRUE(counts) << (counts ? "" : counts.error().message());
    EXPECT_EQ(counts ? counts->spans_dropped() : 0, 0u);
    return batch;
  }

  Settings settings;
  std::shared_ptr<TracerCore> core;
  Tracer tracer;
};

TEST(Trace, ChildrenShareTheTraceAndGoTogether) {
  Traced traced({.service = "shop", .env = "prod", .version = "3", .tags = {"team:a"}});
  {
    Span root = traced.tracer.start("http.request", {.resource = "GET /", .type = "web", .kind = "server"});
    Scope scope(root);
    Span child = traced.tracer.start("sql.query", {.service = "shop-db"});
    child.set_tag("db.system", "postgres");
    child.set_metric("rows", 3);
    child.finish();
    EXPECT_TRUE(traced.core->take().empty()) << "the root is still open";
  }
  const signal::SpanBatch batch = traced.sent();
  ASSERT_EQ(batch.spans.size(), 2u);
  const signal::Span& child = batch.spans[0];
  const signal::Span& root = batch.spans[1];
  EXPECT_EQ(child.trace_id_low, root.trace_id_low);
  EXPECT_EQ(child.trace_id_high, root.trace_id_high);
  EXPECT_EQ(root.trace_id_high, uint64_t{1'700'000'000} << 32);
  EXPECT_EQ(child.parent_id, root.span_id);
  EXPECT_EQ(root.parent_id, 0u);
  EXPECT_GT(root.duration_ns, child.duration_ns);
  EXPECT_EQ(batch.view(root.service), "shop");
  EXPECT_EQ(batch.view(root.resource), "GET /");
  EXPECT_EQ(batch.view(child.service), "shop-db");
  EXPECT_EQ(batch.view(child.resource), "sql.query");
  EXPECT_EQ(batch.meta_value(root, "span.kind"), "server");
  EXPECT_EQ(batch.meta_value(child, "db.system"), "postgres");
  EXPECT_EQ(batch.metric_value(child, "rows"), 3);
  for (const signal::Span& span : batch.spans) {
    EXPECT_EQ(batch.view(span.env), "prod");
    EXPECT_EQ(batch.view(span.version), "3");
    EXPECT_EQ(batch.meta_value(span, "team"), "a");
    EXPECT_EQ(batch.meta_value(span, "runtime-id"), "r-1");
    EXPECT_TRUE(span.flags & signal::kSpanTopLevel) << "another service than the parent's";
  }
  EXPECT_EQ(batch.metric_value(child, "_sampling_priority_v1"), 1);
  EXPECT_EQ(batch.meta_value(child, "_dd.p.dm"), "-0");
}

TEST(Trace, IdsOfAllThreadsDiffer) {
  constexpr size_t kThreads = 4, kEach = 2'000;
  Tracer tracer(std::make_shared<TracerCore>(Settings{.service = "shop"}, base::system_clock()));
  std::array<std::vector<uint64_t>, kThreads> made;
  std::vector<std::thread> threads;
  for (std::vector<uint64_t>& ids : made) {
    threads.emplace_back([&ids, &tracer] {
      for (size_t i = 0; i < kEach; ++i) {
        const Span span = tracer.start("work");
        ids.insert(ids.end(), {span.context().span_id, span.context().trace_id_low});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<uint64_t> all;
  for (const auto& ids : made) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), 2 * kThreads * kEach);
  EXPECT_GT(*all.begin(), 0u);
  EXPECT_LT(*all.rbegin(), uint64_t{1} << 63);
}

TEST(Trace, SessionAndUserReachSpansBelowAndTheWire) {
  Traced traced;
  Span root = traced.tracer.start("request");
  root.set_session("s-1");
  root.set_user("u-1");
  {
    Scope scope(root);
    Span child = traced.tracer.start("work");
    EXPECT_EQ(child.context().baggage_item("session.id"), "s-1");
  }
  root.finish();
  const signal::SpanBatch batch = traced.sent();
  ASSERT_EQ(batch.spans.size(), 2u);
  for (const signal::Span& span : batch.spans) {
    EXPECT_EQ(batch.view(span.session_id), "s-1");
    EXPECT_EQ(batch.view(span.user_id), "u-1");
  }
}

TEST(Trace, ARemoteParentIsContinued) {
  Traced traced;
  SpanContext remote;
  remote.trace_id_high = 1;
  remote.trace_id_low = 2;
  remote.span_id = 3;
  remote.priority = 2;
  remote.trace_tags = {{"dm", "-4"}};
  traced.tracer.start("grpc.server", {.parent = &remote}).finish();
  const signal::SpanBatch batch = traced.sent();
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(batch.spans[0].trace_id_low, 2u);
  EXPECT_EQ(batch.spans[0].trace_id_high, 1u);
  EXPECT_EQ(batch.spans[0].parent_id, 3u);
  EXPECT_EQ(batch.metric_value(batch.spans[0], "_sampling_priority_v1"), 2);
  EXPECT_EQ(batch.meta_value(batch.spans[0], "_dd.p.dm"), "-4");
}

TEST(Trace, RatesOfTheAgentDecideAndASettingOutranksThem) {
  Traced agent;
  agent.core->set_rates({{"service:,env:", 1.0}, {"service:shop,env:", 0.0}});
  agent.tracer.start("a").finish();
  signal::SpanBatch batch = agent.sent();
  EXPECT_EQ(batch.metric_value(batch.spans.at(0), "_sampling_priority_v1"), 0);
  EXPECT_EQ(batch.metric_value(batch.spans[0], "_dd.agent_psr"), 0);

  Traced own({.service = "shop", .sample_rate = 1.0});
  own.core->set_rates({{"service:shop,env:", 0.0}});
  own.tracer.start("a").finish();
  batch = own.sent();
  EXPECT_EQ(batch.metric_value(batch.spans.at(0), "_sampling_priority_v1"), 2);
  EXPECT_EQ(batch.meta_value(batch.spans[0], "_dd.p.dm"), "-3");
}

TEST(Trace, ErrorsEventsAndLinks) {
  Traced traced;
  Span span = traced.tracer.start("work");
  span.set_error("TimeoutError", "no answer", "at line 1");
  span.add_event("retry");
  SpanContext other;
  other.trace_id_low = 7;
  other.span_id = 8;
  span.add_link(other);
  span.finish();
  span.set_tag("late", "ignored");
  const signal::SpanBatch batch = traced.sent();
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(batch.spans[0].error, 1);
  EXPECT_EQ(batch.meta_value(batch.spans[0], "error.type"), "TimeoutError");
  EXPECT_EQ(batch.meta_value(batch.spans[0], "error.message"), "no answer");
  EXPECT_EQ(batch.meta_value(batch.spans[0], "late"), "");
  ASSERT_EQ(batch.links.size(), 1u);
  EXPECT_EQ(batch.links[0].span_id, 8u);
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.view(batch.events[0].name), "retry");
}

TEST(Trace, ALlmSpanBelowAnAgentNamesItAsParent) {
  Traced traced({.service = "chatbot", .ml_app = "shop-chat"});
  {
    Span agent = traced.tracer.start("chat");
    agent.set_session("s-9");
    agent.set_llm({.kind = LlmKind::kAgent, .input_value = "hi", .output_value = "hello"});
    Scope scope(agent);
    Span call = traced.tracer.start("gemini.request");
    LlmData data{.model_name = "gemini-2.0-flash", .model_provider = "google"};
    data.input_messages = {{"user", "is \"x\" <b>ok</b>?"}};
    data.output_messages = {{"assistant", "yes"}};
    data.input_tokens = 12;
    data.output_tokens = 3;
    data.cache_read_tokens = 4;
    data.call_id = "call-1";
    call.set_llm(std::move(data));
  }
  const signal::SpanBatch batch = traced.sent();
  ASSERT_EQ(batch.spans.size(), 2u);
  ASSERT_EQ(batch.llm.size(), 2u);
  const signal::Span& call = batch.spans[0];
  const signal::LlmSpan& llm = batch.llm[call.llm];
  EXPECT_EQ(llm.kind, signal::LlmKind::kLlm);
  EXPECT_EQ(batch.view(llm.ml_app), "shop-chat");
  EXPECT_EQ(batch.view(llm.model_name), "gemini-2.0-flash");
  EXPECT_EQ(batch.view(llm.model_provider), "google");
  EXPECT_EQ(llm.input_tokens, 12);
  EXPECT_EQ(llm.output_tokens, 3);
  EXPECT_EQ(llm.total_tokens, 15);
  EXPECT_EQ(llm.cache_read_tokens, 4);
  EXPECT_EQ(batch.view(llm.parent_id), std::to_string(batch.spans[1].span_id));
  EXPECT_NE(batch.view(llm.input).find(R"(is \"x\" <b>ok</b>?)"), std::string_view::npos);
  EXPECT_EQ(batch.view(call.session_id), "s-9");
  EXPECT_EQ(batch.view(call.type), "llm");
  EXPECT_EQ(batch.llm[batch.spans[1].llm].kind, signal::LlmKind::kAgent);
}

TEST(Trace, ALongTraceIsSentInParts) {
  Traced traced;
  Span root = traced.tracer.start("batch");
  Scope scope(root);
  for (int i = 0; i < 1000; ++i) traced.tracer.start("item").finish();
  EXPECT_EQ(traced.sent().spans.size(), 1000u);
}

TEST(Trace, BeyondTheLimitSpansAreCountedAndTheRestIsWhole) {
  Traced traced({.service = "shop", .spans_max = 10});
  for (int i = 0; i < 25; ++i) traced.tracer.start("a").finish();
  EXPECT_EQ(traced.core->dropped(), 15u);
  EXPECT_EQ(traced.sent().spans.size(), 10u);
  traced.core->sent(10);
  traced.tracer.start("a").finish();
  EXPECT_EQ(traced.core->dropped(), 15u);
}

TEST(Trace, PartsOfATraceFinishOnManyThreads) {
  Traced traced({.service = "shop"});
  traced.core = std::make_shared<TracerCore>(traced.settings, base::system_clock());
  traced.tracer = Tracer(traced.core);
  {
    Span root = traced.tracer.start("root");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        Scope scope(root);
        for (int i = 0; i < 100; ++i) traced.tracer.start("part").finish();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(traced.sent().spans.size(), 401u);
}

TEST(Trace, ThePayloadSaysHowManyTracesItHolds) {
  Traced traced;
  Span root = traced.tracer.start("a");
  SpanContext remote = root.context();
  traced.tracer.start("b", {.parent = &remote}).finish();  // a part of its own in the same trace
  root.finish();
  traced.tracer.start("c").finish();
  const auto chunks = traced.core->take();
  EXPECT_EQ(chunks.size(), 3u);
  const TracePayload payload = trace_payload(chunks, traced.settings, {});
  EXPECT_EQ(payload.traces, 2u);
  EXPECT_EQ(payload.spans, 3u);
}

TEST(Trace, ASpanOfNothingDoesNothing) {
  Span span;
  span.set_tag("a", "b");
  span.set_error("a", "b");
  span.set_llm({});
  Scope scope(span);
  EXPECT_FALSE(span.context().valid());
  EXPECT_EQ(active_context(), nullptr);
}

}  // namespace
}  // namespace godseye::sdk
