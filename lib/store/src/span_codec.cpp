#include "span_codec.h"

#include "bytes.h"
#include "span_fields.h"
#include "word_table.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Status;
using signal::LlmEvaluation;
using signal::LlmSpan;
using signal::Range;
using signal::Span;
using signal::SpanBatch;
using signal::Text;

namespace {

constexpr uint8_t kVersion = 1;
constexpr int64_t kNsPerMs = 1'000'000;

// First byte of a span; on disk.
enum SpanBits : uint8_t { kHasHigh = 1, kHasParent = 2, kHasFingerprint = 4, kHasError = 8, kHasLlm = 16 };
constexpr uint8_t kSpanBitsAll = 31;

// The smallest encodings, which bound what a count can claim.
constexpr size_t kSpanBytesMin = 1 + 16 + 2 + kSpanTexts.size() + 2 + 4;
constexpr size_t kLinkBytesMin = 24 + 2 + 1;
constexpr size_t kEvaluationBytesMin = 1 + 8 + kEvaluationTexts.size();
constexpr size_t kPairBytesMin = 2;
constexpr size_t kNumberBytesMin = 9;
constexpr size_t kEventBytesMin = 3;

// Upper estimates for splitting into records: numbers and indexes, without the texts.
constexpr size_t kSpanBytesFixed = 120;
constexpr size_t kLlmBytesFixed = 320;
constexpr size_t kEntryBytesFixed = 16;
constexpr size_t kLinkBytesFixed = 48;

void put_words(const WordTable& table, std::string& out) {
  put_varint(out, table.words().size());
  for (const WordTable::Word& word : table.words()) put_varint(out, word.text.size());
  out.reserve(out.size() + table.bytes());
  for (const WordTable::Word& word : table.words()) out += word.text;
}

// Writes rows; texts become numbers.
class RowWriter {
 public:
  RowWriter(const SpanBatch& batch, const TimeBounds& bounds) : batch_(batch), bounds_(bounds) {}

  void span(const Span& span) {
    const uint8_t bits = (span.trace_id_high != 0 ? kHasHigh : 0) | (span.parent_id != 0 ? kHasParent : 0) |
                         (span.error_fingerprint != 0 ? kHasFingerprint : 0) | (span.error != 0 ? kHasError : 0) |
                         (span.llm != signal::kNoLlm ? kHasLlm : 0);
    uint16_t flags = span.flags;
    const int64_t start = std::clamp(span.start_ns, bounds_.min_ns, bounds_.max_ns);
    // Its end too: what is derived from a span lies there.
    const bool bounded = bounds_.max_ns != std::numeric_limits<int64_t>::max();
    const int64_t duration =
        bounded ? std::clamp(span.duration_ns, int64_t{0}, bounds_.max_ns - std::max(start, int64_t{0}))
                : span.duration_ns;
    if (start != span.start_ns || duration != span.duration_ns) {
      flags |= signal::kSpanTimesClamped;
      ++times_clamped;
    }
    put_raw(rows, bits);
    put_raw(rows, span.trace_id_low);
    put_raw(rows, span.span_id);
    if (span.trace_id_high != 0) put_raw(rows, span.trace_id_high);
    if (span.parent_id != 0) put_raw(rows, span.parent_id);
    if (span.error_fingerprint != 0) put_raw(rows, span.error_fingerprint);
    // Wraps: hostile starts lie further apart than an int64 holds.
    put_signed(rows, static_cast<int64_t>(static_cast<uint64_t>(start) - static_cast<uint64_t>(start_before_)));
    start_before_ = start;
    put_signed(rows, duration);
    for (const auto field : kSpanTexts) text(span.*field);
    put_varint(rows, flags);
    put_raw(rows, static_cast<uint8_t>(span.source));
    put_varint(rows, span.meta.size());
    for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
      text(batch_.meta[i].key);
      text(batch_.meta[i].value);
    }
    put_varint(rows, span.metrics.size());
    for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
      text(batch_.metrics[i].key);
      put_raw(rows, batch_.metrics[i].value);
    }
    put_varint(rows, span.links.size());
    for (uint32_t i = span.links.begin; i < span.links.end; ++i) link(batch_.links[i]);
    put_varint(rows, span.events.size());
    for (uint32_t i = span.events.begin; i < span.events.end; ++i) {
      put_signed(rows, batch_.events[i].time_ns);
      text(batch_.events[i].name);
      text(batch_.events[i].attributes);
    }
    if (span.llm != signal::kNoLlm) llm(batch_.llm[span.llm]);
  }
  void evaluation(const LlmEvaluation& evaluation) {
    const int64_t time = std::clamp(evaluation.time_ms, bounds_.min_ns / kNsPerMs, bounds_.max_ns / kNsPerMs);
    if (time != evaluation.time_ms) ++times_clamped;
    put_signed(rows, time);
    put_raw(rows, evaluation.score);
    for (const auto field : kEvaluationTexts) text(evaluation.*field);
  }

  std::string rows;
  WordTable words;
  uint64_t times_clamped = 0;

 private:
  void text(Text t) { put_varint(rows, words.number(batch_.view(t))); }
  void link(const signal::SpanLink& link) {
    put_raw(rows, link.trace_id_high);
    put_raw(rows, link.trace_id_low);
    put_raw(rows, link.span_id);
    text(link.tracestate);
    text(link.attributes);
    put_varint(rows, link.flags);
  }
  void llm(const LlmSpan& llm) {
    put_raw(rows, static_cast<uint8_t>(llm.kind));
    put_raw(rows, static_cast<uint8_t>(llm.scored_by));
    for (const auto field : kLlmTexts) text(llm.*field);
    for (const auto field : kLlmTokens) put_signed(rows, llm.*field);
    for (const auto field : kLlmCounts) put_signed(rows, llm.*field);
    uint64_t said = 0;  // most of them are absent
    for (size_t i = 0; i < kLlmNumbers.size(); ++i) said |= uint64_t{llm.*kLlmNumbers[i] != signal::kNoScore} << i;
    put_varint(rows, said);
    for (const auto field : kLlmNumbers) {
      if (llm.*field != signal::kNoScore) put_raw(rows, llm.*field);
    }
  }

  const SpanBatch& batch_;
  const TimeBounds bounds_;
  int64_t start_before_ = 0;
};

