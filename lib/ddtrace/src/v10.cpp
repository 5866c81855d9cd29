#include "v04.h"

#include <godseye/base/json_text.h>
#include <godseye/msgpack/json.h>

namespace godseye::ddtrace {
namespace {

using base::Error;
using base::ErrorCode;
using msgpack::Reader;
using msgpack::Type;

// Attribute values (spec 4.4).
enum ValueType : uint64_t { kString = 1, kBool = 2, kDouble = 3, kInt = 4, kBytes = 5, kArray = 6, kKeyValueList = 7 };
constexpr size_t kNestingMax = 8;

constexpr std::string_view kSpanKinds[] = {"", "internal", "server", "client", "producer", "consumer"};

// A value of an attribute; which member holds it says `type`.
struct Value {
  uint64_t type = 0;
  std::string_view text;  // kString, kBytes
  double number = 0;      // kBool, kDouble, kInt
  std::string json;       // kArray, kKeyValueList
};

class V10Decoder {
 public:
  V10Decoder(std::string_view body, PayloadContext& context, BatchBuilder& builder)
      : reader_(body), context_(context), builder_(builder) {
    strings_.push_back({});
  }

  bool decode() {
    uint32_t pairs = 0;
    if (!reader_.map(pairs)) return false;
    for (uint32_t i = 0; i < pairs; ++i) {
      uint64_t key = 0;
      if (!reader_.unsigned_integer(key) || !read_payload_field(key)) return false;
    }
    return reader_.at_end();
  }

  Error error() const {
    if (!reason_.empty()) {
      return {ErrorCode::kInvalidArgument,
              "v1.0 trace payload: " + reason_ + " at byte " + std::to_string(reader_.position())};
    }
    return broken(reader_, "v1.0 trace payload");
  }

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  // A string inline, which takes the next index, or the index of an earlier one. Strings count in order of appearance
  // in the bytes, so everything is read in that order and nothing that may hold strings is passed over unread.
  bool read_string(std::string_view& out) {
    if (reader_.nil()) {
      out = {};
      return true;
    }
    if (reader_.text(out)) {
      if (strings_.size() >= kStringTableMax) return fail("more than " + std::to_string(kStringTableMax) + " strings");
      strings_.push_back(out);
      return true;
    }
    uint64_t index = 0;
    if (!reader_.unsigned_integer(index)) return false;
    if (index >= strings_.size()) return fail("string index " + std::to_string(index) + " is not known yet");
    out = strings_[index];
    return true;
  }

  // A field of a later version: whatever has no parts can be passed over, a string with its index.
  bool skip_unknown(uint64_t key, const char* of) {
    std::string_view text;
    switch (reader_.type()) {
      case Type::kString:
        return read_string(text);
      case Type::kArray:
      case Type::kMap:
        return fail("unknown field " + std::to_string(key) + " of " + of + ", which may hold strings");
      default:
        return reader_.skip();
    }
  }

  bool read_payload_field(uint64_t key) {
    DecodeCounts& counts = builder_.counts();
    std::string_view text;
    switch (key) {
      case 2:
      case 4:
      case 6:
        return read_string(text);
      case 3:
        return read_string(text) && (counts.language = text, true);
      case 5:
        return read_string(text) && (counts.tracer_version = text, true);
      case 7:
        return read_string(context_.env);
      case 8:
        return read_string(context_.hostname);
      case 9:
        return read_string(context_.app_version);
      case 10:
        return read_attributes([&](std::string_view name, const Value& value) { add_common(name, value); });
      case 11:
        return read_chunks();
      default:
        return skip_unknown(key, "the payload");
    }
  }

  bool read_chunks() {
    if (reader_.nil()) return true;
    uint32_t count = 0;
    if (!reader_.array(count)) return false;
    const size_t payload_tags = builder_.common_tags();
    for (uint32_t i = 0; i < count; ++i) {
      builder_.keep_common_tags(payload_tags);
      if (!read_chunk_map()) return false;
    }
    return true;
  }

