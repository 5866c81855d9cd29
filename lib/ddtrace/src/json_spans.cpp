#include "json_values.h"

#include <algorithm>
#include <cmath>

#include <godseye/llmobs/lenient_json.h>

namespace godseye::ddtrace {
namespace {

namespace dom = simdjson::dom;
using base::Error;
using base::ErrorCode;

// Deeper than any trace body; what is inside meta_struct has its own limit.
constexpr size_t kJsonDepthMax = 80;

// The two JSON forms differ in how ids and times are written.
enum class Form : uint8_t { kAgent, kAgentless };

class JsonDecoder {
 public:
  JsonDecoder(Form form, BatchBuilder& builder) : form_(form), builder_(builder) {}

  void chunk(dom::element element) {
    builder_.begin_chunk();
    dom::array spans;
    if (element.is_null()) return builder_.end_chunk(0);
    if (element.get(spans) != simdjson::SUCCESS) return builder_.count_lost_span(DropReason::kNotASpan);
    size_t count = 0;
    for (const dom::element span : spans) {
      read_span(span);
      ++count;
    }
    builder_.end_chunk(count);
  }

 private:
  void read_span(dom::element element) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return builder_.count_lost_span(DropReason::kNotASpan);
    builder_.begin_span();
    for (const auto& [key, value] : object) {
      if (!value.is_null()) read_field(key, value);
    }
    builder_.end_span();
  }

  void read_field(std::string_view name, dom::element value) {
    signal::Span& span = builder_.span();
    if (name == "service") return read_text(value, span.service);
    if (name == "name") return read_text(value, span.name);
    if (name == "resource") return read_text(value, span.resource);
    if (name == "type") return read_text(value, span.type);
    if (name == "trace_id") return read_id(value, span.trace_id_high, span.trace_id_low);
    uint64_t unused = 0;
    if (name == "span_id") return read_id(value, unused, span.span_id);
    if (name == "parent_id") return read_id(value, unused, span.parent_id);
    if (name == "start") return read_start(value);
    if (name == "duration") {
      if (!json_signed(value, span.duration_ns)) builder_.bad_span();
      return;
    }
    if (name == "error") return read_error(value);
    if (name == "meta") return read_meta(value);
    if (name == "metrics") return read_metrics(value);
    if (name == "meta_struct") return read_meta_struct(value);
    if (name == "span_links" || name == "links") return read_list(value, read_link, DropReason::kBadLink);
    if (name == "span_events" || name == "events") return read_list(value, read_event, DropReason::kBadEvent);
  }

  void read_text(dom::element value, signal::Text& out) {
    if (!scalar_text(value, text_)) return builder_.bad_span();
    out = builder_.value(text_);
  }

  void read_id(dom::element value, uint64_t& high, uint64_t& low) {
    std::string_view text;
    const bool is_text = value.get(text) == simdjson::SUCCESS;
    const bool read = is_text && form_ == Form::kAgentless ? parse_hex128(text, high, low) : json_unsigned(value, low);
    if (!read) builder_.bad_span();
  }

  void read_start(dom::element value) {
    signal::Span& span = builder_.span();
    if (!json_signed(value, span.start_ns)) return builder_.bad_span();
    if (form_ == Form::kAgent) return;
    // Seconds, as the format says; nanoseconds where a client sends those all the same: no time in seconds is so large.
    constexpr double kSecondsMax = 1e12;
    double seconds = 0;
    if (!json_real(value, seconds)) return builder_.bad_span();
    if (std::fabs(seconds) > kSecondsMax) return;
    const double whole = std::floor(seconds);
    const double fraction = std::round((seconds - whole) * 1e9);
    span.start_ns = std::fabs(whole) > 9e9
                        ? span.start_ns
                        : static_cast<int64_t>(whole) * 1'000'000'000 + static_cast<int64_t>(fraction);
  }

  void read_error(dom::element value) {
    bool flag = false;
    int64_t number = 0;
    if (value.get(flag) != simdjson::SUCCESS && json_signed(value, number)) flag = number != 0;
    builder_.span().error = flag ? 1 : 0;
  }

  void read_meta(dom::element value) {
    dom::object tags;
    if (value.get(tags) != simdjson::SUCCESS) return builder_.count(DropReason::kBadTag);
    for (const auto& [key, tag] : tags) {
      if (tag.is_null()) continue;
      if (scalar_text(tag, text_)) {
        builder_.meta(key, text_);
      } else {
        builder_.count(DropReason::kBadTag);
      }
    }
  }

