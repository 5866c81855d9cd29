#include "trace_payload.h"

#include <algorithm>
#include <set>

#include <godseye/base/json_text.h>
#include <godseye/ddtrace/traces.h>

namespace godseye::sdk {
namespace {

using base::append_json_string;
using signal::SpanBatch;

signal::LlmKind kind_of(LlmKind kind) {
  switch (kind) {
    case LlmKind::kLlm:
      return signal::LlmKind::kLlm;
    case LlmKind::kWorkflow:
      return signal::LlmKind::kWorkflow;
    case LlmKind::kAgent:
      return signal::LlmKind::kAgent;
    case LlmKind::kTool:
      return signal::LlmKind::kTool;
    case LlmKind::kTask:
      return signal::LlmKind::kTask;
    case LlmKind::kEmbedding:
      return signal::LlmKind::kEmbedding;
    case LlmKind::kRetrieval:
      break;
  }
  return signal::LlmKind::kRetrieval;
}

std::string messages_json(const std::vector<LlmMessage>& messages) {
  std::string out = R"({"messages":[)";
  for (size_t i = 0; i < messages.size(); ++i) {
    out += i == 0 ? R"({"role":)" : R"(,{"role":)";
    append_json_string(messages[i].role, out);
    out += R"(,"content":)";
    append_json_string(messages[i].content, out);
    out += '}';
  }
  return out + "]}";
}

std::string documents_json(const std::vector<LlmDocument>& documents) {
  std::string out = R"({"documents":[)";
  for (size_t i = 0; i < documents.size(); ++i) {
    const LlmDocument& document = documents[i];
    out += i == 0 ? R"({"text":)" : R"(,{"text":)";
    append_json_string(document.text, out);
    const std::pair<std::string_view, const std::string*> names[] = {{"id", &document.id}, {"name", &document.name}};
    for (const auto& [key, value] : names) {
      if (value->empty()) continue;
      out += ",\"" + std::string(key) + "\":";
      append_json_string(*value, out);
    }
    out += ",\"score\":" + std::to_string(document.score) + "}";
  }
  return out + "]}";
}

std::string value_json(std::string_view value) {
  std::string out = R"({"value":)";
  append_json_string(value, out);
  return out + "}";
}

std::string side_json(const std::vector<LlmMessage>& messages, const std::vector<LlmDocument>* documents,
                      std::string_view value) {
  if (!messages.empty()) return messages_json(messages);
  if (documents != nullptr && !documents->empty()) return documents_json(*documents);
  return value.empty() ? std::string() : value_json(value);
}

std::string metadata_json(const std::vector<std::pair<std::string, std::string>>& metadata) {
  if (metadata.empty()) return {};
  std::string out = "{";
  for (const auto& [key, value] : metadata) {
    if (out.size() > 1) out += ',';
    append_json_string(key, out);
    out += ':';
    append_json_string(value, out);
  }
  return out + "}";
}

std::string llm_tags_json(const SpanData& data, const Settings& settings) {
  std::set<std::string> tags(settings.tags.begin(), settings.tags.end());
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) tags.insert(std::string(key) + ":" + std::string(value));
  };
  add("ml_app", settings.ml_app.empty() ? settings.service : settings.ml_app);
  add("service", data.service.empty() ? settings.service : data.service);
  add("env", settings.env);
  add("version", settings.version);
  add("language", "cpp");
  add("source", "godseye-sdk");
  add("session_id", data.session_id);
  add("error", data.error ? "1" : "0");
  std::string out = "[";
  for (const std::string& tag : tags) {
    if (out.size() > 1) out += ',';
    append_json_string(tag, out);
  }
  return out + "]";
}

uint32_t add_llm(SpanBatch& batch, const SpanData& data, const Settings& settings) {
  const LlmData& from = *data.llm;
  signal::LlmSpan to;
  to.kind = kind_of(from.kind);
  to.ml_app = batch.add(settings.ml_app.empty() ? settings.service : settings.ml_app);
  to.model_name = batch.add(from.model_name);
  to.response_model = batch.add(from.response_model);
  to.model_provider = batch.add(from.model_provider);
  to.parent_id = batch.add(data.llm_parent_id);
  to.llm_trace_id = batch.add(data.llm_trace_id);
  to.prompt_id = batch.add(from.prompt_id);
  const bool retrieval = from.kind == LlmKind::kRetrieval;
  to.input = batch.add(side_json(from.input_messages, retrieval ? nullptr : &from.documents, from.input_value));
  to.output = batch.add(side_json(from.output_messages, retrieval ? &from.documents : nullptr, from.output_value));
  to.metadata = batch.add(metadata_json(from.metadata));
  to.finish_reason = batch.add(from.finish_reason);
  to.call_id = batch.add(from.call_id);
  to.tags = batch.add(llm_tags_json(data, settings));
  to.input_tokens = from.input_tokens;
  to.output_tokens = from.output_tokens;
  if (from.input_tokens >= 0 && from.output_tokens >= 0) to.total_tokens = from.input_tokens + from.output_tokens;
  to.cache_read_tokens = from.cache_read_tokens;
  to.reasoning_tokens = from.reasoning_tokens;
  if (from.time_to_first_token_s >= 0) to.time_to_first_token_s = from.time_to_first_token_s;
  batch.llm.push_back(to);
  return static_cast<uint32_t>(batch.llm.size() - 1);
}

