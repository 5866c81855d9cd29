#include "span_builder.h"

#include <algorithm>

#include <godseye/base/json_text.h>
#include <godseye/guard/pii_memory.h>

namespace godseye::gateway {

namespace {

using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;

constexpr size_t kReasonsMax = 12;

std::string type_of(const FinishedCall& call) {
  switch (call.operation) {
    case genai::Operation::kEmbed:
      return "embedding";
    case genai::Operation::kCountTokens:
      return "count_tokens";
    case genai::Operation::kOther:
      return "other";
    default:
      return "chat";
  }
}

// {"documents":[{"text":…}],"messages":[{"role":…,"content":…}]}
std::string input_json(const FinishedCall& call) {
  const std::vector<PromptMessage> messages = messages_of(call);
  if (messages.empty()) return {};
  std::string out;
  out.reserve(call.texts.size() + call.texts.size() / 16 + 64 * messages.size() + 64);
  for (const bool documents : {true, false}) {
    bool first = true;
    for (const PromptMessage& message : messages) {
      if (message.role.empty() != documents) continue;
      if (first) {
        out += out.empty() ? '{' : ',';
        out += documents ? "\"documents\":[" : "\"messages\":[";
      } else {
        out += ',';
      }
      first = false;
      if (documents) {
        out += "{\"text\":";
      } else {
        out.append("{\"role\":\"").append(message.role).append("\",\"content\":");
      }
      base::append_json_string(message.content, out);
      out += '}';
    }
    if (!first) out += ']';
  }
  return out += '}';
}

std::string output_json(const FinishedCall& call) {
  if (call.answer.empty() && call.tool_calls.empty()) return {};
  std::string out;
  out.reserve(call.answer.size() + call.answer.size() / 16 + 128);
  out += "{\"messages\":[{\"role\":\"assistant\",\"content\":";
  base::append_json_string(call.answer, out);
  if (!call.tool_calls.empty()) {
    out += ",\"tool_calls\":[";
    for (size_t i = 0; i < call.tool_calls.size(); ++i) {
      const AnsweredToolCall& tool = call.tool_calls[i];
      out += i == 0 ? "{\"name\":" : ",{\"name\":";
      base::append_json_string(tool.name, out);
      // As text: what a model writes need not be JSON, and may have been cut.
      out += ",\"arguments\":{\"json\":";
      base::append_json_string(tool.arguments, out);
      out += "},\"tool_id\":";
      base::append_json_string(tool.id, out);
      out += ",\"type\":\"function\"}";
    }
    out += ']';
  }
  return out += "}]}";
}

std::string reasons_json(const std::vector<std::string>& reasons) {
  if (reasons.empty()) return {};
  std::string out = "[";
  for (size_t i = 0; i < std::min(reasons.size(), kReasonsMax); ++i) {
    if (i != 0) out += ',';
    base::append_json_string(reasons[i], out);
  }
  return out += ']';
}

std::string rules_of(const Verdict& verdict) {
  std::string out;
  for (const RuleHit& hit : verdict.hits) {
    const std::string_view name = rule_name(hit.rule);
    if (out.find(name) != std::string::npos) continue;
    if (!out.empty()) out += ',';
    out += name;
  }
  return out;
}

std::string provider_name(const FinishedCall& call) {
  return call.provider_family == "gemini" ? "google" : call.provider;
}

bool is_first_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// The newest that was said to the model, was it a user?
bool is_user_turn(const FinishedCall& call) {
  return !call.prompt.empty() && call.prompt.back().is_new && call.prompt.back().origin == genai::Origin::kUser &&
         call.operation != genai::Operation::kEmbed;
}

class SpanWriter {
 public:
  SpanWriter(SpanBatch& batch, Span& span) : batch_(batch), span_(span) {
    span_.meta.begin = static_cast<uint32_t>(batch_.meta.size());
    span_.metrics.begin = static_cast<uint32_t>(batch_.metrics.size());
  }
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) batch_.meta.push_back({batch_.add(key), batch_.add(value)});
  }
  void number(std::string_view key, double value) { batch_.metrics.push_back({batch_.add(key), value}); }
  void close() {
    span_.meta.end = static_cast<uint32_t>(batch_.meta.size());
    span_.metrics.end = static_cast<uint32_t>(batch_.metrics.size());
  }

 private:
  SpanBatch& batch_;
  Span& span_;
};

