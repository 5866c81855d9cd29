#pragma once

#include "scope_sql.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/lang/search.h>

// Evaluations beside the LLM spans they are about: `@evaluation.quality:good` in a search, a facet or a measure.
// An evaluation names its span (span_id), a tag that the span carries (join_key, join_value; feedback on a session is
// joined by "session_id"), or, with a trace id alone, the root of LLM Observability's trace.
namespace godseye::query {

// `evaluation.LABEL`, `evaluations.LABEL`, `feedback.LABEL`, with `custom.` before the label if one likes, and
// `.value` (the same), `.assessment` or `.reasoning` behind it.
struct EvaluationKey {
  std::string label;
  std::string field = "value";
  bool feedback = false;
};
std::optional<EvaluationKey> parse_evaluation_key(std::string_view key);

// SQL over one row of `llm_spans`, about evaluations since `from_ns`. The newest wins where one value is wanted.
std::string evaluation_matches(const EvaluationKey& key, const std::string& condition, int64_t from_ns,
                               SqlParameters& parameters);
std::string evaluation_text(const EvaluationKey& key, int64_t from_ns, SqlParameters& parameters);

// SQL over one row of `evaluations`: the field of `key` as text and as Nullable(Float64).
std::string evaluation_field(const EvaluationKey& key);
std::string evaluation_number(const EvaluationKey& key);
// Any evaluation's value as text: what a facet shows.
std::string_view evaluation_value();

// What joins the two tables: all keys of a row of `llm_spans` (array of texts), the one of a row of `evaluations`.
std::string_view span_join_keys();
std::string_view evaluation_join_key();
std::string evaluation_time(int64_t from_ns);

}  // namespace godseye::query
