#include "v04.h"

#include <charconv>

#include <godseye/base/json_text.h>
#include <godseye/msgpack/json.h>

namespace godseye::ddtrace {

using msgpack::Reader;
using msgpack::Type;

base::Error broken(const Reader& reader, std::string_view what) {
  return {base::ErrorCode::kInvalidArgument,
          std::string(what) + " ends early or is damaged at byte " + std::to_string(reader.position())};
}

bool read_text(Reader& reader, BatchBuilder& builder, signal::Text& out, bool& taken) {
  taken = true;
  std::string_view text;
  if (reader.string(text)) {
    out = builder.value(text);
    return true;
  }
  switch (reader.type()) {
    case Type::kNil:
      out = {};
      return reader.nil();
    case Type::kBinary:
      if (!reader.binary(text)) return false;
      out = builder.value(text);
      return true;
    case Type::kBool:
    case Type::kInteger:
    case Type::kDouble: {
      const size_t at = reader.position();
      if (!reader.skip()) return false;
      std::string& json = builder.scratch();
      const base::Result<size_t> written = msgpack::append_json(reader.bytes_since(at), json);
      out = written ? builder.value(json) : signal::Text{};
      return true;
    }
    default:
      taken = false;
      return reader.skip();
  }
}

namespace {

bool read_meta(Reader& reader, BatchBuilder& builder) {
  if (reader.nil()) return true;
  uint32_t pairs = 0;
  if (!reader.map(pairs)) {
    if (reader.broken()) return false;
    builder.count(DropReason::kBadTag);
    return reader.skip();
  }
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    std::string_view text;
    if (reader.string(name) && reader.string(text)) [[likely]] {
      builder.meta(builder.key(name), builder.value(text));
      continue;
    }
    if (reader.broken()) return false;
    // A key that is no text, or a value of another type than usual.
    const bool named = name.data() != nullptr;
    if (!named && !reader.skip()) return false;
    signal::Text value;
    bool taken = false;
    if (named && reader.nil()) continue;
    if (!read_text(reader, builder, value, taken)) return false;
    if (named && taken) {
      builder.meta(builder.key(name), value);
    } else {
      builder.count(DropReason::kBadTag);
    }
  }
  return true;
}

bool read_metrics(Reader& reader, BatchBuilder& builder) {
  if (reader.nil()) return true;
  uint32_t pairs = 0;
  if (!reader.map(pairs)) {
    if (reader.broken()) return false;
    builder.count(DropReason::kBadTag);
    return reader.skip();
  }
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    const bool named = reader.string(name);
    if (!named && !reader.skip()) return false;
    double value = 0;
    bool flag = false;
    if (reader.real(value)) {
    } else if (reader.boolean(flag)) {
      value = flag ? 1 : 0;
    } else {
      if (reader.nil()) continue;
      if (!reader.skip()) return false;
      builder.count(DropReason::kBadTag);
      continue;
    }
    if (named) {
      builder.metric(builder.key(name), value);
    } else {
      builder.count(DropReason::kBadTag);
    }
  }
  return true;
}

bool read_meta_struct(Reader& reader, BatchBuilder& builder) {
  if (reader.nil()) return true;
  uint32_t pairs = 0;
  if (!reader.map(pairs)) {
    if (reader.broken()) return false;
    builder.count(DropReason::kBadMetaStruct);
    return reader.skip();
  }
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    if (!reader.string(name) && !reader.skip()) return false;
    std::string_view document;
    const size_t at = reader.position();
    if (!reader.binary(document)) {
      // Not wrapped into a binary: the value itself is the document.
      if (!reader.skip()) return false;
      document = reader.bytes_since(at);
    }
    if (name == "_llmobs") builder.llmobs_msgpack(document);
  }
  return true;
}

// A link's attributes, text to text, as JSON.
bool read_link_attributes(Reader& reader, BatchBuilder& builder, signal::Text& out) {
  const size_t at = reader.position();
  const bool is_map = reader.type() == Type::kMap;
  if (!reader.skip()) return false;
  if (!is_map) return true;
  std::string& json = builder.scratch();
  if (msgpack::append_json(reader.bytes_since(at), json) && json != "{}") out = builder.value(json);
  return true;
}

