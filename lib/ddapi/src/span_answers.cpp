#include "json.h"

#include <algorithm>

#include <godseye/ddapi/spans.h>

namespace godseye::ddapi {
namespace {

constexpr size_t kStoredJsonBytesMax = 64 << 20;
constexpr size_t kStoredJsonDepthMax = 128;
constexpr size_t kNestedKeysMax = 8;

// Stored bytes as JSON text: what is not UTF-8 becomes U+FFFD.
json::string clean(std::string_view text) {
  json::string out;
  out.reserve(text.size());
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (i + length > text.size()) length = 0;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) length = 0;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
        (lead == 0xf4 && second >= 0x90)) {
      length = 0;
    }
    if (length == 0) {
      out.append("\xef\xbf\xbd");
      ++i;
    } else {
      out.append(text.substr(i, length));
      i += length;
    }
  }
  return out;
}

json::array clean_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(clean(text));
  return array;
}

// `a.b.c` as objects in one another. Where a text stands in the way the rest of the key stays flat.
void put_nested(json::object& root, std::string_view key, json::value value) {
  json::object* at = &root;
  for (size_t depth = 1; depth < kNestedKeysMax; ++depth) {
    const size_t dot = key.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == key.size()) break;
    const json::string head = clean(key.substr(0, dot));
    json::value& next = (*at)[head];
    if (next.is_null()) next.emplace_object();
    if (!next.is_object()) break;
    at = &next.as_object();
    key.remove_prefix(dot + 1);
  }
  const json::string last = clean(key);
  if (at->contains(last)) return;
  at->emplace(last, std::move(value));
}

json::object custom_of(const SpanView& span) {
  json::object custom;
  // Short keys first, so that a text and an object of one name meet in one order.
  for (const auto& [key, value] : span.meta) put_nested(custom, key, json::value(clean(value)));
  for (const auto& [key, value] : span.metrics) put_nested(custom, key, number_value(value));
  return custom;
}

json::object span_json(const SpanView& span) {
  json::array tags;
  for (const auto& [key, value] : {std::pair<std::string_view, const std::string&>{"service", span.service},
                                   {"env", span.env},
                                   {"version", span.version},
                                   {"host", span.host},
                                   {"session_id", span.session_id},
                                   {"user_id", span.user_id}}) {
    if (!value.empty()) tags.emplace_back(clean(std::string(key) + ":" + value));
  }
  json::object attributes{{"duration", span.duration_ns},
                          {"operation_name", clean(span.name)},
                          {"error", span.error ? 1 : 0},
                          {"status", span.error ? "error" : "ok"}};
  return {{"id", span.id},
          {"type", "spans"},
          {"attributes", json::object{{"attributes", std::move(attributes)},
                                      {"custom", custom_of(span)},
                                      {"start_timestamp", format_time_ns(span.start_ns)},
                                      {"end_timestamp", format_time_ns(span.start_ns + span.duration_ns)},
                                      {"env", clean(span.env)},
                                      {"host", clean(span.host)},
                                      {"ingestion_reason", "all"},
                                      {"parent_id", span.parent_id},
                                      {"resource_hash", span.resource_hash},
                                      {"resource_name", clean(span.resource)},
                                      {"retained_by", "all"},
                                      {"service", clean(span.service)},
                                      {"single_span", span.single_span},
                                      {"span_id", span.span_id},
                                      {"tags", std::move(tags)},
                                      {"trace_id", span.trace_id},
                                      {"type", clean(span.type)}}}};
}

json::object meta_json(const SpanAnswerMeta& meta, bool with_page) {
  json::object out{{"elapsed", meta.elapsed_ms}, {"request_id", meta.request_id}, {"status", "done"}};
  if (with_page) {
    json::object page;
    if (!meta.next_cursor.empty()) page.emplace("after", meta.next_cursor);
    out.emplace("page", std::move(page));
  }
  if (!meta.warnings.empty()) {
    json::array warnings;
    for (const std::string& warning : meta.warnings) {
      warnings.push_back(json::object{{"code", "incomplete"}, {"title", "Incomplete"}, {"detail", clean(warning)}});
    }
    out.emplace("warnings", std::move(warnings));
  }
  return out;
}

