#include "derive_sink.h"

#include <charconv>
#include <cmath>

#include <godseye/base/hash.h>
#include <godseye/pipeline/derive.h>

namespace godseye::pipeline {

using signal::kNoLlm;
using signal::kNoScore;
using signal::LlmKind;
using signal::LlmSpan;
using signal::MetricType;
using signal::Span;
using signal::SpanBatch;

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr double kSecondsPerNs = 1e-9;
constexpr int64_t kBucket = 10;
constexpr double kSuspicious = 0.4;  // at or above
constexpr double kRefused = 0.7;     // above
constexpr std::string_view kOtherResource = "_other_";

int64_t bucket_of(const Span& span) {
  const int64_t end_s = (span.start_ns + span.duration_ns) / kNsPerSecond;
  return end_s - end_s % kBucket;
}

std::string tag(std::string_view key, std::string_view value) { return std::string(key).append(":").append(value); }

void put(std::vector<std::string>& tags, std::string_view key, std::string_view value) {
  if (!value.empty()) tags.push_back(tag(key, value));
}

bool has(const Span& span, uint16_t flag) { return (span.flags & flag) != 0; }

// As the span intake's: tokens and money belong to calls of a model.
bool is_call(const LlmSpan& llm) {
  return llm.kind == LlmKind::kLlm || llm.kind == LlmKind::kEmbedding ||
         (llm.kind == LlmKind::kUnknown && !llm.model_name.empty());
}

}  // namespace

struct Deriver::State {
  explicit State(DeriveConfig config) : sink(config.attribution) {}

  // The three or four series of one operation with one set of tags.
  struct Operation {
    uint32_t hits = 0;
    uint32_t duration = 0;
    uint32_t distribution = 0;
    uint32_t errors = 0;
  };

  DeriveSink sink;
  std::unordered_map<uint64_t, Operation> operations;  // by everything that makes their tags
  std::unordered_map<uint64_t, size_t> resources;      // distinct ones, by operation and service

  const Operation& operation(const SpanBatch& batch, const Span& span);
  void requests(const SpanBatch& batch, const Span& span);
  void llm(const SpanBatch& batch, const Span& span);
  void conversion(const SpanBatch& batch, const Span& span);
  void analytics(const SpanBatch& batch, const Span& span);
  DeriveLabels llm_labels(const SpanBatch& batch, const Span& span, const LlmSpan& llm);
  void call(const SpanBatch& batch, const Span& span, const LlmSpan& llm, const DeriveLabels& labels);
  void answer(const SpanBatch& batch, const Span& span, const LlmSpan& llm, const DeriveLabels& labels);
  void security(const SpanBatch& batch, const Span& span, const LlmSpan& llm, const DeriveLabels& labels);
};

const Deriver::State::Operation& Deriver::State::operation(const SpanBatch& batch, const Span& span) {
  char number[16];
  std::string_view status = batch.meta_value(span, "http.status_code");
  // A number where clients have typed attributes.
  if (status.empty()) {
    const double code = batch.metric_value(span, "http.status_code");
    if (code >= 100 && code <= 599) {
      const auto end = std::to_chars(number, number + sizeof(number), static_cast<int>(code)).ptr;
      status = {number, static_cast<size_t>(end - number)};
    }
  }
  const std::string_view kind = batch.meta_value(span, "span.kind");
  uint64_t key = base::hash64(batch.view(span.service), 1);
  key = base::hash64(batch.view(span.name), key);
  const uint64_t named = key;
  key = base::hash64(batch.view(span.env), key);
  key = base::hash64(batch.view(span.version), key);
  key = base::hash64(status, key);
  key = base::hash64(kind, key);
  const uint64_t other = base::hash64(kOtherResource, key);
  key = base::hash64(batch.view(span.resource), key);
  if (const auto found = operations.find(key); found != operations.end()) return found->second;
  std::string_view resource = batch.view(span.resource);
  if (size_t& distinct = resources[named]; distinct < kResourcesPerOperationMax) {
    ++distinct;
  } else {
    resource = kOtherResource;
    key = other;
    if (const auto found = operations.find(key); found != operations.end()) return found->second;
  }
  std::vector<std::string> tags;
  put(tags, "service", batch.view(span.service));
  put(tags, "env", batch.view(span.env));
  put(tags, "version", batch.view(span.version));
  put(tags, "resource_name", resource);
  put(tags, "http.status_code", status);
  put(tags, "span.kind", kind);
  const DeriveLabels labels = sink.labels(std::move(tags));
  std::string buffer;
  const std::string name(signal::normalize_metric_name("trace." + std::string(batch.view(span.name)), buffer));
  Operation made;
  made.hits = sink.series(name + ".hits", MetricType::kCount, labels);
  made.duration = sink.series(name + ".duration", MetricType::kCount, labels);
  made.distribution = sink.series(name, MetricType::kDistribution, labels);
  made.errors = sink.series(name + ".errors", MetricType::kCount, labels);
  return operations.emplace(key, made).first->second;
}

