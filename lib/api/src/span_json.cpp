#include "span_json.h"

#include "json_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <godseye/net/http_message.h>
#include <godseye/signal/span.h>

namespace godseye::api {
namespace {

void append_llm(std::string& out, const query::StoredLlm& llm, uint16_t flags) {
  Fields fields(out);
  fields.text("kind", llm.kind);
  fields.text("ml_app", llm.ml_app);
  fields.text("model", llm.model);
  fields.text("response_model", llm.response_model);
  fields.text("provider", llm.provider);
  fields.text("parent_id", llm.parent_id);
  fields.text("llm_trace_id", llm.llm_trace_id);
  fields.text("prompt_id", llm.prompt_id);
  fields.json("prompt", llm.prompt_json);
  fields.json("input", llm.input_json);
  fields.json("output", llm.output_json);
  fields.json("expected_output", llm.expected_output_json);
  fields.json("metadata", llm.metadata_json);
  fields.json("tool_definitions", llm.tool_definitions_json);
  if (!llm.error_type.empty() || !llm.error_message.empty() || !llm.error_stack.empty()) {
    Fields error(fields.key("error"));
    error.text("type", llm.error_type);
    error.text("message", llm.error_message);
    error.text("stack", llm.error_stack);
  }
  fields.text("finish_reason", llm.finish_reason);
  fields.texts("tags", llm.tags);
  fields.numbers("tokens", llm.tokens);
  fields.number("cost_usd", llm.cost_usd);
  fields.number("input_cost_usd", llm.input_cost_usd);
  fields.number("output_cost_usd", llm.output_cost_usd);
  fields.text("price", llm.price);
  fields.number("time_to_first_token_s", llm.time_to_first_token_s);
  fields.numbers("scores", llm.scores);
  fields.text("scored_by", llm.scored_by);
  fields.json("reasons", llm.reasons_json);
  if (!llm.cut.empty()) fields.texts("cut", llm.cut);
  if (!llm.evaluations.empty()) {
    std::string& list = fields.key("evaluations");
    list += '[';
    for (size_t i = 0; i < llm.evaluations.size(); ++i) {
      const query::StoredEvaluation& one = llm.evaluations[i];
      if (i > 0) list += ',';
      Fields inner(list);
      inner.text("label", one.label);
      inner.text("metric_type", one.metric_type);
      inner.number("score", one.score);
      inner.text("value", one.value);
      inner.text("assessment", one.assessment);
      inner.text("reasoning", one.reasoning);
      inner.text("kind", one.event_kind);
      inner.texts("tags", one.tags);
    }
    list += ']';
  }
  fields.boolean("counted", (flags & signal::kSpanLlmNotCounted) == 0);
}

}  // namespace

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[40];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    out += net::json_quoted(texts[i]);
  }
  out += ']';
}

void append_span(std::string& out, const query::StoredSpan& span) {
  Fields fields(out);
  fields.key("trace_id") += '"' + query::trace_id_text(span.trace_id_high, span.trace_id_low) + '"';
  fields.id("span_id", span.span_id);
  fields.id("parent_id", span.parent_id);
  fields.text("service", span.service);
  fields.text("name", span.name);
  fields.text("resource", span.resource);
  fields.text("type", span.type);
  fields.text("env", span.env);
  fields.text("version", span.version);
  fields.text("host", span.host);
  fields.text("session_id", span.session_id);
  fields.text("user_id", span.user_id);
  fields.integer("start_ns", span.start_ns);
  fields.integer("duration_ns", span.duration_ns);
  fields.boolean("error", span.error);
  if (span.error_fingerprint != 0) fields.id("error_fingerprint", span.error_fingerprint);
  {
    Fields meta(fields.key("meta"));
    for (const auto& [key, value] : span.meta) meta.quoted_text(key, value);
  }
  fields.numbers("metrics", span.metrics);
  fields.json("links", span.links_json);
  fields.json("events", span.events_json);
  if (span.llm) append_llm(fields.key("llm"), *span.llm, span.flags);
}

void append_detection(std::string& out, const query::Detection& detection) {
  Fields fields(out);
  fields.text("trace_id", query::trace_id_text(detection.trace_id_high, detection.trace_id_low));
  fields.id("span_id", detection.span_id);
  fields.integer("start_ns", detection.start_ns);
  fields.text("kind", detection.kind);
  fields.text("severity", detection.severity);
  fields.text("text", detection.text);
  fields.number("value", detection.value);
  fields.json("reasons", detection.reasons_json);
}

void append_activity(std::string& out, const query::Activity& activity) {
  Fields fields(out);
  fields.key("id") += net::json_quoted(activity.id);
  fields.text("user_id", activity.user_id);
  fields.integer("first_ns", activity.first_ns);
  fields.integer("last_ns", activity.last_ns);
  fields.integer("spans", static_cast<int64_t>(activity.spans));
  fields.integer("llm_calls", static_cast<int64_t>(activity.llm_calls));
  fields.integer("errors", static_cast<int64_t>(activity.errors));
  if (activity.sessions > 0) fields.integer("sessions", static_cast<int64_t>(activity.sessions));
  fields.integer("input_tokens", static_cast<int64_t>(activity.input_tokens));
  fields.integer("output_tokens", static_cast<int64_t>(activity.output_tokens));
  fields.number("cost_usd", activity.cost_usd);
  fields.integer("unpriced_calls", static_cast<int64_t>(activity.unpriced_calls));
  fields.number("injection_max", activity.injection_max);
  fields.number("quality_avg", activity.quality_avg);
  fields.integer("suspicious", static_cast<int64_t>(activity.suspicious));
  fields.integer("refused", static_cast<int64_t>(activity.refused));
  fields.texts("services", activity.services);
  fields.texts("models", activity.models);
}

void append_error_group(std::string& out, const query::ErrorGroup& group) {
  Fields fields(out);
  fields.id("fingerprint", group.fingerprint);
  fields.text("service", group.service);
  fields.text("type", group.type);
  fields.text("message", group.message);
  fields.text("stack", group.stack);
  fields.integer("count", static_cast<int64_t>(group.count));
  fields.integer("users", static_cast<int64_t>(group.users));
  fields.integer("sessions", static_cast<int64_t>(group.sessions));
  fields.integer("first_seen_ns", group.first_seen_ns);
  fields.integer("last_seen_ns", group.last_seen_ns);
  fields.texts("versions", group.versions);
  fields.boolean("regression", group.regression);
  fields.texts("sample_traces", group.sample_traces);
}

}  // namespace godseye::api
