#include <filesystem>
#include <set>

#include <godseye/api/access_routes.h>
#include <godseye/registry/audit.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/passwords.h>
#include <godseye/registry/sign_ins.h>
#include <godseye/registry/users.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace godseye::api {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using registry::Role;
using registry::WriteSession;

constexpr const char* kPassword = "correct horse battery";
constexpr const char* kSite = "/api/godseye/v1/access/";

// Keys and sign-ins as the registry has them, without a memory.
class PlainKeys final : public KeyChecker {
 public:
  PlainKeys(registry::Registry& registry, base::Clock clock) : registry_(registry), clock_(std::move(clock)) {}
  bool api_key_valid(std::string_view key) const override { return key == std::string(32, 'a'); }
  bool application_key_valid(std::string_view key) const override { return application_caller(key) != nullptr; }
  CallerPointer application_caller(std::string_view text) const override {
    auto caller = std::make_shared<Caller>();
    (void)registry_.read([&](registry::ReadSession& s) -> base::Status {
      const auto key = *registry::find_key(s, registry::KeyKind::kApplication, text);
      if (!key) return base::ok();
      caller->kind = Caller::Kind::kApplicationKey;
      caller->name = "key " + key->name;
      caller->role = Role::kAdmin;
      caller->key_id = key->id;
      if (key->scopes) caller->scopes = permissions_of(*key->scopes);
      return base::ok();
    });
    if (caller->kind == Caller::Kind::kNobody) return nullptr;
    return caller;
  }
  CallerPointer browser_caller(std::string_view token) const override {
    auto caller = std::make_shared<Caller>();
    (void)registry_.read([&](registry::ReadSession& s) -> base::Status {
      const auto found = *registry::find_sign_in(s, token, base::unix_seconds(clock_.wall()), 3600);
      if (!found) return base::ok();
      const auto user = *registry::find_user(s, found->user_id);
      if (!user || user->disabled) return base::ok();
      *caller = {.kind = Caller::Kind::kUser,
                 .name = user->handle,
                 .role = user->role,
                 .user_id = user->id,
                 .handle = user->handle,
                 .sign_in_id = found->id,
                 .csrf = registry::csrf_token(token)};
      return base::ok();
    });
    if (caller->kind == Caller::Kind::kNobody) return nullptr;
    return caller;
  }

 private:
  registry::Registry& registry_;
  base::Clock clock_;
};

class Access : public testing::Test {
 protected:
  Access() {
    char name[] = "/tmp/godseye-access-XXXXXX";
    folder_ = mkdtemp(name);
    registry_ = *registry::Registry::open({.path = folder_ + "/r.sqlite", .sync = registry::Sync::kNormal});
    keys_ = std::make_unique<PlainKeys>(*registry_, clock_);
    start({});
    static const std::string hash = *registry::hash_password(kPassword);
    for (const Role role : registry::kRoles) {
      EXPECT_TRUE(registry_->write([&](WriteSession& s) {
        registry::UserRow row{
            .handle = std::string(registry::role_name(role)), .role = role, .password_hash = hash, .created_s = 1000};
        return registry::create_user(s, row);
      }));
    }
  }
  ~Access() override { std::filesystem::remove_all(folder_); }

  void start(RouterConfig config, bool secure = false) {
    config.secure_cookies = secure;
    router_ = std::make_unique<Router>(*keys_, config);
    routes_ = std::make_unique<AccessRoutes>(AccessParts{.registry = *registry_,
                                                         .clock = clock_,
                                                         .on_change = {},
                                                         .secure = secure,
                                                         .public_url = {},
                                                         .session_idle = 3600s,
                                                         .session_age = 24 * 3600s});
    routes_->add_to(*router_);
    for (const char* method : {"GET", "POST"}) {
      router_->add(RouteClass::kManagement, method, "/api/v1/monitor",
                   [](const Request& r) { return net::json_response(200, r.caller().name); });
    }
    router_->add(RouteClass::kIntake, "POST", "/api/v1/series",
                 [](const Request& r) { return net::json_response(202, r.caller().name); });
  }

