#include <cstdlib>
#include <filesystem>

#include <godseye/api/control_routes.h>
#include <godseye/store/span_records.h>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::api {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return false; }
  bool application_key_valid(std::string_view) const override { return false; }
};

class ControlRoutesTest : public testing::Test {
 protected:
  ControlRoutesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "godseye-api-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    const base::Clock clock{[this] { return base::WallTime(std::chrono::seconds(now_s_)); },
                            [] { return base::system_clock().tick(); }};
    registry_ = *registry::Registry::open({.path = path_ + "/r.sqlite", .sync = registry::Sync::kNormal});
    policy_ = std::make_unique<gateway::Policy>(clock);
    control_ = *control::Control::open(*registry_, *policy_, *registry::KeyVault::open(path_ + "/k"), clock);
    routes_ = std::make_unique<ControlRoutes>(
        ControlParts{.control = *control_,
                     .clock = clock,
                     .call = [](std::string_view id) -> std::optional<CallFacts> {
                       if (id != "c1") return std::nullopt;
                       return CallFacts{.session = "s1", .user = "u1", .text = "how do I cancel?", .score = 0.81};
                     },
                     .spans = [this](signal::SpanBatch& batch, bool again) -> base::Status {
                       spans_ += batch.spans.size();
                       again_ = again;
                       return spans_status_;
                     },
                     .metrics = [this](std::string_view lines) { metrics_ += lines; }});
    routes_->add_to(router_);
  }
  ~ControlRoutesTest() override {
    routes_.reset();
    control_.reset();
    policy_.reset();
    registry_.reset();
    std::filesystem::remove_all(path_);
  }
  net::HttpResponse send(std::string method, std::string path, std::string body = {}, net::Headers headers = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = path;
    const size_t question = path.find('?');
    request.path = request.raw_path = "/api/godseye/v1/" + path.substr(0, question);
    if (question != std::string::npos) request.query = *net::parse_query(path.substr(question + 1));
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }
  json::object object(const net::HttpResponse& response) { return json::parse(response.body).as_object(); }
  static std::string taken(const net::HttpResponse& response) {
    std::string out;
    response.stream->take(out);
    return out;
  }

  std::string path_;
  int64_t now_s_ = 1'700'000'000;
  NoKeys keys_;
  Router router_{keys_, {.anonymous_loopback = true}};
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<gateway::Policy> policy_;
  std::unique_ptr<control::Control> control_;
  std::unique_ptr<ControlRoutes> routes_;
  size_t spans_ = 0;
  bool again_ = false;
  std::string metrics_;
  base::Status spans_status_ = base::ok();
};

TEST_F(ControlRoutesTest, ABlockIsSetListedInForceAndLifted) {
  const auto set =
      send("POST", "blocks", R"({"kind":"session","value":"m","reason":"probing","author":"ana","duration_s":60})");
  EXPECT_EQ(set.status, 201) << set.body;
  EXPECT_EQ(object(set).at("expires").to_number<int64_t>(), now_s_ + 60);
  EXPECT_TRUE(policy_->blocks.find(gateway::BlockKind::kSession, "m"));
  EXPECT_EQ(object(send("GET", "blocks")).at("blocks").as_array().size(), 1U);
  EXPECT_EQ(object(send("GET", "blocks?kind=user")).at("blocks").as_array().size(), 0U);
  const auto lifted = send("DELETE", "blocks?kind=session&value=m&author=bo");
  EXPECT_EQ(lifted.status, 200) << lifted.body;
  EXPECT_EQ(object(lifted).at("lifted_by").as_string(), "bo");
  EXPECT_FALSE(policy_->blocks.find(gateway::BlockKind::kSession, "m"));
  EXPECT_EQ(send("DELETE", "blocks?kind=session&value=m").status, 404);
  EXPECT_EQ(object(send("GET", "blocks")).at("blocks").as_array().size(), 0U);
  EXPECT_EQ(object(send("GET", "blocks?ended=true")).at("blocks").as_array().size(), 1U);
  const json::array entries = object(send("GET", "audit?action=block.")).at("entries").as_array();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("action").as_string(), "block.lift");
  EXPECT_EQ(entries[0].at("actor").as_string(), "bo");
  EXPECT_EQ(entries[1].at("reason").as_string(), "probing");
}

