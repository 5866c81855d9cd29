#include "document.h"

#include <godseye/base/json_text.h>
#include <godseye/llmobs/llmobs.h>
#include <godseye/msgpack/json.h>
#include <godseye/msgpack/writer.h>

namespace godseye::llmobs {
namespace {

using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;

std::string hex(uint64_t high, uint64_t low) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(32, '0');
  for (size_t i = 32; i-- > 16; low >>= 4) out[i] = kDigits[low & 15];
  for (size_t i = 16; i-- > 0; high >>= 4) out[i] = kDigits[high & 15];
  return out;
}

// Writes one JSON object field by field.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  ~Object() { out_ += '}'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  std::string& name(std::string_view field) {
    if (!first_) out_ += ',';
    first_ = false;
    base::append_json_string(field, out_);
    out_ += ':';
    return out_;
  }
  void text(std::string_view field, std::string_view value) {
    if (!value.empty()) base::append_json_string(value, name(field));
  }
  void json(std::string_view field, std::string_view value) {
    if (!value.empty()) name(field) += value;
  }
  void integer(std::string_view field, int64_t value) { name(field) += std::to_string(value); }
  void tokens(std::string_view field, int64_t value) {
    if (value >= 0) integer(field, value);
  }
  void number(std::string_view field, double value) {
    if (value < 0) return;
    std::string bytes;
    msgpack::Writer(bytes).real(value);
    (void)msgpack::append_json(bytes, name(field));
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void write_meta(const SpanBatch& batch, const LlmSpan& llm, std::string& out) {
  Object meta(out);
  {
    Object span(meta.name("span"));
    span.text("kind", signal::llm_kind_name(llm.kind));
  }
  meta.text("model_name", batch.view(llm.model_name));
  meta.text("response_model", batch.view(llm.response_model));
  meta.text("model_provider", batch.view(llm.model_provider));
  const std::string_view input = batch.view(llm.input);
  const std::string_view prompt = batch.view(llm.prompt);
  if (prompt.empty()) {
    meta.json("input", input);
  } else {
    // The prompt goes back to where it came from.
    std::string both = input.size() > 2 ? std::string(input.substr(0, input.size() - 1)) + "," : "{";
    both += "\"prompt\":" + std::string(prompt) + "}";
    meta.json("input", both);
  }
  meta.json("output", batch.view(llm.output));
  meta.json("expected_output", batch.view(llm.expected_output));
  meta.json("metadata", batch.view(llm.metadata));
  meta.json("tool_definitions", batch.view(llm.tool_definitions));
  meta.text("finish_reason", batch.view(llm.finish_reason));
  if (!llm.error_type.empty() || !llm.error_message.empty() || !llm.error_stack.empty()) {
    Object error(meta.name("error"));
    error.text("type", batch.view(llm.error_type));
    error.text("message", batch.view(llm.error_message));
    error.text("stack", batch.view(llm.error_stack));
  }
}

void write_metrics(const LlmSpan& llm, std::string& out) {
  Object metrics(out);
  metrics.tokens("input_tokens", llm.input_tokens);
  metrics.tokens("output_tokens", llm.output_tokens);
  metrics.tokens("total_tokens", llm.total_tokens);
  metrics.tokens("cache_read_input_tokens", llm.cache_read_tokens);
  metrics.tokens("cache_write_input_tokens", llm.cache_write_tokens);
  metrics.tokens("ephemeral_1h_input_tokens", llm.cache_write_1h_tokens);
  metrics.tokens("reasoning_output_tokens", llm.reasoning_tokens);
  metrics.number("time_to_first_token", llm.time_to_first_token_s);
  metrics.number("input_cost", llm.input_cost_usd);
  metrics.number("output_cost", llm.output_cost_usd);
  metrics.number("total_cost", llm.reported_cost_usd);
  metrics.number("godseye.injection_score", llm.injection_score);
  metrics.number("godseye.quality_score", llm.quality_score);
  metrics.number("godseye.toxicity_score", llm.toxicity_score);
  metrics.number("godseye.similarity_score", llm.similarity_score);
  metrics.number("godseye.ungrounded", llm.ungrounded);
  metrics.tokens("godseye.pii_count", llm.pii_count);
  metrics.tokens("godseye.recommended_products", llm.recommended_products);
  metrics.tokens("godseye.invalid_products", llm.invalid_products);
}

// The span's tags with what travels as tags and may have no other place.
std::string tags_json(const SpanBatch& batch, const Span& span, const LlmSpan& llm) {
  std::string out(batch.view(llm.tags));
  if (out.size() < 2) out = "[]";
  const auto add = [&](std::string_view key, std::string_view value) {
    if (value.empty() || out.find("\"" + std::string(key) + ":") != std::string::npos) return;
    out.pop_back();
    if (out.size() > 1) out += ',';
    base::append_json_string(std::string(key) + ":" + std::string(value), out);
    out += ']';
  };
  add("ml_app", batch.view(llm.ml_app));
  add("service", batch.view(span.service));
  add("env", batch.view(span.env));
  add("version", batch.view(span.version));
  add("user_id", batch.view(span.user_id));
  add("godseye.call_id", batch.view(llm.call_id));
  static constexpr std::string_view kScorers[] = {"", "application", "pipeline", "gateway"};
  add("godseye.scored_by", kScorers[static_cast<size_t>(llm.scored_by)]);
  return out;
}

void write_links(const SpanBatch& batch, const Span& span, std::string& out) {
  out += '[';
  for (uint32_t i = span.links.begin; i < span.links.end; ++i) {
    if (i > span.links.begin) out += ',';
    const signal::SpanLink& link = batch.links[i];
    Object object(out);
    object.text("span_id", std::to_string(link.span_id));
    object.text("trace_id", hex(link.trace_id_high, link.trace_id_low));
    object.json("attributes", batch.view(link.attributes));
  }
  out += ']';
}

std::string parent_of(const SpanBatch& batch, const LlmSpan& llm) {
  return llm.parent_id.empty() ? "undefined" : std::string(batch.view(llm.parent_id));
}

void write_event(const SpanBatch& batch, const Span& span, std::string& out) {
  const LlmSpan& llm = batch.llm[span.llm];
  const std::string apm_trace_id = hex(span.trace_id_high, span.trace_id_low);
  const std::string span_id = std::to_string(span.span_id);
  Object event(out);
  event.text("span_id", span_id);
  event.text("trace_id", llm.llm_trace_id.empty() ? apm_trace_id : std::string(batch.view(llm.llm_trace_id)));
  event.text("parent_id", parent_of(batch, llm));
  event.text("name", batch.view(span.name));
  event.integer("start_ns", span.start_ns);
  event.integer("duration", span.duration_ns);
  event.text("status", span.error ? "error" : "ok");
  event.text("service", batch.view(span.service));
  event.text("session_id", batch.view(span.session_id));
  write_meta(batch, llm, event.name("meta"));
  write_metrics(llm, event.name("metrics"));
  event.json("tags", tags_json(batch, span, llm));
  if (span.links.size() > 0) write_links(batch, span, event.name("span_links"));
  Object dd(event.name("_dd"));
  dd.text("span_id", span_id);
  dd.text("apm_trace_id", apm_trace_id);
}

// JSON of ours as MessagePack; depth is bounded by what the decoder let in.
void append_msgpack(dom::element value, msgpack::Writer& writer) {
  switch (value.type()) {
    case dom::element_type::ARRAY: {
      const dom::array list = value.get_array().value_unsafe();
      writer.array(static_cast<uint32_t>(list.size()));
      for (const dom::element one : list) append_msgpack(one, writer);
      break;
    }
    case dom::element_type::OBJECT: {
      const dom::object object = value.get_object().value_unsafe();
      writer.map(static_cast<uint32_t>(object.size()));
      for (const auto& [key, one] : object) {
        writer.string(key);
        append_msgpack(one, writer);
      }
      break;
    }
    case dom::element_type::INT64:
      writer.signed_integer(value.get_int64().value_unsafe());
      break;
    case dom::element_type::UINT64:
      writer.unsigned_integer(value.get_uint64().value_unsafe());
      break;
    case dom::element_type::DOUBLE:
      writer.real(value.get_double().value_unsafe());
      break;
    case dom::element_type::STRING:
      writer.string(value.get_string().value_unsafe());
      break;
    case dom::element_type::BOOL:
      writer.boolean(value.get_bool().value_unsafe());
      break;
    case dom::element_type::NULL_VALUE:
      writer.nil();
      break;
  }
}

void write_evaluation(const SpanBatch& batch, const signal::LlmEvaluation& evaluation, std::string& out) {
  Object metric(out);
  const std::string type(batch.view(evaluation.metric_type));
  metric.text("event_kind", batch.view(evaluation.event_kind));
  if (!evaluation.join_key.empty()) {
    Object join(metric.name("join_on"));
    Object tag(join.name("tag"));
    tag.text("key", batch.view(evaluation.join_key));
    tag.text("value", batch.view(evaluation.join_value));
  } else {
    Object join(metric.name("join_on"));
    Object span(join.name("span"));
    span.text("span_id", batch.view(evaluation.span_id));
    span.text("trace_id", batch.view(evaluation.trace_id));
  }
  metric.text("ml_app", batch.view(evaluation.ml_app));
  metric.integer("timestamp_ms", evaluation.time_ms);
  metric.text("metric_type", type);
  metric.text("label", batch.view(evaluation.label));
  if (type == "score") {
    std::string bytes;
    msgpack::Writer(bytes).real(evaluation.score);
    (void)msgpack::append_json(bytes, metric.name("score_value"));
  } else if (type == "boolean") {
    metric.json("boolean_value", evaluation.score != 0 ? "true" : "false");
  } else if (type == "json") {
    metric.json("json_value", batch.view(evaluation.value));
  } else {
    base::append_json_string(batch.view(evaluation.value), metric.name(type + "_value"));
  }
  metric.json("tags", batch.view(evaluation.tags));
  metric.text("assessment", batch.view(evaluation.assessment));
  metric.text("reasoning", batch.view(evaluation.reasoning));
  metric.json("metadata", batch.view(evaluation.metadata));
}

}  // namespace