// One span with all its parts; the first of its chunk tells what holds for the whole trace.
class SpanWriter {
 public:
  SpanWriter(SpanBatch& batch, const Settings& settings, const ProcessFacts& process)
      : batch_(batch), settings_(settings), process_(process) {}

  void write(const SpanData& data, const TraceChunk& chunk, bool first) {
    signal::Span span;
    span.trace_id_high = data.trace_id_high;
    span.trace_id_low = data.trace_id_low;
    span.span_id = data.span_id;
    span.parent_id = data.parent_id;
    span.start_ns = data.start_ns;
    span.duration_ns = data.duration_ns;
    span.error = data.error ? 1 : 0;
    span.name = batch_.add(data.name);
    span.service = batch_.add(data.service.empty() ? settings_.service : data.service);
    span.resource = batch_.add(data.resource);
    span.type = batch_.add(data.type);
    span.meta.begin = static_cast<uint32_t>(batch_.meta.size());
    span.metrics.begin = static_cast<uint32_t>(batch_.metrics.size());
    write_tags(data);
    if (first) write_trace_facts(chunk);
    if (data.top_level) number("_dd.top_level", 1);
    span.meta.end = static_cast<uint32_t>(batch_.meta.size());
    span.metrics.end = static_cast<uint32_t>(batch_.metrics.size());
    span.links.begin = static_cast<uint32_t>(batch_.links.size());
    for (const SpanLinkData& link : data.links)
      batch_.links.push_back({link.trace_id_high, link.trace_id_low, link.span_id, {}, {}, 0});
    span.links.end = static_cast<uint32_t>(batch_.links.size());
    span.events.begin = static_cast<uint32_t>(batch_.events.size());
    for (const SpanEventData& event : data.events) batch_.events.push_back({event.time_ns, batch_.add(event.name), {}});
    span.events.end = static_cast<uint32_t>(batch_.events.size());
    if (data.llm) span.llm = add_llm(batch_, data, settings_);
    batch_.spans.push_back(span);
  }

 private:
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) batch_.meta.push_back({batch_.add(key), batch_.add(value)});
  }
  void number(std::string_view key, double value) { batch_.metrics.push_back({batch_.add(key), value}); }

  void write_tags(const SpanData& data) {
    for (const auto& [key, value] : data.tags) text(key, value);
    for (const auto& [key, value] : data.metrics) number(key, value);
    common(data, "env", settings_.env);
    common(data, "version", settings_.version);
    common(data, "language", "cpp");
    common(data, "runtime-id", process_.runtime_id);
    common(data, "_dd.origin", data.origin);
    const auto is_peer = [](const auto& tag) { return tag.first == "peer.service"; };
    // Named by the program itself, not derived from another tag.
    if (std::ranges::any_of(data.tags, is_peer)) text("_dd.peer.service.source", "peer.service");
    for (const std::string_view tag : settings_.tags) {
      const size_t colon = tag.find(':');
      if (colon != std::string_view::npos) common(data, tag.substr(0, colon), tag.substr(colon + 1));
    }
  }

  // Of every span, unless it says something else itself: a map has each key once.
  void common(const SpanData& data, std::string_view key, std::string_view value) {
    const auto same = [&](const auto& tag) { return tag.first == key; };
    if (std::ranges::none_of(data.tags, same)) text(key, value);
  }

  void write_trace_facts(const TraceChunk& chunk) {
    number("_sampling_priority_v1", chunk.priority);
    number("process_id", process_.process_id);
    if (chunk.agent_rate >= 0) number("_dd.agent_psr", chunk.agent_rate);
    if (chunk.rule_rate >= 0) number("_dd.rule_psr", chunk.rule_rate);
    for (const auto& [key, value] : chunk.trace_tags) text("_dd.p." + key, value);
  }

  SpanBatch& batch_;
  const Settings& settings_;
  const ProcessFacts& process_;
};

void clear(SpanBatch& batch) {
  batch.text.clear();
  batch.spans.clear();
  batch.meta.clear();
  batch.metrics.clear();
  batch.links.clear();
  batch.events.clear();
  batch.llm.clear();
}

}  // namespace

TracePayload trace_payload(std::span<const TraceChunk> chunks, const Settings& settings, const ProcessFacts& process) {
  SpanBatch batch;
  return trace_payload(chunks, settings, process, batch);
}

TracePayload trace_payload(std::span<const TraceChunk> chunks, const Settings& settings, const ProcessFacts& process,
                           SpanBatch& batch) {
  clear(batch);
  SpanWriter writer(batch, settings, process);
  TracePayload out;
  uint64_t before = 0;
  for (const TraceChunk& chunk : chunks) {
    const uint64_t trace = chunk.spans.front()->trace_id_low;
    if (trace != before) ++out.traces;
    before = trace;
    for (size_t i = 0; i < chunk.spans.size(); ++i) writer.write(*chunk.spans[i], chunk, i == 0);
  }
  out.spans = batch.spans.size();
  out.body = ddtrace::encode_v04(batch);
  return out;
}

}  // namespace godseye::sdk
