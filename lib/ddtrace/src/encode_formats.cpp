#include "encode.h"

#include <unordered_map>

#include <godseye/base/json_text.h>
#include <godseye/llmobs/llmobs.h>
#include <godseye/msgpack/json.h>

#include <simdjson.h>

namespace godseye::ddtrace {

using msgpack::Writer;
using signal::Span;
using signal::SpanBatch;

namespace {

// `_dd.span_links` and `events` as v0.5 carries them.
std::string links_json(const SpanBatch& batch, const Span& span) {
  std::string out = "[";
  for (uint32_t i = span.links.begin; i < span.links.end; ++i) {
    const signal::SpanLink& link = batch.links[i];
    if (out.size() > 1) out += ',';
    out += R"({"trace_id":")" + hex64(link.trace_id_high) + hex64(link.trace_id_low) + R"(","span_id":")" +
           hex64(link.span_id) + R"(","flags":)" + std::to_string(link.flags) + R"(,"tracestate":)";
    base::append_json_string(batch.view(link.tracestate), out);
    if (!link.attributes.empty()) out += ",\"attributes\":" + std::string(batch.view(link.attributes));
    out += '}';
  }
  return out + ']';
}

std::string events_json(const SpanBatch& batch, const Span& span) {
  std::string out = "[";
  for (uint32_t i = span.events.begin; i < span.events.end; ++i) {
    const signal::SpanEvent& event = batch.events[i];
    if (out.size() > 1) out += ',';
    out += "{\"time_unix_nano\":" + std::to_string(event.time_ns) + ",\"name\":";
    base::append_json_string(batch.view(event.name), out);
    if (!event.attributes.empty()) out += ",\"attributes\":" + std::string(batch.view(event.attributes));
    out += '}';
  }
  return out + ']';
}

class V05Table {
 public:
  V05Table() { index(""); }
  uint64_t index(std::string_view text) {
    const auto [at, fresh] = indexes_.try_emplace(std::string(text), strings_.size());
    if (fresh) strings_.emplace_back(text);
    return at->second;
  }
  void write(Writer& writer) const {
    writer.array(static_cast<uint32_t>(strings_.size()));
    for (const std::string& text : strings_) writer.string(text);
  }

 private:
  std::unordered_map<std::string, uint64_t> indexes_;
  std::vector<std::string> strings_;
};

void write_span_v05(Writer& writer, V05Table& table, const SpanBatch& batch, const Span& span) {
  const auto text = [&](std::string_view value) { writer.unsigned_integer(table.index(value)); };
  const std::string tid = tid_to_add(batch, span);
  writer.array(12);
  text(batch.view(span.service));
  text(batch.view(span.name));
  text(batch.view(span.resource));
  writer.unsigned_integer(span.trace_id_low);
  writer.unsigned_integer(span.span_id);
  writer.unsigned_integer(span.parent_id);
  writer.signed_integer(span.start_ns);
  writer.signed_integer(span.duration_ns);
  writer.unsigned_integer(span.error);
  writer.map(span.meta.size() + (tid.empty() ? 0 : 1) + (span.links.size() > 0 ? 1 : 0) +
             (span.events.size() > 0 ? 1 : 0));
  for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
    text(batch.view(batch.meta[i].key));
    text(batch.view(batch.meta[i].value));
  }
  const auto tag = [&](std::string_view key, std::string_view value) {
    text(key);
    text(value);
  };
  if (!tid.empty()) tag("_dd.p.tid", tid);
  if (span.links.size() > 0) tag("_dd.span_links", links_json(batch, span));
  if (span.events.size() > 0) tag("events", events_json(batch, span));
  writer.map(span.metrics.size());
  for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
    text(batch.view(batch.metrics[i].key));
    writer.real(batch.metrics[i].value);
  }
  text(batch.view(span.type));
}

// v1.0: a string inline the first time, its index afterwards.
class V10Writer {
 public:
  explicit V10Writer(std::string& out) : writer(out) { indexes_.emplace("", 0); }

  void string(std::string_view text) {
    const auto [at, fresh] = indexes_.try_emplace(std::string(text), indexes_.size());
    fresh ? writer.string(text) : writer.unsigned_integer(at->second);
  }
  void field(uint64_t key, std::string_view text) {
    writer.unsigned_integer(key);
    string(text);
  }
  void trace_id(uint64_t high, uint64_t low) {
    char bytes[16];
    for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(high >> (56 - 8 * i));
    for (size_t i = 0; i < 8; ++i) bytes[8 + i] = static_cast<char>(low >> (56 - 8 * i));
    writer.binary({bytes, sizeof bytes});
  }
  // The type and the value.
  void value(simdjson::dom::element element) {
    std::string_view text;
    bool flag = false;
    int64_t integer = 0;
    double real = 0;
    simdjson::dom::array list;
    if (element.get(text) == simdjson::SUCCESS) {
      writer.unsigned_integer(1);
      string(text);
    } else if (element.get(flag) == simdjson::SUCCESS) {
      writer.unsigned_integer(2);
      writer.boolean(flag);
    } else if (element.get(integer) == simdjson::SUCCESS) {
      writer.unsigned_integer(4);
      writer.signed_integer(integer);
    } else if (element.get(real) == simdjson::SUCCESS) {
      writer.unsigned_integer(3);
      writer.real(real);
    } else if (element.get(list) == simdjson::SUCCESS) {
      writer.unsigned_integer(6);
      writer.array(static_cast<uint32_t>(2 * list.size()));
      for (const simdjson::dom::element one : list) value(one);
    } else {
      writer.unsigned_integer(1);
      string(simdjson::minify(element));
    }
  }
  // A JSON object as a list of attributes.
  void attributes(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (json.empty() || parser.parse(json).get(object) != simdjson::SUCCESS) return writer.array(0);
    writer.array(static_cast<uint32_t>(3 * object.size()));
    for (const auto& [key, element] : object) {
      string(key);
      value(element);
    }
  }

