#pragma once

#include <string_view>

// The tables as schema version 3 made them, before there were roll-ups. Kept as they were: an upgrade begins with what
// lies on somebody's disk, not with what today's statements make.
namespace godseye::store::testing {

inline constexpr std::string_view kSchema3[] = {
    R"(CREATE TABLE series (
  day Date CODEC(DoubleDelta, ZSTD(1)),
  metric LowCardinality(String),
  series_id UInt64 CODEC(ZSTD(1)),
  type UInt8 CODEC(ZSTD(1)),
  interval_s UInt32 CODEC(ZSTD(1)),
  tags Array(LowCardinality(String)) CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (metric, series_id, day)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE points (
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
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE sketches (
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
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE spans (
  start DateTime64(9, 'UTC') CODEC(T64, LZ4),
  duration_ns Int64 CODEC(ZSTD(1)),
  trace_id_high UInt64 CODEC(ZSTD(1)),
  trace_id_low UInt64 CODEC(ZSTD(1)),
  span_id UInt64 CODEC(ZSTD(1)),
  parent_id UInt64 CODEC(ZSTD(1)),
  service LowCardinality(String) CODEC(ZSTD(1)),
  name LowCardinality(String) CODEC(ZSTD(1)),
  resource LowCardinality(String) CODEC(ZSTD(1)),
  type LowCardinality(String) CODEC(ZSTD(1)),
  env LowCardinality(String) CODEC(ZSTD(1)),
  version LowCardinality(String) CODEC(ZSTD(1)),
  host LowCardinality(String) CODEC(ZSTD(1)),
  session_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  error UInt8 CODEC(ZSTD(1)),
  error_fingerprint UInt64 CODEC(ZSTD(1)),
  flags UInt16 CODEC(ZSTD(1)),
  source UInt8 CODEC(ZSTD(1)),
  meta Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  metrics Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
  links String CODEC(ZSTD(1)),
  events String CODEC(ZSTD(1)),
  is_llm UInt8 CODEC(ZSTD(1)),
  segment UInt64 CODEC(ZSTD(1)),
  INDEX by_trace trace_id_low TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_tag mapValues(meta) TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(start)
ORDER BY start
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE llm_spans (
  start DateTime64(9, 'UTC') CODEC(T64, LZ4),
  duration_ns Int64 CODEC(ZSTD(1)),
  trace_id_high UInt64 CODEC(ZSTD(1)),
  trace_id_low UInt64 CODEC(ZSTD(1)),
  span_id UInt64 CODEC(ZSTD(1)),
  parent_id UInt64 CODEC(ZSTD(1)),
  service LowCardinality(String) CODEC(ZSTD(1)),
  name LowCardinality(String) CODEC(ZSTD(1)),
  resource LowCardinality(String) CODEC(ZSTD(1)),
  env LowCardinality(String) CODEC(ZSTD(1)),
  version LowCardinality(String) CODEC(ZSTD(1)),
  session_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  error UInt8 CODEC(ZSTD(1)),
  flags UInt16 CODEC(ZSTD(1)),
  source UInt8 CODEC(ZSTD(1)),
  kind LowCardinality(String) CODEC(ZSTD(1)),
  scored_by UInt8 CODEC(ZSTD(1)),
  ml_app LowCardinality(String) CODEC(ZSTD(1)),
  model_name LowCardinality(String) CODEC(ZSTD(1)),
  response_model LowCardinality(String) CODEC(ZSTD(1)),
  model_provider LowCardinality(String) CODEC(ZSTD(1)),
  parent_id_text String CODEC(ZSTD(1)),
  llm_trace_id String CODEC(ZSTD(1)),
  prompt_id String CODEC(ZSTD(1)),
  prompt String CODEC(ZSTD(3)),
  input String CODEC(ZSTD(3)),
  output String CODEC(ZSTD(3)),
  expected_output String CODEC(ZSTD(3)),
  metadata String CODEC(ZSTD(3)),
  tool_definitions String CODEC(ZSTD(3)),
  error_type LowCardinality(String) CODEC(ZSTD(1)),
  error_message String CODEC(ZSTD(1)),
  error_stack String CODEC(ZSTD(3)),
  finish_reason LowCardinality(String) CODEC(ZSTD(1)),
  call_id String CODEC(ZSTD(1)),
  tags Array(LowCardinality(String)) CODEC(ZSTD(1)),
  input_tokens Int64 CODEC(ZSTD(1)),
  output_tokens Int64 CODEC(ZSTD(1)),
  total_tokens Int64 CODEC(ZSTD(1)),
  cache_read_tokens Int64 CODEC(ZSTD(1)),
  cache_write_tokens Int64 CODEC(ZSTD(1)),
  cache_write_1h_tokens Int64 CODEC(ZSTD(1)),
  reasoning_tokens Int64 CODEC(ZSTD(1)),
  time_to_first_token_s Float64 CODEC(ZSTD(1)),
  reported_cost_usd Float64 CODEC(ZSTD(1)),
  cost_usd Float64 CODEC(ZSTD(1)),
  input_cost_usd Float64 CODEC(ZSTD(1)),
  output_cost_usd Float64 CODEC(ZSTD(1)),
  price LowCardinality(String) CODEC(ZSTD(1)),
  injection_score Float64 CODEC(ZSTD(1)),
  quality_score Float64 CODEC(ZSTD(1)),
  toxicity_score Float64 CODEC(ZSTD(1)),
  similarity_score Float64 CODEC(ZSTD(1)),
  ungrounded Float64 CODEC(ZSTD(1)),
  pii_count Int32 CODEC(ZSTD(1)),
  recommended_products Int32 CODEC(ZSTD(1)),
  invalid_products Int32 CODEC(ZSTD(1)),
  reasons String CODEC(ZSTD(1)),
  large_fields Array(LowCardinality(String)) CODEC(ZSTD(1)),
  large_hashes Array(FixedString(16)) CODEC(ZSTD(1)),
  segment UInt64 CODEC(ZSTD(1)),
  INDEX by_trace trace_id_low TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(start)
ORDER BY start
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE texts (
  day Date CODEC(ZSTD(1)),
  hash FixedString(16) CODEC(NONE),
  size UInt64 CODEC(ZSTD(1)),
  text String CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree
PARTITION BY day
ORDER BY (day, hash)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE evaluations (
  time DateTime64(3, 'UTC') CODEC(T64, LZ4),
  label LowCardinality(String) CODEC(ZSTD(1)),
  ml_app LowCardinality(String) CODEC(ZSTD(1)),
  metric_type LowCardinality(String) CODEC(ZSTD(1)),
  score Float64 CODEC(ZSTD(1)),
  value String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  join_key LowCardinality(String) CODEC(ZSTD(1)),
  join_value String CODEC(ZSTD(1)),
  assessment LowCardinality(String) CODEC(ZSTD(1)),
  reasoning String CODEC(ZSTD(1)),
  tags Array(LowCardinality(String)) CODEC(ZSTD(1)),
  metadata String CODEC(ZSTD(1)),
  event_kind LowCardinality(String) CODEC(ZSTD(1)),
  segment UInt64 CODEC(ZSTD(1)),
  INDEX by_span span_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_join join_value TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY time
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE events (
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
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE checks (
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
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)",
    R"(CREATE TABLE migrations (
  version UInt32, name String, applied DateTime('UTC') DEFAULT now()
) ENGINE = MergeTree ORDER BY version)",
};

}  // namespace godseye::store::testing
