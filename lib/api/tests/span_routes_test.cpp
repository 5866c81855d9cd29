#include <godseye/api/span_routes.h>
#include <godseye/store/engine.h>

#include <gtest/gtest.h>

namespace godseye::api {
namespace {

using store::Column;

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return false; }
  bool application_key_valid(std::string_view) const override { return false; }
};

constexpr int64_t kStart = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

Column text(std::string value) {
  const uint64_t size = value.size();
  return {"", "String", Column::Texts{.bytes = std::move(value), .ends = {size}}};
}
Column number(uint64_t value) { return {"", "UInt64", std::vector<uint64_t>{value}}; }
Column integer(int64_t value) { return {"", "Int64", std::vector<int64_t>{value}}; }
Column real(double value) { return {"", "Float64", std::vector<double>{value}}; }
Column array(Column elements, uint64_t count) {
  return {"", "Array", Column::Arrays{.ends = {count}, .elements = std::make_shared<Column>(std::move(elements))}};
}

// Knows one span of one trace, an LLM call, and answers by what the statement reads.
class FakeEngine : public store::Engine {
 public:
  base::Result<store::Rows> select(std::string_view sql, const store::QueryOptions&) override {
    statements.emplace_back(sql);
    if (down) return base::Error(base::ErrorCode::kUnavailable, "the engine is restarting");
    std::vector<Column> columns;
    const auto reads = [&](std::string_view part) { return sql.find(part) != sql.npos; };
    if (reads("mapKeys(meta)")) {
      columns = span();
    } else if (reads("toString(parent_id_text)")) {
      columns = llm();
    } else if (reads("FROM evaluations")) {
      return store::Rows();
    } else if (reads("ORDER BY start")) {
      if (empty) return store::Rows();
      columns = {integer(kStart), number(11), number(8)};
    } else if (reads("GROUP BY g0")) {
      columns = {text("web"), real(5), real(5)};
    } else if (reads("toFloat64(count())")) {
      columns = {real(5), real(5)};
    }
    return store::Rows(std::move(columns));
  }
  base::Status execute(std::string_view, const store::QueryOptions&) override { return base::ok(); }
  base::Status insert(const store::InsertBlock&, std::chrono::milliseconds) override { return base::ok(); }

  std::vector<Column> span() const {
    std::vector<Column> columns;
    columns.push_back(integer(kStart));
    columns.push_back(integer(1'500'000));
    for (const uint64_t id : {7, 11, 8, 0}) columns.push_back(number(id));
    for (const std::string word : {"chat", "openai.request", "ask", "llm", "prod", "1.0", "h", "s1", "u1"}) {
      columns.push_back(text(word));
    }
    for (const uint64_t value : {1, 99, 1, 1}) columns.push_back(number(value));
    columns.push_back(array(text("k<script>"), 1));
    columns.push_back(array(text("v\xff"), 1));
    columns.push_back(array(text("n"), 1));
    columns.push_back(array(real(2.5), 1));
    columns.push_back(text(""));
    columns.push_back(text("[{\"name\":\"e\"}]"));
    columns.push_back(number(1));
    return columns;
  }

  std::vector<Column> llm() const {
    std::vector<Column> columns = {integer(kStart), number(11), number(8)};
    for (const std::string word : {"llm", "shop", "gpt", "", "openai", "", "aa", "p1", "", "stop", "openai/gpt"}) {
      columns.push_back(text(word));
    }
    columns.push_back(number(2));
    columns.push_back(array(text("env:prod"), 1));
    for (const int64_t tokens : {10, 5, 15, -1, -1, -1}) columns.push_back(integer(tokens));
    for (const double value : {-1.0, 0.5, 0.25, 0.25}) columns.push_back(real(value));
    for (const double value : {0.9, -1.0, -1.0, -1.0, -1.0}) columns.push_back(real(value));
    for (const int64_t value : {0, -1, -1}) columns.push_back(integer(value));
    columns.push_back(array(text(""), 0));
    columns.push_back(array(text(""), 0));
    columns.push_back(text("[\"why\"]"));
    columns.push_back(text(""));                                                           // prompt
    columns.push_back(text(R"({"messages":[{"role":"user","content":"</script>hi"}]})"));  // input
    columns.push_back(text("cut {"));                                                      // output
    for (size_t i = 0; i < 5; ++i) columns.push_back(text(""));
    return columns;
  }

  bool down = false;
  bool empty = false;
  std::vector<std::string> statements;
};

