#include <godseye/api/core_routes.h>
#include <godseye/api/json_limits.h>
#include <godseye/api/pages.h>
#include <godseye/net/content_coding.h>

#include <gtest/gtest.h>

namespace godseye::api {
namespace {

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return false; }
  bool application_key_valid(std::string_view) const override { return false; }
};

net::HttpRequest get(std::string path) {
  net::HttpRequest out;
  out.method = "GET";
  out.target = path;
  out.raw_path = path;
  out.path = path;
  out.remote_is_loopback = true;
  return out;
}

class CoreRoutes : public testing::Test {
 protected:
  CoreRoutes() {
    add_core_routes(router_, {.health = [this] { return parts_; }, .ingestion = [this] { return report_; }}, live_);
  }
  NoKeys keys_;
  Router router_{keys_, {.anonymous_loopback = true}};
  LiveHub live_{2};
  std::vector<HealthPart> parts_{{.name = "journal"}, {.name = "store"}};
  IngestionReport report_;
};

TEST_F(CoreRoutes, HealthIsTheWorstPart) {
  EXPECT_NE(router_.handle(get("/health")).body.find(R"("checks":{"journal":{"status":"ok"},"store":{"status":"ok"}})"),
            std::string::npos);
  parts_[1] = {.name = "store", .state = PartState::kDegraded, .reason = "engine is \"down\""};
  net::HttpResponse degraded = router_.handle(get("/api/godseye/v1/health"));
  EXPECT_EQ(degraded.status, 200);
  EXPECT_NE(degraded.body.find(R"({"status":"degraded",)"), std::string::npos);
  EXPECT_NE(degraded.body.find(R"("reason":"engine is \"down\"")"), std::string::npos);
  parts_[0].state = PartState::kFailing;
  EXPECT_EQ(router_.handle(get("/health")).status, 503);
}

TEST_F(CoreRoutes, ValidatesKeys) {
  EXPECT_EQ(router_.handle(get("/api/v1/validate")).body, R"({"valid":true})");
  Router strict(keys_, {});
  add_core_routes(strict, {}, live_);
  const net::HttpResponse refused = strict.handle(get("/api/v1/validate"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, R"({"errors":["Forbidden"]})");
}

TEST_F(CoreRoutes, ReportsWhatCameIn) {
  report_.paths.push_back(
      {.path = "dogstatsd", .bytes_in = 10, .events_in = 3, .events_out = 2, .errors = {{"decode", 1}}});
  report_.contexts_active = 7;
  report_.contexts_max = 9;
  report_.contexts_refused = {{"a.b", 5}};
  report_.journal = {{"bytes", "12"}};
  report_.clients = {{.client = "python",
                      .version = "4.1.0",
                      .path = "v0.4",
                      .received = 9,
                      .accepted = 7,
                      .stored = 7,
                      .queryable = 5,
                      .dropped = {{"duplicate", 2}},
                      .last_seen_s = 17}};
  report_.gap = {.spans = 2, .oldest = std::chrono::milliseconds(61'000)};
  report_.spans = {{"duplicates", "2"}};
  EXPECT_EQ(router_.handle(get("/api/godseye/v1/ingestion")).body,
            R"({"paths":[{"path":"dogstatsd","bytes_in":10,"events_in":3,"events_out":2,"errors":{"decode":1},)"
            R"("discarded":0}],"contexts":{"active":7,"max":9,"refused":[{"metric":"a.b","refused":5}]},)"
            R"("journal":{"bytes":12},"store":{},"http":{},"spans":{"rows":[{"client":"python","version":"4.1.0",)"
            R"("path":"v0.4","received":9,"accepted":7,"stored":7,"queryable":5,"refused":0,)"
            R"("dropped":{"duplicate":2},"last_seen_s":17}],"gap":{"spans":2,"oldest_ms":61000},)"
            R"("intake":{"duplicates":2}}})");
}

TEST_F(CoreRoutes, LiveClientsGetTheirTopicsUpToTheLimit) {
  net::HttpRequest chosen = get("/api/godseye/v1/live");
  chosen.query = *net::parse_query("topics=incidents,monitors");
  const auto some = router_.handle(chosen).stream;
  const auto all = router_.handle(get("/api/godseye/v1/live")).stream;
  ASSERT_TRUE(some && all);
  EXPECT_EQ(router_.handle(get("/api/godseye/v1/live")).status, 503);
  live_.publish("metrics", "{\"t\":1}");
  live_.publish("incidents", "{}");
  std::string out;
  EXPECT_TRUE(some->take(out));
  EXPECT_EQ(out, "event: hello\ndata: {}\n\nevent: incidents\ndata: {}\n\n");
  EXPECT_TRUE(all->take(out));
  EXPECT_EQ(out, "event: hello\ndata: {}\n\nevent: metrics\ndata: {\"t\":1}\n\nevent: incidents\ndata: {}\n\n");
  all->abandon();
  live_.publish("metrics", "{}");
  EXPECT_EQ(live_.subscribers(), 1U);
  live_.close();
  EXPECT_TRUE(some->closed());
  EXPECT_EQ(router_.handle(get("/api/godseye/v1/live")).status, 503);
}

TEST(Pages, ServeFilesAndTheApplication) {
  static const std::string script(5000, 'x');
  static const PageFile files[] = {{"index.html", "<html>"}, {"assets/a-1.js", script}};
  const NoKeys keys;
  Router router(keys, {});
  add_pages(router, files);
  const net::HttpResponse index = router.handle(get("/"));
  EXPECT_EQ(index.body, "<html>");
  EXPECT_EQ(index.headers.get("Cache-Control"), "no-cache");
  EXPECT_NE(index.headers.get("Content-Security-Policy").find("default-src 'self'"), std::string_view::npos);
  EXPECT_EQ(router.handle(get("/incidents/17")).body, "<html>");
  net::HttpRequest zipped = get("/assets/a-1.js");
  EXPECT_EQ(router.handle(zipped).body, script);
  zipped.headers = {{"Accept-Encoding", "gzip"}};
  const net::HttpResponse packed = router.handle(zipped);
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(*net::decode_content("gzip", packed.body, 1 << 20), script);
  EXPECT_NE(packed.headers.get("Cache-Control").find("immutable"), std::string_view::npos);
  zipped.headers = {{"If-None-Match", std::string(packed.headers.get("ETag"))}};
  EXPECT_EQ(router.handle(zipped).status, 304);
  EXPECT_EQ(router.handle(get("/assets/none.js")).status, 404);
  EXPECT_EQ(router.handle(get("/../../etc/passwd.txt")).status, 404);
}

TEST(Pages, SayWhenTheyWereNotBuilt) {
  const NoKeys keys;
  Router router(keys, {});
  add_pages(router, {});
  EXPECT_NE(router.handle(get("/")).body.find("ui/dist did not exist"), std::string::npos);
}

TEST(JsonLimits, CountDepthOutsideStrings) {
  EXPECT_TRUE(check_json_limits("[[1]]", 2));
  EXPECT_FALSE(check_json_limits("[[[1]]]", 2));
  EXPECT_TRUE(check_json_limits(R"({"a":"[[[[\"[[["})", 2));
  EXPECT_TRUE(check_json_limits("[][][]", 1));
  EXPECT_EQ(check_json_limits("12345", 1, 4).error().code(), base::ErrorCode::kTooLarge);
  EXPECT_FALSE(check_json_limits(std::string(1'000'000, '[')));
  EXPECT_TRUE(check_json_limits("\"\\"));
}

}  // namespace
}  // namespace godseye::api