std::string answer(json::array data, const SpanAnswerMeta& meta) {
  json::object root{{"data", std::move(data)}, {"meta", meta_json(meta, true)}};
  if (!meta.next_link.empty()) root.emplace("links", json::object{{"next", meta.next_link}});
  return json::serialize(root);
}

// A stored JSON text; null when it is none (it may have been cut).
json::value stored(std::string_view text) {
  if (text.empty()) return nullptr;
  base::Result<json::value> value = parse_json(text, kStoredJsonBytesMax, kStoredJsonDepthMax);
  if (!value) return nullptr;
  return *std::move(value);
}

json::string as_text(const json::value& value) {
  return value.is_string() ? value.as_string() : json::string(json::serialize(value));
}

// Keeps the texts `names` of `from`, others as text where they are none.
void copy_texts(const json::object& from, std::initializer_list<std::string_view> names, json::object& to) {
  for (const std::string_view name : names) {
    const json::value* value = from.if_contains(name);
    if (value != nullptr && !value->is_null()) to.emplace(name, as_text(*value));
  }
}

json::array tool_list(const json::value& calls, bool results) {
  json::array out;
  if (!calls.is_array()) return out;
  for (const json::value& call : calls.as_array()) {
    if (!call.is_object()) continue;
    json::object one;
    copy_texts(call.as_object(), {"name", "tool_id", "type"}, one);
    if (results) {
      copy_texts(call.as_object(), {"result"}, one);
    } else if (const json::value* arguments = call.as_object().if_contains("arguments")) {
      one.emplace("arguments", arguments->is_object() ? *arguments : json::value(json::object{{"value", *arguments}}));
    }
    out.push_back(std::move(one));
  }
  return out;
}

json::array messages_of(const json::value& list) {
  json::array out;
  if (!list.is_array()) return out;
  for (const json::value& message : list.as_array()) {
    json::object one;
    if (message.is_object()) {
      copy_texts(message.as_object(), {"content", "role", "id"}, one);
      if (const json::value* calls = message.as_object().if_contains("tool_calls")) {
        one.emplace("tool_calls", tool_list(*calls, false));
      }
      if (const json::value* results = message.as_object().if_contains("tool_results")) {
        one.emplace("tool_results", tool_list(*results, true));
      }
    } else {
      one.emplace("content", as_text(message));
    }
    out.push_back(std::move(one));
  }
  return out;
}

// What Datadog shows where only messages came: the last of the user, else all of them.
json::string value_of_messages(const json::array& messages) {
  json::string all;
  json::string user;
  for (const json::value& message : messages) {
    const json::value* content = message.as_object().if_contains("content");
    if (content == nullptr) continue;
    if (!all.empty()) all.append("\n");
    all.append(content->as_string());
    const json::value* role = message.as_object().if_contains("role");
    if (role != nullptr && role->as_string() == "user") user = content->as_string();
  }
  return user.empty() ? all : user;
}

json::object io_json(std::string_view text) {
  json::value value = stored(text);
  if (value.is_null()) return text.empty() ? json::object{} : json::object{{"value", clean(text)}};
  if (!value.is_object()) return {{"value", as_text(value)}};
  json::object& io = value.as_object();
  json::object out;
  if (const json::value* messages = io.if_contains("messages")) {
    json::array list = messages_of(*messages);
    out.emplace("value", value_of_messages(list));
    out.emplace("messages", std::move(list));
  }
  if (const json::value* documents = io.if_contains("documents")) {
    out.emplace("documents", *documents);
    if (!out.contains("value")) out.emplace("value", json::string(json::serialize(*documents)));
  }
  if (const json::value* plain = io.if_contains("value")) out["value"] = as_text(*plain);
  return out;
}

json::object evaluations_json(const LlmSpanView& span) {
  json::object out;
  for (const LlmEvaluationView& one : span.evaluations) {
    json::object evaluation{
        {"eval_metric_type", clean(one.metric_type)}, {"value", stored(one.value_json)}, {"status", "OK"}};
    if (!one.assessment.empty()) evaluation.emplace("assessment", clean(one.assessment));
    if (!one.reasoning.empty()) evaluation.emplace("reasoning", clean(one.reasoning));
    evaluation.emplace("tags", clean_array(one.tags));
    out[clean(one.label)] = std::move(evaluation);
  }
  return out;
}