template <typename T>
bool holds(const std::vector<T>& items, Range range) {
  return range.begin <= range.end && range.end <= items.size();
}

}  // namespace

Status SpanEncoder::check() const {
  const SpanBatch& batch = batch_;
  const auto outside = [](const char* what) {
    return Error(ErrorCode::kInvalidArgument, std::string("span batch: ") + what + " that it does not have");
  };
  const auto in_arena = [&](Text t) { return t.offset <= batch.text.size() && t.size <= batch.text.size() - t.offset; };
  const auto texts_of = [&](const auto& item, const auto& fields) {
    return std::all_of(fields.begin(), fields.end(), [&](const auto field) { return in_arena(item.*field); });
  };
  for (const Span& span : batch.spans) {
    if (!texts_of(span, kSpanTexts)) return outside("a span names a text");
    if (!holds(batch.meta, span.meta) || !holds(batch.metrics, span.metrics) || !holds(batch.links, span.links) ||
        !holds(batch.events, span.events)) {
      return outside("a span names attributes");
    }
    if (span.llm != signal::kNoLlm && span.llm >= batch.llm.size()) return outside("a span names an LLM part");
  }
  bool texts = true;
  for (const auto& each : batch.meta) texts = texts && in_arena(each.key) && in_arena(each.value);
  for (const auto& each : batch.metrics) texts = texts && in_arena(each.key);
  for (const auto& each : batch.links) texts = texts && in_arena(each.tracestate) && in_arena(each.attributes);
  for (const auto& each : batch.events) texts = texts && in_arena(each.name) && in_arena(each.attributes);
  for (const LlmSpan& each : batch.llm) texts = texts && texts_of(each, kLlmTexts);
  for (const LlmEvaluation& each : batch.evaluations) texts = texts && texts_of(each, kEvaluationTexts);
  return texts ? base::ok() : Status(outside("an attribute names a text"));
}

