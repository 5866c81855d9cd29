#include <godseye/api/query_routes.h>
#include <godseye/store/engine.h>

#include <gtest/gtest.h>

namespace godseye::api {
namespace {

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return false; }
  bool application_key_valid(std::string_view) const override { return false; }
};

// Knows one gauge of one series and answers by what the statement reads.
class FakeEngine : public store::Engine {
 public:
  base::Result<store::Rows> select(std::string_view sql, const store::QueryOptions&) override {
    using store::Column;
    if (down) return base::Error(base::ErrorCode::kUnavailable, "the engine is restarting");
    std::vector<Column> columns;
    if (sql.find("uniq(series_id)") != sql.npos) {
      for (const uint64_t value : {3, 0, 1, 0, 0, 0, 0})
        columns.emplace_back("", "UInt64", std::vector<uint64_t>{value});
    } else if (sql.find("sid, h, b, v") != sql.npos) {
      for (const uint64_t value : {uint64_t{1}, uint64_t{0}, uint64_t{1'700'000'000}})
        columns.emplace_back("", "UInt64", std::vector<uint64_t>{value});
      columns.emplace_back("v", "Float64", std::vector<double>{3.5});
    } else if (sql.find("FROM points") != sql.npos) {
      columns.emplace_back("b", "UInt64", std::vector<uint64_t>{1'700'000'000});
      columns.emplace_back("a", "Float64", std::vector<double>{7});
      columns.emplace_back("n", "Float64", std::vector<double>{2});
    } else if (sql.find("GROUP BY type") != sql.npos) {
      for (const uint64_t value : {3, 0, 1}) columns.emplace_back("", "UInt64", std::vector<uint64_t>{value});
    } else {
      columns.emplace_back("name", "String", Column::Texts{.bytes = "m.am.b", .ends = {3, 6}});
    }
    return store::Rows(std::move(columns));
  }
  base::Status execute(std::string_view, const store::QueryOptions&) override { return base::ok(); }
  base::Status insert(const store::InsertBlock&, std::chrono::milliseconds) override { return base::ok(); }

  bool down = false;
};

class QueryRoutesTest : public testing::Test {
 protected:
  QueryRoutesTest() { add_query_routes(router_, queries_, clock_); }

  net::HttpResponse call(std::string method, std::string path, net::QueryPairs query = {}, std::string body = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = request.raw_path = request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }
  net::HttpResponse query(std::string text) {
    return call("GET", "/api/v1/query",
                net::QueryPairs({{"from", "1700000000"}, {"to", "1700000060"}, {"query", std::move(text)}}));
  }

  NoKeys keys_;
  Router router_{keys_, {.anonymous_loopback = true}};
  FakeEngine engine_;
  base::Clock clock_ = base::system_clock();
  query::QueryEngine queries_{engine_, clock_};
};

TEST_F(QueryRoutesTest, AnswersAQuery) {
  const net::HttpResponse answer = query("avg:m{*}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"("pointlist":[[1700000000000,3.5]])"), std::string::npos) << answer.body;
}

TEST_F(QueryRoutesTest, AWrongQueryNamesTheColumn) {
  const net::HttpResponse answer = query("avg:m{*");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"errors":["column 8: expected ',', AND, OR or '}' but found the end"]})");
}

TEST_F(QueryRoutesTest, MissingAndWrongParametersAreNamed) {
  EXPECT_EQ(call("GET", "/api/v1/query").body, R"({"errors":["from: expected Unix seconds"]})");
}

TEST_F(QueryRoutesTest, AnEngineThatIsDownIs503) {
  engine_.down = true;
  EXPECT_EQ(query("avg:m{*}").status, 503);
}

TEST_F(QueryRoutesTest, AnswersAFormula) {
  const net::HttpResponse answer = call(
      "POST", "/api/v2/query/timeseries", {},
      R"({"data":{"type":"timeseries_request","attributes":{"from":1700000000000,"to":1700000020000,"interval":10000,)"
      R"("formulas":[{"formula":"a * 2"}],"queries":[{"data_source":"metrics","name":"a","query":"avg:m{*}"}]}}})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(
      answer.body,
      R"({"data":{"id":"0","type":"timeseries_response","attributes":{"series":[{"group_tags":[],"query_index":0,)"
      R"("unit":[null,null]}],"times":[1700000000000,1700000010000],"values":[[7,null]]}}})");
}

TEST_F(QueryRoutesTest, AnswersScalars) {
  const auto scalar = [&](const std::string& queries, const std::string& formulas) {
    return call(
        "POST", "/api/v2/query/scalar", {},
        R"({"data":{"type":"scalar_request","attributes":{"from":1700000000000,"to":1700000020000,"formulas":)" +
            formulas + R"(,"queries":)" + queries + "}}}");
  };
  const std::string one = R"([{"data_source":"metrics","name":"a","query":"avg:m{*}","aggregator":"max"}])";
  EXPECT_EQ(scalar(one, R"([{"formula":"a * 2"}])").body,
            R"({"data":{"id":"0","type":"scalar_response","attributes":{"columns":[{"name":"a * 2","type":"number",)"
            R"("values":[7],"meta":{"unit":[null,null]}}]}}})");
  EXPECT_NE(scalar(one, "[]").body.find(R"({"name":"a","type":"number","values":[3.5])"), std::string::npos);
  const std::string wrong = R"([{"data_source":"metrics","name":"a","query":"avg:m{*}","aggregator":"median"}])";
  EXPECT_EQ(scalar(wrong, "[]").status, 400);
  EXPECT_NE(scalar(wrong, "[]").body.find("expected the aggregator avg, min"), std::string::npos);
  EXPECT_EQ(scalar(one, R"([{"formula":"b"}])").status, 400);
}

TEST_F(QueryRoutesTest, ListsMetricsAndTheirType) {
  const net::QueryPairs from({{"from", "5"}});
  EXPECT_EQ(call("GET", "/api/v1/metrics", from).body, R"({"from":"5","metrics":["m.a","m.b"]})");
  const net::QueryPairs search({{"q", "metrics:m"}});
  EXPECT_EQ(call("GET", "/api/v1/search", search).body, R"({"results":{"metrics":["m.a","m.b"]}})");
  EXPECT_NE(call("GET", "/api/v1/metrics/m.a").body.find(R"("type":"gauge")"), std::string::npos);
}

}  // namespace
}  // namespace godseye::api