  // Ids and the mechanism of a chunk may stand behind its spans; they hold no strings, so they can be looked up first.
  bool look_ahead(uint32_t pairs) {
    Reader ahead = reader_;
    trace_high_ = 0;
    trace_low_ = 0;
    uint64_t mechanism = 0;
    for (uint32_t i = 0; i < pairs; ++i) {
      uint64_t key = 0;
      if (!ahead.unsigned_integer(key)) return false;
      std::string_view id;
      if (key == 6 && ahead.text(id)) {
        if (!trace_id(id, trace_high_, trace_low_)) return fail("a trace id of a chunk has not 16 bytes");
      } else if (key == 7 && ahead.unsigned_integer(mechanism)) {
      } else if (!ahead.skip()) {
        return false;
      }
    }
    decision_ = mechanism == 0 ? std::string() : "-" + std::to_string(mechanism);
    return true;
  }

  static bool trace_id(std::string_view bytes, uint64_t& high, uint64_t& low) {
    if (bytes.size() != 16) return false;
    high = low = 0;
    for (size_t i = 0; i < 8; ++i) high = high << 8 | static_cast<uint8_t>(bytes[i]);
    for (size_t i = 8; i < 16; ++i) low = low << 8 | static_cast<uint8_t>(bytes[i]);
    return true;
  }

  bool read_chunk_map() {
    uint32_t pairs = 0;
    if (!reader_.map(pairs) || !look_ahead(pairs)) return false;
    builder_.begin_chunk();
    uint32_t spans = 0;
    priority_known_ = false;
    for (uint32_t i = 0; i < pairs; ++i) {
      uint64_t key = 0;
      std::string_view origin;
      if (!reader_.unsigned_integer(key)) return false;
      switch (key) {
        case 1:
          if (!reader_.real(priority_)) return false;
          priority_known_ = true;
          break;
        case 2:
          if (!read_string(origin)) return false;
          if (!origin.empty()) add_common("_dd.origin", {.type = kString, .text = origin});
          break;
        case 3:
          if (!read_attributes([&](std::string_view name, const Value& value) { add_common(name, value); }))
            return false;
          break;
        case 4:
          if (!read_spans(spans)) return false;
          break;
        case 5:
        case 6:
        case 7:
          if (!reader_.skip()) return false;
          break;
        default:
          if (!skip_unknown(key, "a chunk")) return false;
      }
    }
    builder_.end_chunk(spans);
    return true;
  }

