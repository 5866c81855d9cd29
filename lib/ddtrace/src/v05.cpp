#include "v04.h"

namespace godseye::ddtrace {
namespace {

using base::Error;
using base::ErrorCode;
using msgpack::Reader;

constexpr uint32_t kFieldsPerSpan = 12;

// The strings of one payload; each enters the arena when a span first uses it.
class StringTable {
 public:
  base::Status read(Reader& reader) {
    uint32_t count = 0;
    if (!reader.array(count)) return broken(reader, "v0.5 string table");
    if (count > kStringTableMax) {
      return Error{ErrorCode::kTooLarge,
                   "v0.5 string table has more than " + std::to_string(kStringTableMax) + " strings"};
    }
    strings_.reserve(count);
    for (uint32_t i = 0; i < count; ++i) {
      std::string_view text;
      if (!reader.text(text) && !reader.nil()) return broken(reader, "v0.5 string table");
      strings_.push_back({text, {}, false});
    }
    return base::ok();
  }

  // False for an index outside of the table.
  bool text(uint64_t index, BatchBuilder& builder, signal::Text& out) {
    if (index >= strings_.size()) return false;
    Entry& entry = strings_[index];
    if (!entry.kept) {
      entry.text = entry.view.empty() ? signal::Text{} : builder.out().add(entry.view);
      entry.kept = true;
    }
    out = entry.text;
    return true;
  }

 private:
  struct Entry {
    std::string_view view;
    signal::Text text;
    bool kept;
  };
  std::vector<Entry> strings_;
};

class V05Decoder {
 public:
  V05Decoder(std::string_view body, BatchBuilder& builder) : reader_(body), builder_(builder) {}

  base::Status decode() {
    uint32_t parts = 0;
    if (!reader_.array(parts)) return failure();
    if (parts != 2) return Error{ErrorCode::kInvalidArgument, "v0.5 trace payload: expected a list of two"};
    if (base::Status read = strings_.read(reader_); !read) return read;
    uint32_t chunks = 0;
    if (!reader_.array(chunks)) return failure();
    for (uint32_t i = 0; i < chunks; ++i) {
      if (!read_chunk()) return failure();
    }
    return reader_.at_end() ? base::ok() : failure();
  }

 private:
  base::Status failure() const {
    if (bad_index_) {
      return Error{ErrorCode::kInvalidArgument, "v0.5 trace payload: string index " + std::to_string(index_) +
                                                    " is not in the table, at byte " +
                                                    std::to_string(reader_.position())};
    }
    return broken(reader_, "v0.5 trace payload");
  }

  bool read_chunk() {
    builder_.begin_chunk();
    uint32_t spans = 0;
    if (!reader_.array(spans)) {
      if (!reader_.nil()) return false;
    }
    for (uint32_t i = 0; i < spans; ++i) {
      if (!read_span()) return false;
    }
    builder_.end_chunk(spans);
    return true;
  }

  bool read_span() {
    uint32_t fields = 0;
    const size_t at = reader_.position();
    if (!reader_.array(fields) || fields != kFieldsPerSpan) {
      if (reader_.broken()) return false;
      builder_.count_lost_span(DropReason::kNotASpan);
      // Of another count: pass over its fields. Of another type: over the value.
      if (reader_.position() == at) return reader_.skip();
      for (uint32_t i = 0; i < fields; ++i) {
        if (!reader_.skip()) return false;
      }
      return true;
    }
    builder_.begin_span();
    signal::Span& span = builder_.span();
    int64_t error = 0;
    if (!read_text(span.service) || !read_text(span.name) || !read_text(span.resource) ||
        !read_unsigned(span.trace_id_low) || !read_unsigned(span.span_id) || !read_unsigned(span.parent_id) ||
        !read_signed(span.start_ns) || !read_signed(span.duration_ns) || !read_signed(error) || !read_meta() ||
        !read_metrics() || !read_text(span.type)) {
      return false;
    }
    span.error = error != 0 ? 1 : 0;
    builder_.end_span();
    return true;
  }

  bool read_text(signal::Text& out) {
    if (!reader_.unsigned_integer(index_)) return false;
    bad_index_ = !strings_.text(index_, builder_, out);
    return !bad_index_;
  }
  bool read_unsigned(uint64_t& out) { return reader_.unsigned_integer(out) || reader_.nil(); }
  bool read_signed(int64_t& out) { return reader_.signed_integer(out) || reader_.nil(); }

  bool read_meta() {
    uint32_t pairs = 0;
    if (reader_.nil()) return true;
    if (!reader_.map(pairs)) return false;
    for (uint32_t i = 0; i < pairs; ++i) {
      signal::Text key;
      signal::Text value;
      if (!read_text(key) || !read_text(value)) return false;
      builder_.meta(key, value);
    }
    return true;
  }

  bool read_metrics() {
    uint32_t pairs = 0;
    if (reader_.nil()) return true;
    if (!reader_.map(pairs)) return false;
    for (uint32_t i = 0; i < pairs; ++i) {
      signal::Text key;
      double value = 0;
      if (!read_text(key) || !reader_.real(value)) return false;
      builder_.metric(key, value);
    }
    return true;
  }

  Reader reader_;
  BatchBuilder& builder_;
  StringTable strings_;
  uint64_t index_ = 0;
  bool bad_index_ = false;
};

}  // namespace

base::Result<DecodeCounts> decode_v05(std::string_view body, const PayloadContext& context, signal::SpanBatch& out) {
  BatchBuilder builder(context, body.size(), out);
  if (base::Status room = builder.room(); !room) return std::move(room).error();
  if (base::Status decoded = V05Decoder(body, builder).decode(); !decoded) {
    builder.rollback();
    return std::move(decoded).error();
  }
  return builder.finish(context);
}

}  // namespace godseye::ddtrace