TEST_F(ControlRoutesTest, WrongBlocksNameWhatIsWrong) {
  EXPECT_THAT(send("POST", "blocks", "").body, HasSubstr("kind: is missing"));
  EXPECT_THAT(send("POST", "blocks", R"({"kind":"planet","value":"x"})").body, HasSubstr("planet"));
  EXPECT_THAT(send("POST", "blocks", R"({"kind":"user"})").body, HasSubstr("value: is missing"));
  EXPECT_THAT(send("POST", "blocks", R"({"kind":"user","value":"x","expries":5})").body, HasSubstr("expries"));
  EXPECT_THAT(send("POST", "blocks", R"({"kind":"user","value":"x","expires":5})").body, HasSubstr("future"));
  EXPECT_THAT(send("POST", "blocks", R"({"kind":"user","value":"x","expires":"soon"})").body, HasSubstr("expires"));
  EXPECT_THAT(send("POST", "blocks", R"({"kind":"address","value":"10.0.0.0/8"})").body, HasSubstr("10.0.0.0/8"));
  EXPECT_EQ(send("POST", "blocks", "[").status, 400);
  EXPECT_EQ(send("DELETE", "blocks?kind=user").status, 400);
  EXPECT_EQ(send("DELETE", "blocks/99").status, 404);
  EXPECT_EQ(object(send("GET", "audit")).at("entries").as_array().size(), 0U);
}

TEST_F(ControlRoutesTest, AKeyThatIsBlockedIsNowhereInTheAnswer) {
  const auto set = send("POST", "blocks", R"({"kind":"key","value":"sk-proj-very-secret-key"})");
  EXPECT_EQ(set.status, 201);
  EXPECT_THAT(set.body, Not(HasSubstr("very-secret")));
  EXPECT_THAT(send("GET", "audit").body, Not(HasSubstr("very-secret")));
}

TEST_F(ControlRoutesTest, WatchersGetTheStateThenChangesThenWhatTheyMissed) {
  send("POST", "blocks", R"({"kind":"session","value":"a"})");
  const auto watch = send("GET", "blocks/watch");
  ASSERT_TRUE(watch.stream);
  EXPECT_THAT(taken(watch), testing::AllOf(HasSubstr("event: snapshot"), HasSubstr(R"("value":"a")")));
  send("POST", "blocks", R"({"kind":"session","value":"b"})");
  EXPECT_THAT(taken(watch), testing::AllOf(HasSubstr("event: change"), HasSubstr(R"("value":"b")")));
  send("DELETE", "blocks?kind=session&value=a");
  EXPECT_THAT(taken(watch), HasSubstr(R"("active":false)"));
  send("PUT", "gateway/settings", R"({"shadow":true})");
  EXPECT_THAT(taken(watch), HasSubstr("event: settings"));
  const auto resumed = send("GET", "blocks/watch?after=1");
  const std::string missed = taken(resumed);
  EXPECT_THAT(missed, testing::AllOf(HasSubstr("event: change"), HasSubstr(R"("value":"b")"), HasSubstr("lifted")));
  EXPECT_EQ(routes_->stats().watchers, 2U);
}

TEST_F(ControlRoutesTest, AWatchWithALimitEndsAfterIt) {
  send("POST", "blocks", R"({"kind":"session","value":"a"})");
  const auto once = send("GET", "blocks/watch?limit=1");
  taken(once);
  EXPECT_TRUE(once.stream->closed());
  const auto waiting = send("GET", "blocks/watch?after=1&limit=1");
  EXPECT_FALSE(waiting.stream->closed());
  EXPECT_EQ(taken(waiting), "");
  send("POST", "blocks", R"({"kind":"session","value":"b"})");
  EXPECT_THAT(taken(waiting), HasSubstr(R"("value":"b")"));
  EXPECT_TRUE(waiting.stream->closed());
  EXPECT_EQ(send("GET", "blocks/watch?after=x").status, 400);
  EXPECT_EQ(send("GET", "blocks/watch?limit=0").status, 400);
}

