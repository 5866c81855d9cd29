#include <filesystem>

#include <godseye/api/monitor_page_routes.h>
#include <godseye/api/system_routes.h>
#include <godseye/registry/group_states.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/webhooks.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace godseye::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kNow = 1'700'000'000;

class AnyKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return true; }
  bool application_key_valid(std::string_view) const override { return true; }
};

class FakeQueries : public monitor::WindowQueries {
 public:
  base::Result<query::GroupValues> evaluate(const lang::MonitorQuery&, int64_t) override { return values; }
  query::GroupValues values;
};

class NoSink : public monitor::TransitionSink {
 public:
  base::Status apply(registry::WriteSession&, const monitor::ValidMonitor&,
                     std::span<monitor::GroupTransition>) override {
    return base::ok();
  }
};

struct TempDir {
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "godseye-pages-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

class MonitorPageRoutes : public ::testing::Test {
 protected:
  MonitorPageRoutes()
      : registry_(*registry::Registry::open({.path = dir_.path / "r", .sync = registry::Sync::kNormal})),
        clock_{.wall = [] { return base::WallTime(std::chrono::seconds(kNow)); },
               .tick = [] { return base::TickTime{}; }},
        evaluator_(*registry_, queries_, sink_, clock_),
        router_(keys_, {.anonymous_loopback = true}) {
    const ManagementParts parts{.registry = *registry_, .evaluator = [this] { return &evaluator_; }, .clock = clock_};
    add_monitor_page_routes(router_, parts, [](registry::ReadSession&) {
      return std::vector<KnownHandle>{{.handle = "slack-night", .kind = "slack", .about = "#night"}};
    });
    const std::string document =
        R"({"name":"Injection","type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 0.7"})";
    EXPECT_TRUE(registry_->write([&](registry::WriteSession& s) -> base::Status {
      auto made = registry::create_monitor(s, document, "", 1);
      if (!made) return made.error();
      return registry::create_webhook(s, {.name = "ops", .url = "http://h/secret-token"});
    }));
  }

  net::HttpResponse call(std::string method, std::string path, std::string body = {},
                         std::vector<std::pair<std::string, std::string>> query = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = request.raw_path = request.path = std::move(path);
    request.query = net::QueryPairs(std::move(query));
    request.body = std::move(body);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }
  void evaluate(int64_t at_s) { EXPECT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(at_s)))); }

  TempDir dir_;
  std::unique_ptr<registry::Registry> registry_;
  base::Clock clock_;
  FakeQueries queries_;
  NoSink sink_;
  monitor::Evaluator evaluator_;
  AnyKeys keys_;
  Router router_;
};

TEST_F(MonitorPageRoutes, HistoryTellsWhoChangedWhenAndWhy) {
  queries_.values = {{.group = {{"session_id", "mallory"}}, .value = 0.9}};
  evaluate(kNow - 100);
  queries_.values = {{.group = {{"session_id", "mallory"}}, .value = 0.1}};
  evaluate(kNow - 50);
  const std::string all = call("GET", "/api/godseye/v1/monitors/1/history").body;
  EXPECT_THAT(all, HasSubstr(R"("complete":true)"));
  EXPECT_THAT(all, HasSubstr(R"("time":1699999900,"group":"session_id:mallory","from":"OK","to":"Alert")"));
  EXPECT_THAT(all, HasSubstr(R"("from":"Alert","to":"OK","kind":"Recovered")"));
  EXPECT_LT(all.find("Recovered"), all.find("Triggered"));
  const std::string one = call("GET", "/api/godseye/v1/monitors/1/history", "", {{"limit", "1"}}).body;
  EXPECT_THAT(one, HasSubstr(R"("complete":false)"));
  EXPECT_THAT(one, Not(HasSubstr("Triggered")));
  const std::string before = call("GET", "/api/godseye/v1/monitors/1/history", "", {{"to", "1699999950"}}).body;
  EXPECT_THAT(before, Not(HasSubstr("Recovered")));
  EXPECT_EQ(call("GET", "/api/godseye/v1/monitors/1/history", "", {{"from", "9"}, {"to", "9"}}).status, 400);
  EXPECT_EQ(call("GET", "/api/godseye/v1/monitors/7/history").status, 404);
}