class SpanRoutesTest : public testing::Test {
 protected:
  SpanRoutesTest() {
    add_span_routes(router_, spans_, clock_);
    add_datadog_span_routes(router_, spans_, clock_);
    add_erasure_routes(router_, {.session = [](std::string_view id) -> base::Result<Erased> {
                                   if (id.empty()) return base::Error(base::ErrorCode::kInvalidArgument, "empty");
                                   return Erased{.rows = {{"spans", 3}, {"texts", 1}}, .note = "look"};
                                 },
                                 .user = [](std::string_view) -> base::Result<Erased> {
                                   return base::Error(base::ErrorCode::kTimeout, "not everything is erased yet");
                                 }});
  }

  net::HttpResponse call(std::string method, std::string path, net::QueryPairs query = {}, std::string body = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = request.raw_path = request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }
  net::HttpResponse get(std::string path, net::QueryPairs query = {}) {
    return call("GET", std::move(path), std::move(query));
  }

  static void expect_part(const net::HttpResponse& answer, std::string_view part) {
    EXPECT_NE(answer.body.find(part), std::string::npos) << part << "\nin " << answer.body;
  }

  NoKeys keys_;
  Router router_{keys_, {.anonymous_loopback = true}};
  FakeEngine engine_;
  base::Clock clock_ = base::system_clock();
  query::SpanEngine spans_{engine_, clock_};
};

constexpr std::string_view kSpan =
    R"({"trace_id":"0000000000000007000000000000000b","span_id":"8","parent_id":"0","service":"chat",)"
    R"("name":"openai.request","resource":"ask","type":"llm","env":"prod","version":"1.0","host":"h",)"
    R"("session_id":"s1","user_id":"u1","start_ns":1767225600000000000,"duration_ns":1500000,"error":true,)"
    R"("error_fingerprint":"99","meta":{"k<script>":"v�"},"metrics":{"n":2.5},"events":[{"name":"e"}],"llm":{)"
    R"("kind":"llm","ml_app":"shop","model":"gpt","provider":"openai","llm_trace_id":"aa","prompt_id":"p1",)"
    R"("input":{"messages":[{"role":"user","content":"</script>hi"}]},"output":{"value":"cut {","truncated":true},)"
    R"("finish_reason":"stop","tags":["env:prod"],"tokens":{"input":10,"output":5,"total":15},"cost_usd":0.5,)"
    R"("input_cost_usd":0.25,"output_cost_usd":0.25,"price":"openai/gpt","scores":{"injection":0.9,"pii_count":0},)"
    R"("scored_by":"pipeline","reasons":["why"],"counted":true}})";

TEST_F(SpanRoutesTest, StreamsATrace) {
  const net::HttpResponse answer = get("/api/godseye/v1/traces/11");
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(answer.pieces);
  std::string body;
  std::string piece;
  while (true) {
    piece.clear();
    ASSERT_TRUE(answer.pieces(piece));
    if (piece.empty()) break;
    body += piece;
  }
  EXPECT_EQ(body, R"({"trace_id":"0000000000000007000000000000000b","spans":[)" + std::string(kSpan) +
                      R"(],"complete":true})");
  EXPECT_EQ(get("/api/godseye/v1/traces/nonsense").status, 400);
  engine_.empty = true;
  EXPECT_EQ(get("/api/godseye/v1/traces/12").status, 404);
}

TEST_F(SpanRoutesTest, ATraceThatCannotBeReadToItsEndSaysSo) {
  const net::HttpResponse answer = get("/api/godseye/v1/traces/11");
  ASSERT_EQ(answer.status, 200);
  engine_.down = true;
  std::string piece;
  EXPECT_FALSE(answer.pieces(piece));
}

TEST_F(SpanRoutesTest, ListsSpans) {
  const net::HttpResponse answer = get("/api/godseye/v1/spans", net::QueryPairs({{"texts", "1"}, {"from", "now-5m"}}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with(R"({"spans":[)" + std::string(kSpan) + R"(],"next_cursor":"","elapsed_ms":)"))
      << answer.body;
}

TEST_F(SpanRoutesTest, WrongParametersAreNamed) {
  const auto error = [&](net::QueryPairs query) { return get("/api/godseye/v1/spans", std::move(query)).body; };
  EXPECT_EQ(error(net::QueryPairs({{"query", "a ("}})),
            R"({"errors":["column 4: expected a word, a \"phrase\", key:value or '(' but found the end"]})");
  EXPECT_EQ(
      error(net::QueryPairs({{"from", "soon"}})),
      R"({"errors":["from: expected a time such as now-1h, 2026-01-31T12:00:00Z or a number since 1970 but found 'soon'"]})");
  EXPECT_EQ(error(net::QueryPairs({{"from", "20"}, {"to", "10"}})),
            R"({"errors":["from: expected a time before to"]})");
  EXPECT_EQ(error(net::QueryPairs({{"sort", "duration"}})),
            R"({"errors":["sort: expected \"timestamp\" or \"-timestamp\""]})");
  EXPECT_EQ(error(net::QueryPairs({{"cursor", "x"}})), R"({"errors":["cursor: expected the one of a page before"]})");
  engine_.down = true;
  EXPECT_EQ(get("/api/godseye/v1/spans").status, 503);
}

