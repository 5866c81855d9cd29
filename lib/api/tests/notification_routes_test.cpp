#include <filesystem>

#include <godseye/api/notification_routes.h>
#include <godseye/registry/audit.h>
#include <godseye/registry/deliveries.h>

#include <boost/json.hpp>
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

struct BusyTransport : notify::Transport {
  base::Result<notify::Answer> post(const notify::HttpMessage&) override {
    return notify::Answer{.status = 503, .text = "busy"};
  }
  base::Result<notify::Answer> mail(const notify::MailMessage&) override { return notify::Answer{.status = 250}; }
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

const std::string kBase = "/api/godseye/v1/notifications";
constexpr const char* kSlack =
    R"({"kind":"slack","name":"ops","settings":{},"secrets":{"url":"https://hooks.example.com/T0/B0/secret"}})";

class NotificationRoutes : public ::testing::Test {
 protected:
  NotificationRoutes()
      : registry_(*registry::Registry::open({.path = dir_.path / "r", .sync = registry::Sync::kNormal})),
        vault_(*registry::KeyVault::parse(std::string(64, 'a'))),
        notifier_(*registry_, vault_, std::make_unique<BusyTransport>(), base::system_clock()),
        router_(keys_, {.anonymous_loopback = true}) {
    add_notification_routes(
        router_,
        {.management = {.registry = *registry_, .evaluator = [] { return nullptr; }, .clock = base::system_clock()},
         .vault = vault_,
         .notifier = [this] { return &notifier_; }});
  }
  net::HttpResponse call(std::string method, std::string path, std::string body = {},
                         std::vector<std::pair<std::string, std::string>> query = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = request.raw_path = request.path = kBase + path;
    request.query = net::QueryPairs(std::move(query));
    request.body = std::move(body);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }

  TempDir dir_;
  AnyKeys keys_;
  std::unique_ptr<registry::Registry> registry_;
  std::shared_ptr<const registry::KeyVault> vault_;
  notify::Notifier notifier_;
  Router router_;
};

TEST_F(NotificationRoutes, ASecretGoesInAndNeverComesOut) {
  const net::HttpResponse made = call("POST", "/channels", kSlack);
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(made.body, HasSubstr(R"("handle":"@slack-ops")"));
  EXPECT_THAT(made.body, HasSubstr(R"("secrets_set":["url"])"));
  EXPECT_EQ(call("POST", "/channels", kSlack).status, 409);
  const net::HttpResponse changed = call("PATCH", "/channels/1", R"({"rate_per_minute":5})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_THAT(changed.body, HasSubstr(R"("secrets_set":["url"])"));
  std::string all = made.body + changed.body + call("GET", "/channels").body + call("GET", "/channels/1").body;
  const auto audit = *registry_->fetch<std::vector<registry::AuditRow>>(
      [](registry::ReadSession& s) { return registry::list_audit(s, {.action = "notification_channel."}); });
  EXPECT_EQ(audit.size(), 2U);
  for (const registry::AuditRow& row : audit) all += row.before_json + row.after_json;
  EXPECT_THAT(all, Not(HasSubstr("hooks.example.com")));
}

TEST_F(NotificationRoutes, WrongOnesAreRefusedAndLeaveNothing) {
  EXPECT_EQ(call("POST", "/channels", "{").status, 400);
  const net::HttpResponse without = call("POST", "/channels", R"({"kind":"slack","name":"ops"})");
  EXPECT_EQ(without.status, 400);
  EXPECT_THAT(without.body, HasSubstr("secrets.url"));
  EXPECT_EQ(call("GET", "/channels").body, R"({"channels":[]})");
  EXPECT_EQ(call("GET", "/channels/7").status, 404);
  EXPECT_EQ(call("PATCH", "/channels/x", "{}").status, 404);
  EXPECT_EQ(call("DELETE", "/channels/7").status, 404);
  EXPECT_EQ(call("POST", "/channels/7/test").status, 404);
  EXPECT_EQ(call("POST", "/deliveries/7/resend").status, 404);
  EXPECT_EQ(call("GET", "/deliveries", "", {{"state", "lost"}}).status, 400);
  ASSERT_EQ(call("POST", "/channels", kSlack).status, 201);
  EXPECT_EQ(call("PATCH", "/channels/1", R"({"secrets":{"url":null}})").status, 400) << "it cannot be without";
}

TEST_F(NotificationRoutes, ATestIsAnsweredLoggedAndSentAgain) {
  ASSERT_EQ(call("POST", "/channels", kSlack).status, 201);
  const net::HttpResponse tested = call("POST", "/channels/1/test");
  EXPECT_EQ(tested.status, 200);
  EXPECT_THAT(tested.body, HasSubstr(R"("delivered":false,"status":503,"error":"answered 503","answer":"busy")"));
  const net::HttpResponse log = call("GET", "/deliveries", "", {{"kind", "slack"}, {"state", "failed"}});
  EXPECT_THAT(log.body, HasSubstr("[TEST] Godseye can reach this channel"));
  EXPECT_THAT(log.body, HasSubstr(R"("next_before":0)"));
  EXPECT_THAT(call("GET", "/deliveries", "", {{"limit", "1"}}).body, HasSubstr(R"("next_before":1)"));
  EXPECT_THAT(call("GET", "/deliveries/1").body, HasSubstr(R"("attempt_log":[{"time_ms":)"));
  EXPECT_EQ(call("POST", "/deliveries/1/resend").status, 202);
  EXPECT_EQ(call("DELETE", "/channels/1").status, 204);
}

}  // namespace
}  // namespace godseye::api