void write_tags(const FinishedCall& call, const LlmSpan& llm, SpanWriter& to) {
  to.text("llm.provider", provider_name(call));
  to.text("llm.request.model", call.model_asked);
  to.text("llm.response.model", call.model_answered);
  to.text("llm.request.type", type_of(call));
  if (llm.input_tokens >= 0) to.number("llm.request.input_tokens", static_cast<double>(llm.input_tokens));
  if (llm.output_tokens >= 0) to.number("llm.response.output_tokens", static_cast<double>(llm.output_tokens));
  if (llm.reported_cost_usd >= 0) to.number("llm.request.cost", llm.reported_cost_usd);
  to.number("llm.request.latency", static_cast<double>(call.duration.count()) / 1e6);
  to.text("endpoint", call.path);
  to.text("http.status_code", std::to_string(call.status == 0 ? 499 : call.status));
  to.text("span.kind", "client");
  to.text("ml_app", call.identity.ml_app);
  to.text("tier", call.identity.tier);
  to.text("godseye.provider", call.provider);
  to.text("godseye.route", call.route);
  to.text("godseye.outcome", outcome_name(call.verdict.outcome));
  to.text("godseye.rules", rules_of(call.verdict));
  to.text("godseye.key", call.key_id);
  if (call.verdict.guard_failed) to.text("godseye.guard_failed", "true");
  if (call.usage_estimated) to.text("godseye.usage", "estimated");
  if (call.shed != Shed::kNothing) to.text("godseye.shed", call.shed == Shed::kScores ? "scores" : "texts");
  if (call.streamed) to.text("godseye.streamed", "true");
  if (call.translated) {
    to.text("godseye.translated",
            std::string(genai::dialect_name(call.dialect)) + "→" + std::string(genai::dialect_name(call.upstream)));
  }
  to.text("error.type", call.error_type);
  to.text("error.message", call.error);
  for (const auto& [key, value] : call.identity.tags) to.text(key, value);
}

std::string error_type_of(const FinishedCall& call) {
  if (!call.error_type.empty()) return call.error_type;
  return call.status >= 400 ? "http_" + std::to_string(call.status) : std::string();
}

}  // namespace

LlmSpan usage_of(const FinishedCall& call) {
  LlmSpan llm;
  llm.kind = call.operation == genai::Operation::kEmbed ? signal::LlmKind::kEmbedding : signal::LlmKind::kLlm;
  llm.input_tokens = call.usage.input;
  llm.output_tokens = call.usage.output;
  llm.total_tokens = call.usage.total;
  llm.cache_read_tokens = call.usage.cache_read;
  llm.cache_write_tokens = call.usage.cache_write;
  llm.cache_write_1h_tokens = call.usage.cache_write_1h;
  llm.reasoning_tokens = call.usage.reasoning;
  return llm;
}

