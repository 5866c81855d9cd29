#include <godseye/ddapi/spans.h>

#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

constexpr int64_t kNow = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

int64_t time_of(std::string_view text, TimeUnit unit = TimeUnit::kMilliseconds) {
  const auto time = read_time(text, kNow, unit);
  return time ? *time : -1;
}

TEST(SpanTime, ReadsDateMathIsoAndNumbers) {
  EXPECT_EQ(time_of("now"), kNow);
  EXPECT_EQ(time_of("now-15m"), kNow - 900'000'000'000);
  EXPECT_EQ(time_of("now+1d"), kNow + 86'400'000'000'000);
  EXPECT_EQ(time_of("2026-01-01T00:00:00Z"), kNow);
  EXPECT_EQ(time_of("2026-01-01"), kNow);
  EXPECT_EQ(time_of("2026-01-01T02:00:00.25+02:00"), kNow + 250'000'000);
  EXPECT_EQ(time_of("2025-12-31T19:00:00.000000001-0500"), kNow + 1);
  EXPECT_EQ(time_of("1767225600123"), kNow + 123'000'000);
  EXPECT_EQ(time_of("1767225600", TimeUnit::kSeconds), kNow);
  EXPECT_EQ(time_of("1767225600.5", TimeUnit::kSeconds), kNow + 500'000'000);
}

TEST(SpanTime, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "yesterday", "now-", "now-5", "now-5x", "now-5mm", "now*5m", "2026-13-01", "-5", "1e30", "nan",
        "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+99:00", "now-99999999999999999999d", "9999-01-01"}) {
    EXPECT_EQ(time_of(text), -1) << text;
  }
}

TEST(SpanInterval, ReadsUnits) {
  EXPECT_EQ(*read_interval("5m"), 300'000'000'000);
  EXPECT_EQ(*read_interval("1500"), 1'500'000'000);
  for (const std::string_view text : {"", "0s", "-5m", "m", "5y", "99999999999999999d"}) {
    EXPECT_FALSE(read_interval(text).has_value()) << text;
  }
}

TEST(SpanSearchRequest, ReadsTheBodyOfTheClients) {
  const auto request = decode_span_search(
      R"({"data":{"type":"search_request","attributes":{"filter":{"query":"service:web*","from":"now-1h","to":"now"},)"
      R"("options":{"timeOffset":-60,"timezone":"GMT"},"page":{"limit":25,"cursor":"a"},"sort":"timestamp"}}})");
  ASSERT_TRUE(request.has_value()) << request.error().message();
  EXPECT_EQ(request->query, "service:web*");
  EXPECT_EQ(request->from, "now-1h");
  EXPECT_EQ(request->limit, 25);
  EXPECT_EQ(request->cursor, "a");
  EXPECT_TRUE(request->oldest_first);
  EXPECT_EQ(request->time_offset_s, -60);
}

TEST(SpanSearchRequest, HasDefaults) {
  const auto request = decode_span_search(R"({"data":{"attributes":{}}})");
  ASSERT_TRUE(request.has_value()) << request.error().message();
  EXPECT_EQ(request->query, "*");
  EXPECT_EQ(request->from, "now-15m");
  EXPECT_EQ(request->limit, 10);
  EXPECT_FALSE(request->oldest_first);
}

std::string error_of(std::string_view body) {
  const auto request = decode_span_search(body);
  return request ? "accepted" : request.error().message();
}

TEST(SpanSearchRequest, NamesTheWrongField) {
  EXPECT_EQ(error_of("{}"), "data: expected an object");
  EXPECT_EQ(error_of(R"({"data":{"type":"logs"}})"), "data.type: expected \"search_request\"");
  EXPECT_EQ(error_of(R"({"data":{"attributes":{"page":{"limit":0}}}})"),
            "data.attributes.page.limit: expected a number from 1 to 5000");
  EXPECT_EQ(error_of(R"({"data":{"attributes":{"filter":{"query":7}}}})"),
            "data.attributes.filter.query: expected a string");
  EXPECT_EQ(error_of(R"({"data":{"attributes":{"sort":"duration"}}})"),
            "sort: expected \"timestamp\" or \"-timestamp\"");
  EXPECT_EQ(decode_span_search(std::string(kSpanBodyBytesMax + 1, ' ')).error().code(), base::ErrorCode::kTooLarge);
}

TEST(LlmSpanSearchRequest, ReadsItsFilters) {
  const auto request = decode_llm_span_search(
      R"({"data":{"type":"spans","attributes":{"filter":{"ml_app":"shop","span_kind":"llm","tags":{"env":"prod"}}}}})");
  ASSERT_TRUE(request.has_value()) << request.error().message();
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"ml_app", "shop"}, {"span_kind", "llm"}, {"tag:env", "prod"}};
  EXPECT_EQ(request->filters, expected);
}

