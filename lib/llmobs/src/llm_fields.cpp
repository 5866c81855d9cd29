#include "llm_fields.h"

#include <algorithm>
#include <set>

#include <godseye/base/json_text.h>
#include <godseye/llmobs/lenient_json.h>
#include <godseye/llmobs/llmobs.h>
#include <godseye/msgpack/json.h>

namespace godseye::llmobs {
namespace {

using signal::LlmSpan;
using signal::SpanBatch;
using signal::Text;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Text add(std::string_view text, SpanBatch& out) { return text.empty() ? Text{} : out.add(text); }

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

// The first element of a list, else the value itself.
std::optional<dom::element> first_or_self(std::optional<dom::element> value) {
  dom::array list;
  if (!value || value->get(list) != simdjson::SUCCESS) return value;
  for (const dom::element element : list) return element;
  return {};
}

// Input and output in the one form of span.h: an object with value, messages, documents or parameters. Whatever else
// came (experiments send any JSON) becomes the value.
std::string io_json(std::optional<dom::element> io) {
  if (!io) return {};
  dom::object object;
  if (io->get(object) == simdjson::SUCCESS) {
    for (const std::string_view known : {"value", "messages", "documents", "parameters", "prompt"}) {
      if (field(*io, known)) return json_without(object, "prompt");
    }
    if (object.size() == 0) return {};
  }
  return "{\"value\":" + json_of(io) + "}";
}

void read_texts(const LlmSource& source, dom::element meta, LlmSpan& llm, SpanBatch& out) {
  const auto metadata = field(meta, "metadata");
  const auto either = [&](std::string_view name) {
    return first_of({text_field(meta, name), text_of(field(metadata, name))});
  };
  const std::string kind =
      first_of({text_of(field(field(meta, "span"), "kind")), text_field(meta, "span.kind"), text_field(meta, "kind")});
  llm.kind = signal::llm_kind(lower(kind));
  llm.model_name = add(either("model_name"), out);
  llm.response_model =
      add(first_of({either("response_model"), std::string(source.tags.get("llm.response.model"))}), out);
  llm.model_provider = add(lower(either("model_provider")), out);

  const auto input = field(meta, "input");
  const auto prompt = field(input, "prompt");
  llm.prompt = add(json_of(prompt), out);
  llm.prompt_id = add(first_of({text_of(field(prompt, "id")), std::string(source.tags.get("prompt_id"))}), out);
  llm.input = add(io_json(input), out);
  llm.output = add(io_json(field(meta, "output")), out);
  llm.expected_output = add(json_of(field(meta, "expected_output")), out);
  dom::object values;
  const bool has_metadata = metadata && metadata->get(values) == simdjson::SUCCESS && values.size() > 0;
  llm.metadata = add(has_metadata ? json_of(metadata) : "", out);
  const auto tools = field(meta, "tool_definitions");
  llm.tool_definitions = add(tools && tools->is_array() ? json_of(tools) : "", out);

  const auto error = field(meta, "error");
  const auto error_text = [&](std::string_view name) {
    return first_of({text_of(field(error, name)), text_field(meta, "error." + std::string(name))});
  };
  llm.error_type = add(first_of({error_text("type"), std::string(source.tags.get("error_type"))}), out);
  llm.error_message = add(error_text("message"), out);
  llm.error_stack = add(error_text("stack"), out);
  llm.finish_reason = add(first_of({text_of(first_or_self(field(meta, "finish_reason"))),
                                    text_of(first_or_self(field(metadata, "finish_reason"))),
                                    text_of(first_or_self(field(metadata, "finish_reasons"))),
                                    text_of(first_or_self(field(metadata, "stop_reason")))}),
                          out);
  llm.call_id =
      add(first_of({std::string(source.tags.get("godseye.call_id")), text_of(field(metadata, "godseye.call_id")),
                    text_of(field(metadata, "x-godseye-call-id"))}),
          out);
}

int64_t tokens(dom::element metrics, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::optional<int64_t> value = integer_of(field(metrics, name));
    if (value && *value >= 0) return *value;
  }
  return signal::kNoTokens;
}

double not_negative(dom::element metrics, std::string_view name) {
  const std::optional<double> value = number_of(field(metrics, name));
  return value && *value >= 0 ? *value : signal::kNoScore;
}

double score(dom::element metrics, std::string_view name) {
  const double value = not_negative(metrics, name);
  return value > 1 ? 1 : value;
}

int32_t small_count(dom::element metrics, std::string_view name) {
  const std::optional<int64_t> value = integer_of(field(metrics, name));
  return value && *value >= 0 ? static_cast<int32_t>(std::min<int64_t>(*value, INT32_MAX)) : -1;
}

void read_metrics(dom::element metrics, LlmSpan& llm) {
  llm.input_tokens = tokens(metrics, {"input_tokens", "prompt_tokens"});
  llm.output_tokens = tokens(metrics, {"output_tokens", "completion_tokens"});
  llm.total_tokens = tokens(metrics, {"total_tokens"});
  llm.cache_read_tokens = tokens(metrics, {"cache_read_input_tokens"});
  llm.cache_write_tokens = tokens(metrics, {"cache_write_input_tokens"});
  llm.cache_write_1h_tokens = tokens(metrics, {"ephemeral_1h_input_tokens"});
  const int64_t short_lived = tokens(metrics, {"ephemeral_5m_input_tokens"});
  if (llm.cache_write_tokens == signal::kNoTokens && (short_lived >= 0 || llm.cache_write_1h_tokens >= 0)) {
    // The breakdown came without its sum. Halves of the range cannot overflow.
    const auto half = [](int64_t value) { return std::clamp<int64_t>(value, 0, INT64_MAX / 2); };
    llm.cache_write_tokens = half(short_lived) + half(llm.cache_write_1h_tokens);
  }
  llm.reasoning_tokens = tokens(metrics, {"reasoning_output_tokens", "reasoning_tokens"});
  llm.time_to_first_token_s = not_negative(metrics, "time_to_first_token");
  llm.input_cost_usd = not_negative(metrics, "input_cost");
  llm.output_cost_usd = not_negative(metrics, "output_cost");
  llm.reported_cost_usd = not_negative(metrics, "total_cost");
  if (llm.reported_cost_usd < 0 && (llm.input_cost_usd >= 0 || llm.output_cost_usd >= 0)) {
    llm.reported_cost_usd = std::max(0.0, llm.input_cost_usd) + std::max(0.0, llm.output_cost_usd);
  }
  llm.injection_score = score(metrics, "godseye.injection_score");
  llm.quality_score = score(metrics, "godseye.quality_score");
  llm.toxicity_score = score(metrics, "godseye.toxicity_score");
  llm.similarity_score = score(metrics, "godseye.similarity_score");
  llm.ungrounded = score(metrics, "godseye.ungrounded");
  llm.pii_count = small_count(metrics, "godseye.pii_count");
  llm.recommended_products = small_count(metrics, "godseye.recommended_products");
  llm.invalid_products = small_count(metrics, "godseye.invalid_products");
}

signal::ScoredBy scored_by(std::string_view word) {
  if (word == "gateway") return signal::ScoredBy::kGateway;
  if (word == "pipeline") return signal::ScoredBy::kPipeline;
  if (word == "application") return signal::ScoredBy::kApplication;
  return signal::ScoredBy::kNobody;
}

}  // namespace

