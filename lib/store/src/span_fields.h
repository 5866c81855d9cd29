#pragma once

#include <array>

#include <godseye/signal/span.h>

// The fields of spans, LLM parts and evaluations in the order in which journal records hold them: on disk, append-only
// within a version of the record. The same lists name the columns of the tables (span_blocks.cpp), so that a field is
// forgotten nowhere.
namespace godseye::store {

using signal::LlmEvaluation;
using signal::LlmSpan;
using signal::Span;
using signal::Text;

inline constexpr std::array<Text Span::*, 9> kSpanTexts = {&Span::service, &Span::name,       &Span::resource,
                                                           &Span::type,    &Span::env,        &Span::version,
                                                           &Span::host,    &Span::session_id, &Span::user_id};

inline constexpr std::array<Text LlmSpan::*, 21> kLlmTexts = {&LlmSpan::ml_app,
                                                              &LlmSpan::model_name,
                                                              &LlmSpan::response_model,
                                                              &LlmSpan::model_provider,
                                                              &LlmSpan::parent_id,
                                                              &LlmSpan::llm_trace_id,
                                                              &LlmSpan::prompt_id,
                                                              &LlmSpan::prompt,
                                                              &LlmSpan::input,
                                                              &LlmSpan::output,
                                                              &LlmSpan::expected_output,
                                                              &LlmSpan::metadata,
                                                              &LlmSpan::tool_definitions,
                                                              &LlmSpan::error_type,
                                                              &LlmSpan::error_message,
                                                              &LlmSpan::error_stack,
                                                              &LlmSpan::finish_reason,
                                                              &LlmSpan::call_id,
                                                              &LlmSpan::tags,
                                                              &LlmSpan::price,
                                                              &LlmSpan::reasons};

inline constexpr std::array<int64_t LlmSpan::*, 7> kLlmTokens = {
    &LlmSpan::input_tokens,      &LlmSpan::output_tokens,      &LlmSpan::total_tokens,
    &LlmSpan::cache_read_tokens, &LlmSpan::cache_write_tokens, &LlmSpan::cache_write_1h_tokens,
    &LlmSpan::reasoning_tokens};

inline constexpr std::array<double LlmSpan::*, 10> kLlmNumbers = {
    &LlmSpan::time_to_first_token_s, &LlmSpan::reported_cost_usd, &LlmSpan::cost_usd,      &LlmSpan::input_cost_usd,
    &LlmSpan::output_cost_usd,       &LlmSpan::injection_score,   &LlmSpan::quality_score, &LlmSpan::toxicity_score,
    &LlmSpan::similarity_score,      &LlmSpan::ungrounded};

inline constexpr std::array<int32_t LlmSpan::*, 3> kLlmCounts = {&LlmSpan::pii_count, &LlmSpan::recommended_products,
                                                                 &LlmSpan::invalid_products};

inline constexpr std::array<Text LlmEvaluation::*, 13> kEvaluationTexts = {
    &LlmEvaluation::label,      &LlmEvaluation::ml_app,    &LlmEvaluation::metric_type, &LlmEvaluation::value,
    &LlmEvaluation::span_id,    &LlmEvaluation::trace_id,  &LlmEvaluation::join_key,    &LlmEvaluation::join_value,
    &LlmEvaluation::assessment, &LlmEvaluation::reasoning, &LlmEvaluation::tags,        &LlmEvaluation::metadata,
    &LlmEvaluation::event_kind};

inline constexpr auto kSpanSourceLast = signal::SpanSource::kSdk;
inline constexpr auto kLlmKindLast = signal::LlmKind::kExperiment;
inline constexpr auto kScoredByLast = signal::ScoredBy::kGateway;

}  // namespace godseye::store
