#pragma once

#include <string_view>

// The tables that schema version 4 added to those of version 3 (schema_v3.h): roll-ups up to the hour, none of the day.
// Kept as they were.
namespace godseye::store::testing {

inline constexpr std::string_view kSchema4[] = {
    R"(CREATE TABLE points_1m (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  n UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(3)),
  min Float64 CODEC(ZSTD(3)),
  max Float64 CODEC(ZSTD(3)),
  version UInt64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(time)
ORDER BY (metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1)",
    R"(CREATE TABLE sketches_1m (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  count UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(1)),
  min Float64 CODEC(ZSTD(1)),
  max Float64 CODEC(ZSTD(1)),
  keys Array(Int16) CODEC(Delta(2), ZSTD(1)),
  counts Array(UInt64) CODEC(T64, ZSTD(1)),
  version UInt64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(time)
ORDER BY (metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1)",
    R"(CREATE TABLE points_5m (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  n UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(3)),
  min Float64 CODEC(ZSTD(3)),
  max Float64 CODEC(ZSTD(3)),
  version UInt64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(time)
ORDER BY (metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1)",
    R"(CREATE TABLE sketches_5m (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  count UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(1)),
  min Float64 CODEC(ZSTD(1)),
  max Float64 CODEC(ZSTD(1)),
  keys Array(Int16) CODEC(Delta(2), ZSTD(1)),
  counts Array(UInt64) CODEC(T64, ZSTD(1)),
  version UInt64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(time)
ORDER BY (metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1)",
    R"(CREATE TABLE points_1h (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  n UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(3)),
  min Float64 CODEC(ZSTD(3)),
  max Float64 CODEC(ZSTD(3)),
  version UInt64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(time)
ORDER BY (metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1)",
    R"(CREATE TABLE sketches_1h (
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  count UInt64 CODEC(T64, ZSTD(1)),
  sum Float64 CODEC(ZSTD(1)),
  min Float64 CODEC(ZSTD(1)),
  max Float64 CODEC(ZSTD(1)),
  keys Array(Int16) CODEC(Delta(2), ZSTD(1)),
  counts Array(UInt64) CODEC(T64, ZSTD(1)),
  version UInt64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(time)
ORDER BY (metric, series_id, time)
SETTINGS ttl_only_drop_parts = 1)",
    R"(CREATE TABLE rollup_progress (id UInt8, until DateTime('UTC'), version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY id)",
    R"(CREATE TABLE rollup_late (hour DateTime('UTC'), segment UInt64) ENGINE = ReplacingMergeTree ORDER BY (hour, segment))"};

}  // namespace godseye::store::testing
