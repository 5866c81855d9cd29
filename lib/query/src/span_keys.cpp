#include "span_keys.h"

#include <array>
#include <charconv>

namespace godseye::query {
namespace {

struct Alias {
  std::string_view key;
  SpanKey::Kind kind;
  std::string_view column;
  int table = 0;  // 0: both, 1: spans, 2: llm_spans
};

using Kind = SpanKey::Kind;

// Datadog's names for a span's own fields, and ours. Of LLM Observability: spec llmobs.md 9.
constexpr std::array kAliases = {
    Alias{"service", Kind::kText, "service"},
    Alias{"span_name", Kind::kText, "name"},
    Alias{"env", Kind::kText, "env"},
    Alias{"version", Kind::kText, "version"},
    Alias{"session_id", Kind::kText, "session_id"},
    Alias{"session.id", Kind::kText, "session_id"},
    Alias{"usr.session.id", Kind::kText, "session_id"},
    Alias{"user_id", Kind::kText, "user_id"},
    Alias{"user.id", Kind::kText, "user_id"},
    Alias{"usr.id", Kind::kText, "user_id"},
    Alias{"duration", Kind::kNumber, "duration_ns"},
    Alias{"duration_ns", Kind::kNumber, "duration_ns"},
    Alias{"status", Kind::kStatus, "error"},
    Alias{"error", Kind::kStatus, "error"},
    Alias{"trace_id", Kind::kTraceId, ""},
    Alias{"span_id", Kind::kId, "span_id"},
    Alias{"timestamp", Kind::kTime, "start"},
    Alias{"start", Kind::kTime, "start"},

    Alias{"operation_name", Kind::kText, "name"},
    Alias{"name", Kind::kText, "name"},
    Alias{"span.name", Kind::kText, "name"},
    Alias{"resource_name", Kind::kText, "resource"},
    Alias{"resource", Kind::kText, "resource"},
    Alias{"type", Kind::kText, "type", 1},
    Alias{"span.type", Kind::kText, "type", 1},
    Alias{"host", Kind::kText, "host", 1},
    Alias{"parent_id", Kind::kId, "parent_id"},
    Alias{"error_fingerprint", Kind::kId, "error_fingerprint", 1},

    Alias{"kind", Kind::kText, "kind", 2},
    Alias{"span_kind", Kind::kText, "kind", 2},
    Alias{"meta.span.kind", Kind::kText, "kind", 2},
    Alias{"ml_app", Kind::kText, "ml_app", 2},
    Alias{"model", Kind::kText, "model_name", 2},
    Alias{"model_name", Kind::kText, "model_name", 2},
    Alias{"meta.model_name", Kind::kText, "model_name", 2},
    Alias{"llm.request.model", Kind::kText, "model_name", 2},
    Alias{"response_model", Kind::kText, "response_model", 2},
    Alias{"llm.response.model", Kind::kText, "response_model", 2},
    Alias{"provider", Kind::kText, "model_provider", 2},
    Alias{"model_provider", Kind::kText, "model_provider", 2},
    Alias{"meta.model_provider", Kind::kText, "model_provider", 2},
    Alias{"llm.provider", Kind::kText, "model_provider", 2},
    Alias{"prompt_id", Kind::kText, "prompt_id", 2},
    Alias{"finish_reason", Kind::kText, "finish_reason", 2},
    Alias{"price", Kind::kText, "price", 2},
    Alias{"meta.input.value", Kind::kText, "input", 2},
    Alias{"meta.output.value", Kind::kText, "output", 2},
    Alias{"meta.error.type", Kind::kText, "error_type", 2},
    Alias{"meta.error.message", Kind::kText, "error_message", 2},
    Alias{"llm_trace_id", Kind::kText, "llm_trace_id", 2},
    Alias{"metrics.input_tokens", Kind::kNumber, "input_tokens", 2},
    Alias{"input_tokens", Kind::kNumber, "input_tokens", 2},
    Alias{"metrics.output_tokens", Kind::kNumber, "output_tokens", 2},
    Alias{"output_tokens", Kind::kNumber, "output_tokens", 2},
    Alias{"metrics.total_tokens", Kind::kNumber, "total_tokens", 2},
    Alias{"total_tokens", Kind::kNumber, "total_tokens", 2},
    Alias{"metrics.cache_read_input_tokens", Kind::kNumber, "cache_read_tokens", 2},
    Alias{"metrics.cache_write_input_tokens", Kind::kNumber, "cache_write_tokens", 2},
    Alias{"metrics.reasoning_output_tokens", Kind::kNumber, "reasoning_tokens", 2},
    Alias{"metrics.time_to_first_token", Kind::kNumber, "time_to_first_token_s", 2},
    Alias{"cost_usd", Kind::kNumber, "cost_usd", 2},
    Alias{"metrics.total_cost", Kind::kNumber, "cost_usd", 2},
    Alias{"metrics.estimated_total_cost", Kind::kNumber, "cost_usd", 2},
    Alias{"metrics.estimated_input_cost", Kind::kNumber, "input_cost_usd", 2},
    Alias{"metrics.estimated_output_cost", Kind::kNumber, "output_cost_usd", 2},
    Alias{"injection_score", Kind::kNumber, "injection_score", 2},
    Alias{"quality_score", Kind::kNumber, "quality_score", 2},
    Alias{"toxicity_score", Kind::kNumber, "toxicity_score", 2},
    Alias{"similarity_score", Kind::kNumber, "similarity_score", 2},
    Alias{"ungrounded", Kind::kNumber, "ungrounded", 2},
    Alias{"pii_count", Kind::kNumber, "pii_count", 2},
    Alias{"invalid_products", Kind::kNumber, "invalid_products", 2},
};

}  // namespace

std::string_view table_name(SpanTable table) { return table == SpanTable::kSpans ? "spans" : "llm_spans"; }

SpanKey resolve_span_key(std::string_view key, SpanTable asked) {
  SpanKey found;
  for (const Alias& alias : kAliases) {
    if (alias.key != key) continue;
    found.kind = alias.kind;
    found.column = alias.column;
    if (alias.table != 0) found.table = alias.table == 1 ? SpanTable::kSpans : SpanTable::kLlm;
    found.minus_is_absent = alias.kind == Kind::kNumber && alias.table == 2;
    if (alias.column.ends_with("_s")) found.units_per_ns = 1e-9;
    return found;
  }
  if (std::optional<EvaluationKey> evaluation = parse_evaluation_key(key)) {
    found.kind = Kind::kEvaluation;
    found.table = SpanTable::kLlm;
    found.evaluation = *std::move(evaluation);
    return found;
  }
  found.kind = asked == SpanTable::kSpans ? Kind::kAttribute : Kind::kLlmTag;
  found.table = asked;
  found.name = key;
  return found;
}

std::string text_expression(const SpanKey& key, SqlParameters& parameters) {
  switch (key.kind) {
    case Kind::kText:
      return "toString(" + key.column + ")";
    case Kind::kNumber:
      return key.minus_is_absent ? "if(" + key.column + " < 0, '', toString(" + key.column + "))"
                                 : "toString(" + key.column + ")";
    case Kind::kStatus:
      return "if(error = 0, 'ok', 'error')";
    case Kind::kTraceId:
      return "concat(leftPad(lower(hex(trace_id_high)), 16, '0'), leftPad(lower(hex(trace_id_low)), 16, '0'))";
    case Kind::kId:
      return "if(" + key.column + " = 0, '', toString(" + key.column + "))";
    case Kind::kTime:
      return "toString(toUnixTimestamp64Milli(start))";
    case Kind::kAttribute: {
      const std::string name = parameters.text(key.name);
      return "if(mapContains(metrics, " + name + "), toString(metrics[" + name + "]), meta[" + name + "])";
    }
    case Kind::kEvaluation:
      return evaluation_text(key.evaluation, key.evaluated_from_ns, parameters);
    case Kind::kLlmTag: {
      const std::string prefix = parameters.text(key.name + ":");
      return "substring(arrayFirst(t -> startsWith(t, " + prefix + "), CAST(tags, 'Array(String)')), length(" + prefix +
             ") + 1)";
    }
  }
  return "''";
}

std::string number_expression(const SpanKey& key, SqlParameters& parameters) {
  switch (key.kind) {
    case Kind::kNumber:
      return key.minus_is_absent ? "if(" + key.column + " < 0, NULL, toFloat64(" + key.column + "))"
                                 : "toNullable(toFloat64(" + key.column + "))";
    case Kind::kStatus:
      return "toNullable(toFloat64(error))";
    case Kind::kTime:
      return "toNullable(toFloat64(toUnixTimestamp64Milli(start)))";
    case Kind::kAttribute: {
      const std::string name = parameters.text(key.name);
      return "if(mapContains(metrics, " + name + "), toNullable(metrics[" + name + "]), toFloat64OrNull(meta[" + name +
             "]))";
    }
    default:
      return "toFloat64OrNull(" + text_expression(key, parameters) + ")";
  }
}

std::string number_text(double value) {
  char buffer[40];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, written.ptr);
}

}  // namespace godseye::query
