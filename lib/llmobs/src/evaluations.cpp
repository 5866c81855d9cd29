#include "document.h"
#include "llm_fields.h"

#include <godseye/llmobs/lenient_json.h>
#include <godseye/llmobs/llmobs.h>

namespace godseye::llmobs {
namespace {

using base::Error;
using base::ErrorCode;
using signal::LlmEvaluation;
using signal::SpanBatch;

// The value by its type; false when it is missing or of another type.
bool read_value(dom::element metric, std::string_view type, LlmEvaluation& evaluation, SpanBatch& out) {
  const auto value = field(metric, std::string(type) + "_value");
  if (!value) return false;
  bool flag = false;
  if (type == "score") {
    const std::optional<double> number = value->is_string() ? std::nullopt : number_of(value);
    if (!number) return false;
    evaluation.score = *number;
    return true;
  }
  if (type == "boolean") {
    if (value->get(flag) != simdjson::SUCCESS) return false;
    evaluation.score = flag ? 1 : 0;
    return true;
  }
  if (type == "json") {
    if (!value->is_object() && !value->is_array()) return false;
    evaluation.value = out.add(json_of(value));
    return true;
  }
  if (!value->is_string()) return false;
  evaluation.value = out.add(text_of(value));
  return true;
}

bool read_join(dom::element metric, LlmEvaluation& evaluation, SpanBatch& out) {
  const auto join = field(metric, "join_on");
  const auto span = field(join, "span");
  const auto tag = field(join, "tag");
  const auto add = [&](std::string_view text) { return text.empty() ? signal::Text{} : out.add(text); };
  // As the span's own id is read: decimal, or a number made of whatever text it is.
  const auto add_id = [&](const std::string& text) {
    return text.empty() ? signal::Text{} : out.add(std::to_string(parse_span_id(text)));
  };
  if (span) {
    evaluation.span_id = add_id(text_field(*span, "span_id"));
    evaluation.trace_id = add(text_field(*span, "trace_id"));
  } else if (tag) {
    evaluation.join_key = add(text_field(*tag, "key"));
    evaluation.join_value = add(text_field(*tag, "value"));
    return !evaluation.join_key.empty();
  } else {
    evaluation.span_id = add_id(text_field(metric, "span_id"));
    evaluation.trace_id = add(text_field(metric, "trace_id"));
    for (const std::string_view key : {"session_id", "feedback_join_key"}) {
      const std::string value = text_field(metric, key);
      if (value.empty() || !evaluation.span_id.empty() || !evaluation.trace_id.empty()) continue;
      evaluation.join_key = add(key);
      evaluation.join_value = add(value);
      return true;
    }
  }
  return !evaluation.span_id.empty() || !evaluation.trace_id.empty();
}

void read_metric(dom::element metric, std::optional<dom::element> common_tags, DecodeCounts& counts, SpanBatch& out) {
  ++counts.spans_in;
  const size_t text_before = out.text.size();
  const auto drop = [&](DropReason reason) {
    ++counts.dropped[static_cast<size_t>(reason)];
    out.text.resize(text_before);
  };
  if (!metric.is_object()) return drop(DropReason::kNotAnObject);
  if (counts.spans_out >= kEvaluationsPerBodyMax) return drop(DropReason::kTooMany);
  LlmEvaluation evaluation;
  const auto add = [&](std::string_view text) { return text.empty() ? signal::Text{} : out.add(text); };
  const std::string label = text_field(metric, "label");
  if (label.empty() || label.find('.') != std::string::npos) return drop(DropReason::kNoLabel);
  evaluation.label = add(label);
  const std::string type = text_field(metric, "metric_type");
  if (type != "categorical" && type != "score" && type != "boolean" && type != "json" && type != "text") {
    return drop(DropReason::kBadMetricType);
  }
  evaluation.metric_type = add(type);
  if (!read_value(metric, type, evaluation, out)) return drop(DropReason::kBadMetricType);
  if (!read_join(metric, evaluation, out)) return drop(DropReason::kNoJoin);
  evaluation.time_ms = integer_of(field(metric, "timestamp_ms")).value_or(0);
  Tags tags;
  size_t over = tags.add(field(metric, "tags"));
  over += tags.add(common_tags);
  counts.dropped[static_cast<size_t>(DropReason::kTooManyTags)] += over;
  evaluation.tags = add(tags.json());
  const std::string ml_app = text_field(metric, "ml_app");
  evaluation.ml_app = add(ml_app.empty() ? tags.get("ml_app") : ml_app);
  evaluation.assessment = add(text_field(metric, "assessment"));
  evaluation.reasoning = add(text_field(metric, "reasoning"));
  const auto metadata = field(metric, "metadata");
  if (metadata && metadata->is_object()) evaluation.metadata = add(json_of(metadata));
  const std::string kind = text_field(metric, "event_kind");
  evaluation.event_kind = add(kind.empty() ? "evaluation" : kind);
  if (counts.tracer_version.empty()) counts.tracer_version = tags.get("ddtrace.version");
  out.evaluations.push_back(evaluation);
  ++counts.spans_out;
}

}  // namespace

base::Result<DecodeCounts> decode_evaluations(std::string_view body, SpanBatch& out) {
  if (out.text.size() + body.size() * 8 > signal::kSpanBatchTextMax) {
    return Error{ErrorCode::kTooLarge, "evaluation metrics do not fit into one batch"};
  }
  base::Result<Document> document = Document::parse(body, "evaluation metrics");
  if (!document) return std::move(document).error();
  const auto attributes = field(field(document->root(), "data"), "attributes");
  const auto metrics = field(attributes, "metrics");
  dom::array list;
  if (!metrics || metrics->get(list) != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalidArgument, "evaluation metrics: data.attributes.metrics: expected a list"};
  }
  DecodeCounts counts;
  for (const dom::element metric : list) read_metric(metric, field(attributes, "tags"), counts, out);
  return counts;
}

}  // namespace godseye::llmobs
