#include "migrations.h"

#include "span_schema.h"

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

// Rows older than this are dropped, part by part (a part is at most a day, or a month of series).
Status set_retention(Engine& engine, std::string_view table, std::string_view column, uint32_t days) {
  const std::string ttl = "toIntervalDay(" + std::to_string(days) + ")";
  QueryOptions options;
  options.parameters = {{"table", std::string(table)}};
  Result<Rows> rows = engine.select(
      "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = {table:String}",
      options);
  if (!rows) return std::move(rows).error().within("reading the retention");
  if (rows->row_count() == 1 && rows->column(0).text(0).find("+ " + ttl) != std::string_view::npos) return base::ok();
  spdlog::info("retention of table {} becomes {} days", table, days);
  return run(engine,
             "ALTER TABLE " + std::string(table) + " MODIFY TTL " + std::string(column) + " + " + ttl +
                 " SETTINGS materialize_ttl_after_modify = 1, mutations_sync = 0",
             "changing the retention");
}

}  // namespace

std::span<const Migration> migrations() {
  static const std::vector<Migration> kMigrations = {
      {1, "metrics", {kCreateSeries, kCreatePoints, kCreateSketches}},
      {2, "spans", {kCreateSpans, kCreateLlmSpans, kCreateTexts, kCreateEvaluations}},
      {3, "events", {kCreateEvents, kCreateChecks}},
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
  for (const Migration& migration : migrations()) {
    if (migration.version <= *version) continue;
    spdlog::info("schema: applying {} {}", migration.version, migration.name);
    for (const std::string_view statement : migration.statements) {
      if (done = run(engine, statement, migration.name); !done) return done;
    }
    done = run(engine,
               "INSERT INTO migrations (version, name) SELECT " + std::to_string(migration.version) + ", '" +
                   std::string(migration.name) + "'",
               "recording the schema version");
    if (!done) return done;
  }
  struct Table {
    std::string_view name;
    std::string_view time;  // what its rows expire by
    uint32_t days;
  };
  for (const Table& table : {Table{"points", "time", retention.days},
                             {"sketches", "time", retention.days},
                             {"series", "day", retention.days},
                             {"spans", "toDateTime(start)", retention.span_days},
                             {"llm_spans", "toDateTime(start)", retention.span_days},
                             {"texts", "day", retention.span_days},
                             {"evaluations", "toDateTime(time)", retention.span_days},
                             {"events", "toDateTime(time)", retention.days},
                             {"checks", "time", retention.days}}) {
    if (done = set_retention(engine, table.name, table.time, table.days); !done) return done;
  }
  return base::ok();
}

}  // namespace godseye::store
