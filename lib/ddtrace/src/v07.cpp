#include "v04.h"

namespace godseye::ddtrace {
namespace {

using msgpack::Reader;

// A map of text to text becomes common tags. False when the bytes end.
bool read_tags(Reader& reader, BatchBuilder& builder) {
  if (reader.nil()) return true;
  uint32_t pairs = 0;
  if (!reader.map(pairs)) return reader.skip();
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    const bool named = reader.text(name);
    if (!named && !reader.skip()) return false;
    std::string_view value;
    if (reader.text(value)) {
      if (named) builder.common_tag(name, value);
    } else if (!reader.skip()) {
      return false;
    }
  }
  return true;
}

class V07Decoder {
 public:
  V07Decoder(std::string_view body, PayloadContext& context, BatchBuilder& builder)
      : reader_(body), context_(context), builder_(builder) {}

  bool decode() {
    uint32_t pairs = 0;
    if (!reader_.map(pairs)) return false;
    // What holds for all spans may stand behind them: first everything else, then the chunks.
    std::vector<Reader> chunks;
    for (uint32_t i = 0; i < pairs; ++i) {
      std::string_view name;
      if (!reader_.text(name) && !reader_.skip()) return false;
      if (name == "chunks") chunks.push_back(reader_);
      if (name == "tags") {
        if (!read_tags(reader_, builder_)) return false;
      } else if (!read_field(name)) {
        return false;
      }
    }
    for (Reader& list : chunks) {
      if (!read_chunks(list)) {
        reader_ = list;  // for the position
        return false;
      }
    }
    return reader_.at_end();
  }
  const Reader& reader() const { return reader_; }

 private:
  bool read_field(std::string_view name) {
    const auto into = [&](std::string_view& out) { return reader_.text(out); };
    DecodeCounts& counts = builder_.counts();
    std::string_view text;
    if (name == "language_name" && into(text)) return counts.language = text, true;
    if (name == "tracer_version" && into(text)) return counts.tracer_version = text, true;
    if (name == "env" && into(context_.env)) return true;
    if (name == "hostname" && into(context_.hostname)) return true;
    if (name == "app_version" && into(context_.app_version)) return true;
    return reader_.skip();
  }

  bool read_chunks(Reader& reader) {
    if (reader.nil()) return true;
    uint32_t count = 0;
    if (!reader.array(count)) return false;
    const size_t payload_tags = builder_.common_tags();
    for (uint32_t i = 0; i < count; ++i) {
      builder_.keep_common_tags(payload_tags);
      if (!read_chunk_map(reader)) return false;
    }
    return true;
  }

  bool read_chunk_map(Reader& reader) {
    uint32_t pairs = 0;
    if (!reader.map(pairs)) {
      builder_.count_lost_span(DropReason::kNotASpan);
      return reader.skip();
    }
    std::vector<Reader> spans;
    for (uint32_t i = 0; i < pairs; ++i) {
      std::string_view name;
      std::string_view origin;
      if (!reader.text(name) && !reader.skip()) return false;
      if (name == "spans") spans.push_back(reader);
      if (name == "tags") {
        if (!read_tags(reader, builder_)) return false;
      } else if (name == "origin") {
        if (reader.text(origin)) {
          builder_.common_tag("_dd.origin", origin);
        } else if (!reader.skip()) {
          return false;
        }
      } else if (!reader.skip()) {
        return false;
      }
    }
    for (Reader& list : spans) {
      if (read_chunk(list, builder_)) continue;
      reader = list;
      return false;
    }
    return true;
  }

  Reader reader_;
  PayloadContext& context_;
  BatchBuilder& builder_;
};

}  // namespace

base::Result<DecodeCounts> decode_v07(std::string_view body, const PayloadContext& context, signal::SpanBatch& out) {
  PayloadContext merged = context;
  BatchBuilder builder(context, body.size(), out);
  if (base::Status room = builder.room(); !room) return std::move(room).error();
  V07Decoder decoder(body, merged, builder);
  if (!decoder.decode()) {
    builder.rollback();
    return broken(decoder.reader(), "v0.7 trace payload");
  }
  return builder.finish(merged);
}

}  // namespace godseye::ddtrace