TEST_F(MonitorPageRoutes, GroupsComeByThePageWhateverTheirNumber) {
  for (int i = 0; i < 2000; ++i) {
    queries_.values.push_back({.group = {{"session_id", "s" + std::to_string(i)}}, .value = i == 1500 ? 0.9 : 0.1});
  }
  evaluate(kNow);
  const std::string first = call("GET", "/api/godseye/v1/monitors/1/groups", "", {{"per_page", "2"}}).body;
  EXPECT_THAT(first, HasSubstr(R"("total":2000,"found":2000,"page":0,"per_page":2,"counts":{"Alert":1,"OK":1999})"));
  EXPECT_THAT(first, HasSubstr(R"("groups":[{"name":"session_id:s1500","status":"Alert")"));
  EXPECT_THAT(first, HasSubstr(R"({"name":"session_id:s0","status":"OK")"));
  EXPECT_THAT(first, Not(HasSubstr("session_id:s1\"")));
  const std::string found =
      call("GET", "/api/godseye/v1/monitors/1/groups", "", {{"search", "S15"}, {"status", "alert"}}).body;
  EXPECT_THAT(found, HasSubstr(R"("found":1)"));
  EXPECT_THAT(found, HasSubstr(R"("counts":{"Alert":1,"OK":110})"));
  EXPECT_LT(call("GET", "/api/godseye/v1/monitors/1/groups", "", {{"per_page", "99999"}}).body.size(), 100'000U);
  EXPECT_EQ(call("GET", "/api/godseye/v1/monitors/1/groups", "", {{"status", "odd"}}).status, 400);
}

TEST_F(MonitorPageRoutes, APreviewSaysWhoWouldBeTold) {
  const std::string body =
      R"({"monitor":{"name":"N","message":"{{host.name}} is {{value}} @webhook-ops @webhook-gone. @slack-night\n{{#is_recovery}}@incident-x{{/is_recovery}}"},"sample":{"status":"alert","value":2,"group":"host:<a>"}})";
  const net::HttpResponse answer = call("POST", "/api/godseye/v1/monitors/preview", body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"({"handle":"webhook-ops","kind":"webhook","known":true})"));
  EXPECT_THAT(answer.body,
              HasSubstr(R"("handle":"webhook-gone.","kind":"webhook","known":false,"note":"not configured)"));
  EXPECT_THAT(answer.body, HasSubstr("remove the '.'"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"handle":"slack-night","kind":"slack","known":true})"));
  EXPECT_THAT(answer.body, HasSubstr(R"("other_handles":[{"handle":"incident-x","kind":"incident","known":true}])"));
  const net::HttpResponse wrong =
      call("POST", "/api/godseye/v1/monitors/preview", R"({"monitor":{"message":"{{#is_alert}}"}})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("message: line 1"));
  for (const char* bad : {"", "{", "[]", R"({"monitor":1})", R"({"monitor":{},"sample":{"status":"odd"}})",
                          R"({"monitor":{},"sample":{"value":"x"}})", R"({"monitor":{"message":7}})"}) {
    EXPECT_EQ(call("POST", "/api/godseye/v1/monitors/preview", bad).status, 400) << bad;
  }
}

TEST_F(MonitorPageRoutes, HandlesAreListedWithoutTheirAddresses) {
  const std::string body = call("GET", "/api/godseye/v1/handles").body;
  EXPECT_THAT(body, HasSubstr(R"({"handle":"webhook-ops","kind":"webhook","about":"webhook"})"));
  EXPECT_THAT(body, HasSubstr("slack-night"));
  EXPECT_THAT(body, Not(HasSubstr("secret-token")));
}

TEST_F(MonitorPageRoutes, TheSystemReportIsWholeWhenTheStoreIsDown) {
  add_system_routes(router_, [] {
    SystemReport report;
    report.health = {{.name = "store", .state = PartState::kDegraded, .reason = "it is \"down\""}};
    report.alarms = {{.name = "disk_will_be_full", .text = "soon"}};
    report.figures = {{.name = "journal.bytes", .tags = {{"path", "a\"b"}}, .value = 7}};
    report.settings = {{.name = "http", .value = "", .origin = "--http"}};
    report.facts = {{"uptime_s", "12"}};
    report.tables = base::Error(base::ErrorCode::kUnavailable, "the engine does not answer");
    return report;
  });
  const std::string body = call("GET", "/api/godseye/v1/system").body;
  EXPECT_THAT(body, HasSubstr(R"({"status":"degraded","version":")"));
  EXPECT_THAT(body, HasSubstr(R"("facts":{"uptime_s":12})"));
  EXPECT_THAT(body, HasSubstr(R"({"name":"store","status":"degraded","reason":"it is \"down\""})"));
  EXPECT_THAT(body, HasSubstr(R"("tables_error":"the engine does not answer")"));
  EXPECT_THAT(body, HasSubstr(R"({"name":"journal.bytes","tags":{"path":"a\"b"},"value":7})"));
  EXPECT_THAT(body, HasSubstr(R"("settings":[{"name":"http","value":"","origin":"--http"}])"));
}

}  // namespace
}  // namespace godseye::api
