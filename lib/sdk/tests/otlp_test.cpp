#include "fake_agent.h"
#include "otlp_sender.h"
#include "otlp_spans.h"
#include "proto_tree.h"

#include <map>

#include <godseye/sdk/sdk.h>

#include <gtest/gtest.h>

namespace godseye::sdk {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

Settings otlp_settings(const std::string& url) {
  Settings settings{.service = "shop", .env = "prod", .version = "3", .tags = {"team:a"}};
  settings.traces = settings.metrics = settings.logs = Exporter::kOtlp;
  settings.otlp.endpoint = url;
  settings.metric_interval = settings.trace_interval = 10ms;
  return settings;
}

// Spans by name of what a tracer finished.
struct Traced {
  explicit Traced(Settings given = {.service = "shop"})
      : settings(std::move(given)), core(std::make_shared<TracerCore>(settings, base::system_clock())), tracer(core) {}

  std::map<std::string, ProtoTree> sent() {
    std::map<std::string, ProtoTree> out;
    const OtlpSpans spans = otlp_spans(core->take(), settings, {.process_id = 42, .runtime_id = "r-1", .host = "h"});
    unkept = spans.unkept;
    for (const OtlpMessage& message : spans.messages) {
      for (const ProtoTree& resource : ProtoTree(message.body).all(1)) {
        services.push_back(resource.at(1).attribute(1, "service.name"));
        for (const ProtoTree& span : resource.at(2).all(2)) out.emplace(span.text(5), span);
      }
    }
    return out;
  }