TEST_F(ControlRoutesTest, SettingsGoBackAsTheyCame) {
  const auto first = send("GET", "gateway/settings");
  EXPECT_EQ(first.headers.get("ETag"), "\"0\"");
  EXPECT_EQ(send("PUT", "gateway/settings", first.body).status, 200) << "what is shown can be put";
  json::object document = object(send("GET", "gateway/settings"));
  document["automatic_blocking"] = false;
  const auto put = send("PUT", "gateway/settings", json::serialize(document), {{"If-Match", "\"1\""}});
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_FALSE(policy_->settings.now()->auto_block.enabled);
  EXPECT_EQ(send("PUT", "gateway/settings", "{}", {{"If-Match", "\"1\""}}).status, 409);
  EXPECT_THAT(send("PUT", "gateway/settings", R"({"shadwo":1})").body, HasSubstr("shadwo"));
  EXPECT_EQ(send("PUT", "gateway/settings", "").status, 400);
}

TEST_F(ControlRoutesTest, TheShadowReportCountsByRuleWithSamples) {
  for (int i = 0; i < 7; ++i) {
    gateway::Decision decision;
    decision.id = "d" + std::to_string(i);
    decision.time_ms = now_s_ * 1000 + i;
    decision.shadow = i != 6;
    decision.rule = "injection";
    decision.session = "s" + std::to_string(i);
    decision.score = 0.9;
    decision.sample = "ignore all [NAME]";
    EXPECT_EQ(send("POST", "gateway/decisions", gateway::decision_json(decision) + "\n").status, 202);
    EXPECT_EQ(send("POST", "gateway/decisions", gateway::decision_json(decision)).status, 202) << "told again";
  }
  const json::object report = object(send("GET", "gateway/shadow"));
  EXPECT_EQ(report.at("total").to_number<int>(), 6);
  const json::object rule = report.at("rules").as_array().at(0).as_object();
  EXPECT_EQ(rule.at("rule").as_string(), "injection");
  EXPECT_EQ(rule.at("action").as_string(), "message.refused");
  EXPECT_EQ(rule.at("samples").as_array().size(), kShadowSamplesMax);
  EXPECT_EQ(rule.at("samples").as_array()[0].at("sample").as_string(), "ignore all [NAME]");
  EXPECT_EQ(object(send("GET", "gateway/shadow?from=1&to=2")).at("total").to_number<int>(), 0);
  EXPECT_EQ(send("GET", "gateway/shadow?from=x").status, 400);
  EXPECT_EQ(object(send("GET", "audit?automatic=true&limit=3")).at("entries").as_array().size(), 3U);
}

TEST_F(ControlRoutesTest, FeedbackOnACallExemptsItsSessionAndIsExportedForCalibration) {
  const auto given = send("POST", "feedback", R"({"call_id":"c1","verdict":"false_positive","author":"ana"})");
  EXPECT_EQ(given.status, 201) << given.body;
  EXPECT_TRUE(policy_->auto_blocker.exempt("s1"));
  EXPECT_EQ(send("GET", "feedback/export").body,
            R"({"text":"how do I cancel?","label":"benign","source":"user","session":"s1","call_id":"c1"})"
            "\n");
  EXPECT_EQ(send("POST", "feedback", R"({"call_id":"c9","verdict":"false_positive"})").status, 404);
  EXPECT_EQ(send("POST", "feedback", R"({"session":"x","verdict":"maybe"})").status, 400);
  EXPECT_EQ(send("POST", "feedback", R"({"verdict":"false_positive"})").status, 400);
  const json::array rows = object(send("GET", "feedback")).at("feedback").as_array();
  ASSERT_EQ(rows.size(), 1U);
  const std::string id = std::to_string(rows[0].at("id").to_number<int>());
  EXPECT_EQ(send("DELETE", "feedback/" + id).status, 200);
  EXPECT_FALSE(policy_->auto_blocker.exempt("s1"));
}