  bool read_spans(uint32_t& count) {
    if (reader_.nil()) return true;
    if (!reader_.array(count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (!read_span(i == 0)) return false;
    }
    return true;
  }

  bool read_span(bool first) {
    uint32_t pairs = 0;
    if (!reader_.map(pairs)) return false;
    builder_.begin_span();
    signal::Span& span = builder_.span();
    span.trace_id_high = trace_high_;
    span.trace_id_low = trace_low_;
    if (first && priority_known_) builder_.metric("_sampling_priority_v1", priority_);
    if (first && !decision_.empty()) builder_.meta("_dd.p.dm", decision_);
    for (uint32_t i = 0; i < pairs; ++i) {
      uint64_t key = 0;
      if (!reader_.unsigned_integer(key) || !read_span_field(key)) return false;
    }
    builder_.end_span();
    return true;
  }

  bool read_text(signal::Text& out) {
    std::string_view text;
    if (!read_string(text)) return false;
    out = builder_.value(text);
    return true;
  }
  bool read_tag(std::string_view name) {
    std::string_view text;
    if (!read_string(text)) return false;
    if (!text.empty()) builder_.meta(name, text);
    return true;
  }

  bool read_span_field(uint64_t key) {
    signal::Span& span = builder_.span();
    bool flag = false;
    uint64_t kind = 0;
    switch (key) {
      case 1:
        return read_text(span.service);
      case 2:
        return read_text(span.name);
      case 3:
        return read_text(span.resource);
      case 4:
        return reader_.unsigned_integer(span.span_id);
      case 5:
        return reader_.unsigned_integer(span.parent_id);
      case 6:
        return reader_.signed_integer(span.start_ns);
      case 7:
        return reader_.signed_integer(span.duration_ns);
      case 8:
        if (!reader_.boolean(flag) && !reader_.unsigned_integer(kind)) return false;
        span.error = flag || kind != 0 ? 1 : 0;
        return true;
      case 9:
        return read_attributes([&](std::string_view name, const Value& value) { add_attribute(name, value); });
      case 10:
        return read_text(span.type);
      case 11:
        return read_list([this] { return read_link(); });
      case 12:
        return read_list([this] { return read_event(); });
      case 13:
        return read_tag("env");
      case 14:
        return read_tag("version");
      case 15:
        return read_tag("component");
      case 16:
        if (!reader_.unsigned_integer(kind)) return false;
        if (kind > 0 && kind < std::size(kSpanKinds)) builder_.meta("span.kind", kSpanKinds[kind]);
        return true;
      default:
        return skip_unknown(key, "a span");
    }
  }

  template <typename ReadOne>
  bool read_list(ReadOne read_one) {
    if (reader_.nil()) return true;
    uint32_t count = 0;
    if (!reader_.array(count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (!read_one()) return false;
    }
    return true;
  }

  bool read_link() {
    uint32_t pairs = 0;
    if (!reader_.map(pairs)) return false;
    signal::SpanLink link;
    bool good = true;
    for (uint32_t i = 0; i < pairs; ++i) {
      uint64_t key = 0;
      uint64_t flags = 0;
      std::string_view text;
      if (!reader_.unsigned_integer(key)) return false;
      if (key == 1) {
        if (!reader_.text(text)) return false;
        good = trace_id(text, link.trace_id_high, link.trace_id_low);
      } else if (key == 2) {
        if (!reader_.unsigned_integer(link.span_id)) return false;
      } else if (key == 3) {
        if (!read_attributes_json(link.attributes)) return false;
      } else if (key == 4) {
        if (!read_text(link.tracestate)) return false;
      } else if (key == 5) {
        if (!reader_.unsigned_integer(flags)) return false;
        link.flags = static_cast<uint32_t>(flags);
      } else if (!skip_unknown(key, "a link")) {
        return false;
      }
    }
    good ? builder_.link(link) : builder_.count(DropReason::kBadLink);
    return true;
  }

  bool read_event() {
    uint32_t pairs = 0;
    if (!reader_.map(pairs)) return false;
    signal::SpanEvent event;
    for (uint32_t i = 0; i < pairs; ++i) {
      uint64_t key = 0;
      if (!reader_.unsigned_integer(key)) return false;
      if (key == 1) {
        if (!reader_.signed_integer(event.time_ns)) return false;
      } else if (key == 2) {
        if (!read_text(event.name)) return false;
      } else if (key == 3) {
        if (!read_attributes_json(event.attributes)) return false;
      } else if (!skip_unknown(key, "an event")) {
        return false;
      }
    }
    builder_.event(event);
    return true;
  }

  // A flat list of key, type, value; `take` gets each.
  template <typename Take>
  bool read_attributes(Take take) {
    if (reader_.nil()) return true;
    uint32_t parts = 0;
    if (!reader_.array(parts)) return false;
    if (parts % 3 != 0) return fail("a list of attributes whose length is no multiple of 3");
    for (uint32_t i = 0; i < parts; i += 3) {
      std::string_view name;
      Value value;
      if (!read_string(name) || !read_value(value, 0)) return false;
      take(name, value);
    }
    return true;
  }

  bool read_attributes_json(signal::Text& out) {
    std::string json = "{";
    if (!read_attributes([&](std::string_view name, const Value& value) {
          if (json.size() > 1) json += ',';
          base::append_json_string(name, json);
          json += ':';
          append_value(value, json);
        })) {
      return false;
    }
    if (json.size() > 1) out = builder_.value(json + "}");
    return true;
  }

  static void append_value(const Value& value, std::string& json) {
    switch (value.type) {
      case kString:
      case kBytes:
        base::append_json_string(value.text, json);
        break;
      case kBool:
        json += value.number != 0 ? "true" : "false";
        break;
      default:
        json += value.json;  // numbers too: in the form in which they came
    }
  }

  bool read_value(Value& value, size_t depth) {
    if (!reader_.unsigned_integer(value.type)) return false;
    const size_t at = reader_.position();
    bool flag = false;
    switch (value.type) {
      case kString:
        return read_string(value.text);
      case kBool:
        if (!reader_.boolean(flag)) return false;
        value.number = flag ? 1 : 0;
        return true;
      case kDouble:
      case kInt:
        if (!reader_.real(value.number)) return false;
        (void)msgpack::append_json(reader_.bytes_since(at), value.json);
        return true;
      case kBytes:
        return reader_.text(value.text);
      case kArray:
        return read_array(value.json, depth);
      case kKeyValueList:
        return read_key_values(value.json, depth);
      default:
        return fail("unknown attribute type " + std::to_string(value.type));
    }
  }

  bool read_array(std::string& json, size_t depth) {
    if (depth >= kNestingMax) return fail("attributes nested deeper than " + std::to_string(kNestingMax) + " levels");
    uint32_t parts = 0;
    if (!reader_.array(parts)) return false;
    if (parts % 2 != 0) return fail("a list value whose length is no multiple of 2");
    json += '[';
    for (uint32_t i = 0; i < parts; i += 2) {
      Value element;
      if (i > 0) json += ',';
      if (!read_value(element, depth + 1)) return false;
      append_value(element, json);
    }
    json += ']';
    return true;
  }

  bool read_key_values(std::string& json, size_t depth) {
    if (depth >= kNestingMax) return fail("attributes nested deeper than " + std::to_string(kNestingMax) + " levels");
    uint32_t parts = 0;
    if (!reader_.array(parts)) return false;
    if (parts % 3 != 0) return fail("a list of attributes whose length is no multiple of 3");
    json += '{';
    for (uint32_t i = 0; i < parts; i += 3) {
      std::string_view name;
      Value element;
      if (i > 0) json += ',';
      if (!read_string(name) || !read_value(element, depth + 1)) return false;
      base::append_json_string(name, json);
      json += ':';
      append_value(element, json);
    }
    json += '}';
    return true;
  }

  void add_attribute(std::string_view name, const Value& value) {
    if (value.type == kBytes && name == "_llmobs") {
      builder_.llmobs_msgpack(value.text);
    } else if (value.type == kString || value.type == kBytes) {
      builder_.meta(name, value.text);
    } else if (value.type == kArray || value.type == kKeyValueList) {
      builder_.meta(name, value.json);
    } else {
      builder_.metric(name, value.number);
    }
  }

  void add_common(std::string_view name, const Value& value) {
    std::string json;
    if (value.type != kString && value.type != kBytes) append_value(value, json);
    const std::string_view text = value.type == kString || value.type == kBytes ? value.text : std::string_view(json);
    builder_.common_tag(name, text);
  }

  Reader reader_;
  PayloadContext& context_;
  BatchBuilder& builder_;
  std::vector<std::string_view> strings_;
  std::string reason_;
  uint64_t trace_high_ = 0;
  uint64_t trace_low_ = 0;
  double priority_ = 0;
  bool priority_known_ = false;
  std::string decision_;
};

}  // namespace

base::Result<DecodeCounts> decode_v10(std::string_view body, const PayloadContext& context, signal::SpanBatch& out) {
  PayloadContext merged = context;
  BatchBuilder builder(context, body.size(), out);
  if (base::Status room = builder.room(); !room) return std::move(room).error();
  V10Decoder decoder(body, merged, builder);
  if (!decoder.decode()) {
    builder.rollback();
    return decoder.error();
  }
  return builder.finish(merged);
}

}  // namespace godseye::ddtrace
