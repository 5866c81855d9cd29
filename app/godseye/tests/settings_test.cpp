#include "settings.h"

#include "cutter.h"

#include <set>

#include <gtest/gtest.h>

namespace godseye::app {
namespace {

std::string error_of(std::string_view yaml) {
  const auto file = parse_config(yaml, "g.yaml");
  if (!file) return file.error().message();
  const auto settings = resolve_settings({&*file});
  return settings ? "" : settings.error().message();
}

TEST(Settings, DefaultsAreValid) {
  const auto settings = resolve_settings({});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->http.text(), "127.0.0.1:8080");
  EXPECT_EQ(settings->dogstatsd->text(), "127.0.0.1:8125");
  EXPECT_EQ(settings->trace_agent->text(), "127.0.0.1:8126");
  EXPECT_EQ(settings->trace_agent_body_max, 25u << 20);
  EXPECT_FALSE(settings->anonymous_loopback);
  EXPECT_EQ(settings->journal_bytes_max, 1ULL << 30);
  EXPECT_TRUE(settings->attribution_tags.has(signal::AttributionKey::kPromptId));
}

TEST(Settings, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const auto file = *parse_config("data-dir: /file\nhttp: 127.0.0.1:1\ncontexts-max: 5\n", "g.yaml");
  const auto environment = read_environment([](const std::string& name) -> std::optional<std::string> {
    if (name == "GODSEYE_DATA_DIR") return "/environment";
    if (name == "GODSEYE_HTTP") return "127.0.0.1:2";
    return std::nullopt;
  });
  const GivenValues flags{{"data-dir", {"/flag", "--data-dir"}}};
  const auto settings = resolve_settings({&file, &environment, &flags});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->data_dir, "/flag");
  EXPECT_EQ(settings->http.port, 2);
  EXPECT_EQ(settings->contexts_max, 5U);
  EXPECT_EQ(settings->retention_days, 15U);
}

TEST(Settings, EachIsDeclaredOnceUnderOneName) {
  std::set<std::string> names;
  for (const SettingDeclaration& setting : setting_declarations()) {
    EXPECT_TRUE(names.insert(std::string(setting.name)).second) << setting.name;
    EXPECT_FALSE(setting.help.empty()) << setting.name;
  }
  EXPECT_EQ(setting_declarations()[0].flag(), "--data-dir");
  EXPECT_EQ(setting_declarations()[0].environment(), "GODSEYE_DATA_DIR");
  EXPECT_NE(setting_declarations()[0].description().find("(default data)"), std::string::npos);
}

TEST(Settings, ErrorsNameTheOriginTheValueAndWhatWasExpected) {
  const GivenValues flags{{"http", {"example.com", "--http"}}};
  EXPECT_EQ(resolve_settings({&flags}).error().message(),
            "--http: bad listen address \"example.com\": expected HOST:PORT, [IPV6]:PORT or unix:/PATH");
  const GivenValues number{{"contexts-max", {"many", "GODSEYE_CONTEXTS_MAX"}}};
  EXPECT_EQ(resolve_settings({&number}).error().message(),
            "GODSEYE_CONTEXTS_MAX: bad value \"many\": expected a whole number from 1 to 100000000");
  EXPECT_EQ(error_of("journal-sync: sometimes"),
            "g.yaml:1: journal-sync: journal-sync: \"sometimes\", expected none, interval or always");
  EXPECT_EQ(error_of("tls-cert: /a.pem"), "tls-cert and tls-key belong together: one of them is missing");
  EXPECT_NE(error_of("attribution-tags: [session_id, tenant]"), "");
  EXPECT_NE(error_of("dogstatsd: unix:/x"), "");
  EXPECT_NE(error_of("trace-agent: unix:/x"), "");
  EXPECT_NE(error_of("trace-agent-body-max: 10KiB"), "");
  EXPECT_EQ(error_of("trace-agent-tls: true"), "trace-agent-tls needs tls-cert and tls-key");
  EXPECT_EQ(error_of("trace-agent: off"), "");
  EXPECT_NE(error_of("journal-bytes-max: 63MiB"), "");
  EXPECT_NE(error_of("journal-bytes-max: 99999999999999999999"), "");
  EXPECT_NE(error_of("journal-bytes-max: 99999999999TiB"), "");
  EXPECT_NE(error_of("anonymous-loopback: maybe"), "");
  EXPECT_NE(error_of("retention-days: 0"), "");
}

