#include <filesystem>

#include <godseye/api/management_routes.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/monitors.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace godseye::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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
    std::string pattern = (std::filesystem::temp_directory_path() / "godseye-api-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

class ManagementRoutes : public ::testing::Test {
 protected:
  ManagementRoutes()
      : registry_(*registry::Registry::open({.path = dir_.path / "r", .sync = registry::Sync::kNormal})),
        clock_{.wall = [] { return base::WallTime(std::chrono::seconds(1'700'000'000)); },
               .tick = [] { return base::TickTime{}; }},
        evaluator_(*registry_, queries_, sink_, clock_),
        router_(keys_, {.anonymous_loopback = true}) {
    const ManagementParts parts{.registry = *registry_,
                                .evaluator = [this] { return &evaluator_; },
                                .clock = clock_,
                                .on_change = [this](std::string_view topic) { topics_ += std::string(topic) + " "; }};
    add_monitor_routes(router_, parts);
    add_incident_routes(router_, parts);
    add_webhook_routes(router_, parts);
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

  TempDir dir_;
  std::unique_ptr<registry::Registry> registry_;
  base::Clock clock_;
  FakeQueries queries_;
  NoSink sink_;
  monitor::Evaluator evaluator_;
  AnyKeys keys_;
  Router router_;
  std::string topics_;
};

constexpr const char* kMonitor =
    R"({"name":"Injection","type":"query alert","query":"max(last_1m):max:m{env:prod} by {session_id} > 0.7",
        "tags":["team:security"],"message":"@incident-x"})";

TEST_F(ManagementRoutes, AMonitorIsCreatedReadChangedAndDeleted) {
  net::HttpResponse created = call("POST", "/api/v1/monitor", kMonitor);
  EXPECT_EQ(created.status, 200);
  EXPECT_THAT(created.body, HasSubstr(R"("id":1)"));
  EXPECT_THAT(created.body, HasSubstr(R"("overall_state":"No Data")"));
  EXPECT_THAT(created.body, HasSubstr(R"("multi":true)"));
  EXPECT_THAT(created.body, Not(HasSubstr("\"errors\"")));
  EXPECT_EQ(call("PUT", "/api/v1/monitor/1", R"({"name":"Renamed"})").status, 200);
  EXPECT_THAT(call("GET", "/api/v1/monitor/1").body, HasSubstr("Renamed"));
  EXPECT_THAT(call("GET", "/api/v1/monitor/1").body, HasSubstr("max:m{env:prod}"));
  EXPECT_EQ(call("DELETE", "/api/v1/monitor/1").body, R"({"deleted_monitor_id":1})");
  net::HttpResponse gone = call("GET", "/api/v1/monitor/1");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.body, R"({"errors":["Monitor not found: 1"]})");
  EXPECT_EQ(topics_, "monitors monitors monitors incidents ");
}

TEST_F(ManagementRoutes, WrongMonitorsAreFourHundredsThatSayWhy) {
  net::HttpResponse type = call("POST", "/api/v1/monitor", R"({"type":"log alert","query":"x"})");
  EXPECT_EQ(type.status, 400);
  EXPECT_THAT(type.body, HasSubstr("supported types are"));
  net::HttpResponse later =
      call("POST", "/api/v1/monitor/validate",
           R"({"type":"query alert","query":"max(last_1h):forecast(avg:m{*}, 'linear', 1) > 1"})");
  EXPECT_EQ(later.status, 400);
  EXPECT_THAT(later.body, HasSubstr("not supported"));
  EXPECT_EQ(call("POST", "/api/v1/monitor/validate", kMonitor).body, "{}");
  EXPECT_EQ(call("POST", "/api/v1/monitor", "{").status, 400);
  EXPECT_EQ(call("GET", "/api/v1/monitor/x").status, 400);
  call("POST", "/api/v1/monitor", kMonitor);
  EXPECT_EQ(call("PUT", "/api/v1/monitor/1", R"({"priority":9})").status, 400);
  EXPECT_EQ(call("PUT", "/api/v1/monitor/9", "{}").status, 404);
}

TEST_F(ManagementRoutes, GroupStatesAreThereWhenAskedFor) {
  call("POST", "/api/v1/monitor", kMonitor);
  queries_.values = {{.group = {{"session_id", "mallory"}}, .value = 0.9},
                     {.group = {{"session_id", "a"}}, .value = 0.1}};
  ASSERT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(1'700'000'000))));
  EXPECT_THAT(call("GET", "/api/v1/monitor/1").body, Not(HasSubstr("\"groups\"")));
  const std::string all = call("GET", "/api/v1/monitor", "", {{"group_states", "all"}}).body;
  EXPECT_THAT(all, HasSubstr(R"("session_id:mallory":{"name":"session_id:mallory","status":"Alert")"));
  EXPECT_THAT(all, HasSubstr("session_id:a"));
  EXPECT_THAT(all, HasSubstr(R"("overall_state":"Alert")"));
  const std::string alerts = call("GET", "/api/v1/monitor/1", "", {{"group_states", "alert,no data"}}).body;
  EXPECT_THAT(alerts, HasSubstr("mallory"));
  EXPECT_THAT(alerts, Not(HasSubstr("session_id:a\"")));
  EXPECT_THAT(call("GET", "/api/v1/monitor/groups/search", "", {{"query", "status:alert"}}).body,
              HasSubstr(R"("total_count":1)"));
  EXPECT_THAT(call("GET", "/api/v1/monitor/groups/search", "", {{"query", "-status:alert"}}).body,
              HasSubstr(R"("group":"session_id:a")"));
  const std::string one = call("GET", "/api/v1/monitor/groups/search", "", {{"per_page", "1"}, {"page", "1"}}).body;
  EXPECT_NE(one.find("session_id:mallory") == std::string::npos, one.find("session_id:a") == std::string::npos)
      << "one group to the page";
  EXPECT_THAT(one, HasSubstr(R"("status":[{"name":"Alert","count":1},{"name":"OK","count":1}])"))
      << "counts are of all that match, not of the page";
  EXPECT_THAT(one, HasSubstr(R"("type":[{"name":"query alert","count":2}])"));
}

TEST_F(ManagementRoutes, GroupsAreSearchedAndSorted) {
  call("POST", "/api/v1/monitor", kMonitor);
  queries_.values = {{.group = {{"session_id", "mallory"}}, .value = 0.9},
                     {.group = {{"session_id", "zoe"}}, .value = 0.1},
                     {.group = {{"session_id", "a"}}, .value = 0.1}};
  ASSERT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(1'700'000'000))));
  const auto groups = [&](const std::string& query, const std::string& sort) {
    const std::string body = call("GET", "/api/v1/monitor/groups/search", "", {{"query", query}, {"sort", sort}}).body;
    std::string order;
    constexpr std::string_view kName = R"("group":"session_id:)";
    for (size_t at = body.find(kName); at != std::string::npos; at = body.find(kName, at + 1)) {
      order += body.substr(at + kName.size(), body.find('"', at + kName.size()) - at - kName.size()) + " ";
    }
    return order;
  };
  EXPECT_EQ(groups("", "tags"), "a mallory zoe ");
  EXPECT_EQ(groups("", "tags,desc"), "zoe mallory a ");
  EXPECT_EQ(groups("", "status,asc"), "mallory a zoe ");
  EXPECT_EQ(groups("", "status,desc"), "a zoe mallory ");
  EXPECT_EQ(groups("", "name,desc"), "a mallory zoe ") << "one monitor: its groups in order";
  EXPECT_EQ(groups("group_status:alert", ""), "mallory ");
  EXPECT_EQ(groups("type:metric -group_status:alert zo", "name"), "zoe ");
  for (const std::string sort : {"colour", "name,up", ",", "tags,"}) {
    EXPECT_EQ(call("GET", "/api/v1/monitor/groups/search", "", {{"sort", sort}}).status, 400) << sort;
  }
}

TEST_F(ManagementRoutes, ListsAreFilteredPagedAndSearched) {
  for (int i = 0; i < 5; ++i) call("POST", "/api/v1/monitor", kMonitor);
  call("POST", "/api/v1/monitor", R"({"name":"Other","type":"metric alert","query":"avg(last_5m):avg:x{*} > 1"})");
  EXPECT_EQ(call("GET", "/api/v1/monitor", "", {{"name", "nothing like it"}}).body, "[]");
  EXPECT_THAT(call("GET", "/api/v1/monitor", "", {{"name", "other"}}).body, HasSubstr(R"("id":6)"));
  EXPECT_THAT(call("GET", "/api/v1/monitor", "", {{"monitor_tags", "team:security"}}).body, Not(HasSubstr("Other")));
  EXPECT_THAT(call("GET", "/api/v1/monitor", "", {{"tags", "env:prod"}}).body, Not(HasSubstr("Other")));
  const std::string second = call("GET", "/api/v1/monitor", "", {{"page", "1"}, {"page_size", "4"}}).body;
  EXPECT_THAT(second, HasSubstr(R"("id":5)"));
  EXPECT_THAT(second, Not(HasSubstr(R"("id":4)")));
  EXPECT_THAT(call("GET", "/api/v1/monitor/search", "", {{"query", "title:other"}}).body,
              HasSubstr(R"("total_count":1)"));
  EXPECT_THAT(call("GET", "/api/v1/monitor/search", "", {{"query", "tag:\"team:security\" status:\"no data\""}}).body,
              HasSubstr(R"("total_count":5)"));
  const std::vector<std::pair<std::string, int>> searches = {
      {"-tag:team:security", 1},    {"NOT tag:team:security AND other", 1},
      {"-team:security -other", 0}, {"-title:other", 5},
      {"priority:p1", 0},           {"-priority:1", 6}};
  for (const auto& [text, count] : searches) {
    EXPECT_THAT(call("GET", "/api/v1/monitor/search", "", {{"query", text}}).body,
                HasSubstr("\"total_count\":" + std::to_string(count) + ","))
        << text;
  }
  const std::string one = call("GET", "/api/v1/monitor/search", "", {{"sort", "name,desc"}, {"per_page", "1"}}).body;
  EXPECT_THAT(one, HasSubstr(R"("monitors":[{"id":6,)"));
  EXPECT_THAT(one, HasSubstr(R"("type":[{"name":"metric alert","count":1},{"name":"query alert","count":5}])"))
      << "counts are of all that match, not of the page";
  EXPECT_EQ(call("GET", "/api/v1/monitor/search", "", {{"sort", "colour"}}).status, 400);
  EXPECT_EQ(call("GET", "/api/v1/monitor/can_delete", "", {{"monitor_ids", "1,6"}}).body, R"({"data":{"ok":[1,6]}})");
  EXPECT_EQ(call("GET", "/api/v1/monitor/can_delete", "", {{"monitor_ids", "99"}}).status, 404);
}

constexpr const char* kIncident =
    R"({"data":{"type":"incidents","attributes":{"title":"By hand","customer_impacted":false,
        "fields":{"severity":{"type":"dropdown","value":"SEV-3"}}}}})";