  void read_metrics(dom::element value) {
    dom::object numbers;
    if (value.get(numbers) != simdjson::SUCCESS) return builder_.count(DropReason::kBadTag);
    for (const auto& [key, number] : numbers) {
      double real = 0;
      bool flag = false;
      if (number.is_null()) continue;
      if (number.get(flag) == simdjson::SUCCESS) {
        real = flag ? 1 : 0;
      } else if (!json_real(number, real)) {
        builder_.count(DropReason::kBadTag);
        continue;
      }
      builder_.metric(key, real);
    }
  }

  void read_meta_struct(dom::element value) {
    dom::element document;
    if (value.at_key("_llmobs").get(document) == simdjson::SUCCESS) builder_.llmobs_json(simdjson::minify(document));
  }

  void read_list(dom::element value, bool (*read)(dom::element, BatchBuilder&), DropReason reason) {
    dom::array list;
    if (value.get(list) != simdjson::SUCCESS) return builder_.count(reason);
    for (const dom::element one : list) {
      if (!read(one, builder_)) builder_.count(reason);
    }
  }

  const Form form_;
  BatchBuilder& builder_;
  std::string text_;
};

base::Status parse(std::string_view body, dom::parser& parser, dom::element& root) {
  if (parser.allocate(std::max<size_t>(body.size(), 64), kJsonDepthMax) != simdjson::SUCCESS) {
    return Error{ErrorCode::kTooLarge, "JSON trace payload is too large to parse"};
  }
  simdjson::error_code code = parser.parse(body.data(), body.size()).get(root);
  if (code != simdjson::SUCCESS && code != simdjson::DEPTH_ERROR && code != simdjson::EMPTY) {
    const std::string repaired = llmobs::repair_json(body);
    if (repaired.size() > parser.capacity() && parser.allocate(repaired.size(), kJsonDepthMax) != simdjson::SUCCESS) {
      return Error{ErrorCode::kTooLarge, "JSON trace payload is too large to parse"};
    }
    code = parser.parse(repaired.data(), repaired.size()).get(root);
  }
  if (code == simdjson::SUCCESS) return base::ok();
  return Error{ErrorCode::kInvalidArgument,
               std::string("JSON trace payload is not valid: ") + simdjson::error_message(code)};
}

}  // namespace

base::Result<DecodeCounts> decode_json(std::string_view body, const PayloadContext& context, signal::SpanBatch& out) {
  BatchBuilder builder(context, body.size(), out);
  if (base::Status room = builder.room(); !room) return std::move(room).error();
  dom::parser parser;
  dom::element root;
  if (base::Status parsed = parse(body, parser, root); !parsed) return std::move(parsed).error();
  dom::array chunks;
  if (root.get(chunks) != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalidArgument, "JSON trace payload: expected a list of traces"};
  }
  JsonDecoder decoder(Form::kAgent, builder);
  for (const dom::element chunk : chunks) decoder.chunk(chunk);
  return builder.finish(context);
}

base::Result<DecodeCounts> decode_agentless(std::string_view body, const PayloadContext& context,
                                            signal::SpanBatch& out) {
  BatchBuilder builder(context, body.size(), out);
  if (base::Status room = builder.room(); !room) return std::move(room).error();
  dom::parser parser;
  dom::element root;
  if (base::Status parsed = parse(body, parser, root); !parsed) return std::move(parsed).error();
  dom::array traces;
  if (root.at_key("traces").get(traces) != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalidArgument, "agentless trace payload: traces: expected a list"};
  }
  builder.allow_foreign_trace_ids();
  JsonDecoder decoder(Form::kAgentless, builder);
  for (const dom::element trace : traces) {
    const auto text = [&](const char* name) {
      std::string_view value;
      return trace.at_key(name).get(value) == simdjson::SUCCESS ? value : std::string_view();
    };
    DecodeCounts& counts = builder.counts();
    if (counts.language.empty()) counts.language = text("languageName");
    if (counts.tracer_version.empty()) counts.tracer_version = text("tracerVersion");
    builder.keep_common_tags(0);
    builder.common_tag("env", text("env"));
    builder.common_tag("_dd.hostname", text("hostname"));
    dom::element spans;
    if (trace.at_key("spans").get(spans) != simdjson::SUCCESS) {
      builder.count(DropReason::kEmptyTrace);
      continue;
    }
    decoder.chunk(spans);
  }
  return builder.finish(context);
}

}  // namespace godseye::ddtrace