  Settings settings;
  std::shared_ptr<TracerCore> core;
  Tracer tracer;
  std::vector<std::string> services;
  size_t unkept = 0;
};

// The example of OTLP's field numbers worked out by hand: a KeyValue in field 1.
TEST(OtlpWire, WritesTheBytesOfTheFormat) {
  protobuf::Writer out;
  text_attribute(out, 1, "service.name", "shop");
  EXPECT_EQ(out.text(), "\x0a\x16\x0a\x0cservice.name\x12\x06\x0a\x04shop"sv);
  protobuf::Writer id;
  span_id_field(id, 2, 0x0102030405060708);
  EXPECT_EQ(id.text(), "\x12\x08\x01\x02\x03\x04\x05\x06\x07\x08"sv);
  protobuf::Writer whole;
  number_attribute(whole, 9, "n", -1);
  EXPECT_EQ(whole.text(), "\x4a\x10\x0a\x01n\x12\x0b\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv);
}

TEST(OtlpWire, BytesThatAreNoTextAreReplaced) {
  protobuf::Writer out;
  utf8_field(out, 1, "a\xff\xc3\xa4\xe2\x82");
  EXPECT_EQ(ProtoTree(out.text()).text(1), "a\xEF\xBF\xBD\xc3\xa4\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(OtlpWire, SaysHowManyWereRejected) {
  EXPECT_EQ(otlp_rejected("\x0a\x0a\x08\x02\x12\x06"
                          "bad id"sv),
            2u);
  EXPECT_EQ(otlp_rejected(""), 0u);
  EXPECT_EQ(otlp_rejected("<html>"), 0u);
}

TEST(OtlpSpans, CarryWhatTheSpanSays) {
  Traced traced;
  {
    Span root = traced.tracer.start("http.request", {.resource = "GET /cart", .type = "web", .kind = "server"});
    root.set_session("s-1");
    root.set_user("u-1");
    root.set_tag("http.status_code", "500");
    root.set_tag("cart.id", "c-1");
    root.set_metric("items", 3);
    root.set_error("Timeout", "no answer", "at x");
    root.add_event("retried");
    Scope scope(root);
    traced.tracer.start("sql.query", {.service = "shop-db", .kind = "client"}).finish();
  }
  const auto spans = traced.sent();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(traced.services, (std::vector<std::string>{"shop", "shop-db"}));
  const ProtoTree& root = spans.at("GET /cart");
  const ProtoTree& child = spans.at("sql.query");
  EXPECT_EQ(root.text(1).size(), 16u);
  EXPECT_EQ(child.text(1), root.text(1));
  EXPECT_EQ(child.text(4), root.text(2));
  EXPECT_TRUE(root.text(4).empty());
  EXPECT_EQ(root.number(6), 2u) << "server";
  EXPECT_EQ(child.number(6), 3u) << "client";
  EXPECT_GE(root.number(8), root.number(7));
  EXPECT_EQ(root.attributes(9),
            "operation.name=http.request,resource.name=GET /cart,span.type=web,http.response.status_code=500,"
            "cart.id=c-1,error.type=Timeout,session.id=s-1,user.id=u-1,items=3");
  EXPECT_EQ(child.attribute(9, "session.id"), "s-1");
  EXPECT_EQ(root.all(11).size(), 2u);
  EXPECT_EQ(root.all(11)[0].text(2), "retried");
  EXPECT_EQ(root.all(11)[1].attributes(3),
            "exception.type=Timeout,exception.message=no answer,exception.stacktrace=at x");
  EXPECT_EQ(root.at(15).text(2), "no answer");
  EXPECT_EQ(root.at(15).number(3), 2u);
  EXPECT_TRUE(child.text(15).empty());
}

TEST(OtlpSpans, AModelCallFollowsTheConventionsOfGenerativeAi) {
  Traced traced;
  {
    Span span = traced.tracer.start("gemini.request");
    span.set_session("s-1");
    LlmData llm{.model_name = "gemini-2.0-flash", .model_provider = "google"};
    llm.input_messages = {{"system", "be kind"}, {"user", "a \"b\""}};
    llm.output_messages = {{"assistant", "c"}};
    llm.input_tokens = 1200;
    llm.output_tokens = 40;
    llm.cache_read_tokens = 200;
    llm.time_to_first_token_s = 1;
    llm.finish_reason = "stop";
    span.set_llm(std::move(llm));
  }
  const ProtoTree span = traced.sent().at("chat gemini-2.0-flash");
  EXPECT_EQ(span.number(6), 3u);
  EXPECT_EQ(span.attribute(9, "gen_ai.operation.name"), "chat");
  EXPECT_EQ(span.attribute(9, "gen_ai.provider.name"), "gcp.gemini");
  EXPECT_EQ(span.attribute(9, "gen_ai.request.model"), "gemini-2.0-flash");
  EXPECT_EQ(span.attribute(9, "gen_ai.conversation.id"), "s-1");
  EXPECT_EQ(span.attribute(9, "gen_ai.usage.input_tokens"), "1200");
  EXPECT_EQ(span.attribute(9, "gen_ai.usage.output_tokens"), "40");
  EXPECT_EQ(span.attribute(9, "gen_ai.usage.cache_read.input_tokens"), "200");
  EXPECT_EQ(span.attribute(9, "gen_ai.usage.reasoning.output_tokens"), "(absent)");
  EXPECT_EQ(span.attribute(9, "gen_ai.response.time_to_first_chunk"), "1.000000");
  EXPECT_EQ(span.attribute(9, "gen_ai.response.finish_reasons"), "[stop]");
  EXPECT_EQ(span.attribute(9, "gen_ai.input.messages"),
            R"([{"role":"system","parts":[{"type":"text","content":"be kind"}]},)"
            R"({"role":"user","parts":[{"type":"text","content":"a \"b\""}]}])");
  EXPECT_EQ(span.attribute(9, "gen_ai.output.messages"),
            R"([{"role":"assistant","parts":[{"type":"text","content":"c"}],"finish_reason":"stop"}])");
}

TEST(OtlpSpans, EveryKindOfLlmSpanHasItsOperation) {
  const std::pair<LlmKind, const char*> kinds[] = {
      {LlmKind::kWorkflow, "invoke_workflow w"}, {LlmKind::kAgent, "invoke_agent w"},
      {LlmKind::kTool, "execute_tool w"},        {LlmKind::kTask, "task w"},
      {LlmKind::kEmbedding, "embeddings w"},     {LlmKind::kRetrieval, "retrieval w"}};
  for (const auto& [kind, name] : kinds) {
    Traced traced;
    LlmData llm{.kind = kind, .input_value = "in", .output_value = "out"};
    llm.documents = {{.text = "t", .id = "d-1", .name = "n", .score = 0.5}};
    Span span = traced.tracer.start("w");
    span.set_llm(std::move(llm));
    span.finish();
    const auto spans = traced.sent();
    ASSERT_EQ(spans.count(name), 1u) << name;
    if (kind == LlmKind::kTool) {
      EXPECT_EQ(spans.at(name).attribute(9, "gen_ai.tool.call.result"), "out");
    } else if (kind == LlmKind::kRetrieval) {
      EXPECT_EQ(spans.at(name).attribute(9, "gen_ai.retrieval.documents"),
                R"([{"id":"d-1","score":0.500000,"content":"t","name":"n"}])");
    } else {
      EXPECT_NE(spans.at(name).attribute(9, "gen_ai.output.messages").find("\"out\""), std::string::npos);
    }
  }
}