void Deriver::State::requests(const SpanBatch& batch, const Span& span) {
  const Operation& at = operation(batch, span);
  const int64_t time = bucket_of(span);
  const double seconds = static_cast<double>(span.duration_ns) * kSecondsPerNs;
  sink.count(at.hits, time, signal::kNoAttribution, 1);
  // Zeros too: an operation without errors has an error count.
  sink.count(at.errors, time, signal::kNoAttribution, span.error != 0 ? 1 : 0);
  sink.count(at.duration, time, signal::kNoAttribution, seconds);
  sink.sample(at.distribution, time, signal::kNoAttribution, seconds);
}

DeriveLabels Deriver::State::llm_labels(const SpanBatch& batch, const Span& span, const LlmSpan& llm) {
  std::vector<std::string> tags;
  put(tags, "service", batch.view(span.service));
  put(tags, "env", batch.view(span.env));
  put(tags, "version", batch.view(span.version));
  put(tags, "ml_app", batch.view(llm.ml_app));
  put(tags, "model", batch.view(llm.model_name.empty() ? llm.response_model : llm.model_name));
  put(tags, "provider", batch.view(llm.model_provider));
  put(tags, "span_kind", signal::llm_kind_name(llm.kind));
  std::string_view endpoint = batch.meta_value(span, "endpoint");
  if (endpoint.empty()) endpoint = batch.meta_value(span, "http.route");
  put(tags, "endpoint", endpoint);
  put(tags, "session_id", batch.view(span.session_id));
  put(tags, "user_id", batch.view(span.user_id));
  put(tags, "prompt_id", batch.view(llm.prompt_id));
  return sink.labels(std::move(tags));
}

