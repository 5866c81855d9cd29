#include <godseye/api/management_routes.h>
#include <godseye/store/engine.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::api {
namespace {

using ::testing::HasSubstr;

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return false; }
  bool application_key_valid(std::string_view) const override { return false; }
};

// One gauge of one host: 9 in [1'700'000'100, 1'700'000'140), else 1, a point each ten seconds.
class FakeEngine : public store::Engine {
 public:
  base::Result<store::Rows> select(std::string_view sql, const store::QueryOptions& options) override {
    using store::Column;
    ++selects;
    if (down) return base::Error(base::ErrorCode::kUnavailable, "the engine is restarting");
    std::vector<Column> columns;
    if (sql.find("FROM series") != sql.npos) {
      for (const uint64_t value : {7, 3, 0}) columns.emplace_back("", "UInt64", std::vector<uint64_t>{value});
      auto tags = std::make_shared<Column>("", "String", Column::Texts{.bytes = "host:a", .ends = {6}});
      columns.emplace_back("", "Array(String)", Column::Arrays{.ends = {1}, .elements = tags});
      return store::Rows(std::move(columns));
    }
    if (sql.find("FROM points") == sql.npos) return store::Rows{};
    int64_t from = 0;
    for (const auto& [name, value] : options.parameters) {
      if (name == "from") from = std::stoll(value);
    }
    std::vector<uint64_t> ids;
    std::vector<uint64_t> times;
    std::vector<double> values;
    for (int64_t t = (from + 9) / 10 * 10; t < 1'700'000'400; t += 10) {
      ids.push_back(7);
      times.push_back(static_cast<uint64_t>(t));
      values.push_back(t >= 1'700'000'100 && t < 1'700'000'140 ? 9 : 1);
    }
    const std::vector<uint64_t> ends(ids.size(), 0);
    columns.emplace_back("", "UInt64", std::move(ids));
    columns.emplace_back("", "UInt64", std::move(times));
    for (int k = 0; k < 4; ++k) columns.emplace_back("", "String", Column::Texts{.bytes = "", .ends = ends});
    columns.emplace_back("", "Float64", std::move(values));
    return store::Rows(std::move(columns));
  }
  base::Status execute(std::string_view, const store::QueryOptions&) override { return base::ok(); }
  base::Status insert(const store::InsertBlock&, std::chrono::milliseconds) override { return base::ok(); }

  bool down = false;
  int selects = 0;
};

class MonitorTrialRouteTest : public testing::Test {
 protected:
  MonitorTrialRouteTest() { add_monitor_trial_route(router_, queries_, nullptr, clock_); }

  net::HttpResponse call(std::string body) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = request.raw_path = request.path = "/api/godseye/v1/monitors/try";
    request.body = std::move(body);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }
  static std::string body(const std::string& more = "",
                          const std::string& query = "max(last_1m):max:m{*} by {host} > 4") {
    return R"({"from":1700000000,"to":1700000300,"monitor":{"name":"m","type":"query alert","query":")" + query +
           "\"}" + more + "}";
  }

  NoKeys keys_;
  Router router_{keys_, {.anonymous_loopback = true}};
  FakeEngine engine_;
  base::Clock clock_ = base::system_clock();
  query::QueryEngine queries_{engine_, clock_};
};

TEST_F(MonitorTrialRouteTest, SaysWhenItWouldHaveFired) {
  const net::HttpResponse answer = call(body());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr(R"("complete":true,"from":1700000000,"to":1700000300,"evaluated_to":1700000300)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("group":"host:a","status":"OK","triggered":1,"alert_s":90)"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"time":1700000110,"kind":"Triggered","from":"OK","to":"Alert","value":9,)"
                                     R"("threshold":4,"notify":true})"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"time":1700000200,"kind":"Recovered","from":"Alert","to":"OK","value":1)"));
  EXPECT_LE(engine_.selects, 3) << "history is read once";
}

TEST_F(MonitorTrialRouteTest, GoesOnFromWhatAnEarlierAnswerSaid) {
  const net::HttpResponse answer =
      call(body(R"(,"resume":[["host:a",2,9,1699999000,0,1699999900,1699999900,1699999900,0,0,1699999900,0]])"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr(R"({"time":1700000010,"kind":"Recovered","from":"Alert")"));
}

TEST_F(MonitorTrialRouteTest, NamesWhatIsWrong) {
  const auto error_of = [&](const std::string& text) {
    const net::HttpResponse answer = call(text);
    return std::to_string(answer.status) + " " + answer.body;
  };
  EXPECT_THAT(error_of("[]"), HasSubstr("400"));
  EXPECT_THAT(error_of("{"), HasSubstr("400"));
  EXPECT_THAT(error_of(R"({"from":1,"to":2})"), HasSubstr("monitor: expected a monitor"));
  EXPECT_THAT(error_of(body("", "avg(last_5m):avg:m{*} > ")), HasSubstr("400"));
  EXPECT_THAT(error_of(body(R"(,"step":7)")), HasSubstr("multiple of 10"));
  EXPECT_THAT(error_of(body(R"(,"step":"10")")), HasSubstr("step: expected seconds"));
  EXPECT_THAT(error_of(body(R"(,"resume":{})")), HasSubstr("resume: expected"));
  EXPECT_THAT(error_of(body(R"(,"resume":[["host:a",9,0,0,0,0,0,0,0,0,0,0]])")), HasSubstr("resume: expected"));
  engine_.down = true;
  EXPECT_THAT(error_of(body()), HasSubstr("503"));
}

}  // namespace
}  // namespace godseye::api
