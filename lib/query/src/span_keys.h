#pragma once

#include "evaluation_sql.h"
#include "scope_sql.h"

#include <optional>
#include <string>
#include <string_view>

// What a key of a search, a facet or a measure is in the store.
namespace godseye::query {

// Every span has a row in `spans`; those of LLM calls have a second one, with the same ids, in `llm_spans`.
enum class SpanTable : uint8_t { kSpans, kLlm };

std::string_view table_name(SpanTable table);

struct SpanKey {
  enum class Kind : uint8_t {
    kText,       // a text column; empty: absent
    kNumber,     // a number column; below 0: absent when `minus_is_absent`
    kStatus,     // error or ok
    kTraceId,    // two columns
    kId,         // a UInt64 column
    kTime,       // start
    kAttribute,  // of the maps `meta` and `metrics`
    kLlmTag,     // of the array `tags` of an LLM span
    kEvaluation  // of the table `evaluations`
  };
  Kind kind = Kind::kText;
  std::string column;             // kText, kNumber, kId
  std::string name;               // kAttribute, kLlmTag: the key inside
  EvaluationKey evaluation;       // kEvaluation
  int64_t evaluated_from_ns = 0;  // kEvaluation: of which days
  double units_per_ns = 1;        // kNumber: what a text with a unit of time is multiplied by
  bool minus_is_absent = false;
  std::optional<SpanTable> table;  // the only one that has it; none: both
};

// `key` without `@`. Every key is something: unknown ones are attributes (tags of the LLM span in `kLlm`).
SpanKey resolve_span_key(std::string_view key, SpanTable asked);

// SQL over one row: the key's value as text (empty: absent) and as Nullable(Float64).
std::string text_expression(const SpanKey& key, SqlParameters& parameters);
std::string number_expression(const SpanKey& key, SqlParameters& parameters);

// The shortest decimal text of a number that reads back as it.
std::string number_text(double value);

}  // namespace godseye::query