void Tags::add(std::string key, std::string value) { tags_.emplace_back(std::move(key), std::move(value)); }

size_t Tags::add(std::optional<dom::element> tags) {
  size_t over = 0;
  const auto keep = [&](std::string key, std::string value) {
    if (tags_.size() >= kTagsPerSpanMax) {
      ++over;
    } else {
      add(std::move(key), std::move(value));
    }
  };
  dom::array list;
  dom::object map;
  if (tags && tags->get(list) == simdjson::SUCCESS) {
    for (const dom::element tag : list) {
      const std::string text = text_of(tag);
      const size_t colon = text.find(':');
      // Clients name a version that nobody set.
      if (text.empty() || colon + 1 == text.size()) continue;
      keep(text.substr(0, colon), colon == std::string::npos ? "" : text.substr(colon + 1));
    }
  } else if (tags && tags->get(map) == simdjson::SUCCESS) {
    for (const auto& [key, value] : map) {
      if (value.is_null()) continue;
      if (value.get(list) == simdjson::SUCCESS) {
        for (const dom::element one : list) keep(std::string(key), text_of(one));
      } else {
        std::string text = value.is_object() ? json_of(value) : text_of(value);
        if (!text.empty()) keep(std::string(key), std::move(text));
      }
    }
  }
  return over;
}