TEST_F(ManagementRoutes, AnIncidentIsOpenedChangedResolvedAndDeleted) {
  net::HttpResponse created = call("POST", "/api/v2/incidents", kIncident);
  EXPECT_EQ(created.status, 201);
  EXPECT_THAT(created.body, HasSubstr(R"("state":"active")"));
  EXPECT_THAT(created.body, HasSubstr(R"("severity":"SEV-3")"));
  net::HttpResponse patched = call(
      "PATCH", "/api/v2/incidents/1",
      R"({"data":{"id":"1","type":"incidents","attributes":{"fields":{"state":{"type":"dropdown","value":"resolved"}}}}})");
  EXPECT_EQ(patched.status, 200);
  EXPECT_THAT(patched.body, HasSubstr(R"("resolved":"2023-11-14T22:13:20.000000+00:00")"));
  EXPECT_THAT(call("GET", "/api/godseye/v1/incidents/1/timeline").body, HasSubstr("state active → resolved"));
  EXPECT_THAT(call("GET", "/api/v2/incidents", "", {{"page[size]", "5"}}).body,
              HasSubstr(R"("pagination":{"offset":0,"next_offset":1,"size":5})"));
  EXPECT_THAT(call("GET", "/api/v2/incidents/search", "", {{"query", "state:active AND severity:SEV-3"}}).body,
              HasSubstr(R"("total":0)"));
  EXPECT_THAT(call("GET", "/api/v2/incidents/search", "", {{"query", "state:resolved"}}).body,
              HasSubstr(R"("total":1)"));
  EXPECT_EQ(call("GET", "/api/v2/incidents/search", "", {{"query", "customer:x"}}).status, 400);
  EXPECT_EQ(call("DELETE", "/api/v2/incidents/1").status, 204);
  net::HttpResponse gone = call("GET", "/api/v2/incidents/1");
  EXPECT_EQ(gone.status, 404);
  EXPECT_THAT(gone.body, HasSubstr(R"("detail":"no incident has the id 1")"));
}