TEST(OtlpSpans, TracesThatAreNotKeptStayHere) {
  Traced traced({.service = "shop", .sample_rate = 0});
  traced.tracer.start("a").finish();
  EXPECT_TRUE(traced.sent().empty());
  EXPECT_EQ(traced.unkept, 1u);
}

TEST(OtlpSpans, LargeOnesGoInSeveralMessages) {
  Traced traced;
  for (int i = 0; i < 5; ++i) {
    Span span = traced.tracer.start("a", {.new_trace = true});
    span.set_tag("text", std::string(900'000, 'x'));
  }
  const OtlpSpans spans = otlp_spans(traced.core->take(), traced.settings, {});
  ASSERT_EQ(spans.messages.size(), 3u);
  EXPECT_EQ(spans.messages[0].items, 2u);
}

TEST(Otlp, AllSignalsArriveWithHeadersAndResource) {
  FakeAgent receiver;
  receiver.answer(200, "");
  Settings settings = otlp_settings(receiver.url() + "/otlp/");
  settings.otlp.headers = {{"api-key", "secret"}};
  auto sdk = Sdk::start(settings, -1);
  ASSERT_TRUE(sdk) << sdk.error().message();
  {
    Span span = (*sdk)->tracer().start("request");
    span.set_session("s-1");
    Scope scope(span);
    (*sdk)->log().warn("odd", {{"brand", "visa"}});
  }
  (*sdk)->metrics().count("orders", 1, {"a:b"});
  EXPECT_TRUE((*sdk)->flush(5s));
  std::map<std::string, ProtoTree> bodies;
  for (const auto& request : receiver.requests()) {
    EXPECT_NE(request.head.find("Content-Type: application/x-protobuf"), std::string::npos);
    EXPECT_NE(request.head.find("api-key: secret"), std::string::npos);
    bodies.emplace(request.head.substr(0, request.head.find(" HTTP/")), ProtoTree(request.body));
  }
  ASSERT_EQ(bodies.size(), 3u);
  for (const auto& [path, body] : bodies) {
    const ProtoTree resource = body.at(1).at(1);
    EXPECT_EQ(resource.attribute(1, "service.name"), "shop") << path;
    EXPECT_EQ(resource.attribute(1, "deployment.environment.name"), "prod");
    EXPECT_EQ(resource.attribute(1, "service.version"), "3");
    EXPECT_EQ(resource.attribute(1, "team"), "a");
    EXPECT_EQ(body.at(1).at(2).at(1).text(1), "godseye-sdk");
  }
  const ProtoTree point = bodies.at("POST /otlp/v1/metrics").at(1).at(2).at(2).at(7).at(1);
  EXPECT_EQ(point.attributes(7), "a=b");
  const ProtoTree span = bodies.at("POST /otlp/v1/traces").at(1).at(2).at(2);
  const ProtoTree record = bodies.at("POST /otlp/v1/logs").at(1).at(2).at(2);
  EXPECT_EQ(record.number(2), 13u);
  EXPECT_EQ(record.text(3), "warn");
  EXPECT_EQ(record.at(5).text(1), "odd");
  EXPECT_EQ(record.attributes(6), "brand=visa,session.id=s-1");
  EXPECT_EQ(record.text(9), span.text(1));
  EXPECT_EQ(record.text(10), span.text(2));
}

// The sender alone, with time in hand.
struct Sent {
  explicit Sent(const std::string& url)
      : settings(otlp_settings(url)),
        core(std::make_shared<TracerCore>(settings, base::system_clock())),
        lines(std::make_shared<LogBuffer>(settings, base::system_clock())),
        sender(settings, *otlp_targets(settings.otlp), {}, core, nullptr, lines) {}

  void span() { Tracer(core).start("a").finish(); }

  Settings settings;
  std::shared_ptr<TracerCore> core;
  std::shared_ptr<LogBuffer> lines;
  OtlpSender sender;
};

TEST(OtlpSender, WaitsAsLongAsTheReceiverAsks) {
  FakeAgent receiver;
  receiver.answer(503, "", "Retry-After: 7");
  Sent sent(receiver.url());
  sent.span();
  base::TickTime now{};
  EXPECT_FALSE(sent.sender.send(now, false));
  receiver.answer(200, "");
  EXPECT_FALSE(sent.sender.send(now + 6'999ms, false));
  EXPECT_EQ(receiver.requests().size(), 1u);
  EXPECT_TRUE(sent.sender.send(now + 7'000ms, false));
  EXPECT_EQ(receiver.requests().size(), 2u);
  EXPECT_EQ(sent.sender.spans_unsent(), 0u);
}

TEST(OtlpSender, TriesAgainLaterAndLaterOnWhatMayHelp) {
  FakeAgent receiver;
  for (const int status : {429, 502, 503, 504}) {
    receiver.answer(status, "");
    Sent sent(receiver.url());
    sent.span();
    const size_t before = receiver.requests().size();
    base::TickTime now{};
    EXPECT_FALSE(sent.sender.send(now, false));
    EXPECT_FALSE(sent.sender.send(now + 249ms, false));
    EXPECT_FALSE(sent.sender.send(now + 250ms, false));
    EXPECT_FALSE(sent.sender.send(now + 749ms, false));
    EXPECT_FALSE(sent.sender.send(now + 750ms, false));
    EXPECT_EQ(receiver.requests().size() - before, 3u) << status;
  }
}

TEST(OtlpSender, WhatIsRefusedForGoodIsCounted) {
  FakeAgent receiver;
  for (const int status : {400, 401, 404, 413, 500}) {
    receiver.answer(status, "");
    Sent sent(receiver.url());
    sent.span();
    EXPECT_TRUE(sent.sender.send({}, false));
    EXPECT_EQ(sent.sender.spans_unsent(), 1u) << status;
  }
  receiver.answer(200, std::string("\x0a\x02\x08\x01"));
  Sent sent(receiver.url());
  sent.span();
  sent.span();
  EXPECT_TRUE(sent.sender.send({}, false));
  EXPECT_EQ(sent.sender.spans_unsent(), 1u) << "of a partial success";
}

TEST(OtlpSender, LogsWaitInTheirBufferWhileTheReceiverIsAway) {
  FakeAgent receiver;
  receiver.answer(503, "");
  Sent sent(receiver.url());
  Log log(sent.lines);
  log.info("one");
  EXPECT_FALSE(sent.sender.send({}, false));
  log.info("two");
  EXPECT_FALSE(sent.sender.send(base::TickTime{} + 1s, false));
  receiver.answer(200, "");
  EXPECT_TRUE(sent.sender.send(base::TickTime{} + 60s, false));
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(ProtoTree(requests[2].body).at(1).at(2).at(2).at(5).text(1), "one");
  EXPECT_EQ(ProtoTree(requests[3].body).at(1).at(2).at(2).at(5).text(1), "two");
}

TEST(Otlp, SwitchedOffNothingIsMadeAndNothingIsLost) {
  Settings settings{.statsd_url = "unix:///nowhere/dsd.socket", .agent_url = "http://127.0.0.1:1"};
  settings.traces = settings.metrics = settings.logs = Exporter::kNone;
  auto sdk = Sdk::start(settings, -1);
  ASSERT_TRUE(sdk);
  Span span = (*sdk)->tracer().start("a");
  Scope scope(span);
  EXPECT_FALSE(span.context().valid());
  EXPECT_EQ(active_context(), nullptr);
  (*sdk)->metrics().count("a", 1);
  (*sdk)->log().error("a");
  span.finish();
  EXPECT_TRUE((*sdk)->flush(5s));
  const Losses losses = (*sdk)->losses();
  EXPECT_EQ(losses.metrics + losses.metric_packets + losses.spans + losses.spans_unsent + losses.logs, 0u);
}

base::Result<Settings> from(const std::map<std::string, const char*>& variables) {
  return settings_from([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second;
  });
}

TEST(OtlpSettings, AreOpenTelemetrysVariables) {
  const auto settings = from({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318/x"},
                              {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs/in"},
                              {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x=1"},
                              {"OTEL_SERVICE_NAME", "cart"},
                              {"OTEL_RESOURCE_ATTRIBUTES",
                               "service.name=no,service.version=2,team=a%2Cb,"
                               "deployment.environment.name=prod"},
                              {"OTEL_METRIC_EXPORT_INTERVAL", "60000"},
                              {"OTEL_METRICS_EXPORTER", "datadog"}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->service, "cart");
  EXPECT_EQ(settings->version, "2");
  EXPECT_EQ(settings->env, "prod");
  EXPECT_EQ(settings->tags, std::vector<std::string>{"team:a,b"});
  EXPECT_EQ(settings->traces, Exporter::kOtlp);
  EXPECT_EQ(settings->metrics, Exporter::kDatadog);
  EXPECT_EQ(settings->logs, Exporter::kOtlp);
  EXPECT_EQ(settings->otlp.metric_interval, 60s);
  EXPECT_EQ(settings->otlp.headers[0], std::make_pair(std::string("api-key"), std::string("a b")));
  const auto targets = otlp_targets(settings->otlp);
  ASSERT_TRUE(targets);
  EXPECT_EQ(targets->traces.origin.scheme, "https");
  EXPECT_EQ(targets->traces.origin.port, 4318);
  EXPECT_EQ(targets->traces.path, "/x/v1/traces");
  EXPECT_EQ(targets->logs.path, "/in");
  EXPECT_EQ(targets->logs.origin.port, 80);
}

TEST(OtlpSettings, SwitchSignalsOnAndOff) {
  EXPECT_EQ(from({})->traces, Exporter::kDatadog);
  EXPECT_EQ(from({{"OTEL_TRACES_EXPORTER", "otlp"}})->traces, Exporter::kOtlp);
  EXPECT_EQ(from({{"OTEL_TRACES_EXPORTER", "otlp"}})->metrics, Exporter::kDatadog);
  EXPECT_EQ(from({{"OTEL_LOGS_EXPORTER", "none"}})->logs, Exporter::kNone);
  EXPECT_EQ(from({{"DD_TRACE_ENABLED", "false"}, {"OTEL_TRACES_EXPORTER", "otlp"}})->traces, Exporter::kNone);
  EXPECT_EQ(from({{"DD_DOGSTATSD_DISABLE", "true"}})->metrics, Exporter::kNone);
  const auto off = from({{"OTEL_SDK_DISABLED", "true"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1"}});
  ASSERT_TRUE(off);
  EXPECT_EQ(off->traces, Exporter::kNone);
  EXPECT_EQ(off->metrics, Exporter::kNone);
  EXPECT_EQ(off->logs, Exporter::kNone);
}

TEST(OtlpSettings, WhatCannotBeUsedIsNamed) {
  const std::pair<const char*, const char*> wrong[] = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"},
                                                       {"OTEL_EXPORTER_OTLP_ENDPOINT", "udp://c:1"},
                                                       {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1/a b"},
                                                       {"OTEL_TRACES_EXPORTER", "jaeger"},
                                                       {"OTEL_METRIC_EXPORT_INTERVAL", "0"},
                                                       {"OTEL_RESOURCE_ATTRIBUTES", "nothing"},
                                                       {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://:0/x"},
                                                       {"OTEL_METRIC_EXPORT_INTERVAL", "1s"}};
  for (const auto& [name, value] : wrong) EXPECT_FALSE(from({{name, value}})) << name << "=" << value;
  EXPECT_FALSE(from({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}));
  const auto header = from({{"OTEL_TRACES_EXPORTER", "otlp"}, {"OTEL_EXPORTER_OTLP_HEADERS", "a=b%0d%0ax: hidden"}});
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().message().find("hidden"), std::string::npos) << header.error().message();
}

}  // namespace
}  // namespace godseye::sdk