const std::string* Tags::find(std::string_view key) const {
  for (const auto& [name, value] : tags_) {
    if (name == key) return &value;
  }
  if (key.find('.') == std::string_view::npos) return nullptr;
  // Python without an agent writes its keys' dots as underscores.
  std::string without_dots(key);
  std::replace(without_dots.begin(), without_dots.end(), '.', '_');
  for (const auto& [name, value] : tags_) {
    if (name == without_dots) return &value;
  }
  return nullptr;
}

std::string_view Tags::get(std::string_view key) const {
  const std::string* value = find(key);
  return value ? std::string_view(*value) : std::string_view();
}

std::string Tags::json() const {
  std::set<std::string> sorted;
  for (const auto& [key, value] : tags_) sorted.insert(value.empty() ? key : key + ":" + value);
  std::string out = "[";
  for (const std::string& tag : sorted) {
    if (out.size() > 1) out += ',';
    base::append_json_string(tag, out);
  }
  out += ']';
  return out;
}

void append_llm(const LlmSource& source, signal::Span& span, SpanBatch& out) {
  LlmSpan llm;
  if (const auto meta = field(source.document, "meta")) read_texts(source, *meta, llm, out);
  if (const auto metrics = field(source.document, "metrics")) read_metrics(*metrics, llm);
  llm.ml_app = add(
      first_of({text_field(source.document, "ml_app"), source.ml_app, std::string(source.tags.get("ml_app"))}), out);
  llm.llm_trace_id = add(source.llm_trace_id, out);
  if (source.parent_id != "undefined" && source.parent_id != "0") llm.parent_id = add(source.parent_id, out);
  llm.scored_by = scored_by(source.tags.get("godseye.scored_by"));
  llm.tags = add(source.tags.json(), out);
  span.llm = static_cast<uint32_t>(out.llm.size());
  out.llm.push_back(llm);
}

void append_links(dom::element document, signal::Span& span, SpanBatch& out) {
  const auto list = field(document, "span_links");
  dom::array links;
  if (!list || list->get(links) != simdjson::SUCCESS) return;
  if (span.links.size() == 0)
    span.links = {static_cast<uint32_t>(out.links.size()), static_cast<uint32_t>(out.links.size())};
  if (span.links.end != out.links.size()) return;
  constexpr uint32_t kLinksPerSpanMax = 1024;
  for (const dom::element element : links) {
    if (span.links.size() >= kLinksPerSpanMax) break;
    signal::SpanLink link;
    const TraceId trace = parse_trace_id(text_field(element, "trace_id"));
    link.trace_id_high = trace.high;
    link.trace_id_low = trace.low;
    link.span_id = parse_span_id(text_field(element, "span_id"));
    if (link.span_id == 0) continue;  // "undefined" parents of roots hash; an absent id is no link
    const auto attributes = field(element, "attributes");
    if (attributes && attributes->is_object()) link.attributes = add(json_of(attributes), out);
    out.links.push_back(link);
    ++span.links.end;
  }
}

void attribute(std::string_view session_id, const Tags& tags, signal::Span& span, SpanBatch& out) {
  const auto first_tag = [&](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (const std::string_view value = tags.get(name); !value.empty()) return value;
    }
    return std::string_view();
  };
  if (span.session_id.empty()) {
    span.session_id =
        add(session_id.empty() ? first_tag({"session_id", "session.id", "usr.session.id"}) : session_id, out);
  }
  if (span.user_id.empty()) span.user_id = add(first_tag({"user_id", "usr.id", "user.id"}), out);
}

}  // namespace godseye::llmobs
