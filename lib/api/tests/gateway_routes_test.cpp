#include <godseye/api/gateway_routes.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace godseye::api {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return false; }
  bool application_key_valid(std::string_view) const override { return false; }
};

constexpr auto kStart = base::WallTime(std::chrono::seconds(1'767'225'600));  // 2026-01-01T00:00:00Z

class GatewayRoutesTest : public testing::Test {
 protected:
  GatewayRoutesTest() {
    add_gateway_routes(router_,
                       {.address = [this] { return address; },
                        .calls =
                            [this](uint64_t before, size_t limit, const std::function<bool(const GatewayCall&)>& want) {
                              std::vector<GatewayCall> found;
                              for (auto it = calls.rbegin(); it != calls.rend() && found.size() < limit; ++it) {
                                if (it->sequence < before && want(*it)) found.push_back(*it);
                              }
                              return found;
                            },
                        .call = [this](std::string_view id) -> std::optional<GatewayCall> {
                          for (const GatewayCall& call : calls) {
                            if (call.call_id == id) return call;
                          }
                          return std::nullopt;
                        },
                        .providers = [this] { return providers; }},
                       live_, clock_);
    add_gateway_routes(bare_router_, {}, live_, clock_);
  }

  void add(std::string session, GatewayVerdict verdict) {
    GatewayCall call{.sequence = calls.size() + 1, .time = now_};
    call.call_id = "c" + std::to_string(call.sequence);
    call.session_id = std::move(session);
    call.verdict = verdict;
    calls.push_back(call);
  }

  using Query = std::vector<std::pair<std::string, std::string>>;
  net::HttpResponse answer(std::string path, Query query = {}, bool loopback = true) {
    return answer_of(router_, std::move(path), std::move(query), loopback);
  }
  static net::HttpResponse answer_of(Router& router, std::string path, Query query = {}, bool loopback = true) {
    net::HttpRequest request;
    request.method = "GET";
    request.target = request.raw_path = request.path = "/api/godseye/v1/gateway" + std::move(path);
    request.query = net::QueryPairs(std::move(query));
    request.remote_is_loopback = loopback;
    return router.handle(request);
  }
  static json::object body(const net::HttpResponse& response) { return json::parse(response.body).as_object(); }
  static std::string taken(const net::HttpResponse& response) {
    std::string out;
    response.stream->take(out);
    return out;
  }
  static size_t count(std::string_view text, std::string_view word) {
    size_t n = 0;
    for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++n;
    return n;
  }

  base::WallTime now_ = kStart;
  base::Clock clock_{.wall = [this] { return now_; }, .tick = [] { return base::TickTime(); }};
  NoKeys keys_;
  Router router_{keys_, {.anonymous_loopback = true}};
  Router bare_router_{keys_, {.anonymous_loopback = true}};
  GatewayLive live_{clock_, 2};
  std::string address = "http://127.0.0.1:8081";
  std::vector<GatewayCall> calls;
  std::vector<GatewayProvider> providers;
};

TEST_F(GatewayRoutesTest, AnswersWithoutAGateway) {
  EXPECT_EQ(answer_of(bare_router_, "").body, R"({"running":false,"playground":false,"providers":[]})");
  EXPECT_EQ(answer_of(bare_router_, "/calls").body, R"({"calls":[],"next":null})");
  EXPECT_EQ(answer_of(bare_router_, "/calls/c1").status, 404);
  EXPECT_TRUE(body(answer_of(bare_router_, "/providers")).at("providers").as_array().empty());
}

TEST_F(GatewayRoutesTest, NeedsKeys) {
  for (const char* path : {"", "/calls", "/calls/c1", "/live", "/providers"}) {
    EXPECT_EQ(answer(path, {}, false).status, 403) << path;
  }
}

TEST_F(GatewayRoutesTest, PagesThroughCallsNewestFirst) {
  for (int i = 0; i < 5; ++i) add("s", GatewayVerdict::kObserve);
  json::object first = body(answer("/calls", {{"limit", "3"}}));
  ASSERT_EQ(first.at("calls").as_array().size(), 3U);
  EXPECT_EQ(first.at("calls").at(0).at("call_id"), "c5");
  EXPECT_EQ(first.at("calls").at(0).at("time").as_int64(), 1'767'225'600'000);
  const std::string next(first.at("next").as_string());
  json::object second = body(answer("/calls", {{"limit", "3"}, {"cursor", next}}));
  ASSERT_EQ(second.at("calls").as_array().size(), 2U);
  EXPECT_EQ(second.at("calls").at(1).at("call_id"), "c1");
  EXPECT_TRUE(second.at("next").is_null());
}

TEST_F(GatewayRoutesTest, FiltersAndNamesWhatIsWrong) {
  add("mallory", GatewayVerdict::kRefused);
  add("alice", GatewayVerdict::kObserve);
  json::object found = body(answer("/calls", {{"query", "verdict:flagged"}}));
  ASSERT_EQ(found.at("calls").as_array().size(), 1U);
  EXPECT_EQ(found.at("calls").at(0).at("session"), "mallory");
  EXPECT_EQ(answer("/calls", {{"query", "x:y"}}).status, 400);
  EXPECT_EQ(answer("/calls", {{"cursor", "-3"}}).status, 400);
  EXPECT_EQ(answer("/live", {{"query", "x:y"}}).status, 400);
}

TEST_F(GatewayRoutesTest, WritesWhatIsKnownAndLeavesTheRestOut) {
  GatewayCall call{.sequence = 1, .time = kStart, .call_id = "c1", .session_id = "<b>\xff\"", .model = "gpt"};
  call.reasons = {"a\nb"};
  call.trace_id = "0000000000000000000000000000c0de";
  call.span_id = "ffffffffffffffff";
  call.injection = 0.5;
  call.input_tokens = 3;
  call.output_tokens = 4;
  calls = {call};
  json::object found = body(answer("/calls/c1"));
  EXPECT_EQ(found.at("session"), "<b>\xef\xbf\xbd\"");
  EXPECT_EQ(found.at("reasons").at(0), "a\nb");
  EXPECT_EQ(found.at("tokens").as_int64(), 7);
  EXPECT_EQ(found.at("span_id"), "18446744073709551615");
  EXPECT_EQ(found.at("verdict"), "observe");
  EXPECT_FALSE(found.contains("cost_usd"));
  EXPECT_FALSE(found.contains("user"));
  EXPECT_EQ(answer("/calls/c2").status, 404);
}

TEST_F(GatewayRoutesTest, ShowsProvidersWithoutSecrets) {
  GatewayProvider provider{.name = "openai", .family = "openai", .origin = "http://127.0.0.1:9000", .state = "failing"};
  provider.reason = "4 of 5 calls failed";
  provider.requests = 5;
  provider.errors = 4;
  provider.latency_ms_p50 = 12.5;
  provider.quotas = {{.name = "requests", .limit = 100, .remaining = 7, .resets = kStart + 30s}};
  provider.keys = {{.id = "OPENAI_API_KEY", .source = "environment", .expires = kStart + 24h}};
  provider.models = {"gpt-4o"};
  providers = {provider};
  json::object answered = body(answer("/providers"));
  const json::object& one = answered.at("providers").at(0).as_object();
  EXPECT_EQ(one.at("state"), "failing");
  EXPECT_EQ(one.at("errors").as_int64(), 4);
  EXPECT_EQ(one.at("quotas").at(0).at("remaining").as_int64(), 7);
  EXPECT_EQ(one.at("quotas").at(0).at("resets").as_int64(), 1'767'225'630'000);
  EXPECT_EQ(one.at("keys").at(0).at("expires").as_int64(), 1'767'312'000'000);
  EXPECT_FALSE(one.contains("ttft_ms_p50"));
  json::object about = body(answer(""));
  EXPECT_TRUE(about.at("running").as_bool());
  EXPECT_EQ(about.at("providers").at(0).at("models").at(0), "gpt-4o");
}

TEST_F(GatewayRoutesTest, StreamsCallsThatTheFilterTakes) {
  const net::HttpResponse all = answer("/live");
  const net::HttpResponse flagged = answer("/live", {{"query", "verdict:flagged"}});
  EXPECT_EQ(answer("/live").status, 503);
  live_.publish({.call_id = "quiet"});
  live_.publish({.call_id = "loud", .verdict = GatewayVerdict::kRefused});
  const std::string seen = taken(all);
  EXPECT_EQ(count(seen, "event: call"), 2U);
  EXPECT_EQ(count(seen, "event: hello"), 1U);
  const std::string loud = taken(flagged);
  EXPECT_EQ(count(loud, "event: call"), 1U);
  EXPECT_NE(loud.find("\"call_id\":\"loud\""), std::string::npos);
  EXPECT_EQ(live_.stats().refused, 1U);
}

TEST_F(GatewayRoutesTest, NeverSendsMoreThanAPersonReadsAndSaysWhatItLeftOut) {
  const net::HttpResponse response = answer("/live");
  for (int i = 0; i < 1000; ++i) live_.publish({.call_id = "quiet"});
  live_.publish({.call_id = "loud", .verdict = GatewayVerdict::kBlocked});  // not crowded out
  std::string seen = taken(response);
  EXPECT_EQ(count(seen, "event: call"), kLiveCallsPerSecondMax + 1U);
  EXPECT_NE(seen.find("{\"calls\":" + std::to_string(1000 - kLiveCallsPerSecondMax) + "}"), std::string::npos);
  now_ += 1s;
  live_.publish({.call_id = "quiet"});
  seen = taken(response);
  EXPECT_EQ(count(seen, "event: call"), 1U);
  EXPECT_EQ(count(seen, "event: skipped"), 0U);
  EXPECT_EQ(live_.stats().skipped, 1000U - kLiveCallsPerSecondMax);
}

TEST_F(GatewayRoutesTest, ForgetsClientsThatWent) {
  const net::HttpResponse response = answer("/live");
  response.stream->abandon();
  live_.publish({.call_id = "a"});
  EXPECT_EQ(live_.stats().subscribers_now, 0U);
  live_.close();
  EXPECT_EQ(answer("/live").status, 503);
}

}  // namespace
}  // namespace godseye::api