void Deriver::State::call(const SpanBatch& batch, const Span& span, const LlmSpan& llm, const DeriveLabels& labels) {
  const int64_t time = bucket_of(span);
  const double seconds = static_cast<double>(span.duration_ns) * kSecondsPerNs;
  if (llm.kind == LlmKind::kEmbedding) {
    // Not a request that a person waits for: it must not make requests look quicker than they are.
    sink.sample("llm.embedding.duration", time, labels, seconds);
  } else if (!has(span, signal::kSpanSelfRequest)) {
    sink.sample("llm.request.duration", time, labels, seconds);
    sink.sample("llm.request.latency_ms", time, labels, seconds * 1000);
    sink.count("llm.request.count", time, labels, 1);
    if (llm.time_to_first_token_s >= 0) {
      sink.sample("llm.request.time_to_first_token", time, labels, llm.time_to_first_token_s);
    }
    if (span.error != 0) {
      std::string_view type = batch.view(llm.error_type);
      if (type.empty()) type = batch.meta_value(span, "error.type");
      const DeriveLabels of_type = sink.with(labels, "error_type", type.empty() ? "unknown" : type);
      sink.count("llm.request.error", time, of_type, 1);
      sink.count("llm.error.count", time, of_type, 1);
    }
  }
  if (!has(span, signal::kSpanSelfTokens)) {
    const auto tokens = [&](std::string_view metric, int64_t count) {
      if (count >= 0) sink.count(metric, time, labels, static_cast<double>(count));
    };
    tokens("llm.tokens.input", llm.input_tokens);
    tokens("llm.tokens.output", llm.output_tokens);
    tokens("llm.tokens.cache_read", llm.cache_read_tokens);
    tokens("llm.tokens.cache_write", llm.cache_write_tokens);
    tokens("llm.tokens.reasoning", llm.reasoning_tokens);
    const bool known = llm.input_tokens >= 0 || llm.output_tokens >= 0;
    const int64_t sum = std::max<int64_t>(0, llm.input_tokens) + std::max<int64_t>(0, llm.output_tokens);
    tokens("llm.request.tokens.total", known ? sum : llm.total_tokens);
  }
  if (!has(span, signal::kSpanSelfCost)) {
    if (llm.cost_usd >= 0) {
      sink.count("llm.cost.usd", time, labels, llm.cost_usd);
      sink.count("llm.tokens.total_cost_usd", time, labels, llm.cost_usd);
      sink.sample("llm.request.cost", time, labels, llm.cost_usd);
    } else if (batch.view(llm.price) == "unknown") {
      sink.count("llm.cost.unknown_model", time, labels, 1);
    }
  }
}

void Deriver::State::answer(const SpanBatch& batch, const Span& span, const LlmSpan& llm, const DeriveLabels& labels) {
  const int64_t time = bucket_of(span);
  if (!has(span, signal::kSpanSelfResponse)) {
    const auto score = [&](std::string_view metric, double value) {
      if (value >= 0) sink.sample(metric, time, labels, value);
    };
    score("llm.response.quality_score", llm.quality_score);
    score("llm.response.toxicity_score", llm.toxicity_score);
    score("llm.semantic_similarity_score", llm.similarity_score);
    score("llm.ungrounded_answer_flag", llm.ungrounded);
    const double characters = batch.metric_value(span, "godseye.response_chars");
    if (std::isfinite(characters)) sink.sample("llm.response.length_chars", time, labels, characters);
    const std::string_view finish = batch.view(llm.finish_reason);
    if (finish == "length" || finish == "MAX_TOKENS" || finish == "max_tokens") {
      sink.count("llm.response.truncated", time, labels, 1);
    }
  }
  if (!has(span, signal::kSpanSelfSession) && batch.metric_value(span, "godseye.turn") == 1) {
    sink.count("llm.session.turns", time, labels, 1);
  }
  if (!has(span, signal::kSpanSelfRecommendation) && llm.recommended_products >= 0) {
    sink.count("llm.recommendation.total", time, labels, llm.recommended_products);
    sink.count("llm.recommendation.invalid", time, labels, std::max(0, llm.invalid_products));
  }
}

void Deriver::State::security(const SpanBatch& batch, const Span& span, const LlmSpan& llm,
                              const DeriveLabels& labels) {
  if (has(span, signal::kSpanSelfSecurity)) return;
  const int64_t time = bucket_of(span);
  if (llm.injection_score >= 0) {
    sink.sample("llm.security.injection_attempt_score", time, labels, llm.injection_score);
    if (llm.injection_score >= kSuspicious) sink.count("llm.security.suspicious_messages", time, labels, 1);
    if (llm.injection_score > kRefused) sink.count("llm.security.refused_messages", time, labels, 1);
  }
  if (llm.pii_count > 0) sink.count("llm.security.pii_detected", time, labels, llm.pii_count);
  if (batch.metric_value(span, "godseye.token_abuse") == 1) sink.count("llm.security.token_abuse", time, labels, 1);
}

