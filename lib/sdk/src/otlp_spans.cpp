#include "otlp_spans.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace godseye::sdk {
namespace {

using protobuf::Writer;

// Fields of Span.
constexpr uint32_t kTraceId = 1, kSpanId = 2, kParentSpanId = 4, kName = 5, kKind = 6, kStart = 7, kEnd = 8,
                   kAttributes = 9, kEvents = 11, kLinks = 13, kStatus = 15, kFlags = 16;

// Datadog's names of tags, and OpenTelemetry's.
struct Renamed {
  std::string_view from;
  std::string_view to;
  bool number = false;
};
constexpr Renamed kRenamed[] = {
    {"http.method", "http.request.method"},
    {"http.status_code", "http.response.status_code", true},
    {"http.url", "url.full"},
    {"http.useragent", "user_agent.original"},
    {"http.client_ip", "client.address"},
    {"session_id", "session.id"},
    {"usr.id", "user.id"},
};

std::string_view tag_of(const SpanData& data, std::string_view key) {
  const auto found = std::ranges::find(data.tags, key, &std::pair<std::string, std::string>::first);
  return found == data.tags.end() ? std::string_view() : found->second;
}

uint64_t kind_of(const SpanData& data) {
  constexpr std::string_view kKinds[] = {"internal", "server", "client", "producer", "consumer"};
  const auto found = std::ranges::find(kKinds, tag_of(data, "span.kind"));
  if (found != std::end(kKinds)) return static_cast<uint64_t>(found - std::begin(kKinds)) + 1;
  if (!data.llm) return 1;
  const LlmKind kind = data.llm->kind;
  return kind == LlmKind::kLlm || kind == LlmKind::kEmbedding || kind == LlmKind::kRetrieval ? 3 : 1;
}

void add_tag(Writer& span, std::string_view key, std::string_view value) {
  const auto renamed = std::ranges::find(kRenamed, key, &Renamed::from);
  if (renamed == std::end(kRenamed)) return text_attribute(span, kAttributes, key, value);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (renamed->number && error == std::errc{} && end == value.data() + value.size()) {
    return number_attribute(span, kAttributes, renamed->to, number);
  }
  text_attribute(span, kAttributes, renamed->to, value);
}

// Those that are a field of the span, or an event.
bool is_field(std::string_view key) { return key == "span.kind" || key == "error.message" || key == "error.stack"; }

void add_exception(Writer& span, const SpanData& data) {
  Writer event;
  event.fixed64(1, static_cast<uint64_t>(data.start_ns + data.duration_ns));
  event.bytes(2, "exception");
  constexpr std::pair<std::string_view, std::string_view> kParts[] = {{"error.type", "exception.type"},
                                                                      {"error.message", "exception.message"},
                                                                      {"error.stack", "exception.stacktrace"}};
  for (const auto& [from, to] : kParts) {
    if (const std::string_view value = tag_of(data, from); !value.empty()) text_attribute(event, 3, to, value);
  }
  span.bytes(kEvents, event.text());
  Writer status;
  if (const std::string_view message = tag_of(data, "error.message"); !message.empty()) utf8_field(status, 2, message);
  status.number(3, 2);  // ERROR
  span.bytes(kStatus, status.text());
}

void add_attributes(Writer& span, const SpanData& data) {
  // What Datadog's intake of OTLP makes its own span of.
  text_attribute(span, kAttributes, "operation.name", data.name);
  text_attribute(span, kAttributes, "resource.name", data.resource);
  if (!data.type.empty()) text_attribute(span, kAttributes, "span.type", data.type);
  for (const auto& [key, value] : data.tags) {
    if (!is_field(key)) add_tag(span, key, value);
  }
  for (const auto& [key, value] : data.metrics) {
    const auto renamed = std::ranges::find(kRenamed, key, &Renamed::from);
    number_attribute(span, kAttributes, renamed == std::end(kRenamed) ? std::string_view(key) : renamed->to, value);
  }
  if (data.llm) add_gen_ai(span, data);
}

std::string encoded(const SpanData& data) {
  Writer span;
  trace_id_field(span, kTraceId, data.trace_id_high, data.trace_id_low);
  span_id_field(span, kSpanId, data.span_id);
  if (data.parent_id != 0) span_id_field(span, kParentSpanId, data.parent_id);
  utf8_field(span, kName, data.llm ? gen_ai_name(data) : data.resource);
  span.number(kKind, kind_of(data));
  span.fixed64(kStart, static_cast<uint64_t>(data.start_ns));
  span.fixed64(kEnd, static_cast<uint64_t>(data.start_ns + data.duration_ns));
  add_attributes(span, data);
  for (const SpanEventData& event : data.events) {
    Writer out;
    out.fixed64(1, static_cast<uint64_t>(event.time_ns));
    utf8_field(out, 2, event.name);
    span.bytes(kEvents, out.text());
  }
  for (const SpanLinkData& link : data.links) {
    Writer out;
    trace_id_field(out, 1, link.trace_id_high, link.trace_id_low);
    span_id_field(out, 2, link.span_id);
    span.bytes(kLinks, out.text());
  }
  if (data.error) add_exception(span, data);
  span.fixed32(kFlags, 1);  // sampled
  return span.take();
}

}  // namespace

OtlpSpans otlp_spans(std::span<const TraceChunk> chunks, const Settings& settings, const ProcessFacts& process) {
  OtlpSpans out;
  std::map<std::string_view, Writer> by_service;  // items of each
  size_t bytes = 0, items = 0;
  const auto close = [&] {
    if (items == 0) return;
    Writer request;
    for (const auto& [service, spans] : by_service) {
      append_resource(request, otlp_resource(settings, process, service), spans.text());
    }
    out.messages.push_back({request.take(), items});
    by_service.clear();
    bytes = items = 0;
  };
  for (const TraceChunk& chunk : chunks) {
    if (chunk.priority <= 0) {
      out.unkept += chunk.spans.size();
      continue;
    }
    for (const auto& data : chunk.spans) {
      const std::string span = encoded(*data);
      if (bytes + span.size() > kOtlpMessageBytes) close();
      by_service[data->service].bytes(2, span);
      bytes += span.size();
      ++items;
    }
  }
  close();
  return out;
}

}  // namespace godseye::sdk