  net::HttpResponse ask(std::string method, std::string path, net::Headers headers = {}, std::string body = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.raw_path = request.path = request.target = path;
    request.headers = std::move(headers);
    request.headers.add("Host", "godseye.test:8080");
    request.body = std::move(body);
    request.remote_address = address_;
    return router_->handle(request);
  }
  net::HttpResponse sign_in(const std::string& handle, const std::string& password, net::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return ask("POST", std::string(kSite) + "session", std::move(headers),
               json::serialize(json::object{{"handle", handle}, {"password", password}}));
  }
  struct Browser {
    std::string cookie, csrf;
    net::Headers reading() const { return {{"Cookie", "other=1; " + cookie}}; }
    net::Headers changing() const { return {{"Cookie", cookie}, {"X-Godseye-CSRF", csrf}}; }
  };
  Browser browser(const std::string& handle) {
    const net::HttpResponse response = sign_in(handle, kPassword);
    EXPECT_EQ(response.status, 200) << response.body;
    const std::string set(response.headers.get("Set-Cookie"));
    return {set.substr(0, set.find(';')), std::string(json::parse(response.body).at("csrf").as_string())};
  }

  std::string folder_;
  std::string address_ = "192.0.2.1";
  int64_t wall_s_ = 1'700'000'000;
  base::Clock clock_{.wall = [this] { return base::WallTime(std::chrono::seconds(wall_s_)); },
                     .tick = [this] { return base::TickTime(std::chrono::seconds(wall_s_)); }};
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<PlainKeys> keys_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<AccessRoutes> routes_;
};

TEST(AccessTable, RolesGrowAndNamesAreUnique) {
  std::set<std::string_view> names;
  for (const PermissionInfo& info : permission_table()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(&info_of(info.permission), &info);
    EXPECT_EQ(permission_named(info.name), info.permission);
  }
  for (size_t i = 1; i < std::size(registry::kRoles); ++i) {
    EXPECT_TRUE(permissions_of(registry::kRoles[i]).covers(permissions_of(registry::kRoles[i - 1])));
    EXPECT_FALSE(permissions_of(registry::kRoles[i - 1]).covers(permissions_of(registry::kRoles[i])));
  }
}

TEST(AccessTable, ARouteWithoutALineIsForAdminsToChange) {
  EXPECT_FALSE(rule_of("POST", "/api/v9/new").decided);
  EXPECT_EQ(info_of(rule_of("POST", "/api/v9/new").permission).least, Role::kAdmin);
  EXPECT_EQ(info_of(rule_of("GET", "/api/v9/new").permission).least, Role::kViewer);
  EXPECT_EQ(rule_of("POST", "/api/v1/monitor/{id}/mute").permission, Permission::kMonitorsDowntime);
  EXPECT_EQ(rule_of("PUT", "/api/v1/monitor/{id}").permission, Permission::kMonitorsWrite);
}