json::array tool_definitions(std::string_view text) {
  json::array out;
  const json::value list = stored(text);
  if (!list.is_array()) return out;
  for (const json::value& tool : list.as_array()) {
    if (!tool.is_object()) continue;
    json::object one;
    copy_texts(tool.as_object(), {"name", "description", "version"}, one);
    const json::value* schema = tool.as_object().if_contains("schema");
    if (schema != nullptr && schema->is_object()) one.emplace("schema", *schema);
    out.push_back(std::move(one));
  }
  return out;
}

json::object llm_span_json(const LlmSpanView& span) {
  json::object metrics;
  for (const auto& [name, value] : span.metrics) metrics.emplace(name, number_value(value));
  json::object attributes{{"duration", static_cast<double>(span.duration_ns)},
                          {"start_ns", span.start_ns},
                          {"name", clean(span.name)},
                          {"ml_app", clean(span.ml_app)},
                          {"span_id", clean(span.span_id)},
                          {"trace_id", clean(span.trace_id)},
                          {"parent_id", clean(span.parent_id)},
                          {"span_kind", clean(span.kind)},
                          {"status", span.error ? "error" : "ok"},
                          {"tags", clean_array(span.tags)},
                          {"metrics", std::move(metrics)},
                          {"input", io_json(span.input_json)},
                          {"output", io_json(span.output_json)}};
  if (!span.model_name.empty()) attributes.emplace("model_name", clean(span.model_name));
  if (!span.model_provider.empty()) attributes.emplace("model_provider", clean(span.model_provider));
  if (json::value metadata = stored(span.metadata_json); metadata.is_object()) {
    attributes.emplace("metadata", std::move(metadata));
  }
  if (!span.tool_definitions_json.empty()) {
    attributes.emplace("tool_definitions", tool_definitions(span.tool_definitions_json));
  }
  if (!span.evaluations.empty()) attributes.emplace("evaluation", evaluations_json(span));
  return {{"id", span.id}, {"type", "span"}, {"attributes", std::move(attributes)}};
}

json::value bucket_value(const SpanBucketView::Value& value) {
  if (!value.points) return value.total ? number_value(*value.total) : json::value(nullptr);
  json::array points;
  for (const auto& [time_ns, number] : *value.points) {
    points.push_back(json::object{{"time", format_time_ns(time_ns)}, {"value", number_value(number)}});
  }
  return points;
}

}  // namespace

std::string encode_span_search(const std::vector<SpanView>& spans, const SpanAnswerMeta& meta) {
  json::array data;
  data.reserve(spans.size());
  for (const SpanView& span : spans) data.push_back(span_json(span));
  return answer(std::move(data), meta);
}

std::string encode_llm_span_search(const std::vector<LlmSpanView>& spans, const SpanAnswerMeta& meta) {
  json::array data;
  data.reserve(spans.size());
  for (const LlmSpanView& span : spans) data.push_back(llm_span_json(span));
  return answer(std::move(data), meta);
}

std::string encode_span_aggregate(const std::vector<std::string>& facets, const std::vector<SpanBucketView>& buckets,
                                  const SpanAnswerMeta& meta) {
  json::array data;
  for (size_t i = 0; i < buckets.size(); ++i) {
    json::object by;
    for (size_t k = 0; k < facets.size(); ++k) by[clean(facets[k])] = clean(buckets[i].by[k]);
    json::object computes;
    for (size_t k = 0; k < buckets[i].computes.size(); ++k) {
      json::value value = bucket_value(buckets[i].computes[k]);
      if (!value.is_null()) computes.emplace("c" + std::to_string(k), std::move(value));
    }
    json::object attributes{{"by", std::move(by)}, {"compute", computes}, {"computes", std::move(computes)}};
    data.push_back(
        json::object{{"id", "bucket-" + std::to_string(i)}, {"type", "bucket"}, {"attributes", std::move(attributes)}});
  }
  return json::serialize(json::object{{"data", std::move(data)}, {"meta", meta_json(meta, false)}});
}

}  // namespace godseye::ddapi