void add_span(const FinishedCall& call, const AnswerScores& scores, double cost_usd, std::string_view default_service,
              std::string_view default_env, SpanBatch& batch) {
  LlmSpan llm = usage_of(call);
  llm.scored_by = signal::ScoredBy::kGateway;
  llm.ml_app = batch.add(call.identity.ml_app);
  llm.model_name = batch.add(call.model_asked);
  llm.response_model = batch.add(call.model_answered);
  llm.model_provider = batch.add(provider_name(call));
  llm.input = batch.add(input_json(call));
  llm.output = batch.add(output_json(call));
  llm.finish_reason = batch.add(call.finish_reason);
  llm.call_id = batch.add(call.call_id);
  if (call.usage_estimated) llm.metadata = batch.add("{\"usage\":\"estimated\"}");
  const std::string error_type = error_type_of(call);
  llm.error_type = batch.add(error_type);
  llm.error_message = batch.add(call.error);
  if (call.ttft.count() >= 0) llm.time_to_first_token_s = static_cast<double>(call.ttft.count()) / 1e9;
  llm.injection_score = call.injection < 0 ? signal::kNoScore : call.injection;
  llm.quality_score = scores.quality;
  llm.toxicity_score = scores.toxicity;
  llm.similarity_score = scores.similarity;
  llm.ungrounded = scores.ungrounded;
  llm.recommended_products = scores.recommended;
  llm.invalid_products = scores.invalid;
  const int64_t pii = std::max<int64_t>(0, call.pii_prompt) + std::max<int64_t>(0, call.pii_answer);
  if (call.pii_prompt >= 0 || call.pii_answer >= 0)
    llm.pii_count = static_cast<int32_t>(std::min<int64_t>(pii, 1 << 30));
  llm.reasons = batch.add(reasons_json(call.verdict.reasons));
  llm.no_personal_data = call.no_personal_data;
  llm.answer_characters = std::count_if(call.answer.begin(), call.answer.end(), is_first_byte);
  llm.user_turn = is_user_turn(call);

  Span span;
  span.trace_id_high = call.trace.trace_id_high;
  span.trace_id_low = call.trace.trace_id_low;
  span.span_id = call.span_id;
  span.parent_id = call.trace.parent_id;
  span.start_ns = call.start.time_since_epoch().count();
  span.duration_ns = call.duration.count();
  span.service = batch.add(call.identity.service.empty() ? default_service : std::string_view(call.identity.service));
  const std::string_view family = genai::family_name(genai::family_of(call.dialect));
  span.name = batch.add(std::string(family.empty() ? "llm" : family) + ".request");
  span.resource =
      batch.add(call.model_asked.empty() ? std::string_view(call.path) : std::string_view(call.model_asked));
  span.type = batch.add("llm");
  span.env = batch.add(call.identity.env.empty() ? default_env : std::string_view(call.identity.env));
  span.version = batch.add(call.identity.version);
  span.session_id = batch.add(call.identity.session_id);
  span.user_id = batch.add(call.identity.user_id);
  span.error = error_type.empty() ? 0 : 1;
  span.source = signal::SpanSource::kGateway;
  SpanWriter tags(batch, span);
  // The tag says what a call cost; the columns are the intake's, by the same table.
  LlmSpan priced = llm;
  priced.reported_cost_usd = cost_usd;
  write_tags(call, priced, tags);
  tags.close();
  span.llm = static_cast<uint32_t>(batch.llm.size());
  batch.llm.push_back(llm);
  batch.spans.push_back(span);
}

CallRecord record_of(FinishedCall&& call, const AnswerScores& scores, double cost_usd,
                     std::string_view default_service) {
  CallRecord record;
  record.time = call.start;
  record.call_id = std::move(call.call_id);
  record.service = call.identity.service.empty() ? std::string(default_service) : std::move(call.identity.service);
  record.session_id = std::move(call.identity.session_id);
  record.user_id = std::move(call.identity.user_id);
  record.address = std::move(call.address);
  record.route = std::move(call.route);
  record.provider = std::move(call.provider);
  record.model = call.model_answered.empty() ? std::move(call.model_asked) : std::move(call.model_answered);
  record.dialect = genai::dialect_name(call.dialect);
  record.trace_id_high = call.trace.trace_id_high;
  record.trace_id_low = call.trace.trace_id_low;
  record.span_id = call.span_id;
  record.verdict = std::move(call.verdict);
  if (!call.sample.empty()) {
    // Masked as a whole, then cut: an entity must not be cut in two and pass for none.
    constexpr size_t kLookedAtMax = 4096;
    std::string_view sample = call.sample;
    sample = sample.substr(0, kLookedAtMax);
    record.sample = guard::redact(sample, guard::PiiMemory::shared().find(sample));
    size_t end = std::min(record.sample.size(), kSampleBytesMax);
    while (end > 0 && end < record.sample.size() && (static_cast<unsigned char>(record.sample[end]) & 0xC0) == 0x80)
      --end;
    record.sample.resize(end);
  }
  record.error = std::move(call.error);
  record.streamed = call.streamed;
  record.translated = call.translated;
  record.usage_estimated = call.usage_estimated;
  record.status = call.status;
  if (call.pii_prompt >= 0 || call.pii_answer >= 0) {
    record.pii_count = std::max<int64_t>(0, call.pii_prompt) + std::max<int64_t>(0, call.pii_answer);
  }
  record.input_tokens = call.usage.input;
  record.output_tokens = call.usage.output;
  record.injection = call.injection;
  record.quality = scores.quality;
  record.cost_usd = cost_usd;
  record.duration_ms = static_cast<double>(call.duration.count()) / 1e6;
  if (call.ttft.count() >= 0) record.ttft_ms = static_cast<double>(call.ttft.count()) / 1e6;
  return record;
}

}  // namespace godseye::gateway