TEST_F(Access, SigningInGivesACookieThatPagesAloneCanUseForChanges) {
  const net::HttpResponse response = sign_in("EDITOR", kPassword);
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string set(response.headers.get("Set-Cookie"));
  EXPECT_TRUE(set.starts_with("godseye_session=")) << set;
  for (const char* part : {"; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=86400"}) {
    EXPECT_NE(set.find(part), std::string::npos) << part;
  }
  const Browser editor{set.substr(0, set.find(';')), std::string(json::parse(response.body).at("csrf").as_string())};
  EXPECT_EQ(ask("GET", "/api/v1/monitor", editor.reading()).body, "editor");
  EXPECT_EQ(ask("POST", "/api/v1/monitor", editor.changing()).status, 200);
  // What a page of another site can send.
  EXPECT_EQ(ask("POST", "/api/v1/monitor", editor.reading()).status, 403) << "no token";
  net::Headers wrong = editor.reading();
  wrong.add("X-Godseye-CSRF", std::string(64, '0'));
  EXPECT_EQ(ask("POST", "/api/v1/monitor", wrong).status, 403);
  for (const char* origin :
       {"https://evil.test", "null", "http://godseye.test:8081", "http://godseye.test:8080.evil.test"}) {
    net::Headers foreign = editor.changing();
    foreign.add("Origin", origin);
    EXPECT_EQ(ask("POST", "/api/v1/monitor", foreign).status, 403) << origin;
  }
  net::Headers own = editor.changing();
  own.add("Origin", "http://godseye.test:8080");
  EXPECT_EQ(ask("POST", "/api/v1/monitor", own).status, 200);
  EXPECT_EQ(sign_in("editor", kPassword, {{"Origin", "https://evil.test"}}).status, 403) << "signed in by a stranger";
}