bool read_link(Reader& reader, BatchBuilder& builder) {
  uint32_t pairs = 0;
  if (!reader.map(pairs)) {
    builder.count(DropReason::kBadLink);
    return reader.skip();
  }
  signal::SpanLink link;
  bool taken = false;
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    if (!reader.string(name) && !reader.skip()) return false;
    if (name == "trace_id" && reader.unsigned_integer(link.trace_id_low)) continue;
    if (name == "trace_id_high" && reader.unsigned_integer(link.trace_id_high)) continue;
    if (name == "span_id" && reader.unsigned_integer(link.span_id)) continue;
    uint64_t flags = 0;
    if (name == "flags" && reader.unsigned_integer(flags)) {
      link.flags = static_cast<uint32_t>(flags);
      continue;
    }
    if (reader.broken()) return false;
    if (name == "tracestate") {
      if (!read_text(reader, builder, link.tracestate, taken)) return false;
    } else if (name == "attributes") {
      if (!read_link_attributes(reader, builder, link.attributes)) return false;
    } else if (!reader.skip()) {
      return false;
    }
  }
  builder.link(link);
  return true;
}

// `reader` is at the value of one attribute: {type, string_value: …}. Whatever the value key is called, the one that is
// not `type` counts; an array_value is {values: [{type, …}, …]}.
bool read_typed_value(Reader& reader, std::string& json, size_t depth) {
  uint32_t pairs = 0;
  if (depth > 2 || !reader.map(pairs)) {
    json += "null";
    return reader.skip();
  }
  bool written = false;
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    if (!reader.string(name) && !reader.skip()) return false;
    uint32_t inner = 0;
    if (written || name == "type" || !name.ends_with("_value") ||
        (name != "array_value" && reader.type() == Type::kMap)) {
      if (!reader.skip()) return false;
      continue;
    }
    written = true;
    if (name == "array_value" && reader.map(inner)) {
      bool listed = false;
      for (uint32_t k = 0; k < inner; ++k) {
        uint32_t values = 0;
        if (!reader.string(name) && !reader.skip()) return false;
        if (listed || name != "values" || !reader.array(values)) {
          if (!reader.skip()) return false;
          continue;
        }
        listed = true;
        json += '[';
        for (uint32_t v = 0; v < values; ++v) {
          if (v > 0) json += ',';
          if (!read_typed_value(reader, json, depth + 1)) return false;
        }
        json += ']';
      }
      if (!listed) json += "[]";
      continue;
    }
    const size_t at = reader.position();
    if (!reader.skip()) return false;
    if (!msgpack::append_json(reader.bytes_since(at), json)) json += "null";
  }
  if (!written) json += "null";
  return true;
}

bool read_event(Reader& reader, BatchBuilder& builder) {
  uint32_t pairs = 0;
  if (!reader.map(pairs)) {
    builder.count(DropReason::kBadEvent);
    return reader.skip();
  }
  signal::SpanEvent event;
  bool taken = false;
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    if (!reader.string(name) && !reader.skip()) return false;
    if (name == "time_unix_nano" && reader.signed_integer(event.time_ns)) continue;
    if (name == "name") {
      if (!read_text(reader, builder, event.name, taken)) return false;
    } else if (name == "attributes" && reader.type() == Type::kMap) {
      std::string& json = builder.scratch();
      if (!read_event_attributes(reader, json)) return false;
      if (json != "{}") event.attributes = builder.value(json);
    } else if (!reader.skip()) {
      return false;
    }
  }
  builder.event(event);
  return true;
}

template <typename ReadOne>
bool read_list(Reader& reader, BatchBuilder& builder, DropReason reason, ReadOne read_one) {
  if (reader.nil()) return true;
  uint32_t count = 0;
  if (!reader.array(count)) {
    if (reader.broken()) return false;
    builder.count(reason);
    return reader.skip();
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!read_one(reader, builder)) return false;
  }
  return true;
}

enum class Field : uint8_t {
  kOther,
  kService,
  kName,
  kResource,
  kType,
  kTraceId,
  kSpanId,
  kParentId,
  kStart,
  kDuration,
  kError,
  kMeta,
  kMetrics,
  kMetaStruct,
  kLinks,
  kEvents
};

Field field_of(std::string_view name) {
  switch (name.size()) {
    case 4:
      if (name == "name") return Field::kName;
      if (name == "meta") return Field::kMeta;
      if (name == "type") return Field::kType;
      break;
    case 5:
      if (name == "start") return Field::kStart;
      if (name == "error") return Field::kError;
      break;
    case 7:
      if (name == "service") return Field::kService;
      if (name == "span_id") return Field::kSpanId;
      if (name == "metrics") return Field::kMetrics;
      break;
    case 8:
      if (name == "trace_id") return Field::kTraceId;
      if (name == "resource") return Field::kResource;
      if (name == "duration") return Field::kDuration;
      break;
    case 9:
      if (name == "parent_id") return Field::kParentId;
      break;
    case 10:
      if (name == "span_links") return Field::kLinks;
      break;
    case 11:
      if (name == "span_events") return Field::kEvents;
      if (name == "meta_struct") return Field::kMetaStruct;
      break;
    default:
      break;
  }
  return Field::kOther;
}