  Writer writer;

 private:
  std::unordered_map<std::string, uint64_t> indexes_;
};

void write_attributes_v10(V10Writer& out, const SpanBatch& batch, const Span& span) {
  const bool llm = span.llm != signal::kNoLlm;
  out.writer.array(3 * (span.meta.size() + span.metrics.size() + (llm ? 1 : 0)));
  for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
    out.string(batch.view(batch.meta[i].key));
    out.writer.unsigned_integer(1);
    out.string(batch.view(batch.meta[i].value));
  }
  for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
    out.string(batch.view(batch.metrics[i].key));
    out.writer.unsigned_integer(3);
    out.writer.real(batch.metrics[i].value);
  }
  if (!llm) return;
  out.string("_llmobs");
  out.writer.unsigned_integer(5);
  out.writer.binary(llmobs::encode_meta_struct(batch, span));
}

void write_span_v10(V10Writer& out, const SpanBatch& batch, const Span& span) {
  Writer& writer = out.writer;
  writer.map(12);
  out.field(1, batch.view(span.service));
  out.field(2, batch.view(span.name));
  out.field(3, batch.view(span.resource));
  writer.unsigned_integer(4);
  writer.unsigned_integer(span.span_id);
  writer.unsigned_integer(5);
  writer.unsigned_integer(span.parent_id);
  writer.unsigned_integer(6);
  writer.signed_integer(span.start_ns);
  writer.unsigned_integer(7);
  writer.signed_integer(span.duration_ns);
  writer.unsigned_integer(8);
  writer.boolean(span.error != 0);
  writer.unsigned_integer(9);
  write_attributes_v10(out, batch, span);
  out.field(10, batch.view(span.type));
  writer.unsigned_integer(11);
  writer.array(span.links.size());
  for (uint32_t i = span.links.begin; i < span.links.end; ++i) {
    const signal::SpanLink& link = batch.links[i];
    writer.map(5);
    writer.unsigned_integer(1);
    out.trace_id(link.trace_id_high, link.trace_id_low);
    writer.unsigned_integer(2);
    writer.unsigned_integer(link.span_id);
    writer.unsigned_integer(3);
    out.attributes(batch.view(link.attributes));
    out.field(4, batch.view(link.tracestate));
    writer.unsigned_integer(5);
    writer.unsigned_integer(link.flags);
  }
  writer.unsigned_integer(12);
  writer.array(span.events.size());
  for (uint32_t i = span.events.begin; i < span.events.end; ++i) {
    const signal::SpanEvent& event = batch.events[i];
    writer.map(3);
    writer.unsigned_integer(1);
    writer.signed_integer(event.time_ns);
    out.field(2, batch.view(event.name));
    writer.unsigned_integer(3);
    out.attributes(batch.view(event.attributes));
  }
}

}  // namespace

std::string encode_v05(const SpanBatch& batch) {
  std::string chunks_text;
  Writer chunks_writer(chunks_text);
  V05Table table;
  const auto chunks = chunks_of(batch);
  chunks_writer.array(static_cast<uint32_t>(chunks.size()));
  for (const auto& [begin, end] : chunks) {
    chunks_writer.array(static_cast<uint32_t>(end - begin));
    for (size_t i = begin; i < end; ++i) write_span_v05(chunks_writer, table, batch, batch.spans[i]);
  }
  std::string out;
  Writer writer(out);
  writer.array(2);
  table.write(writer);
  writer.raw(chunks_text);
  return out;
}

std::string encode_v07(const SpanBatch& batch, const PayloadContext& context) {
  std::string out;
  Writer writer(out);
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.string(name);
    writer.string(value);
  };
  writer.map(4);
  text("env", context.env);
  text("hostname", context.hostname);
  text("app_version", context.app_version);
  writer.string("chunks");
  const auto chunks = chunks_of(batch);
  writer.array(static_cast<uint32_t>(chunks.size()));
  for (const auto& [begin, end] : chunks) {
    writer.map(1);
    writer.string("spans");
    writer.array(static_cast<uint32_t>(end - begin));
    for (size_t i = begin; i < end; ++i) write_span(writer, batch, batch.spans[i]);
  }
  return out;
}

std::string encode_v10(const SpanBatch& batch, const PayloadContext& context) {
  std::string out;
  V10Writer payload(out);
  payload.writer.map(4);
  payload.field(7, context.env);
  payload.field(8, context.hostname);
  payload.field(9, context.app_version);
  payload.writer.unsigned_integer(11);
  const auto chunks = chunks_of(batch);
  payload.writer.array(static_cast<uint32_t>(chunks.size()));
  for (const auto& [begin, end] : chunks) {
    payload.writer.map(2);
    payload.writer.unsigned_integer(4);
    payload.writer.array(static_cast<uint32_t>(end - begin));
    for (size_t i = begin; i < end; ++i) write_span_v10(payload, batch, batch.spans[i]);
    payload.writer.unsigned_integer(6);
    payload.trace_id(batch.spans[begin].trace_id_high, batch.spans[begin].trace_id_low);
  }
  return out;
}

}  // namespace godseye::ddtrace