void Deriver::State::llm(const SpanBatch& batch, const Span& span) {
  const LlmSpan& side = batch.llm[span.llm];
  const bool counts = !has(span, signal::kSpanLlmNotCounted);
  // The one that counts may have come without the text; then this one was scored in its place.
  if (!counts && side.scored_by != signal::ScoredBy::kPipeline) return;
  const DeriveLabels labels = llm_labels(batch, span, side);
  if (counts && is_call(side)) call(batch, span, side, labels);
  answer(batch, span, side, labels);
  security(batch, span, side, labels);
}

// The intake writes its finding behind the span's own tags: four of them, in this order.
void Deriver::State::conversion(const SpanBatch& batch, const Span& span) {
  if (span.meta.size() < 4 || has(span, signal::kSpanSelfSession)) return;
  const uint32_t first = span.meta.end - 4;
  if (batch.view(batch.meta[first].key) != "godseye.converted") return;
  std::vector<std::string> tags;
  put(tags, "kind", batch.view(batch.meta[first].value));
  put(tags, "service", batch.view(batch.meta[first + 1].value));
  put(tags, "model", batch.view(batch.meta[first + 2].value));
  put(tags, "provider", batch.view(batch.meta[first + 3].value));
  put(tags, "env", batch.view(span.env));
  put(tags, "session_id", batch.view(span.session_id));
  put(tags, "user_id", batch.view(span.user_id));
  sink.count("llm.session.converted", bucket_of(span), sink.labels(std::move(tags)), 1);
}

void Deriver::State::analytics(const SpanBatch& batch, const Span& span) {
  std::vector<std::string> tags;
  put(tags, "service", batch.view(span.service));
  put(tags, "env", batch.view(span.env));
  put(tags, "version", batch.view(span.version));
  put(tags, "endpoint", batch.meta_value(span, "product_analytics.endpoint"));
  put(tags, "feature", batch.meta_value(span, "product_analytics.feature"));
  put(tags, "session_id", batch.view(span.session_id));
  put(tags, "user_id", batch.view(span.user_id));
  const DeriveLabels labels = sink.labels(std::move(tags));
  const int64_t time = bucket_of(span);
  if (!batch.meta_value(span, "product_analytics.endpoint").empty()) {
    sink.count("product_analytics.endpoint_usage", time, labels, 1);
    sink.sample("product_analytics.endpoint_latency", time, labels,
                static_cast<double>(span.duration_ns) * kSecondsPerNs);
  }
  for (const char* name : {"product_analytics.endpoint_cost", "product_analytics.conversion_value"}) {
    if (const double value = batch.metric_value(span, name); std::isfinite(value)) {
      sink.sample(name, time, labels, value);
    }
  }
}

Deriver::Deriver(DeriveConfig config) : state_(std::make_unique<State>(config)) {}
Deriver::~Deriver() = default;
Deriver::Deriver(Deriver&&) noexcept = default;
Deriver& Deriver::operator=(Deriver&&) noexcept = default;

void Deriver::add(const SpanBatch& batch) {
  for (const Span& span : batch.spans) {
    const bool measured = has(span, signal::kSpanTopLevel | signal::kSpanMeasured);
    if (measured && !has(span, signal::kSpanStatsByClient)) state_->requests(batch, span);
    if (span.llm != kNoLlm && span.llm < batch.llm.size()) state_->llm(batch, span);
    state_->conversion(batch, span);
    if (has(span, signal::kSpanAnalytics)) state_->analytics(batch, span);
  }
}

signal::MetricBatch Deriver::take() {
  state_->operations.clear();
  state_->resources.clear();
  return state_->sink.take();
}

signal::MetricBatch derive_metrics(std::span<const SpanBatch> segment, const DeriveConfig& config) {
  Deriver deriver(config);
  for (const SpanBatch& batch : segment) deriver.add(batch);
  return deriver.take();
}

signal::MetricBatch derive_metrics(const SpanBatch& batch, const DeriveConfig& config) {
  return derive_metrics(std::span(&batch, 1), config);
}

}  // namespace godseye::pipeline