// A number where one is due; nil leaves what is there, anything else spoils the span.
template <typename Number>
bool read_number(Reader& reader, BatchBuilder& builder, bool (Reader::*read)(Number&), Number& out) {
  if ((reader.*read)(out) || reader.nil()) return true;
  if (reader.broken()) return false;
  builder.bad_span();
  return reader.skip();
}

bool read_error(Reader& reader, BatchBuilder& builder) {
  bool flag = false;
  int64_t number = 0;
  if (reader.boolean(flag)) {
    number = flag ? 1 : 0;
  } else if (!read_number(reader, builder, &Reader::signed_integer, number)) {
    return false;
  }
  builder.span().error = number != 0 ? 1 : 0;
  return true;
}

bool read_text_field(Reader& reader, BatchBuilder& builder, signal::Text& out) {
  bool taken = false;
  if (!read_text(reader, builder, out, taken)) return false;
  if (!taken) builder.bad_span();
  return true;
}

bool read_field(Reader& reader, BatchBuilder& builder, Field field) {
  signal::Span& span = builder.span();
  switch (field) {
    case Field::kService:
      return read_text_field(reader, builder, span.service);
    case Field::kName:
      return read_text_field(reader, builder, span.name);
    case Field::kResource:
      return read_text_field(reader, builder, span.resource);
    case Field::kType:
      return read_text_field(reader, builder, span.type);
    case Field::kTraceId:
      return read_number(reader, builder, &Reader::unsigned_integer, span.trace_id_low);
    case Field::kSpanId:
      return read_number(reader, builder, &Reader::unsigned_integer, span.span_id);
    case Field::kParentId:
      return read_number(reader, builder, &Reader::unsigned_integer, span.parent_id);
    case Field::kStart:
      return read_number(reader, builder, &Reader::signed_integer, span.start_ns);
    case Field::kDuration:
      return read_number(reader, builder, &Reader::signed_integer, span.duration_ns);
    case Field::kError:
      return read_error(reader, builder);
    case Field::kMeta:
      return read_meta(reader, builder);
    case Field::kMetrics:
      return read_metrics(reader, builder);
    case Field::kMetaStruct:
      return read_meta_struct(reader, builder);
    case Field::kLinks:
      return read_list(reader, builder, DropReason::kBadLink, read_link);
    case Field::kEvents:
      return read_list(reader, builder, DropReason::kBadEvent, read_event);
    case Field::kOther:
      break;
  }
  return reader.skip();
}

bool read_span(Reader& reader, BatchBuilder& builder) {
  uint32_t pairs = 0;
  if (!reader.map(pairs)) {
    builder.count_lost_span(DropReason::kNotASpan);
    return reader.skip();
  }
  builder.begin_span();
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    if (!reader.string(name)) {
      if (!reader.skip() || !reader.skip()) return false;
      continue;
    }
    if (!read_field(reader, builder, field_of(name))) return false;
  }
  builder.end_span();
  return true;
}

}  // namespace

bool read_event_attributes(Reader& reader, std::string& json) {
  uint32_t pairs = 0;
  if (!reader.map(pairs)) return false;
  json += '{';
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    if (!reader.string(name) && !reader.skip()) return false;
    if (i > 0) json += ',';
    base::append_json_string(name, json);
    json += ':';
    if (!read_typed_value(reader, json, 0)) return false;
  }
  json += '}';
  return true;
}

bool read_chunk(Reader& reader, BatchBuilder& builder) {
  builder.begin_chunk();
  if (reader.nil()) {
    builder.end_chunk(0);
    return true;
  }
  uint32_t spans = 0;
  if (!reader.array(spans)) {
    if (reader.broken()) return false;
    builder.count_lost_span(DropReason::kNotASpan);
    return reader.skip();
  }
  for (uint32_t i = 0; i < spans; ++i) {
    if (!read_span(reader, builder)) return false;
  }
  builder.end_chunk(spans);
  return true;
}

base::Result<DecodeCounts> decode_v04(std::string_view body, const PayloadContext& context, signal::SpanBatch& out) {
  BatchBuilder builder(context, body.size(), out);
  if (base::Status room = builder.room(); !room) return std::move(room).error();
  Reader reader(body);
  uint32_t chunks = 0;
  bool whole = reader.array(chunks);
  for (uint32_t i = 0; whole && i < chunks; ++i) whole = read_chunk(reader, builder);
  if (!whole || !reader.at_end()) {
    builder.rollback();
    return broken(reader, "v0.4 trace payload");
  }
  return builder.finish(context);
}

base::Result<DecodeCounts> decode_v03(std::string_view body, const PayloadContext& context, signal::SpanBatch& out) {
  return decode_v04(body, context, out);
}

}  // namespace godseye::ddtrace
