#include "encode.h"

#include <godseye/llmobs/llmobs.h>
#include <godseye/msgpack/writer.h>

#include <simdjson.h>

namespace godseye::ddtrace {

using msgpack::Writer;
using signal::Span;
using signal::SpanBatch;

std::vector<std::pair<size_t, size_t>> chunks_of(const SpanBatch& batch) {
  std::vector<std::pair<size_t, size_t>> chunks;
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    const Span& span = batch.spans[i];
    if (i > 0 && batch.spans[i - 1].trace_id_low == span.trace_id_low &&
        batch.spans[i - 1].trace_id_high == span.trace_id_high) {
      chunks.back().second = i + 1;
    } else {
      chunks.emplace_back(i, i + 1);
    }
  }
  return chunks;
}

std::string hex64(uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(16, '0');
  for (size_t i = 16; i-- > 0; value >>= 4) out[i] = kDigits[value & 15];
  return out;
}

std::string tid_to_add(const SpanBatch& batch, const Span& span) {
  if (span.trace_id_high == 0 || !batch.meta_value(span, "_dd.p.tid").empty()) return {};
  return hex64(span.trace_id_high);
}

namespace {

void write_texts(Writer& writer, std::string_view json_object) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json_object).get(object) != simdjson::SUCCESS) return writer.map(0);
  writer.map(static_cast<uint32_t>(object.size()));
  for (const auto& [key, value] : object) {
    writer.string(key);
    std::string_view text;
    writer.string(value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value));
  }
}

void write_links(Writer& writer, const SpanBatch& batch, const Span& span) {
  writer.array(span.links.size());
  for (uint32_t i = span.links.begin; i < span.links.end; ++i) {
    const signal::SpanLink& link = batch.links[i];
    const bool attributes = !link.attributes.empty();
    writer.map(5 + (attributes ? 1 : 0));
    writer.string("trace_id");
    writer.unsigned_integer(link.trace_id_low);
    writer.string("trace_id_high");
    writer.unsigned_integer(link.trace_id_high);
    writer.string("span_id");
    writer.unsigned_integer(link.span_id);
    if (attributes) {
      writer.string("attributes");
      write_texts(writer, batch.view(link.attributes));
    }
    writer.string("tracestate");
    writer.string(batch.view(link.tracestate));
    writer.string("flags");
    writer.unsigned_integer(link.flags);
  }
}

void write_typed(Writer& writer, simdjson::dom::element value) {
  const auto head = [&](uint64_t type, std::string_view name) {
    writer.map(2);
    writer.string("type");
    writer.unsigned_integer(type);
    writer.string(name);
  };
  std::string_view text;
  bool flag = false;
  int64_t integer = 0;
  double real = 0;
  simdjson::dom::array list;
  if (value.get(text) == simdjson::SUCCESS) {
    head(0, "string_value");
    writer.string(text);
  } else if (value.get(flag) == simdjson::SUCCESS) {
    head(1, "bool_value");
    writer.boolean(flag);
  } else if (value.get(integer) == simdjson::SUCCESS) {
    head(2, "int_value");
    writer.signed_integer(integer);
  } else if (value.get(real) == simdjson::SUCCESS) {
    head(3, "double_value");
    writer.real(real);
  } else if (value.get(list) == simdjson::SUCCESS) {
    head(4, "array_value");
    writer.map(1);
    writer.string("values");
    writer.array(static_cast<uint32_t>(list.size()));
    for (const simdjson::dom::element one : list) write_typed(writer, one);
  } else {
    head(0, "string_value");
    writer.string(simdjson::minify(value));
  }
}

void write_events(Writer& writer, const SpanBatch& batch, const Span& span) {
  simdjson::dom::parser parser;
  writer.array(span.events.size());
  for (uint32_t i = span.events.begin; i < span.events.end; ++i) {
    const signal::SpanEvent& event = batch.events[i];
    writer.map(3);
    writer.string("time_unix_nano");
    writer.signed_integer(event.time_ns);
    writer.string("name");
    writer.string(batch.view(event.name));
    writer.string("attributes");
    simdjson::dom::object attributes;
    if (event.attributes.empty() || parser.parse(batch.view(event.attributes)).get(attributes) != simdjson::SUCCESS) {
      writer.map(0);
      continue;
    }
    writer.map(static_cast<uint32_t>(attributes.size()));
    for (const auto& [key, value] : attributes) {
      writer.string(key);
      write_typed(writer, value);
    }
  }
}

}  // namespace

void write_span(Writer& writer, const SpanBatch& batch, const Span& span) {
  const std::string tid = tid_to_add(batch, span);
  const bool llm = span.llm != signal::kNoLlm;
  writer.map(12 + (llm ? 1 : 0) + (span.links.size() > 0 ? 1 : 0) + (span.events.size() > 0 ? 1 : 0));
  const auto text = [&](std::string_view name, signal::Text value) {
    writer.string(name);
    writer.string(batch.view(value));
  };
  text("service", span.service);
  text("name", span.name);
  text("resource", span.resource);
  writer.string("trace_id");
  writer.unsigned_integer(span.trace_id_low);
  writer.string("span_id");
  writer.unsigned_integer(span.span_id);
  writer.string("parent_id");
  writer.unsigned_integer(span.parent_id);
  writer.string("start");
  writer.signed_integer(span.start_ns);
  writer.string("duration");
  writer.signed_integer(span.duration_ns);
  writer.string("error");
  writer.unsigned_integer(span.error);
  writer.string("meta");
  writer.map(span.meta.size() + (tid.empty() ? 0 : 1));
  for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
    text(batch.view(batch.meta[i].key), batch.meta[i].value);
  }
  if (!tid.empty()) {
    writer.string("_dd.p.tid");
    writer.string(tid);
  }
  writer.string("metrics");
  writer.map(span.metrics.size());
  for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
    writer.string(batch.view(batch.metrics[i].key));
    writer.real(batch.metrics[i].value);
  }
  text("type", span.type);
  if (llm) {
    writer.string("meta_struct");
    writer.map(1);
    writer.string("_llmobs");
    writer.binary(llmobs::encode_meta_struct(batch, span));
  }
  if (span.links.size() > 0) {
    writer.string("span_links");
    write_links(writer, batch, span);
  }
  if (span.events.size() > 0) {
    writer.string("span_events");
    write_events(writer, batch, span);
  }
}

std::string encode_v04(const SpanBatch& batch) {
  std::string out;
  out.reserve(batch.text.size() + batch.spans.size() * 160);
  Writer writer(out);
  const auto chunks = chunks_of(batch);
  writer.array(static_cast<uint32_t>(chunks.size()));
  for (const auto& [begin, end] : chunks) {
    writer.array(static_cast<uint32_t>(end - begin));
    for (size_t i = begin; i < end; ++i) write_span(writer, batch, batch.spans[i]);
  }
  return out;
}

}  // namespace godseye::ddtrace
