#include "migrations.h"

#include "rollup_schema.h"
#include "span_schema.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <godseye/base/log.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

// `non_replicated_deduplication_window` counts blocks per table: far above the segments that can be in flight, since a
// block forgotten by the window would be doubled by a replay.
// `segment` names the journal segment that a row came from, so that the writer can ask whether a block is really there
// (writer.h). Codecs are measured in docs/benchmarks.md ("Storage").
constexpr std::string_view kCreateSeries = R"(CREATE TABLE IF NOT EXISTS series (
  day Date CODEC(DoubleDelta, ZSTD(1)),
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  type UInt8 CODEC(ZSTD(1)),
  interval_s UInt32 CODEC(ZSTD(1)),
  tags Array(LowCardinality(String)) CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (metric, series_id, day)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

constexpr std::string_view kCreatePoints = R"(CREATE TABLE IF NOT EXISTS points (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  value Float64 CODEC(ZSTD(3)),
  session_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  prompt_id String CODEC(ZSTD(1)),
  segment UInt64 CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (metric, series_id, time)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

constexpr std::string_view kCreateSketches = R"(CREATE TABLE IF NOT EXISTS sketches (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  session_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  prompt_id String CODEC(ZSTD(1)),
  count UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(1)),
  min Float64 CODEC(ZSTD(1)),
  max Float64 CODEC(ZSTD(1)),
  keys Array(Int16) CODEC(Delta(2), ZSTD(1)),
  counts Array(UInt32) CODEC(T64, ZSTD(1)),
  segment UInt64 CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (metric, series_id, time)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

constexpr std::string_view kCreateEvents = R"(CREATE TABLE IF NOT EXISTS events (
  time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  id UInt64 CODEC(ZSTD(1)),
  title String CODEC(ZSTD(1)),
  text String CODEC(ZSTD(3)),
  alert_type LowCardinality(String),
  low_priority UInt8,
  source LowCardinality(String),
  aggregation_key String CODEC(ZSTD(1)),
  host LowCardinality(String),
  tags Array(LowCardinality(String)) CODEC(ZSTD(1)),
  session_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  values Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
  segment UInt64 CODEC(ZSTD(1)),
  INDEX id_index id TYPE bloom_filter(0.01) GRANULARITY 4
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (time, id)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

constexpr std::string_view kCreateChecks = R"(CREATE TABLE IF NOT EXISTS checks (
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  check LowCardinality(String),
  status UInt8,
  host LowCardinality(String),
  message String CODEC(ZSTD(1)),
  tags Array(LowCardinality(String)) CODEC(ZSTD(1)),
  segment UInt64 CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY (check, time)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

constexpr std::string_view kCreateMigrations = R"(CREATE TABLE IF NOT EXISTS migrations (
  version UInt32, name String, applied DateTime('UTC') DEFAULT now()
) ENGINE = MergeTree ORDER BY version)";

Status run(Engine& engine, std::string_view sql, std::string_view what) {
  Status done = engine.execute(sql);
  if (!done) return std::move(done).error().within(what);
  return done;
}

Result<uint32_t> current_version(Engine& engine) {
  Result<Rows> rows = engine.select("SELECT max(version) FROM migrations");
  if (!rows) return std::move(rows).error().within("reading the schema version");
  return rows->row_count() == 0 ? 0u : static_cast<uint32_t>(rows->column(0).u64(0));
}

