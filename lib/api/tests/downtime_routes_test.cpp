#include <filesystem>

#include <godseye/api/management_routes.h>
#include <godseye/registry/audit.h>

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

class DowntimeRoutes : public ::testing::Test {
 protected:
  DowntimeRoutes() : router_(keys_, {.anonymous_loopback = true}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "godseye-downtimes-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    registry_ = *registry::Registry::open({.path = path_ / "r", .sync = registry::Sync::kNormal});
    const ManagementParts parts{.registry = *registry_,
                                .evaluator = [] { return nullptr; },
                                .clock = {.wall = [this] { return base::WallTime(std::chrono::seconds(now_s_)); },
                                          .tick = [] { return base::TickTime{}; }},
                                .on_change = {}};
    add_monitor_routes(router_, parts);
    add_downtime_routes(router_, parts);
    EXPECT_EQ(call("POST", "/api/v1/monitor",
                   R"({"name":"M","type":"query alert","query":"max(last_1m):max:m{env:prod} by {host} > 0.7"})")
                  .status,
              200);
  }
  ~DowntimeRoutes() override {
    registry_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
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
  static std::string v2(const std::string& attributes) {
    return R"({"data":{"type":"downtime","attributes":{)" + attributes + "}}}";
  }
  static std::string id_of(const net::HttpResponse& response) {
    const size_t at = response.body.find("\"id\":\"") + 6;
    return response.body.substr(at, 36);
  }

  int64_t now_s_ = 1'700'000'000;
  std::filesystem::path path_;
  std::unique_ptr<registry::Registry> registry_;
  AnyKeys keys_;
  Router router_;
};

TEST_F(DowntimeRoutes, AMuteShowsInTheMonitorAndEnds) {
  net::HttpResponse muted = call("POST", "/api/v1/monitor/1/mute");
  EXPECT_EQ(muted.status, 200) << muted.body;
  EXPECT_THAT(muted.body, HasSubstr(R"("silenced":{"*":null})"));
  muted = call("POST", "/api/v1/monitor/1/mute", R"({"scope":"host:a","end":1700003600})");
  EXPECT_THAT(muted.body, HasSubstr(R"("host:a":1700003600)"));
  EXPECT_THAT(call("GET", "/api/v1/monitor/1").body, HasSubstr(R"("matching_downtimes":[{)"));
  EXPECT_THAT(call("GET", "/api/v1/monitor/search", "", {{"query", "muted:true"}}).body, HasSubstr(R"("id":1)"));
  EXPECT_THAT(call("GET", "/api/v1/monitor/search", "", {{"query", "muted:false"}}).body,
              HasSubstr(R"("total_count":0)"));
  net::HttpResponse unmuted = call("POST", "/api/v1/monitor/1/unmute", R"({"scope":"host:a"})");
  EXPECT_THAT(unmuted.body, HasSubstr(R"("silenced":{"*":null})"));
  EXPECT_EQ(call("POST", "/api/v1/monitor/1/unmute", R"({"scope":"host:a"})").status, 400);
  unmuted = call("POST", "/api/v1/monitor/1/unmute", R"({"all_scopes":true})");
  EXPECT_THAT(unmuted.body, HasSubstr(R"("silenced":{})"));
  EXPECT_EQ(call("POST", "/api/v1/monitor/9/mute").status, 404);
  EXPECT_EQ(call("POST", "/api/v1/monitor/x/mute").status, 400);
  EXPECT_THAT(call("POST", "/api/v1/monitor/1/mute", R"({"end":1600000000})").body, HasSubstr("in the past"));
}

TEST_F(DowntimeRoutes, EveryChangeIsInTheAuditLog) {
  call("PUT", "/api/v1/monitor/1", R"({"name":"renamed"})");
  call("POST", "/api/v1/monitor/1/mute");
  call("POST", "/api/v1/monitor/1/unmute");
  call("POST", "/api/v1/downtime", R"({"scope":"env:prod"})");
  call("PUT", "/api/v1/downtime/2", R"({"message":"m"})");
  call("DELETE", "/api/v1/downtime/2");
  call("DELETE", "/api/v1/downtime/99");
  call("DELETE", "/api/v1/monitor/1");
  const auto rows = registry_->fetch<std::vector<registry::AuditRow>>(
      [](registry::ReadSession& session) { return registry::list_audit(session, {}); });
  ASSERT_TRUE(rows);
  std::vector<std::string> changes;
  for (const registry::AuditRow& row : *rows) changes.push_back(row.action + " " + row.target);
  EXPECT_THAT(changes, ::testing::ElementsAre("monitor.delete monitor:1", "downtime.cancel downtime:2",
                                              "downtime.update downtime:2", "downtime.create downtime:2",
                                              "monitor.unmute downtime:1", "monitor.mute downtime:1",
                                              "monitor.update monitor:1", "monitor.create monitor:1"));
}

TEST_F(DowntimeRoutes, MutingTwiceMovesTheEnd) {
  call("POST", "/api/v1/monitor/1/mute", R"({"end":1700003600})");
  EXPECT_THAT(call("POST", "/api/v1/monitor/1/mute").body, HasSubstr(R"("silenced":{"*":null})"));
}

TEST_F(DowntimeRoutes, EverythingIsMutedAndUnmutedAtOnce) {
  const net::HttpResponse muted = call("POST", "/api/v1/monitor/mute_all");
  EXPECT_EQ(muted.status, 200);
  EXPECT_THAT(muted.body, HasSubstr(R"("scope":["*"])"));
  EXPECT_THAT(call("POST", "/api/v1/monitor/mute_all").body, HasSubstr(R"("id":1)")) << "the same one";
  EXPECT_THAT(call("GET", "/api/v1/monitor/1/downtimes").body, HasSubstr(R"("id":1)"));
  EXPECT_EQ(call("POST", "/api/v1/monitor/unmute_all").status, 204);
  EXPECT_EQ(call("GET", "/api/v1/monitor/1/downtimes").body, "[]");
}

TEST_F(DowntimeRoutes, AV2DowntimeLivesThroughItsStates) {
  net::HttpResponse made =
      call("POST", "/api/v2/downtime", v2(R"("monitor_identifier":{"monitor_id":1},"scope":"env:prod","message":"m",
           "schedule":{"start":"2023-11-14T23:13:20Z","end":"2023-11-15T00:13:20Z"})"));
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"("status":"scheduled")"));
  const std::string path = "/api/v2/downtime/" + id_of(made);
  now_s_ = 1'700'004'000;
  EXPECT_THAT(call("GET", path, "", {{"include", "monitor"}}).body, HasSubstr(R"("attributes":{"name":"M"})"));
  EXPECT_THAT(call("GET", path).body, HasSubstr(R"("status":"active")"));
  EXPECT_THAT(call("GET", "/api/v2/monitor/1/downtime_matches").body, HasSubstr(R"("total_filtered_count":1)"));
  EXPECT_THAT(call("PATCH", path, v2(R"("message":"changed")")).body, HasSubstr(R"("message":"changed")"));
  EXPECT_THAT(call("GET", "/api/v2/downtime", "", {{"current_only", "true"}}).body, HasSubstr(id_of(made)));
  EXPECT_EQ(call("DELETE", path).status, 204);
  EXPECT_THAT(call("GET", path).body, HasSubstr(R"("status":"canceled")"));
  EXPECT_EQ(call("DELETE", path).status, 204) << "again changes nothing";
  EXPECT_EQ(call("PATCH", path, v2(R"("message":"late")")).status, 400);
  EXPECT_EQ(call("GET", "/api/v2/downtime/none").status, 404);
}