TEST(SpanAggregateRequest, ReadsComputesAndGroups) {
  const auto request = decode_span_aggregate(
      R"({"data":{"type":"aggregate_request","attributes":{"compute":[{"aggregation":"pc99","metric":"@duration",)"
      R"("type":"timeseries","interval":"5m"}],"filter":{"query":"*"},"group_by":[{"facet":"service","limit":5,)"
      R"("missing":7,"total":true,"sort":{"aggregation":"sum","metric":"@duration","order":"asc"}},)"
      R"({"facet":"@code","histogram":{"interval":100,"min":0,"max":600}}]}}})");
  ASSERT_TRUE(request.has_value()) << request.error().message();
  ASSERT_EQ(request->compute.size(), 1U);
  EXPECT_TRUE(request->compute[0].timeseries);
  EXPECT_EQ(request->compute[0].interval_ns, 300'000'000'000);
  ASSERT_EQ(request->group_by.size(), 2U);
  EXPECT_EQ(request->group_by[0].limit, 5);
  EXPECT_EQ(request->group_by[0].missing, "7");
  EXPECT_EQ(request->group_by[0].total, "__TOTAL__");
  EXPECT_TRUE(request->group_by[0].ascending);
  EXPECT_EQ(request->group_by[0].sort.aggregation, "sum");
  EXPECT_EQ(request->group_by[1].histogram->max, 600);
}

TEST(SpanAggregateRequest, NamesTheWrongField) {
  const auto error = [](std::string_view attributes) {
    const auto request = decode_span_aggregate(R"({"data":{"attributes":)" + std::string(attributes) + "}}");
    return request ? "accepted" : request.error().message();
  };
  EXPECT_EQ(error(R"({"compute":[{"aggregation":"p50"}]})"),
            "data.attributes.compute[0].aggregation: expected count, cardinality, sum, min, max, avg, median or pc75 "
            "to pc99");
  EXPECT_EQ(error(R"({"group_by":[{}]})"), "data.attributes.group_by[0].facet: expected a facet");
  EXPECT_EQ(error(R"({"group_by":{}})"), "data.attributes.group_by: expected an array");
  EXPECT_EQ(error(R"({"group_by":[1,2,3,4,5]})"), "data.attributes.group_by: at most 4 entries");
}

TEST(SpanAnswer, HasEveryFieldOfTheSchema) {
  SpanView span{.id = "x",
                .trace_id = "7",
                .span_id = "8",
                .parent_id = "0",
                .service = "web",
                .name = "http.request",
                .resource = "GET /",
                .resource_hash = "ab",
                .type = "web",
                .env = "prod",
                .start_ns = kNow,
                .duration_ns = 1'500'000,
                .error = true,
                .single_span = false,
                .meta = {{"http.method", "GET"}, {"http", "x"}, {"bad", "\xff"}},
                .metrics = {{"http.status_code", 500}}};
  EXPECT_EQ(
      encode_span_search(
          {span}, {.elapsed_ms = 3, .request_id = "r", .next_cursor = "c", .next_link = "/l", .warnings = {"cut"}}),
      R"({"data":[{"id":"x","type":"spans","attributes":{"attributes":{"duration":1500000,)"
      R"("operation_name":"http.request","error":1,"status":"error"},"custom":{"http":{"method":"GET",)"
      R"("status_code":500},"bad":"�"},"start_timestamp":"2026-01-01T00:00:00.000Z",)"
      R"("end_timestamp":"2026-01-01T00:00:00.001Z","env":"prod","host":"","ingestion_reason":"all",)"
      R"("parent_id":"0","resource_hash":"ab","resource_name":"GET /","retained_by":"all","service":"web",)"
      R"("single_span":false,"span_id":"8","tags":["service:web","env:prod"],"trace_id":"7","type":"web"}}],)"
      R"("meta":{"elapsed":3,"request_id":"r","status":"done","page":{"after":"c"},"warnings":[{"code":)"
      R"("incomplete","title":"Incomplete","detail":"cut"}]},"links":{"next":"/l"}})");
}

TEST(LlmSpanAnswer, ShowsMessagesAndWhatClientsRequire) {
  LlmSpanView span{
      .id = "x",
      .trace_id = "t",
      .span_id = "8",
      .parent_id = "undefined",
      .name = "chat",
      .kind = "llm",
      .ml_app = "shop",
      .model_name = "m",
      .start_ns = kNow,
      .duration_ns = 2,
      .input_json = R"({"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]})",
      .output_json = R"({"messages":[{"role":"assistant","tool_calls":[{"name":"f","arguments":"{}"}]}]})",
      .metadata_json = "[1]",
      .tags = {"env:prod"},
      .metrics = {{"input_tokens", 5}},
      .evaluations = {{.label = "tone", .metric_type = "score", .value_json = "0.5"}}};
  EXPECT_EQ(encode_llm_span_search({span}, {.elapsed_ms = 1, .request_id = "r"}),
            R"({"data":[{"id":"x","type":"span","attributes":{"duration":2E0,"start_ns":1767225600000000000,)"
            R"("name":"chat","ml_app":"shop","span_id":"8","trace_id":"t","parent_id":"undefined","span_kind":"llm",)"
            R"("status":"ok","tags":["env:prod"],"metrics":{"input_tokens":5},"input":{"value":"hi","messages":[)"
            R"({"content":"be kind","role":"system"},{"content":"hi","role":"user"}]},"output":{"value":"",)"
            R"("messages":[{"role":"assistant","tool_calls":[{"name":"f","arguments":{"value":"{}"}}]}]},)"
            R"("model_name":"m","evaluation":{"tone":{"eval_metric_type":"score","value":5E-1,"status":"OK",)"
            R"("tags":[]}}}}],"meta":{"elapsed":1,"request_id":"r","status":"done","page":{}}})");
}

TEST(SpanAggregateAnswer, HasValuesAndSeries) {
  SpanBucketView bucket{.by = {"web"}, .computes = {{.total = 5}, {.points = {{{kNow, 1.5}}}}, {}}};
  EXPECT_EQ(encode_span_aggregate({"service"}, {bucket}, {.elapsed_ms = 1, .request_id = "r"}),
            R"({"data":[{"id":"bucket-0","type":"bucket","attributes":{"by":{"service":"web"},"compute":{"c0":5,)"
            R"("c1":[{"time":"2026-01-01T00:00:00.000Z","value":1.5E0}]},"computes":{"c0":5,"c1":[{"time":)"
            R"("2026-01-01T00:00:00.000Z","value":1.5E0}]}}}],"meta":{"elapsed":1,"request_id":"r","status":"done"}})");
}

}  // namespace
}  // namespace godseye::ddapi