TEST_F(SpanRoutesTest, TextFromOutsideIsBoundNeverPasted) {
  const std::string hostile = "zebra')) OR 1=1 --";
  get("/api/godseye/v1/spans", net::QueryPairs({{"query", "service:\"" + hostile + "\" @\\'zebra:1"}}));
  get("/api/godseye/v1/spans/facets", net::QueryPairs({{"query", "@x:\"" + hostile + "\""}}));
  get("/api/godseye/v1/sessions", net::QueryPairs({{"query", "\"" + hostile + "\""}}));
  get("/api/godseye/v1/sessions/zebra'");
  get("/api/godseye/v1/service-map", net::QueryPairs({{"env", hostile}}));
  call("POST", "/api/v2/spans/analytics/aggregate", {},
       R"({"data":{"attributes":{"group_by":[{"facet":"@zebra'","missing":"zebra'","total":"zebra'"}],"compute":[)"
       R"({"aggregation":"sum","metric":"@zebra'"}]}}})");
  EXPECT_GE(engine_.statements.size(), 6U);
  for (const std::string& sql : engine_.statements) EXPECT_EQ(sql.find("zebra"), std::string::npos) << sql;
}

TEST_F(SpanRoutesTest, AnswersDatadogsSpanSearch) {
  const net::HttpResponse answer = call("POST", "/api/v2/spans/events/search", {},
                                        R"({"data":{"type":"search_request","attributes":{"filter":{"query":"*"}}}})");
  EXPECT_EQ(answer.status, 200);
  expect_part(answer, R"("id":"0000000000000007000000000000000b-8","type":"spans")");
  expect_part(answer, R"("trace_id":"0000000000000007000000000000000b")");
  expect_part(answer, R"("status":"done")");
  expect_part(answer, R"("request_id":")");
  expect_part(get("/api/v2/spans/events"), R"("service":"chat")");
  EXPECT_EQ(call("POST", "/api/v2/spans/events/search", {}, "{").status, 400);
  EXPECT_EQ(
      get("/api/v2/spans/events", net::QueryPairs({{"page[limit]", "0"}})).body,
      R"({"errors":[{"status":"400","title":"Bad Request","detail":"page[limit]: expected a number from 1 to 5000"}]})");
}

TEST_F(SpanRoutesTest, AnswersTheLlmSpanExport) {
  const net::HttpResponse answer =
      get("/api/v2/llm-obs/v1/spans/events", net::QueryPairs({{"filter[ml_app]", "shop"}}));
  EXPECT_EQ(answer.status, 200);
  expect_part(answer, R"("type":"span")");
  expect_part(answer, R"("trace_id":"aa","parent_id":"undefined","span_kind":"llm","status":"error")");
  expect_part(answer,
              R"("metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"estimated_total_cost":500000000)");
  expect_part(answer, R"("page":{})");
  EXPECT_EQ(
      call("POST", "/api/v2/llm-obs/v1/spans/events/search", {}, R"({"data":{"type":"spans","attributes":{}}})").status,
      200);
}

TEST_F(SpanRoutesTest, AnswersAggregates) {
  const net::HttpResponse answer =
      call("POST", "/api/v2/spans/analytics/aggregate", {},
           R"({"data":{"type":"aggregate_request","attributes":{"group_by":[{"facet":"service"}]}}})");
  EXPECT_EQ(answer.status, 200);
  expect_part(answer, R"("attributes":{"by":{"service":"web"},"compute":{"c0":5},"computes":{"c0":5}})");
}

TEST_F(SpanRoutesTest, ErasesAndSaysWhat) {
  EXPECT_EQ(call("DELETE", "/api/godseye/v1/sessions/s1").body,
            R"({"deleted":{"spans":3,"texts":1},"rows":4,"note":"look"})");
  EXPECT_EQ(call("DELETE", "/api/godseye/v1/users/u1").status, 504);
}

TEST_F(SpanRoutesTest, AnswersTheOldTraceShape) {
  const net::HttpResponse answer = get("/api/v1/trace/11");
  EXPECT_EQ(answer.status, 200);
  expect_part(answer, R"({"trace":{"root_id":"8","spans":{"8":{"span_id":"8",)");
  expect_part(answer, R"("is_truncated":false)");
}

}  // namespace
}  // namespace godseye::api