size_t SpanEncoder::span_bytes(size_t index) const {
  const Span& span = batch_.spans[index];
  size_t bytes = kSpanBytesFixed;
  for (const auto field : kSpanTexts) bytes += (span.*field).size;
  for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
    bytes += kEntryBytesFixed + batch_.meta[i].key.size + batch_.meta[i].value.size;
  }
  for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
    bytes += kEntryBytesFixed + batch_.metrics[i].key.size;
  }
  for (uint32_t i = span.links.begin; i < span.links.end; ++i) {
    bytes += kLinkBytesFixed + batch_.links[i].tracestate.size + batch_.links[i].attributes.size;
  }
  for (uint32_t i = span.events.begin; i < span.events.end; ++i) {
    bytes += kEntryBytesFixed + batch_.events[i].name.size + batch_.events[i].attributes.size;
  }
  if (span.llm == signal::kNoLlm) return bytes;
  bytes += kLlmBytesFixed;
  for (const auto field : kLlmTexts) bytes += (batch_.llm[span.llm].*field).size;
  return bytes;
}

size_t SpanEncoder::evaluation_bytes(size_t index) const {
  size_t bytes = kSpanBytesFixed;
  for (const auto field : kEvaluationTexts) bytes += (batch_.evaluations[index].*field).size;
  return bytes;
}

uint64_t SpanEncoder::encode(size_t span_begin, size_t span_end, size_t evaluation_begin, size_t evaluation_end,
                             const TimeBounds& bounds, std::string& out) const {
  RowWriter writer(batch_, bounds);
  writer.rows.reserve((span_end - span_begin) * kSpanBytesFixed);
  put_varint(writer.rows, span_end - span_begin);
  for (size_t i = span_begin; i < span_end; ++i) writer.span(batch_.spans[i]);
  put_varint(writer.rows, evaluation_end - evaluation_begin);
  for (size_t i = evaluation_begin; i < evaluation_end; ++i) writer.evaluation(batch_.evaluations[i]);
  put_raw(out, kVersion);
  put_words(writer.words, out);
  out += writer.rows;
  return writer.times_clamped;
}

Status encode_spans(const SpanBatch& batch, std::string& out) {
  const SpanEncoder encoder(batch);
  if (Status checked = encoder.check(); !checked) return checked;
  encoder.encode(0, batch.spans.size(), 0, batch.evaluations.size(), {}, out);
  return base::ok();
}

namespace {

class RowReader {
 public:
  RowReader(ByteReader& in, SpanBatch& batch) : in_(in), batch_(batch) {}

  // The texts; false (without a failure of the reader) when they do not fit.
  bool words() {
    std::vector<uint32_t> sizes(in_.count(1));
    uint64_t bytes = 0;
    for (uint32_t& size : sizes) {
      const uint64_t value = in_.varint();
      bytes += value;
      if (value == 0 || value > signal::kSpanBatchTextMax || bytes > signal::kSpanBatchTextMax) in_.fail();
      size = static_cast<uint32_t>(value);
    }
    const std::string_view arena = in_.view(in_.failed() ? 0 : bytes);
    if (in_.failed()) return true;
    if (arena.size() > signal::kSpanBatchTextMax - batch_.text.size()) return false;
    texts_.reserve(sizes.size() + 1);
    texts_.push_back({});
    auto offset = static_cast<uint32_t>(batch_.text.size());
    for (const uint32_t size : sizes) {
      texts_.push_back({offset, size});
      offset += size;
    }
    batch_.text.append(arena);
    return true;
  }
  void rows() {
    const size_t spans = in_.count(kSpanBytesMin);
    batch_.spans.reserve(batch_.spans.size() + spans);
    for (size_t i = 0; i < spans && !in_.failed(); ++i) batch_.spans.push_back(span());
    const size_t evaluations = in_.count(kEvaluationBytesMin);
    for (size_t i = 0; i < evaluations && !in_.failed(); ++i) batch_.evaluations.push_back(evaluation());
    if (!in_.at_end()) in_.fail();
  }

 private:
  Text text() {
    const uint64_t number = in_.varint();
    if (number >= texts_.size()) {
      in_.fail();
      return {};
    }
    return texts_[number];
  }
  template <typename T>
  T limited(uint64_t value, T last) {
    if (value > static_cast<uint64_t>(last)) in_.fail();
    return static_cast<T>(value);
  }
  // A range of `items` made by `count` calls of `read`.
  template <typename T, typename Read>
  Range range(std::vector<T>& items, size_t bytes_each, Read read) {
    const size_t count = in_.count(bytes_each);
    const auto begin = static_cast<uint32_t>(items.size());
    for (size_t i = 0; i < count && !in_.failed(); ++i) items.push_back(read());
    return {begin, static_cast<uint32_t>(items.size())};
  }

