#pragma once

#include <string_view>

// The tables of spans (docs/formats/schema.md). Keys, codecs and indexes are measured in docs/benchmarks.md ("Spans").
namespace godseye::store {

// In the order of time: the newest are asked for most, and the spans of a trace lie side by side, which makes their
// ids, tags and attributions small. Facets are low-cardinality columns, which are quick to scan; whatever is rare is
// found by its skip index. Granules are small since a hit reads its whole granule of tags.
inline constexpr std::string_view kCreateSpans = R"(CREATE TABLE IF NOT EXISTS spans (
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
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

inline constexpr std::string_view kCreateLlmSpans = R"(CREATE TABLE IF NOT EXISTS llm_spans (
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
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

inline constexpr std::string_view kCreateTexts = R"(CREATE TABLE IF NOT EXISTS texts (
  day Date CODEC(ZSTD(1)),
  hash FixedString(16) CODEC(NONE),
  size UInt64 CODEC(ZSTD(1)),
  text String CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree
PARTITION BY day
ORDER BY (day, hash)
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

inline constexpr std::string_view kCreateEvaluations = R"(CREATE TABLE IF NOT EXISTS evaluations (
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
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1)";

}  // namespace godseye::store
