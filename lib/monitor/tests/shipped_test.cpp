#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <godseye/base/temp_dir.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/monitor/shipped.h>
#include <godseye/monitor/spec.h>
#include <godseye/registry/monitors.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream("../../" + path).rdbuf();
  return text.str();
}
std::string shipped() { return file("datadog/monitors.json"); }

// The anchor of a heading, as pages of Markdown are shown.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ') anchor += '-';
    if (c >= 'A' && c <= 'Z') anchor += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') anchor += c;
  }
  return anchor;
}

bool has_section(const std::string& page, const std::string& anchor) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ") && anchor_of(line.substr(3)) == anchor) return true;
  }
  return false;
}

TEST(ShippedMonitors, EachIsValidSaysWhatToDoAndNamesARunbookThatExists) {
  size_t count = 0;
  for (const std::string path : {"datadog/monitors.json", "datadog/alerts.json"}) {
    base::Result<std::vector<ddapi::MonitorSpec>> specs = ddapi::decode_monitors(file(path));
    ASSERT_TRUE(specs) << path << ": " << specs.error().message();
    std::set<std::string> names;
    for (const ddapi::MonitorSpec& spec : *specs) {
      ++count;
      std::vector<std::string> warnings;
      base::Result<ValidMonitor> monitor = validate(spec, &warnings);
      ASSERT_TRUE(monitor) << spec.name << ": " << monitor.error().message();
      EXPECT_THAT(warnings, IsEmpty()) << spec.name;
      EXPECT_TRUE(names.insert(spec.name).second) << spec.name << " twice";
      EXPECT_GE(monitor->priority, 1) << spec.name;
      EXPECT_EQ(monitor->message.possible_handles().size(), 1U) << spec.name;
      for (const char* part : {"**What failed:**", "**Why:**", "**Next:**"}) {
        EXPECT_THAT(spec.message, HasSubstr(part)) << spec.name;
      }
      ASSERT_EQ(spec.assets.size(), 1U) << spec.name;
      EXPECT_EQ(spec.assets[0].category, "runbook");
      const std::string& url = spec.assets[0].url;
      const size_t hash = url.find('#');
      ASSERT_NE(hash, std::string::npos) << url;
      EXPECT_TRUE(has_section(file(url.substr(0, hash)), url.substr(hash + 1))) << spec.name << ": " << url;
    }
  }
  EXPECT_GE(count, 50U);
}

// The services' alerts, with the thresholds, windows and severities that were agreed on.
TEST(ShippedMonitors, EveryAlertOfTheServicesIsThere) {
  struct Row {
    const char* tag;
    const char* part;
    const char* end;
    int priority;
  };
  const Row rows[] = {
      {"frontend/errors", "sum(last_5m)", "> 0.01", 1},
      {"frontend/slow", "percentile(last_3m):p95:", "> 2", 2},
      {"frontend/session-errors", "sum(", "> 0.005", 3},
      {"checkout/errors", "sum(last_2m)", "> 0.02", 1},
      {"checkout/slow-payment", "p99:checkout.payment.duration", "> 5", 2},
      {"checkout/few-orders", "pct_change(", "< -50", 1},
      {"cart/redis-errors", "sum(last_1m)", "> 0", 1},
      {"cart/slow-add", "p95:", "> 0.5", 3},
      {"cart/retrieval", "sum(", "> 0.01", 2},
      {"catalogue/down", "productcatalogservice.health", "count_by_status()", 1},
      {"catalogue/slow-search", "percentile(last_5m):p95:", "> 1", 3},
      {"catalogue/no-results", "sum(", "> 0.2", 4},
      {"payment/gateway-errors", "sum(", "> 0.01", 1},
      {"payment/timeouts", "sum(", "> 0.005", 2},
      {"payment/slow-fraud-check", "p99:", "> 3", 3},
      {"currency/old-rates", "currency.rate.age", "> 3600", 3},
      {"currency/failures", "sum(", "> 0.001", 2},
      {"email/failures", "sum(", "> 0.05", 3},
      {"email/queue", "min(last_5m)", "> 1000", 4},
      {"shipping/quotes", "sum(", "> 0.01", 3},
      {"shipping/tracking", "sum(", "> 0.05", 4},
      {"recommendation/slow", "percentile(last_5m):p95:", "> 0.5", 3},
      {"recommendation/empty", "sum(", "> 0.1", 4},
      {"ads/errors", "sum(", "> 0.02", 3},
      {"ads/empty", "sum(", "> 0.05", 4},
      {"network/grpc-errors", "by {caller,callee}", "> 0.01", 2},
      {"network/grpc-slow", "p99:grpc.client.duration", "> 0.5", 3},
      {"network/dns", "sum(last_1m)", "> 0", 1},
      {"data-stores/redis-memory", "redis.memory.used_ratio", "> 0.8", 2},
      {"data-stores/redis-connections", "redis.connections.free", "< 5", 1},
      {"data-stores/sql-slow", "p95:sql.query.duration", "> 0.2", 3},
  };
  const auto specs = *ddapi::decode_monitors(file("datadog/alerts.json"));
  for (const Row& row : rows) {
    const auto found = std::find_if(specs.begin(), specs.end(), [&](const ddapi::MonitorSpec& spec) {
      return std::find(spec.tags.begin(), spec.tags.end(), std::string("alert:") + row.tag) != spec.tags.end();
    });
    ASSERT_NE(found, specs.end()) << row.tag;
    EXPECT_THAT(found->query, HasSubstr(row.part)) << row.tag;
    EXPECT_TRUE(found->query.ends_with(row.end)) << row.tag << ": " << found->query;
    EXPECT_EQ(found->priority, row.priority) << row.tag;
    EXPECT_THAT(found->tags, ::testing::Contains("severity:sev-" + std::to_string(row.priority))) << row.tag;
  }
}