std::string encode_spans(const SpanBatch& batch, std::string_view tracer_version) {
  std::string out = "[";
  for (const Span& span : batch.spans) {
    if (span.llm == signal::kNoLlm) continue;
    if (out.size() > 1) out += ',';
    Object envelope(out);
    envelope.text("_dd.stage", "raw");
    envelope.text("_dd.tracer_version", tracer_version);
    envelope.text("event_type", "span");
    std::string& spans = envelope.name("spans");
    spans += '[';
    write_event(batch, span, spans);
    spans += ']';
  }
  out += ']';
  return out;
}

std::string encode_meta_struct(const SpanBatch& batch, const Span& span) {
  const LlmSpan& llm = batch.llm[span.llm];
  std::string json;
  {
    Object root(json);
    root.text("name", batch.view(span.name));
    root.text("parent_id", parent_of(batch, llm));
    root.text("trace_id", batch.view(llm.llm_trace_id));
    root.text("ml_app", batch.view(llm.ml_app));
    root.text("session_id", batch.view(span.session_id));
    root.json("tags", tags_json(batch, span, llm));
    write_metrics(llm, root.name("metrics"));
    write_meta(batch, llm, root.name("meta"));
  }
  std::string out;
  msgpack::Writer writer(out);
  base::Result<Document> document = Document::parse(json, "encoded LLM span");
  if (!document) {
    writer.map(0);  // only for texts that no codec of ours made
    return out;
  }
  append_msgpack(document->root(), writer);
  return out;
}

std::string encode_evaluations(const SpanBatch& batch) {
  std::string out = R"({"data":{"type":"evaluation_metric","attributes":{"metrics":[)";
  bool first = true;
  for (const signal::LlmEvaluation& evaluation : batch.evaluations) {
    if (!first) out += ',';
    first = false;
    write_evaluation(batch, evaluation, out);
  }
  out += "]}}}";
  return out;
}

}  // namespace godseye::llmobs
