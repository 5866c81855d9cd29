#include "document.h"
#include "llm_fields.h"

#include <algorithm>

#include <godseye/llmobs/lenient_json.h>
#include <godseye/llmobs/llmobs.h>

namespace godseye::llmobs {
namespace {

using base::Error;
using base::ErrorCode;
using signal::Span;
using signal::SpanBatch;

// Texts of a body end up in the arena about twice: as tags of the span and of its LLM side.
constexpr size_t kArenaPerBodyByte = 8;

base::Status room(std::string_view body, const SpanBatch& out) {
  if (out.text.size() + body.size() * kArenaPerBodyByte <= signal::kSpanBatchTextMax) return base::ok();
  return Error{ErrorCode::kTooLarge,
               "a body of " + std::to_string(body.size()) + " bytes does not fit into one batch of spans"};
}

void count(DecodeCounts& counts, DropReason reason, size_t times = 1) {
  counts.dropped[static_cast<size_t>(reason)] += times;
}

// What an envelope (or the HTTP API's attributes) says for all its spans.
struct Common {
  std::string ml_app;
  std::string session_id;
  std::optional<dom::element> tags;
};

void add_attributes(dom::element event, const Tags& tags, Span& span, SpanBatch& out) {
  const auto end = [](const auto& list) { return static_cast<uint32_t>(list.size()); };
  span.meta = {end(out.meta), end(out.meta)};
  for (const auto& [key, value] : tags.all()) {
    out.meta.push_back({out.add(key), out.add(value)});
    ++span.meta.end;
  }
  span.metrics = {end(out.metrics), end(out.metrics)};
  const auto metrics = field(event, "metrics");
  dom::object values;
  if (metrics && metrics->get(values) == simdjson::SUCCESS) {
    for (const auto& [key, value] : values) {
      const std::optional<double> number = number_of(value);
      if (!number || span.metrics.size() >= kTagsPerSpanMax) continue;
      out.metrics.push_back({out.add(key), *number});
      ++span.metrics.end;
    }
  }
  span.links = {end(out.links), end(out.links)};
  span.events = {end(out.events), end(out.events)};
}

void read_trace_id(dom::element event, Span& span) {
  const auto dd = field(event, "_dd");
  for (const std::string& text : {text_of(field(dd, "apm_trace_id")), text_field(event, "apm_trace_id"),
                                  text_of(field(dd, "trace_id")), text_field(event, "trace_id")}) {
    const TraceId id = parse_trace_id(text);
    if (id.low == 0 && id.high == 0) continue;
    span.trace_id_high = id.high;
    span.trace_id_low = id.low;
    return;
  }
}

void read_event(dom::element event, const Common& common, DecodeCounts& counts, SpanBatch& out) {
  ++counts.spans_in;
  if (!event.is_object()) return count(counts, DropReason::kNotAnObject);
  if (counts.spans_out >= kSpansPerBodyMax) return count(counts, DropReason::kTooMany);
  Span span;
  span.span_id = parse_span_id(text_field(event, "span_id"));
  if (span.span_id == 0) return count(counts, DropReason::kNoSpanId);
  read_trace_id(event, span);
  if (span.trace_id_low == 0) span.trace_id_low = span.span_id;  // a span that names no trace is one
  const std::string parent = text_field(event, "parent_id");
  if (parent != "undefined") span.parent_id = parse_span_id(parent);
  span.start_ns = integer_of(field(event, "start_ns")).value_or(0);
  span.duration_ns = integer_of(field(event, "duration")).value_or(0);

  Tags tags;
  size_t over = tags.add(field(event, "tags"));
  over += tags.add(common.tags);
  if (over > 0) count(counts, DropReason::kTooManyTags, over);
  if (counts.language.empty()) counts.language = tags.get("language");
  const auto add = [&](std::string_view text) { return text.empty() ? signal::Text{} : out.add(text); };
  const std::string service = text_field(event, "service");
  span.service = add(service.empty() ? tags.get("service") : service);
  if (span.service.empty())
    span.service = add(tags.has("ml_app") ? tags.get("ml_app") : std::string_view(common.ml_app));
  span.name = add(text_field(event, "name"));
  span.resource = span.name;
  span.type = add("llm");
  span.env = add(tags.get("env"));
  span.version = add(tags.get("version"));
  span.host = add(tags.get("host"));
  span.error = text_field(event, "status") == "error" || tags.get("error") == "1" ? 1 : 0;
  span.source = signal::SpanSource::kLlmObs;
  const std::string session = text_field(event, "session_id");
  attribute(session.empty() ? common.session_id : session, tags, span, out);
  add_attributes(event, tags, span, out);
  append_links(event, span, out);
  append_llm({.document = event,
              .tags = tags,
              .ml_app = common.ml_app,
              .llm_trace_id = text_field(event, "trace_id"),
              .parent_id = parent},
             span, out);
  out.spans.push_back(span);
  ++counts.spans_out;
}

void read_list(std::optional<dom::element> list, const Common& common, DecodeCounts& counts, SpanBatch& out) {
  dom::array events;
  if (list && list->get(events) == simdjson::SUCCESS) {
    for (const dom::element event : events) read_event(event, common, counts, out);
  } else if (list) {
    read_event(*list, common, counts, out);
  }
}

void read_envelope(dom::element envelope, DecodeCounts& counts, SpanBatch& out) {
  if (!envelope.is_object()) {
    ++counts.spans_in;
    return count(counts, DropReason::kNotAnObject);
  }
  if (counts.tracer_version.empty()) counts.tracer_version = text_field(envelope, "_dd.tracer_version");
  const auto spans = field(envelope, "spans");
  if (!spans) return read_event(envelope, {}, counts, out);
  const std::string type = text_field(envelope, "event_type");
  if (!type.empty() && type != "span") {
    ++counts.spans_in;
    return count(counts, DropReason::kNotASpan);
  }
  read_list(spans, {.ml_app = text_field(envelope, "ml_app")}, counts, out);
}

}  // namespace

base::Result<DecodeCounts> decode_spans(std::string_view body, SpanBatch& out) {
  if (base::Status fits = room(body, out); !fits) return std::move(fits).error();
  base::Result<Document> document = Document::parse(body, "LLM span payload");
  if (!document) return std::move(document).error();
  DecodeCounts counts;
  dom::array envelopes;
  if (document->root().get(envelopes) == simdjson::SUCCESS) {
    for (const dom::element envelope : envelopes) read_envelope(envelope, counts, out);
  } else if (document->root().is_object()) {
    read_envelope(document->root(), counts, out);
  } else {
    return Error{ErrorCode::kInvalidArgument, "LLM span payload: expected a list of span events"};
  }
  return counts;
}

base::Result<DecodeCounts> decode_api_spans(std::string_view body, SpanBatch& out) {
  if (base::Status fits = room(body, out); !fits) return std::move(fits).error();
  base::Result<Document> document = Document::parse(body, "LLM span request");
  if (!document) return std::move(document).error();
  const auto attributes = field(field(document->root(), "data"), "attributes");
  const auto spans = field(attributes, "spans");
  if (!spans || !spans->is_array()) {
    return Error{ErrorCode::kInvalidArgument, "LLM span request: data.attributes.spans: expected a list"};
  }
  const Common common{.ml_app = text_of(field(attributes, "ml_app")),
                      .session_id = text_of(field(attributes, "session_id")),
                      .tags = field(attributes, "tags")};
  DecodeCounts counts;
  read_list(spans, common, counts, out);
  return counts;
}

namespace {

// `meta_struct._llmobs`: the LLM side alone; ids, times and errors are the APM span's.
base::Status read_meta_struct(const Document& document, Span& span, SpanBatch& out) {
  const dom::element root = document.root();
  if (!root.is_object()) {
    return Error{ErrorCode::kInvalidArgument, "meta_struct._llmobs: expected a map"};
  }
  Tags tags;
  tags.add(field(root, "tags"));
  const std::string error_type(out.meta_value(span, "error.type"));
  if (!tags.has("error")) tags.add("error", span.error ? "1" : "0");
  if (!error_type.empty() && !tags.has("error_type")) tags.add("error_type", error_type);
  append_links(root, span, out);
  append_llm({.document = root,
              .tags = tags,
              .ml_app = {},
              .llm_trace_id = text_field(root, "trace_id"),
              .parent_id = text_field(root, "parent_id")},
             span, out);
  signal::LlmSpan& llm = out.llm[span.llm];
  const auto from_span = [&](signal::Text& text, std::string_view tag) {
    if (!text.empty()) return;
    const std::string value(out.meta_value(span, tag));  // a copy: the arena grows under it
    if (!value.empty()) text = out.add(value);
  };
  from_span(llm.error_message, "error.message");
  from_span(llm.error_message, "error.msg");
  from_span(llm.error_type, "error.type");
  from_span(llm.error_stack, "error.stack");
  attribute(text_field(root, "session_id"), tags, span, out);
  const std::string name = text_field(root, "name");
  if (!name.empty() && span.meta.end == out.meta.size()) {
    out.meta.push_back({out.add(kLlmNameTag), out.add(name)});
    ++span.meta.end;
  }
  return base::ok();
}

}  // namespace

base::Status decode_meta_struct(std::string_view msgpack_document, Span& span, SpanBatch& out) {
  base::Result<Document> document = Document::parse_msgpack(msgpack_document, "meta_struct._llmobs");
  if (!document) return std::move(document).error();
  return read_meta_struct(*document, span, out);
}

base::Status decode_meta_struct_json(std::string_view json_document, Span& span, SpanBatch& out) {
  base::Result<Document> document = Document::parse(json_document, "meta_struct._llmobs");
  if (!document) return std::move(document).error();
  return read_meta_struct(*document, span, out);
}

}  // namespace godseye::llmobs