TEST_F(DowntimeRoutes, TheSameDowntimeIsSeenInBothVersions) {
  const net::HttpResponse made =
      call("POST", "/api/v1/downtime",
           R"({"scope":["env:prod"],"start":1700000000,"end":1700003600,"recurrence":{"type":"days","period":1}})");
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"("recurrence":{"type":"days","period":1})"));
  EXPECT_THAT(call("GET", "/api/v2/downtime").body, HasSubstr(R"("rrule":"FREQ=DAILY;INTERVAL=1","duration":"1h")"));
  EXPECT_THAT(call("GET", "/api/v1/downtime").body, HasSubstr(R"("active":true)"));
  EXPECT_EQ(call("PUT", "/api/v1/downtime/1", R"({"scope":"env:dev"})").status, 200);
  EXPECT_EQ(call("POST", "/api/v1/downtime/cancel/by_scope", R"({"scope":"env:dev"})").body,
            R"({"cancelled_ids":[1]})");
  EXPECT_EQ(call("POST", "/api/v1/downtime/cancel/by_scope", R"({"scope":"env:dev"})").status, 404);
}

TEST_F(DowntimeRoutes, WrongOnesAreFourHundredsThatSayWhy) {
  EXPECT_EQ(call("POST", "/api/v1/downtime", "{}").status, 400);
  EXPECT_THAT(call("POST", "/api/v1/downtime", R"({"scope":"env:prod AND"})").body, HasSubstr("scope: column"));
  EXPECT_THAT(call("POST", "/api/v1/downtime", R"({"scope":"*","end":1})").body, HasSubstr("end: must be after"));
  EXPECT_EQ(call("POST", "/api/v1/downtime", R"({"scope":"*","monitor_id":99})").status, 404);
  const net::HttpResponse rule =
      call("POST", "/api/v2/downtime", v2(R"("monitor_identifier":{"monitor_tags":["*"]},"scope":"*",
            "schedule":{"recurrences":[{"rrule":"FREQ=SECONDLY","duration":"1h"}]})"));
  EXPECT_EQ(rule.status, 400);
  EXPECT_THAT(rule.body, HasSubstr("the smallest frequency is FREQ=HOURLY"));
  EXPECT_EQ(call("DELETE", "/api/v1/downtime/77").status, 404);
}

}  // namespace
}  // namespace godseye::api
