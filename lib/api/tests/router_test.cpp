#include <godseye/api/errors.h>
#include <godseye/api/router.h>

#include <gtest/gtest.h>

namespace godseye::api {
namespace {

constexpr const char* kApiKey = "0123456789abcdef0123456789abcdef";
constexpr const char* kApplicationKey = "0123456789abcdef0123456789abcdef01234567";

class FakeKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view key) const override { return key == kApiKey; }
  bool application_key_valid(std::string_view key) const override { return key == kApplicationKey; }
};

net::HttpRequest request(std::string method, std::string path, net::Headers headers = {}) {
  net::HttpRequest out;
  out.method = std::move(method);
  out.target = path;
  out.raw_path = path;
  out.path = path;
  out.headers = std::move(headers);
  return out;
}

Handler says(std::string text) {
  return [text](const Request& call) {
    std::string body = text;
    for (const auto& [name, value] : call.params) body += " " + std::string(name) + "=" + value;
    return net::json_response(200, body);
  };
}

class RouterTest : public testing::Test {
 protected:
  FakeKeys keys_;
  Router router_{keys_, {}};
  std::string get(std::string path) { return router_.handle(request("GET", std::move(path))).body; }
};

TEST_F(RouterTest, PrefersLiteralsAndDecodesParameters) {
  router_.add(RouteClass::kOpen, "GET", "/api/v1/monitor", says("list"));
  router_.add(RouteClass::kOpen, "GET", "/api/v1/monitor/{id}", says("one"));
  router_.add(RouteClass::kOpen, "GET", "/api/v1/monitor/search", says("search"));
  router_.add(RouteClass::kOpen, "GET", "/api/v1/monitor/{id}/mute/{group}", says("mute"));
  router_.add(RouteClass::kOpen, "GET", "/files/{path...}", says("rest"));
  EXPECT_EQ(get("/api/v1/monitor"), "list");
  EXPECT_EQ(get("/api/v1/monitor/"), "list");
  EXPECT_EQ(get("/api/v1/monitor/search"), "search");
  EXPECT_EQ(get("/api/v1/monitor/a%2Fb%20c"), "one id=a/b c");
  EXPECT_EQ(get("/api/v1/monitor/7/mute/x"), "mute id=7 group=x");
  // The literal leads nowhere, so the parameter is tried.
  EXPECT_EQ(get("/api/v1/monitor/search/mute/x"), "mute id=search group=x");
  EXPECT_EQ(get("/files/a/b//c"), "rest path=a/b//c");
}