TEST(ShippedMonitors, AllSevenRulesAreValidAndHaveTheirHandles) {
  base::Result<std::vector<ddapi::MonitorSpec>> specs = ddapi::decode_monitors(shipped());
  ASSERT_TRUE(specs) << specs.error().message();
  ASSERT_EQ(specs->size(), 10U) << "rules 1, 5 and 7 are two monitors each";
  std::vector<std::string> handles;
  for (const ddapi::MonitorSpec& spec : *specs) {
    std::vector<std::string> warnings;
    base::Result<ValidMonitor> monitor = validate(spec, &warnings);
    ASSERT_TRUE(monitor) << spec.name << ": " << monitor.error().message();
    EXPECT_THAT(warnings, IsEmpty()) << spec.name;
    ASSERT_EQ(monitor->message.possible_handles().size(), 1U) << spec.name;
    handles.push_back(monitor->message.possible_handles().front());
  }
  EXPECT_THAT(handles, ElementsAre("incident-prompt-injection", "incident-prompt-injection", "incident-hallucination",
                                   "case-interactions", "case-cost", "incident-quality", "incident-quality",
                                   "incident-capacity", "incident-multimodal", "incident-multimodal"));
}

TEST(ShippedMonitors, ImportingTwiceMakesThemOnceAndARemovedOneStaysRemoved) {
  base::TempDir dir;
  auto registry = *registry::Registry::open({.path = dir.file("registry.sqlite")});
  base::Result<ImportReport> first = import_monitors(*registry, shipped(), 100);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->created, 10U);
  EXPECT_THAT(first->unsupported, IsEmpty());
  ASSERT_TRUE(registry->write([](registry::WriteSession& s) { return registry::delete_monitor(s, 1); }));
  base::Result<ImportReport> second = import_monitors(*registry, shipped(), 200);
  EXPECT_EQ(second->created, 0U);
  EXPECT_EQ(second->present, 10U);
}

TEST(ShippedMonitors, WhatCannotBeEvaluatedYetIsReportedAndTriedAgain) {
  base::TempDir dir;
  auto registry = *registry::Registry::open({.path = dir.file("registry.sqlite")});
  const std::string json =
      R"([{"name":"f","tags":["rule:9"],"type":"query alert","query":"max(last_1h):forecast(avg:m{*}, 'linear', 1) > 1"},
          {"name":"g","type":"query alert","query":"max(last_1h):avg:m{*} > 1"}])";
  base::Result<ImportReport> report = import_monitors(*registry, json, 1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->created, 1U);
  EXPECT_THAT(report->unsupported, ElementsAre(HasSubstr("rule:9/f: query: column")));
  EXPECT_EQ(import_monitors(*registry, json, 1)->unsupported.size(), 1U);
}

TEST(ShippedMonitors, AWrongFileIsNamedAndNothingIsImported) {
  base::TempDir dir;
  auto registry = *registry::Registry::open({.path = dir.file("registry.sqlite")});
  EXPECT_FALSE(import_monitors(*registry, "{}", 1));
  base::Result<ImportReport> report = import_monitors(
      *registry,
      R"([{"name":"ok","type":"query alert","query":"max(last_1h):avg:m{*} > 1"},{"name":"bad","type":"x","query":"q"}])",
      1);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message(), HasSubstr("monitor \"bad\": type: \"x\" is not supported"));
  EXPECT_TRUE(registry
                  ->fetch<std::vector<registry::MonitorRow>>(
                      [](registry::ReadSession& s) { return registry::list_monitors(s); })
                  ->empty());
}

}  // namespace
}  // namespace godseye::monitor
