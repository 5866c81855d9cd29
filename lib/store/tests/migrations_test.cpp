#include "migrations.h"

#include <map>

#include <gtest/gtest.h>

// When tables get another retention, over an engine that remembers what it was told.
namespace godseye::store {
namespace {

class Told final : public Engine {
 public:
  base::Result<Rows> select(std::string_view sql, const QueryOptions&) override {
    if (sql.find("system.tables") == std::string_view::npos) {
      return Rows({Column("version", "UInt32", std::vector<uint64_t>{migrations().back().version})});
    }
    Column::Texts names;
    Column::Texts queries;
    const auto add = [](Column::Texts& into, const std::string& text) {
      into.bytes += text;
      into.ends.push_back(into.bytes.size());
    };
    for (const auto& [name, days] : retention_of) {
      add(names, name);
      add(queries, "CREATE TABLE " + name + " … TTL time + toIntervalDay(" + std::to_string(days) + ") SETTINGS …");
    }
    return Rows({Column("name", "String", std::move(names)), Column("create_table_query", "String", queries)});
  }
  base::Status execute(std::string_view sql, const QueryOptions& options) override {
    if (sql.starts_with("ALTER")) alters.emplace_back(std::string(sql), options.timeout);
    return base::ok();
  }
  base::Status insert(const InsertBlock&, std::chrono::milliseconds) override { return base::ok(); }

  std::map<std::string, uint32_t> retention_of;
  std::vector<std::pair<std::string, std::chrono::milliseconds>> alters;
};

// As a store of 15 days made its tables.
Told fifteen_days() {
  Told engine;
  for (const char* table :
       {"points", "sketches", "rollup_late", "spans", "llm_spans", "texts", "evaluations", "events", "checks"}) {
    engine.retention_of[table] = 15;
  }
  for (const char* what : {"points", "sketches"}) {
    engine.retention_of[std::string(what) + "_1m"] = 32;
    engine.retention_of[std::string(what) + "_5m"] = 93;
    engine.retention_of[std::string(what) + "_1h"] = 457;
    engine.retention_of[std::string(what) + "_1d"] = 457;
  }
  engine.retention_of["series"] = 457;
  engine.retention_of["series_months"] = 488;
  return engine;
}

TEST(Retention, ThatIsTheSameChangesNothing) {
  Told engine = fifteen_days();
  ASSERT_TRUE(migrate(engine, "godseye", {}));
  EXPECT_TRUE(engine.alters.empty()) << engine.alters.front().first;
}

TEST(Retention, IsChangedWithoutWaitingForEveryPart) {
  Told engine = fifteen_days();
  ASSERT_TRUE(migrate(engine, "godseye", {.days = 20, .span_days = 15, .rollups = {}}));
  ASSERT_EQ(engine.alters.size(), 10U) << "a setting and a time for each of five tables";
  for (size_t i = 0; i < engine.alters.size(); i += 2) {
    EXPECT_NE(engine.alters[i].first.find("materialize_ttl_recalculate_only = 1"), std::string::npos);
    const std::string& sql = engine.alters[i + 1].first;
    EXPECT_NE(sql.find("toIntervalDay(20)"), std::string::npos) << sql;
    EXPECT_NE(sql.find("alter_sync = 0"), std::string::npos) << sql;
    EXPECT_GE(engine.alters[i + 1].second, std::chrono::minutes(10)) << "also on a machine that does much else";
  }
}

TEST(Retention, IsSettledWhereWhatIsRestoredMustNotExpire) {
  Told engine = fifteen_days();
  ASSERT_TRUE(migrate(engine, "godseye", {.days = 3650, .span_days = 3650, .rollups = {}, .settle = true}));
  ASSERT_EQ(engine.alters.size(), engine.retention_of.size() * 2);
  for (size_t i = 1; i < engine.alters.size(); i += 2) {
    EXPECT_NE(engine.alters[i].first.find("alter_sync = 1"), std::string::npos) << engine.alters[i].first;
  }
}

}  // namespace
}  // namespace godseye::store