TEST_F(RouterTest, AnswersUnknownPathsAndMethodsInDatadogsShape) {
  router_.add(RouteClass::kOpen, "GET", "/api/v1/thing", says("got"));
  router_.add(RouteClass::kOpen, "POST", "/api/v1/thing", says("posted"));
  const net::HttpResponse missing = router_.handle(request("GET", "/api/v1/nothing"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, R"({"errors":["Not Found"]})");
  const net::HttpResponse wrong = router_.handle(request("DELETE", "/api/v1/thing"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.get("Allow"), "GET, POST");
  EXPECT_EQ(router_.handle(request("OPTIONS", "/api/v1/thing")).status, 204);
  EXPECT_EQ(router_.handle(request("HEAD", "/api/v1/thing")).body, "got");
  EXPECT_EQ(router_.handle(request("GET", "/api/v1/thing/%zz")).status, 404);
  EXPECT_EQ(router_.handle(request("GET", "")).status, 404);
  EXPECT_EQ(router_.handle(request("GET", std::string(1000, '/'))).status, 404);
  EXPECT_EQ(router_.stats().not_found, 4U);
}

TEST_F(RouterTest, RefusesBadPercentEncodingInParameters) {
  router_.add(RouteClass::kOpen, "GET", "/x/{id}", says("one"));
  EXPECT_EQ(router_.handle(request("GET", "/x/%zz")).status, 400);
  EXPECT_EQ(router_.handle(request("GET", "/x/%4")).status, 400);
}

TEST_F(RouterTest, FallbackServesPagesButNeverTheApi) {
  router_.set_fallback(says("page"));
  EXPECT_EQ(get("/monitors/17"), "page");
  EXPECT_EQ(router_.handle(request("GET", "/api/v9/x")).status, 404);
  EXPECT_EQ(router_.handle(request("POST", "/monitors")).status, 404);
}

TEST_F(RouterTest, IntakeNeedsAnApiKeyAndManagementBoth) {
  router_.add(RouteClass::kIntake, "POST", "/intake", says("in"));
  router_.add(RouteClass::kManagement, "GET", "/manage", says("yes"));
  const auto intake = [&](net::Headers headers) {
    return router_.handle(request("POST", "/intake", std::move(headers))).status;
  };
  const auto manage = [&](net::Headers headers) {
    return router_.handle(request("GET", "/manage", std::move(headers))).status;
  };
  EXPECT_EQ(intake({}), 403);
  EXPECT_EQ(intake({{"dd-api-key", "00000000000000000000000000000000"}}), 403);
  EXPECT_EQ(intake({{"dd-api-key", kApiKey}}), 200);
  EXPECT_EQ(intake({{"authorization", std::string("Bearer ") + kApiKey}}), 200);
  EXPECT_EQ(manage({{"dd-api-key", kApiKey}}), 403);
  EXPECT_EQ(manage({{"dd-application-key", kApplicationKey}}), 403);
  EXPECT_EQ(manage({{"dd-api-key", kApiKey}, {"dd-application-key", kApplicationKey}}), 200);
  EXPECT_EQ(manage({{"dd-api-key", kApiKey}, {"dd-application-key", kApiKey}}), 403);
  EXPECT_EQ(manage({{"authorization", std::string("bearer ") + kApplicationKey}}), 200);
  EXPECT_EQ(manage({{"authorization", std::string("Bearer ") + kApiKey}}), 403);
  EXPECT_EQ(router_.handle(request("GET", "/manage")).body, R"({"errors":["Forbidden"]})");

  net::HttpRequest old = request("GET", "/manage");
  old.query = *net::parse_query(std::string("api_key=") + kApiKey + "&application_key=" + kApplicationKey);
  EXPECT_EQ(router_.handle(old).status, 200);
}

TEST_F(RouterTest, AnonymousLoopbackLiftsKeysForLoopbackPeersOnly) {
  Router open(keys_, {.anonymous_loopback = true});
  open.add(RouteClass::kManagement, "GET", "/manage", says("yes"));
  net::HttpRequest call = request("GET", "/manage", {{"dd-api-key", "foreign"}});
  EXPECT_EQ(open.handle(call).status, 403);
  call.remote_is_loopback = true;
  EXPECT_EQ(open.handle(call).status, 200);
}

TEST_F(RouterTest, AHandlerThatThrowsIsAnsweredAndCounted) {
  router_.add(RouteClass::kOpen, "GET", "/x",
              [](const Request&) -> net::HttpResponse { throw std::runtime_error("x"); });
  EXPECT_EQ(router_.handle(request("GET", "/x")).status, 500);
  EXPECT_EQ(router_.stats().handler_failures, 1U);
}

TEST(Errors, MapToStatusAndShape) {
  const base::Error full(base::ErrorCode::kQueueFull, "journal is \"full\"");
  const net::HttpResponse v1 = error_response(full);
  EXPECT_EQ(v1.status, 429);
  EXPECT_EQ(v1.body, R"({"errors":["journal is \"full\""]})");
  EXPECT_EQ(v1.headers.get("retry-after"), "10");
  EXPECT_EQ(json_api_error(404, "no").body, R"({"errors":[{"status":"404","title":"Not Found","detail":"no"}]})");
}

}  // namespace
}  // namespace godseye::api