TEST(Settings, FilesMustHoldKnownKeysOnce) {
  EXPECT_EQ(error_of("\nhtttp: 127.0.0.1:1"), "g.yaml:2: unknown key \"htttp\", did you mean \"http\"?");
  EXPECT_EQ(error_of("flavour: mild"), "g.yaml:1: unknown key \"flavour\"");
  EXPECT_EQ(error_of("http: 127.0.0.1:1\nhttp: 127.0.0.1:2"), "g.yaml:2: key \"http\" occurs twice");
  EXPECT_EQ(error_of("- http"), "g.yaml: expected a map of settings, `name: value`");
  EXPECT_EQ(error_of("http: {a: b}"), "g.yaml:1: http: expected a value or a list of values");
  EXPECT_NE(error_of("a: [").find("not YAML"), std::string::npos);
  EXPECT_EQ(error_of(""), "");
  EXPECT_EQ(error_of("attribution-tags: [session_id, user_id]\nanonymous-loopback: true\ndogstatsd: off"), "");
  EXPECT_EQ(read_config_file("/nonexistent/g.yaml").error().message(),
            "reading /nonexistent/g.yaml: No such file or directory");
}

TEST(Settings, SizesHaveUnits) {
  const auto bytes = [](const char* text) {
    const GivenValues flags{{"journal-bytes-max", {text, "--journal-bytes-max"}}};
    return resolve_settings({&flags})->journal_bytes_max;
  };
  EXPECT_EQ(bytes("67108864"), 64ULL << 20);
  EXPECT_EQ(bytes("64MiB"), 64ULL << 20);
  EXPECT_EQ(bytes("2G"), 2ULL << 30);
}

TEST(Cutter, TakesTheLastCompleteBucketAfterTheGrace) {
  const auto at = [](int64_t ms) { return base::WallTime(std::chrono::milliseconds(ms)); };
  EXPECT_EQ(last_cut_end(at(20'200)), at(20'000));
  EXPECT_EQ(last_cut_end(at(20'199)), at(10'000));
  EXPECT_EQ(last_cut_end(at(29'999)), at(20'000));
}

TEST(Settings, WhatIsInForceIsShownWithoutSecrets) {
  const GivenValues given{{"clickhouse-password", {"hunter2", "GODSEYE_CLICKHOUSE_PASSWORD"}},
                          {"alarm-url", {"https://u:p@alarms.example/hook/token77?x=1", "--alarm-url"}}};
  const base::Result<Settings> settings = resolve_settings({&given});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->in_force.size(), setting_declarations().size());
  for (const SettingInForce& one : settings->in_force) {
    EXPECT_EQ(one.shown.find("hunter2"), std::string::npos) << one.name;
    EXPECT_EQ(one.shown.find("token77"), std::string::npos) << one.name;
    EXPECT_EQ(one.origin.empty(), !given.contains(one.name)) << one.name;
  }
  EXPECT_EQ(shown_setting("alarm-url", "https://u:p@alarms.example/hook"), "https://••••@alarms.example/••••");
  EXPECT_EQ(shown_setting("heartbeat-url", "https://h.example"), "https://h.example");
  EXPECT_EQ(shown_setting("provider", "a=https://k@x.example/v1,b=http://127.0.0.1:9"),
            "a=https://••••@x.example/v1,b=http://127.0.0.1:9");
  EXPECT_EQ(shown_setting("token-abuse", "500000"), "500000");
  EXPECT_EQ(shown_setting("data-dir", "/var/lib/godseye"), "/var/lib/godseye");
}

}  // namespace
}  // namespace godseye::app
