#include "llm_tags.h"

#include "span_rules.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace godseye::pipeline {

using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;
using signal::Text;

namespace {

// The first tag of `keys` that is there.
Text text_of(const SpanBatch& batch, const Span& span, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
      if (batch.view(batch.meta[i].key) == key && !batch.meta[i].value.empty()) return batch.meta[i].value;
    }
  }
  return {};
}

// A number among the numeric or the string tags; NaN when there is none.
double number_of(const SpanBatch& batch, const Span& span, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const double value = batch.metric_value(span, key); std::isfinite(value)) return value;
    const std::string text(batch.meta_value(span, key).substr(0, 40));
    if (text.empty()) continue;
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (*end == '\0' && std::isfinite(value)) return value;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

int64_t tokens_of(const SpanBatch& batch, const Span& span, std::initializer_list<std::string_view> keys) {
  const double value = number_of(batch, span, keys);
  return value >= 0 && value < 1e15 ? static_cast<int64_t>(value) : signal::kNoTokens;
}

double score_of(const SpanBatch& batch, const Span& span, std::initializer_list<std::string_view> keys) {
  const double value = number_of(batch, span, keys);
  return value >= 0 && value <= 1 ? value : signal::kNoScore;
}

// {"value":"…"}
Text as_value(SpanBatch& batch, Text text) {
  if (text.empty()) return {};
  return put(batch, "{\"value\":" + boost::json::serialize(boost::json::string(batch.view(text))) + "}");
}

}  // namespace

bool llm_from_tags(SpanBatch& batch, Span& span) {
  LlmSpan llm;
  llm.model_name = text_of(batch, span, {"llm.request.model", "gen_ai.request.model", "gen_ai.response.model"});
  llm.response_model = text_of(batch, span, {"llm.response.model", "gen_ai.response.model"});
  llm.input_tokens =
      tokens_of(batch, span, {"llm.request.input_tokens", "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"});
  llm.output_tokens = tokens_of(
      batch, span, {"llm.response.output_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"});
  const bool counted = llm.input_tokens >= 0 || llm.output_tokens >= 0;
  if (llm.model_name.empty() || (!counted && span.error == 0)) return false;
  llm.cache_read_tokens = tokens_of(batch, span, {"gen_ai.usage.cache_read.input_tokens"});
  llm.cache_write_tokens = tokens_of(batch, span, {"gen_ai.usage.cache_creation.input_tokens"});
  llm.reasoning_tokens = tokens_of(batch, span, {"gen_ai.usage.reasoning.output_tokens"});
  llm.model_provider = text_of(batch, span, {"llm.provider", "gen_ai.provider.name", "gen_ai.system"});
  llm.prompt_id = text_of(batch, span, {"prompt_id", "llm.prompt_id"});
  llm.call_id = text_of(batch, span, {"godseye.call_id", "x-godseye-call-id"});
  llm.finish_reason = text_of(batch, span, {"llm.response.finish_reason", "gen_ai.response.finish_reasons"});
  llm.ml_app = text_of(batch, span, {"ml_app"});
  const std::string_view request = batch.view(text_of(batch, span, {"llm.request.type", "gen_ai.operation.name"}));
  llm.kind = request.starts_with("embedding") ? signal::LlmKind::kEmbedding : signal::LlmKind::kLlm;
  const double cost = number_of(batch, span, {"llm.request.cost"});
  if (cost >= 0) llm.reported_cost_usd = cost;
  llm.injection_score = score_of(batch, span, {"llm.security.injection_attempt_score", "llm.security.injection_score"});
  llm.quality_score = score_of(batch, span, {"llm.response.quality_score", "llm.response.quality"});
  llm.toxicity_score = score_of(batch, span, {"llm.response.toxicity_score"});
  const std::string_view by = batch.meta_value(span, "godseye.scored_by");
  if (by == "gateway") llm.scored_by = signal::ScoredBy::kGateway;
  if (by == "application") llm.scored_by = signal::ScoredBy::kApplication;
  llm.input = as_value(batch, text_of(batch, span, {"llm.prompt", "gen_ai.prompt"}));
  llm.output = as_value(batch, text_of(batch, span, {"llm.response.content", "gen_ai.completion"}));
  span.llm = static_cast<uint32_t>(batch.llm.size());
  batch.llm.push_back(llm);
  return true;
}

}  // namespace godseye::pipeline