TEST_F(ManagementRoutes, DeletingAMonitorResolvesItsIncidents) {
  call("POST", "/api/v1/monitor", kMonitor);
  ASSERT_TRUE(registry_->write([](registry::WriteSession& s) {
    registry::IncidentRow row{.id = registry::new_uuid(), .title = "t", .monitor_id = 1, .group = "session_id:a"};
    return registry::create_incident(s, row);
  }));
  call("DELETE", "/api/v1/monitor/1");
  EXPECT_THAT(call("GET", "/api/v2/incidents/1").body, HasSubstr(R"("state":"resolved")"));
}

TEST_F(ManagementRoutes, WebhooksAndVariablesAreConfigured) {
  const std::string base = "/api/v1/integration/webhooks/configuration";
  EXPECT_EQ(call("POST", base + "/webhooks", R"({"name":"ops","url":"http://127.0.0.1:9/x"})").status, 201);
  EXPECT_EQ(call("POST", base + "/webhooks", R"({"name":"ops","url":"http://127.0.0.1:9/x"})").status, 409);
  EXPECT_EQ(call("POST", base + "/webhooks", R"({"name":"ops"})").status, 400);
  EXPECT_THAT(call("PUT", base + "/webhooks/ops", R"({"payload":"{\"a\":\"$ID\"}"})").body, HasSubstr("$ID"));
  EXPECT_THAT(call("GET", base + "/webhooks/ops").body, HasSubstr("http://127.0.0.1:9/x"));
  EXPECT_EQ(call("DELETE", base + "/webhooks/ops").status, 200);
  EXPECT_EQ(call("GET", base + "/webhooks/ops").status, 404);
  EXPECT_EQ(call("POST", base + "/custom-variables", R"({"name":"T","value":"s3","is_secret":true})").status, 201);
  EXPECT_THAT(call("GET", base + "/custom-variables/T").body, Not(HasSubstr("s3")));
  EXPECT_EQ(call("PUT", base + "/custom-variables/T", R"({"value":"new"})").status, 200);
  EXPECT_EQ(call("DELETE", base + "/custom-variables/T").status, 200);
}

TEST_F(ManagementRoutes, TheDeliveryLogHidesSecretsOfAddresses) {
  ASSERT_TRUE(registry_->write([](registry::WriteSession& s) {
    registry::DeliveryRow row{.transition_id = 3,
                              .event_id = "e",
                              .channel = "ops",
                              .url = "https://user:pass@hooks.example/a?token=s3",
                              .headers_json = R"({"Authorization":"s3"})"};
    return registry::add_delivery(s, row);
  }));
  const std::string body = call("GET", "/api/godseye/v1/deliveries").body;
  EXPECT_THAT(body, HasSubstr(R"("url":"https://hooks.example/a","state":"pending")"));
  EXPECT_THAT(body, Not(HasSubstr("s3")));
  EXPECT_EQ(call("GET", "/api/godseye/v1/deliveries", "", {{"webhook", "none"}}).body, R"({"deliveries":[]})");
}

}  // namespace
}  // namespace godseye::api