constexpr uint32_t kMonthDaysMax = 31;
// Of each of the statements that change a table's retention. They are short, but not on a machine that does much else.
constexpr std::chrono::milliseconds kRetentionTimeout{600'000};

struct Expiry {
  std::string_view table;
  std::string_view time;  // what its rows expire by
  uint32_t days;
};

std::vector<Expiry> expiries(const Retention& retention) {
  const uint32_t minutes = std::max(retention.days, retention.rollups.minutes);
  const uint32_t five_minutes = std::max(minutes, retention.rollups.five_minutes);
  const uint32_t hours = std::max(five_minutes, retention.rollups.hours);
  return {{"points", "time", retention.days},
          {"sketches", "time", retention.days},
          {"points_1m", "time", minutes},
          {"sketches_1m", "time", minutes},
          {"points_5m", "time", five_minutes},
          {"sketches_5m", "time", five_minutes},
          {"points_1h", "time", hours},
          {"sketches_1h", "time", hours},
          {"points_1d", "time", hours},
          {"sketches_1d", "time", hours},
          // Its last day expires with its hours.
          {"series_months", "month", hours + kMonthDaysMax},
          {"rollup_late", "hour", retention.days},
          {"series", "day", hours},
          {"spans", "toDateTime(start)", retention.span_days},
          {"llm_spans", "toDateTime(start)", retention.span_days},
          {"texts", "day", retention.span_days},
          {"evaluations", "toDateTime(time)", retention.span_days},
          {"events", "toDateTime(time)", retention.days},
          {"checks", "time", retention.days}};
}

std::string ttl_of(const Expiry& expiry) { return "toIntervalDay(" + std::to_string(expiry.days) + ")"; }

// A new table has its retention from the beginning, which spares each first start an ALTER for each table.
std::string with_retention(std::string_view statement, std::span<const Expiry> tables) {
  constexpr std::string_view kSettings = "\nSETTINGS ";
  const size_t end = std::min(statement.rfind(kSettings), statement.size());
  for (const Expiry& expiry : tables) {
    if (!statement.starts_with("CREATE TABLE IF NOT EXISTS " + std::string(expiry.table) + " (")) continue;
    return std::string(statement.substr(0, end)) + "\nTTL " + std::string(expiry.time) + " + " + ttl_of(expiry) +
           std::string(statement.substr(end));
  }
  return std::string(statement);
}

// Rows older than this are dropped, part by part (a part is at most a day, or a month of series and coarse roll-ups).
//
// Every part has to learn when it expires now. Without `settle` that happens by and by, behind our back: an ALTER waits
// for it otherwise, which takes longer than a statement may where there is much data, or much else to do.
Status set_retention(Engine& engine, std::span<const Expiry> tables, bool settle) {
  Result<Rows> rows =
      engine.select("SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()");
  if (!rows) return std::move(rows).error().within("reading the retention");
  std::map<std::string_view, std::string_view> queries;
  for (size_t i = 0; i < rows->row_count(); ++i) queries.emplace(rows->column(0).text(i), rows->column(1).text(i));
  for (const Expiry& expiry : tables) {
    const auto query = queries.find(expiry.table);
    if (query != queries.end() && query->second.find("+ " + ttl_of(expiry)) != std::string_view::npos) continue;
    spdlog::info("retention of table {} becomes {} days", expiry.table, expiry.days);
    const std::string alter = "ALTER TABLE " + std::string(expiry.table) + " MODIFY ";
    QueryOptions options;
    options.timeout = kRetentionTimeout;
    // Its time is all that changes of a part: its rows are not written again.
    Status done = engine.execute(alter + "SETTING materialize_ttl_recalculate_only = 1", options);
    if (done) {
      done = engine.execute(
          alter + "TTL " + std::string(expiry.time) + " + " + ttl_of(expiry) +
              " SETTINGS materialize_ttl_after_modify = 1, mutations_sync = 0, alter_sync = " + (settle ? "1" : "0"),
          options);
    }
    if (!done) return std::move(done).error().within("changing the retention of table " + std::string(expiry.table));
  }
  return base::ok();
}

}  // namespace

std::span<const Migration> migrations() {
  static const std::vector<Migration> kMigrations = {
      {1, "metrics", {kCreateSeries, kCreatePoints, kCreateSketches}},
      {2, "spans", {kCreateSpans, kCreateLlmSpans, kCreateTexts, kCreateEvaluations}},
      {3, "events", {kCreateEvents, kCreateChecks}},
      {4, "rollups", {rollup_tables().begin(), rollup_tables().end()}},
      {5, "days", {day_tables().begin(), day_tables().end()}},
  };
  return kMigrations;
}

Status migrate(Engine& engine, const std::string& database, Retention retention) {
  // The database cannot be the current one before it exists.
  QueryOptions outside;
  outside.settings = {{"database", "default"}};
  Status done = engine.execute("CREATE DATABASE IF NOT EXISTS `" + database + "`", outside);
  if (!done) return std::move(done).error().within("creating database " + database);
  if (done = run(engine, kCreateMigrations, "creating table migrations"); !done) return done;
  const Result<uint32_t> version = current_version(engine);
  if (!version) return version.error();
  const uint32_t newest = migrations().back().version;
  if (*version > newest) {
    return Error(ErrorCode::kInvalidArgument, "database " + database + " has schema version " +
                                                  std::to_string(*version) + ", this program knows " +
                                                  std::to_string(newest) +
                                                  ": start the newer program, or another one "
                                                  "with an empty --data-dir");
  }
  const std::vector<Expiry> tables = expiries(retention);
  for (const Migration& migration : migrations()) {
    if (migration.version <= *version) continue;
    spdlog::info("schema: applying {} {}", migration.version, migration.name);
    for (const std::string_view statement : migration.statements) {
      if (done = run(engine, with_retention(statement, tables), migration.name); !done) return done;
    }
    done = run(engine,
               "INSERT INTO migrations (version, name) SELECT " + std::to_string(migration.version) + ", '" +
                   std::string(migration.name) + "'",
               "recording the schema version");
    if (!done) return done;
  }
  return set_retention(engine, tables, retention.settle);
}

}  // namespace godseye::store
