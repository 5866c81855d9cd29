#pragma once

#include "interner.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/ddtrace/traces.h>

namespace simdjson::dom {
class parser;
class element;
}  // namespace simdjson::dom

namespace godseye::ddtrace {

// Puts spans of one payload into a batch: what all formats share once their bytes are read. Order of calls:
// begin_chunk, { begin_span, fields, end_span }…, end_chunk; finish at the end, or rollback when the payload is
// refused.
class BatchBuilder {
 public:
  BatchBuilder(const PayloadContext& context, size_t body_size, signal::SpanBatch& out);
  ~BatchBuilder();
  BatchBuilder(const BatchBuilder&) = delete;
  BatchBuilder& operator=(const BatchBuilder&) = delete;

  // kTooLarge when a body of this size might not fit.
  base::Status room() const;

  void begin_chunk();
  // Spans of the chunk get the high half of the trace id that one of them named. `spans` is how many the payload said.
  void end_chunk(size_t spans);
  // Spans of this chunk may be of several traces (agentless bodies).
  void allow_foreign_trace_ids() { foreign_allowed_ = true; }

  void begin_span();
  // Validates; a span that is refused is counted and leaves nothing behind.
  void end_span();
  signal::Span& span() { return span_; }
  // The span's bytes made no sense: end_span() drops it.
  void bad_span() { bad_ = true; }
  void count(DropReason reason) { ++counts_.dropped[static_cast<size_t>(reason)]; }
  // A span that could not even be begun.
  void count_lost_span(DropReason reason);

  signal::Text key(std::string_view text) { return keys_.add(text, out_); }
  signal::Text value(std::string_view text) {
    return text.size() <= kInternedBytesMax ? values_.add(text, out_) : out_.add(text);
  }

  // Attributes of the current span.
  void meta(signal::Text key, signal::Text value);
  void meta(std::string_view name, std::string_view text) { meta(key(name), value(text)); }
  void metric(signal::Text key, double value);
  void metric(std::string_view name, double number) { metric(key(name), number); }
  void link(const signal::SpanLink& link);
  void event(const signal::SpanEvent& event);
  // A tag of a chunk or payload: each span that lacks it gets it.
  void common_tag(std::string_view name, std::string_view text);
  size_t common_tags() const { return common_tags_.size(); }
  // Back to the first `count`: those of the payload, or none.
  void keep_common_tags(size_t count) { common_tags_.resize(std::min(count, common_tags_.size())); }
  // `meta_struct._llmobs`; the view must live until end_span().
  void llmobs_msgpack(std::string_view document) { llmobs_ = document, llmobs_is_json_ = false; }
  void llmobs_json(std::string document) {
    llmobs_text_ = std::move(document);
    llmobs_ = llmobs_text_;
    llmobs_is_json_ = true;
  }

  // For values that are no text yet; valid until the next use.
  std::string& scratch() {
    scratch_.clear();
    return scratch_;
  }
  simdjson::dom::parser& json_parser();
  signal::SpanBatch& out() { return out_; }
  DecodeCounts& counts() { return counts_; }

  DecodeCounts finish(const PayloadContext& context);
  void rollback();

 private:
  static constexpr size_t kInternedBytesMax = 64;

  // Array sizes, to go back to.
  struct Mark {
    size_t text, spans, meta, metrics, links, events, llm;
  };
  Mark mark() const;
  void restore(const Mark& mark, bool with_text);
  // True when the tag becomes something else than meta.
  bool well_known(std::string_view name, signal::Text value);
  void push_meta(signal::Text key, signal::Text value);
  bool links_from_json(std::string_view json);
  bool events_from_json(std::string_view json);
  void add_common_tags();
  // For chunks of several traces: spans that lack the high half get that of another span of their trace.
  void share_trace_id_highs();
  void extract_llm();

  const PayloadContext context_;
  const size_t body_size_;
  signal::SpanBatch& out_;
  const Mark start_;
  Mark span_start_{};
  size_t chunk_start_ = 0;
  uint64_t chunk_trace_id_ = 0;
  uint64_t chunk_trace_id_high_ = 0;
  bool foreign_allowed_ = false;
  bool bad_ = false;
  uint8_t session_rank_ = 0;
  uint8_t user_rank_ = 0;
  signal::Span span_{};
  std::string_view llmobs_;
  std::string llmobs_text_;
  bool llmobs_is_json_ = false;
  signal::Text links_json_{};
  signal::Text events_json_{};
  std::vector<signal::TextAttribute> common_tags_;
  std::string scratch_;
  std::unique_ptr<simdjson::dom::parser> parser_;
  Interner<1024> keys_;
  Interner<4096> values_;
  DecodeCounts counts_;
};

// "0123abcd…" of 1 to 16 digits; false for anything else.
bool parse_hex64(std::string_view text, uint64_t& out);
// 1 to 32 digits; the last 16 are the low half.
bool parse_hex128(std::string_view text, uint64_t& high, uint64_t& low);

}  // namespace godseye::ddtrace