  Span span() {
    Span out;
    const auto bits = in_.raw<uint8_t>();
    if ((bits & ~kSpanBitsAll) != 0) in_.fail();
    out.trace_id_low = in_.raw<uint64_t>();
    out.span_id = in_.raw<uint64_t>();
    if ((bits & kHasHigh) != 0) out.trace_id_high = in_.raw<uint64_t>();
    if ((bits & kHasParent) != 0) out.parent_id = in_.raw<uint64_t>();
    if ((bits & kHasFingerprint) != 0) out.error_fingerprint = in_.raw<uint64_t>();
    out.error = (bits & kHasError) != 0 ? 1 : 0;
    start_before_ =
        static_cast<int64_t>(static_cast<uint64_t>(start_before_) + static_cast<uint64_t>(in_.signed_varint()));
    out.start_ns = start_before_;
    out.duration_ns = in_.signed_varint();
    for (const auto field : kSpanTexts) out.*field = text();
    out.flags = limited<uint16_t>(in_.varint(), UINT16_MAX);
    out.source = limited(in_.raw<uint8_t>(), kSpanSourceLast);
    out.meta = range(batch_.meta, kPairBytesMin, [&] {
      const Text key = text();
      return signal::TextAttribute{key, text()};
    });
    out.metrics = range(batch_.metrics, kNumberBytesMin, [&] {
      const Text key = text();
      return signal::NumberAttribute{key, in_.raw<double>()};
    });
    out.links = range(batch_.links, kLinkBytesMin, [&] { return link(); });
    out.events = range(batch_.events, kEventBytesMin, [&] {
      signal::SpanEvent event;
      event.time_ns = in_.signed_varint();
      event.name = text();
      event.attributes = text();
      return event;
    });
    if ((bits & kHasLlm) != 0) {
      out.llm = static_cast<uint32_t>(batch_.llm.size());
      batch_.llm.push_back(llm());
    }
    return out;
  }
  signal::SpanLink link() {
    signal::SpanLink out;
    out.trace_id_high = in_.raw<uint64_t>();
    out.trace_id_low = in_.raw<uint64_t>();
    out.span_id = in_.raw<uint64_t>();
    out.tracestate = text();
    out.attributes = text();
    out.flags = limited<uint32_t>(in_.varint(), UINT32_MAX);
    return out;
  }
  LlmSpan llm() {
    LlmSpan out;
    out.kind = limited(in_.raw<uint8_t>(), kLlmKindLast);
    out.scored_by = limited(in_.raw<uint8_t>(), kScoredByLast);
    for (const auto field : kLlmTexts) out.*field = text();
    for (const auto field : kLlmTokens) out.*field = in_.signed_varint();
    for (const auto field : kLlmCounts) {
      const int64_t value = in_.signed_varint();
      if (value < INT32_MIN || value > INT32_MAX) in_.fail();
      out.*field = static_cast<int32_t>(value);
    }
    const uint64_t said = in_.varint();
    if (said >> kLlmNumbers.size() != 0) in_.fail();
    for (size_t i = 0; i < kLlmNumbers.size(); ++i) {
      if ((said >> i & 1) != 0) out.*kLlmNumbers[i] = in_.raw<double>();
    }
    return out;
  }
  LlmEvaluation evaluation() {
    LlmEvaluation out;
    out.time_ms = in_.signed_varint();
    out.score = in_.raw<double>();
    for (const auto field : kEvaluationTexts) out.*field = text();
    return out;
  }

  ByteReader& in_;
  SpanBatch& batch_;
  std::vector<Text> texts_;
  int64_t start_before_ = 0;
};

}  // namespace

Status decode_spans(std::string_view bytes, SpanBatch& into) {
  ByteReader in(bytes);
  if (in.raw<uint8_t>() != kVersion) return Error(ErrorCode::kCorrupt, "span batch: another version");
  RowReader reader(in, into);
  if (!reader.words()) return Error(ErrorCode::kTooLarge, "span batch: its texts do not fit");
  if (!in.failed()) reader.rows();
  if (in.failed()) return Error(ErrorCode::kCorrupt, "span batch: bytes that are not one");
  return base::ok();
}

}  // namespace godseye::store