TEST_F(Access, OverTlsTheCookieIsForTlsAlone) {
  start({}, true);
  const net::HttpResponse response = sign_in("viewer", kPassword);
  const std::string set(response.headers.get("Set-Cookie"));
  EXPECT_TRUE(set.starts_with("__Host-godseye_session=")) << set;
  EXPECT_NE(set.find("; Secure"), std::string::npos);
  const std::string token = set.substr(set.find('=') + 1, 64);
  EXPECT_EQ(ask("GET", "/api/v1/monitor", {{"Cookie", "__Host-godseye_session=" + token}}).status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/monitor", {{"Cookie", "godseye_session=" + token}}).status, 403) << "as without one";
}

TEST_F(Access, NobodyLearnsWhoExistsAndGuessingEnds) {
  EXPECT_TRUE(registry_->write([&](WriteSession& s) {
    registry::UserRow row{.handle = "gone", .disabled = true, .password_hash = "$argon2id$x", .created_s = 1};
    return registry::create_user(s, row);
  }));
  const net::HttpResponse wrong = sign_in("viewer", "not the password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(sign_in("nobody", "not the password").body, wrong.body);
  EXPECT_EQ(sign_in("gone", "not the password").body, wrong.body);
  for (uint64_t i = 1; i < kSignInsByNameMax; ++i) EXPECT_EQ(sign_in("viewer", "not the password").status, 401);
  const net::HttpResponse limited = sign_in("viewer", kPassword);
  EXPECT_EQ(limited.status, 429) << "the right one too, else guessing would go on";
  EXPECT_FALSE(limited.headers.get("Retry-After").empty());
  EXPECT_EQ(limited.headers.get("X-RateLimit-Name"), "sign_in_name");
  EXPECT_EQ(sign_in("editor", kPassword).status, 200) << "others are not affected";
  wall_s_ += 15 * 60;
  EXPECT_EQ(sign_in("viewer", kPassword).status, 200);
  EXPECT_EQ(routes_->stats().sign_ins_limited, 1U);
}

TEST_F(Access, ASignInEndsByTimeBySigningOutAndByAnother) {
  const Browser first = browser("viewer");
  wall_s_ += 3599;
  EXPECT_EQ(ask("GET", "/api/v1/monitor", first.reading()).status, 200);
  wall_s_ += 3601;
  EXPECT_EQ(ask("GET", "/api/v1/monitor", first.reading()).status, 401) << "idle";
  const Browser second = browser("viewer");
  EXPECT_EQ(ask("DELETE", std::string(kSite) + "session", second.changing()).status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/monitor", second.reading()).status, 401) << "signed out";
  // A token that somebody else has put into the browser before signing in is worth nothing afterwards.
  const Browser planted = browser("viewer");
  const net::HttpResponse again = sign_in("viewer", kPassword, {{"Cookie", planted.cookie}});
  EXPECT_EQ(again.headers.get("Set-Cookie").find(planted.cookie), std::string::npos);
  EXPECT_EQ(ask("GET", "/api/v1/monitor", planted.reading()).status, 401);
}

TEST_F(Access, RolesAndScopesAreNamedInRefusals) {
  const Browser viewer = browser("viewer");
  const net::HttpResponse refused = ask("POST", "/api/v1/monitor", viewer.changing());
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("monitors_write"), std::string::npos) << refused.body;
  std::string text;
  EXPECT_TRUE(registry_->write([&](WriteSession& s) -> base::Status {
    auto key =
        registry::create_key(s, registry::KeyKind::kApplication, "ro", 1, 0, std::vector<std::string>{"monitors_read"});
    text = key->text;
    return base::ok();
  }));
  const net::Headers keyed{{"DD-API-KEY", std::string(32, 'a')}, {"DD-APPLICATION-KEY", text}};
  EXPECT_EQ(ask("GET", "/api/v1/monitor", keyed).body, "key ro");
  const net::HttpResponse scope = ask("POST", "/api/v1/monitor", keyed);
  EXPECT_EQ(scope.status, 403);
  EXPECT_NE(scope.body.find("lacks the scope monitors_write"), std::string::npos) << scope.body;
  EXPECT_EQ(ask("POST", "/api/v1/series", {{"DD-API-KEY", std::string(32, 'a')}}).body, "api key");
  EXPECT_EQ(ask("POST", "/api/v1/series", viewer.changing()).status, 403);
  EXPECT_EQ(ask("GET", "/api/v1/monitor").status, 403) << "clients of Datadog expect 403";
  EXPECT_EQ(ask("GET", "/api/v1/monitor", {{"X-Godseye-Page", "1"}}).status, 401) << "pages go to sign in";
}

TEST_F(Access, AChangedPasswordEndsTheOtherSessions) {
  const Browser here = browser("viewer");
  const Browser there = browser("viewer");
  const std::string path = std::string(kSite) + "password";
  EXPECT_EQ(ask("PUT", path, here.changing(), R"({"current":"wrong wrong","new":"another good one"})").status, 400);
  EXPECT_EQ(ask("PUT", path, here.changing(), R"({"current":"correct horse battery","new":"short"})").status, 400);
  EXPECT_EQ(ask("PUT", path, here.changing(), R"({"current":"correct horse battery","new":"another good one"})").status,
            200);
  EXPECT_EQ(ask("GET", "/api/v1/monitor", here.reading()).status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/monitor", there.reading()).status, 401);
  EXPECT_EQ(sign_in("viewer", kPassword).status, 401);
  EXPECT_EQ(sign_in("viewer", "another good one").status, 200);
}

TEST_F(Access, AdminsManageUsersAndTheirKeysFollow) {
  const Browser admin = browser("admin");
  const net::HttpResponse made =
      ask("POST", std::string(kSite) + "users", admin.changing(), R"({"handle":"bo@example.com","role":"responder"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string password(json::parse(made.body).at("password").as_string());
  EXPECT_EQ(sign_in("bo@example.com", password).status, 200);
  EXPECT_EQ(ask("PATCH", std::string(kSite) + "users/bo@example.com", admin.changing(), R"({"disabled":true})").status,
            200);
  EXPECT_EQ(sign_in("bo@example.com", password).status, 401);
  EXPECT_EQ(ask("PATCH", std::string(kSite) + "users/admin", admin.changing(), R"({"role":"viewer"})").status, 400);
  EXPECT_EQ(ask("POST", std::string(kSite) + "users", browser("editor").changing(), R"({"handle":"x"})").status, 403);
  const json::value users = json::parse(ask("GET", "/api/v2/users", admin.reading()).body);
  EXPECT_EQ(users.at("meta").at("page").at("total_count").as_int64(), 5);
  auto log = registry_->fetch<std::vector<registry::AuditRow>>(
      [](registry::ReadSession& s) { return registry::list_audit(s, {.action = "user."}); });
  ASSERT_EQ(log->size(), 2U);
  EXPECT_EQ(log->front().actor, "admin");
  EXPECT_EQ(log->front().target, "user:bo@example.com");
}

TEST_F(Access, AKeyOfAPersonMakesNoWiderKeyAndIsShownOnce) {
  const Browser editor = browser("editor");
  const std::string path = "/api/v2/current_user/application_keys";
  const net::HttpResponse made = ask(
      "POST", path, editor.changing(),
      R"({"data":{"type":"application_keys","attributes":{"name":"ci","scopes":["monitors_read","user_app_keys"]}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const json::value data = json::parse(made.body).at("data");
  const std::string text(data.at("attributes").at("key").as_string());
  EXPECT_EQ(text.size(), 40U);
  EXPECT_EQ(ask("GET", path, editor.reading()).body.find(text), std::string::npos);
  const net::Headers keyed{{"DD-API-KEY", std::string(32, 'a')}, {"DD-APPLICATION-KEY", text}};
  for (const char* scopes : {"null", R"(["monitors_write"])"}) {
    const std::string body =
        R"({"data":{"type":"application_keys","attributes":{"name":"more","scopes":)" + std::string(scopes) + "}}}";
    EXPECT_EQ(ask("POST", path, keyed, body).status, 403) << scopes;
  }
  const Browser viewer = browser("viewer");
  const std::string one = path + "/" + std::string(data.at("id").as_string());
  EXPECT_EQ(ask("DELETE", one, viewer.changing()).status, 404) << "somebody else's";
  EXPECT_EQ(ask("DELETE", one, editor.changing()).status, 204);
  EXPECT_EQ(ask("GET", "/api/v1/monitor", keyed).status, 403);
}

TEST_F(Access, RequestsAreLimitedByAddressAndByKey) {
  RequestLimiter by_address("by_address", 5, 60s, clock_);
  RequestLimiter by_caller("by_caller", 2, 60s, clock_);
  start({.by_address = &by_address, .by_caller = &by_caller});
  const Browser viewer = browser("viewer");
  const net::HttpResponse first = ask("GET", "/api/v1/monitor", viewer.reading());
  EXPECT_EQ(first.headers.get("X-RateLimit-Remaining"), "1");
  EXPECT_EQ(ask("GET", "/api/v1/monitor", viewer.reading()).status, 200);
  const net::HttpResponse third = ask("GET", "/api/v1/monitor", viewer.reading());
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.headers.get("X-RateLimit-Limit"), "2");
  EXPECT_EQ(third.headers.get("X-RateLimit-Period"), "60");
  EXPECT_FALSE(third.headers.get("Retry-After").empty());
  ask("GET", "/api/v1/monitor");
  ask("GET", "/api/v1/monitor");
  EXPECT_EQ(ask("GET", "/api/v1/monitor").headers.get("X-RateLimit-Name"), "by_address");
  address_ = "192.0.2.2";
  EXPECT_EQ(ask("GET", "/api/v1/monitor").status, 403);
  wall_s_ += 60;
  EXPECT_EQ(ask("GET", "/api/v1/monitor", viewer.reading()).status, 200);
  EXPECT_EQ(by_address.refused(), 1U);
  EXPECT_EQ(by_caller.refused(), 1U);
}

TEST(RequestLimits, AFloodOfNamesSharesOneCount) {
  int64_t now_s = 0;
  RequestLimiter limiter(
      "flood", 3, 60s,
      {.wall = [] { return base::WallTime(); }, .tick = [&] { return base::TickTime(std::chrono::seconds(now_s)); }});
  size_t allowed = 0;
  for (size_t i = 0; i < RequestLimiter::kCountedMax + 100; ++i) allowed += limiter.take(std::to_string(i)).allowed;
  EXPECT_EQ(allowed, RequestLimiter::kCountedMax + 3);
  EXPECT_TRUE(limiter.take("7").allowed) << "those that were counted keep their own";
}

}  // namespace
}  // namespace godseye::api