TEST_F(ControlRoutesTest, AProviderKeyGoesInAndDoesNotComeOut) {
  const std::string secret = "sk-proj-abcdefghijklmnop-9876";
  const auto added = send("POST", "provider-keys", R"({"provider":"openai","name":"main","key":")" + secret + R"("})");
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_THAT(added.body, HasSubstr("9876"));
  const std::string id = std::to_string(object(added).at("id").to_number<int>());
  for (const char* path : {"provider-keys", "audit", "gateway/sync"}) {
    EXPECT_THAT(send("GET", path).body, Not(HasSubstr(secret))) << path;
  }
  EXPECT_THAT(send("POST", "provider-keys", R"({"provider":"openai","key":"has a secret blank"})").body,
              Not(HasSubstr("secret")));
  EXPECT_EQ(send("PATCH", "provider-keys/" + id, R"({"disabled":true})").status, 200);
  EXPECT_FALSE(control_->provider_key("openai"));
  EXPECT_EQ(send("PATCH", "provider-keys/" + id, "{}").status, 400);
  EXPECT_EQ(send("DELETE", "provider-keys/" + id).status, 200);
  EXPECT_EQ(send("DELETE", "provider-keys/" + id).status, 404);
}

TEST_F(ControlRoutesTest, SealedKeysAreForGatewaysWithAKeyAlone) {
  const auto asked = send("POST", "gateway/provider-keys", R"({"public_key":")" + std::string(64, '1') + "\"}");
  EXPECT_EQ(asked.status, 403) << "nobody said who he is";
  EXPECT_THAT(asked.body, HasSubstr("application key"));
}

TEST_F(ControlRoutesTest, LinesOfALoneGatewayCountOnce) {
  EXPECT_EQ(send("POST", "gateway/metrics", "id1 a:1|c\nid2 b:1|c|#kind:svg\n").status, 202);
  EXPECT_EQ(send("POST", "gateway/metrics", "id2 b:1|c|#kind:svg\nid3 c:1|c").status, 202);
  EXPECT_EQ(metrics_, "a:1|c\nb:1|c|#kind:svg\nc:1|c\n");
  EXPECT_THAT(send("POST", "gateway/metrics", "id4 d:1|c\nnonsense").body, HasSubstr("line 2"));
  EXPECT_EQ(send("POST", "gateway/metrics", std::string(65, 'i') + " d:1|c").status, 400);
  EXPECT_EQ(metrics_, "a:1|c\nb:1|c|#kind:svg\nc:1|c\n") << "of a wrong body nothing is taken";
}

TEST_F(ControlRoutesTest, AVirtualKeyIsShownOnce) {
  const auto made = send("POST", "virtual-keys", R"({"name":"shop","providers":["openai"],"duration_s":60})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string key(object(made).at("key").as_string());
  const std::string id(object(made).at("id").as_string());
  EXPECT_TRUE(policy_->virtual_keys.check(key));
  for (const char* path : {"virtual-keys", "audit", "gateway/sync"}) {
    EXPECT_THAT(send("GET", path).body, Not(HasSubstr(key.substr(17)))) << path;
  }
  EXPECT_EQ(send("PATCH", "virtual-keys/" + id, R"({"disabled":true})").status, 200);
  EXPECT_FALSE(policy_->virtual_keys.check(key));
  EXPECT_EQ(send("PATCH", "virtual-keys/vk_nothing", "{}").status, 404);
  EXPECT_EQ(send("DELETE", "virtual-keys/" + id).status, 200);
}

TEST_F(ControlRoutesTest, SpansOfALoneGatewayAreDeliveredOrRefusedWhole) {
  signal::SpanBatch batch;
  batch.spans.push_back({.trace_id_low = 1, .span_id = 2, .service = batch.add("g")});
  const std::string body = store::encode_span_records(batch)->front();
  EXPECT_EQ(send("POST", "gateway/spans", body).status, 202);
  EXPECT_EQ(spans_, 1U);
  EXPECT_FALSE(again_);
  EXPECT_EQ(send("POST", "gateway/spans", body, {{"X-Godseye-Again", "1"}}).status, 202);
  EXPECT_TRUE(again_);
  EXPECT_EQ(send("POST", "gateway/spans", body.substr(0, body.size() - 1)).status, 400);
  spans_status_ = base::Error(base::ErrorCode::kQueueFull, "full");
  EXPECT_EQ(send("POST", "gateway/spans", body).status, 429);
  EXPECT_THAT(send("POST", "gateway/decisions", "{}\n").body, HasSubstr("line 1"));
}

}  // namespace
}  // namespace godseye::api
