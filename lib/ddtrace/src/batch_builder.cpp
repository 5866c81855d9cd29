#include "batch_builder.h"

#include "json_values.h"

#include <unordered_map>

#include <godseye/llmobs/llmobs.h>

#include <simdjson.h>

namespace godseye::ddtrace {
namespace {

// What of a body can at most end up in the arena: everything once, and JSON made from attributes at six times.
constexpr size_t kArenaPerBodyByte = 6;
constexpr size_t kArenaSpare = 64 * 1024;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool parse_hex64(std::string_view text, uint64_t& out) {
  if (text.empty() || text.size() > 16) return false;
  uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    value = value << 4 | static_cast<uint64_t>(digit);
  }
  out = value;
  return true;
}

bool parse_hex128(std::string_view text, uint64_t& high, uint64_t& low) {
  if (text.size() <= 16) {
    high = 0;
    return parse_hex64(text, low);
  }
  if (text.size() > 32) return false;
  return parse_hex64(text.substr(0, text.size() - 16), high) && parse_hex64(text.substr(text.size() - 16), low);
}

BatchBuilder::BatchBuilder(const PayloadContext& context, size_t body_size, signal::SpanBatch& out)
    : context_(context), body_size_(body_size), out_(out), start_(mark()) {
  // Half of a body is keys and values seen before.
  if (room()) out_.text.reserve(out_.text.size() + body_size / 2 + 256);
}

BatchBuilder::~BatchBuilder() = default;

base::Status BatchBuilder::room() const {
  if (out_.text.size() + body_size_ * kArenaPerBodyByte + kArenaSpare <= signal::kSpanBatchTextMax) return base::ok();
  return base::Error{base::ErrorCode::kTooLarge,
                     "a body of " + std::to_string(body_size_) + " bytes does not fit into one batch of spans"};
}

BatchBuilder::Mark BatchBuilder::mark() const {
  return {out_.text.size(),  out_.spans.size(),  out_.meta.size(), out_.metrics.size(),
          out_.links.size(), out_.events.size(), out_.llm.size()};
}

void BatchBuilder::restore(const Mark& mark, bool with_text) {
  // The text of a dropped span stays while others may share it.
  if (with_text) out_.text.resize(mark.text);
  out_.spans.resize(mark.spans);
  out_.meta.resize(mark.meta);
  out_.metrics.resize(mark.metrics);
  out_.links.resize(mark.links);
  out_.events.resize(mark.events);
  out_.llm.resize(mark.llm);
}

void BatchBuilder::begin_chunk() {
  chunk_start_ = out_.spans.size();
  chunk_trace_id_ = 0;
  chunk_trace_id_high_ = 0;
  ++counts_.chunks;
}

void BatchBuilder::end_chunk(size_t spans) {
  if (spans == 0) count(DropReason::kEmptyTrace);
  if (foreign_allowed_) return share_trace_id_highs();
  if (chunk_trace_id_high_ == 0) return;
  for (size_t i = chunk_start_; i < out_.spans.size(); ++i) {
    if (out_.spans[i].trace_id_high == 0) out_.spans[i].trace_id_high = chunk_trace_id_high_;
  }
}

void BatchBuilder::share_trace_id_highs() {
  std::unordered_map<uint64_t, uint64_t> highs;  // by the low half
  for (size_t i = chunk_start_; i < out_.spans.size(); ++i) {
    if (out_.spans[i].trace_id_high != 0) highs.emplace(out_.spans[i].trace_id_low, out_.spans[i].trace_id_high);
  }
  for (size_t i = chunk_start_; i < out_.spans.size(); ++i) {
    if (out_.spans[i].trace_id_high != 0) continue;
    const auto found = highs.find(out_.spans[i].trace_id_low);
    if (found != highs.end()) out_.spans[i].trace_id_high = found->second;
  }
}

void BatchBuilder::begin_span() {
  ++counts_.spans_in;
  span_start_ = mark();
  span_ = {};
  span_.source = context_.source;
  bad_ = false;
  session_rank_ = 0;
  user_rank_ = 0;
  llmobs_ = {};
  links_json_ = {};
  events_json_ = {};
}

void BatchBuilder::count_lost_span(DropReason reason) {
  ++counts_.spans_in;
  count(reason);
}

void BatchBuilder::end_span() {
  const auto drop = [&](DropReason reason) {
    count(reason);
    restore(span_start_, false);
  };
  if (bad_) return drop(DropReason::kNotASpan);
  if (span_.trace_id_low == 0) return drop(DropReason::kTraceIdZero);
  if (span_.span_id == 0) return drop(DropReason::kSpanIdZero);
  if (counts_.spans_out >= kSpansPerBodyMax) return drop(DropReason::kTooManySpans);
  if (!foreign_allowed_) {
    if (chunk_trace_id_ == 0) chunk_trace_id_ = span_.trace_id_low;
    if (span_.trace_id_low != chunk_trace_id_) return drop(DropReason::kForeignTraceId);
    if (chunk_trace_id_high_ == 0) chunk_trace_id_high_ = span_.trace_id_high;
  }
  if (!links_json_.empty() && !links_from_json(out_.view(links_json_))) count(DropReason::kBadLink);
  // A tag of that name that only looked like a list stays a tag.
  if (!events_json_.empty() && !events_from_json(out_.view(events_json_))) push_meta(key("events"), events_json_);
  add_common_tags();
  const auto range = [](size_t begin, size_t end) {
    return signal::Range{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  };
  span_.meta = range(span_start_.meta, out_.meta.size());
  span_.metrics = range(span_start_.metrics, out_.metrics.size());
  span_.links = range(span_start_.links, out_.links.size());
  span_.events = range(span_start_.events, out_.events.size());
  if (context_.client_computed_stats) span_.flags |= signal::kSpanStatsByClient;
  if (!llmobs_.empty()) extract_llm();
  out_.spans.push_back(span_);
  ++counts_.spans_out;
}

void BatchBuilder::extract_llm() {
  const base::Status decoded = llmobs_is_json_ ? llmobs::decode_meta_struct_json(llmobs_, span_, out_)
                                               : llmobs::decode_meta_struct(llmobs_, span_, out_);
  if (decoded) {
    ++counts_.llm_spans;
  } else {
    count(DropReason::kBadMetaStruct);
  }
}

void BatchBuilder::common_tag(std::string_view name, std::string_view text) {
  if (name.empty() || text.empty()) return;
  if (common_tags_.size() >= kCommonTagsMax) return count(DropReason::kTooManyTags);
  common_tags_.push_back({key(name), value(text)});
}

void BatchBuilder::add_common_tags() {
  const size_t own_end = out_.meta.size();
  for (const signal::TextAttribute& tag : common_tags_) {
    const std::string_view name = out_.view(tag.key);
    bool present = false;
    for (size_t i = span_start_.meta; i < own_end && !present; ++i) present = out_.view(out_.meta[i].key) == name;
    if (!present) meta(tag.key, tag.value);
  }
}

void BatchBuilder::meta(signal::Text key, signal::Text value) {
  const std::string_view name = out_.view(key);
  // Few names matter; most tags leave here by their first letter.
  switch (name.empty() ? '\0' : name.front()) {
    case '_':
    case 'b':
    case 'e':
    case 'h':
    case 's':
    case 'u':
    case 'v':
      if (well_known(name, value)) return;
      break;
    default:
      break;
  }
  push_meta(key, value);
}

void BatchBuilder::push_meta(signal::Text key, signal::Text value) {
  if (out_.meta.size() - span_start_.meta >= kTagsPerSpanMax ||
      out_.meta.size() + out_.metrics.size() - start_.meta - start_.metrics >= kAttributesPerBodyMax) {
    return count(DropReason::kTooManyTags);
  }
  out_.meta.push_back({key, value});
}

bool BatchBuilder::well_known(std::string_view name, signal::Text value) {
  const auto ranked = [&](signal::Text& field, uint8_t& rank, uint8_t of_name) {
    if (of_name <= rank || value.empty()) return;
    field = value;
    rank = of_name;
  };
  switch (name.size()) {
    case 3:
      if (name == "env") span_.env = value;
      break;
    case 4:
      if (name == "host" && span_.host.empty()) span_.host = value;
      break;
    case 6:
      if (name == "events" && out_.view(value).starts_with('[')) {
        events_json_ = value;
        return true;
      }
      if (name == "usr.id") ranked(span_.user_id, user_rank_, 4);
      break;
    case 7:
      if (name == "version") span_.version = value;
      if (name == "user_id") ranked(span_.user_id, user_rank_, 5);
      if (name == "user.id") ranked(span_.user_id, user_rank_, 3);
      break;
    case 9:
      if (name == "_dd.p.tid") parse_hex64(out_.view(value), span_.trace_id_high);
      break;
    case 10:
      if (name == "session_id") ranked(span_.session_id, session_rank_, 5);
      if (name == "session.id") ranked(span_.session_id, session_rank_, 3);
      break;
    case 12:
      if (name == "_dd.hostname") span_.host = value;
      break;
    case 14:
      if (name == "_dd.span_links") {
        links_json_ = value;
        return true;
      }
      if (name == "usr.session_id") ranked(span_.session_id, session_rank_, 4);
      if (name == "usr.session.id") ranked(span_.session_id, session_rank_, 4);
      if (name == "baggage.usr.id") ranked(span_.user_id, user_rank_, 2);
      break;
    case 15:
      if (name == "baggage.user.id") ranked(span_.user_id, user_rank_, 2);
      break;
    case 16:
      if (name == "_dd.p.llmobs_sid") ranked(span_.session_id, session_rank_, 1);
      break;
    case 18:
      if (name == "baggage.session.id") ranked(span_.session_id, session_rank_, 2);
      if (name == "_ml_obs.session_id") ranked(span_.session_id, session_rank_, 1);
      break;
    case 24:
      // What JavaScript's library leaves on the APM span of an LLM span; Python's says _dd.p.llmobs_sid.
      if (name == "_ml_obs.trace_session_id") ranked(span_.session_id, session_rank_, 1);
      break;
    default:
      break;
  }
  return false;
}

void BatchBuilder::metric(signal::Text key, double value) {
  const std::string_view name = out_.view(key);
  if (name.size() >= 10 && name.size() <= 13 && name.front() == '_') {
    if (value == 1 && (name == "_dd.top_level" || name == "_top_level")) span_.flags |= signal::kSpanTopLevel;
    if (value == 1 && name == "_dd.measured") span_.flags |= signal::kSpanMeasured;
  }
  if (out_.metrics.size() - span_start_.metrics >= kTagsPerSpanMax ||
      out_.meta.size() + out_.metrics.size() - start_.meta - start_.metrics >= kAttributesPerBodyMax) {
    return count(DropReason::kTooManyTags);
  }
  out_.metrics.push_back({key, value});
}

void BatchBuilder::link(const signal::SpanLink& link) {
  if (out_.links.size() - span_start_.links >= kLinksPerSpanMax) return count(DropReason::kBadLink);
  out_.links.push_back(link);
}

void BatchBuilder::event(const signal::SpanEvent& event) {
  if (out_.events.size() - span_start_.events >= kEventsPerSpanMax) return count(DropReason::kBadEvent);
  out_.events.push_back(event);
}

simdjson::dom::parser& BatchBuilder::json_parser() {
  if (!parser_) parser_ = std::make_unique<simdjson::dom::parser>();
  return *parser_;
}

bool BatchBuilder::links_from_json(std::string_view json) {
  const std::string whole = repaired_list(json);
  simdjson::dom::array links;
  if (json_parser().parse(whole).get(links) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element element : links) {
    if (!read_link(element, *this)) count(DropReason::kBadLink);
  }
  return true;
}

bool BatchBuilder::events_from_json(std::string_view json) {
  const std::string whole = repaired_list(json);
  simdjson::dom::array events;
  if (json_parser().parse(whole).get(events) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element element : events) {
    if (!read_event(element, *this)) count(DropReason::kBadEvent);
  }
  return true;
}

DecodeCounts BatchBuilder::finish(const PayloadContext& context) {
  if (counts_.spans_out == 0) {
    restore(start_, true);
    return std::move(counts_);
  }
  const signal::Text env = value(context.env);
  const signal::Text version = value(context.app_version);
  const signal::Text host = value(context.hostname);
  for (size_t i = start_.spans; i < out_.spans.size(); ++i) {
    signal::Span& span = out_.spans[i];
    if (span.env.empty()) span.env = env;
    if (span.version.empty()) span.version = version;
    if (span.host.empty()) span.host = host;
  }
  return std::move(counts_);
}

void BatchBuilder::rollback() { restore(start_, true); }

}  // namespace godseye::ddtrace
