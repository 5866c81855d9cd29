#include "json.h"

#include <algorithm>

#include <godseye/ddapi/event.h>
#include <godseye/ddapi/spans.h>

namespace godseye::ddapi {

using base::Result;
using signal::Event;
using signal::ServiceCheck;

namespace {

constexpr size_t kDepthMax = 24;
constexpr int64_t kSearchLimitMax = 1000;

// The kinds of product analytics calls: `type` of a call, and the tag that its name becomes.
constexpr std::string_view kTrackTypes[] = {"event", "endpoint_usage", "feature_usage", "user_action", "conversion"};

void set_priority(FieldReader& reader, std::string_view priority, Event& event) {
  if (priority.empty()) return;
  if (priority != "normal" && priority != "low") reader.fail(expected("priority", "\"normal\" or \"low\""));
  event.low_priority = priority == "low";
}

void set_alert_type(FieldReader& reader, std::string_view field, std::string_view name, Event& event) {
  if (!name.empty() && !signal::parse_alert_type(name, event.alert_type)) {
    reader.fail(
        expected(reader.path_of(field), "info, success, warning, error, user_update, recommendation or snapshot"));
  }
}

Result<ServiceCheck> decode_check(json::value value, const std::string& path) {
  if (!value.is_object()) return expected(path.empty() ? "body" : path, "an object with check, status and tags");
  FieldReader reader(std::move(value.as_object()), path);
  ServiceCheck check;
  std::optional<int64_t> status;
  std::optional<int64_t> timestamp;
  reader.text("check", check.check);
  reader.text("host_name", check.host);
  reader.text("message", check.message);
  reader.integer("status", status);
  reader.integer("timestamp", timestamp);
  reader.texts("tags", check.tags);
  if (!reader.status()) return reader.status().error();
  if (check.check.empty()) return expected(reader.path_of("check"), "the name of the check");
  if (!status || *status < 0 || *status > 3) return expected(reader.path_of("status"), "0, 1, 2 or 3");
  check.status = static_cast<signal::CheckStatus>(*status);
  check.time_s = timestamp.value_or(0);
  return check;
}

Result<Event> decode_track(json::value value, const std::string& path) {
  if (!value.is_object()) return expected(path, "an object with type and name");
  FieldReader reader(std::move(value.as_object()), path);
  std::string type, name, session, user, service, env;
  std::optional<double> latency, cost, amount;
  std::optional<int64_t> timestamp, shown, clicked, rating;
  Event event;
  reader.text("type", type);
  reader.text("name", name);
  reader.text("session_id", session);
  reader.text("user_id", user);
  reader.text("service", service);
  reader.text("env", env);
  reader.number("latency_ms", latency);
  reader.number("cost_usd", cost);
  reader.number("value", amount);
  reader.integer("timestamp_ms", timestamp);
  reader.integer("shown", shown);
  reader.integer("clicked", clicked);
  reader.integer("rating", rating);
  reader.texts("tags", event.tags);
  std::optional<json::value> properties = reader.take("properties");
  if (!reader.status()) return reader.status().error();
  if (std::find(std::begin(kTrackTypes), std::end(kTrackTypes), type) == std::end(kTrackTypes)) {
    return expected(reader.path_of("type"), "event, endpoint_usage, feature_usage, user_action or conversion");
  }
  if (name.empty()) return expected(reader.path_of("name"), "what was used, done or reached");
  if (properties && !properties->is_object()) return expected(reader.path_of("properties"), "an object");
  for (const auto& [key, count] : {std::pair("shown", shown), std::pair("clicked", clicked)}) {
    if (count && (*count < 0 || *count > kTrackCountMax)) {
      return expected(reader.path_of(key), "a whole number up to " + std::to_string(kTrackCountMax));
    }
  }
  if (rating && (*rating < -1 || *rating > 1)) return expected(reader.path_of("rating"), "-1, 0 or 1");
  event.title = "Product Analytics: " + name;
  event.text = properties ? json::serialize(*properties) : "{}";
  event.source = signal::kProductAnalyticsSource;
  event.aggregation_key = type + "/" + name;
  event.time_ms = timestamp.value_or(0);
  const std::string_view what = type == "endpoint_usage"  ? "endpoint"
                                : type == "feature_usage" ? "feature"
                                : type == "user_action"   ? "action"
                                : type == "conversion"    ? "conversion"
                                                          : "event";
  event.tags.push_back("analytics_type:" + type);
  event.tags.push_back(std::string(what) + ":" + name);
  for (const auto& [key, tag] : {std::pair<std::string_view, const std::string&>{"service", service},
                                 {"env", env},
                                 {"session_id", session},
                                 {"user_id", user}}) {
    if (!tag.empty()) event.tags.push_back(std::string(key) + ":" + tag);
  }
  const auto add = [&](const char* key, const std::optional<double>& number) {
    if (number) event.values.emplace_back(key, *number);
  };
  add("latency_ms", latency);
  add("cost_usd", cost);
  add("value", amount);
  add("shown", shown ? std::optional<double>(*shown) : std::nullopt);
  add("clicked", clicked ? std::optional<double>(*clicked) : std::nullopt);
  add("rating", rating ? std::optional<double>(*rating) : std::nullopt);
  return event;
}

// One element, or an array of them.
template <typename Item, typename Decode>
Result<std::vector<Item>> one_or_many(std::string_view text, size_t count_max, Decode decode) {
  Result<json::value> document = parse_json(text, kEventBodyBytesMax, kDepthMax);
  if (!document) return std::move(document).error();
  std::vector<Item> items;
  json::array many;
  if (document->is_array()) {
    many = std::move(document->as_array());
  } else {
    many.push_back(*std::move(document));
  }
  if (many.size() > count_max) return expected("body", "at most " + std::to_string(count_max) + " elements");
  for (json::value& one : many) {
    Result<Item> item = decode(std::move(one), "[" + std::to_string(items.size()) + "]");
    if (!item) return std::move(item).error();
    items.push_back(*std::move(item));
  }
  return items;
}

// Tags as clients know them: the session and the host among them.
json::array all_tags(const Event& event) {
  json::array tags = text_array(event.tags);
  for (size_t key = 0; key < signal::kAttributionKeyCount; ++key) {
    if (event.attribution.values[key].empty()) continue;
    tags.emplace_back(std::string(signal::kAttributionKeyNames[key]) + ":" + event.attribution.values[key]);
  }
  return tags;
}

// Where it can be read; there is no page of one event.
std::string event_url(const Event& event, std::string_view public_url) {
  return std::string(public_url) + "/api/v1/events/" + std::to_string(event.id);
}

json::object event_object_v1(const Event& event, std::string_view public_url) {
  return {{"id", event.id},
          {"id_str", std::to_string(event.id)},
          {"title", event.title},
          {"text", event.text},
          {"date_happened", event.time_ms / 1000},
          {"alert_type", signal::alert_type_name(event.alert_type)},
          {"priority", event.low_priority ? "low" : "normal"},
          {"host", event.host},
          {"source", event.source},
          {"aggregation_key", event.aggregation_key},
          {"handle", nullptr},
          {"related_event_id", nullptr},
          {"device_name", nullptr},
          {"resource", "/api/v1/events/" + std::to_string(event.id)},
          {"url", event_url(event, public_url)},
          {"tags", all_tags(event)}};
}

json::object event_object_v2(const Event& event) {
  const std::string id = std::to_string(event.id);
  std::string service;
  for (const std::string& tag : event.tags) {
    if (tag.starts_with("service:")) service = tag.substr(8);
  }
  json::object attributes{{"aggregation_key", event.aggregation_key},
                          {"date_happened", event.time_ms / 1000},
                          {"timestamp", event.time_ms},
                          {"evt", {{"id", id}, {"name", event.title}, {"source_id", 36}, {"type", "event"}}},
                          {"hostname", event.host},
                          {"priority", event.low_priority ? "low" : "normal"},
                          {"service", service},
                          {"source_type_name", event.source},
                          {"status", signal::alert_type_name(event.alert_type)},
                          {"tags", all_tags(event)},
                          {"title", event.title}};
  if (!event.values.empty()) {
    json::object values;
    for (const auto& [name, value] : event.values) values[name] = number_value(value);
    attributes["values"] = std::move(values);
  }
  return {{"id", id},
          {"type", "event"},
          {"attributes",
           {{"attributes", std::move(attributes)},
            {"message", event.text},
            {"tags", all_tags(event)},
            {"timestamp", format_time_ns(event.time_ms * 1'000'000)}}}};
}

}  // namespace

Result<Event> decode_event_v1(std::string_view text) {
  Result<json::object> object = parse_object(text, kEventBodyBytesMax, kDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  Event event;
  std::string alert_type, priority;
  std::optional<int64_t> date_happened;
  reader.text("title", event.title);
  reader.text("text", event.text);
  reader.text("host", event.host);
  reader.text("source_type_name", event.source);
  reader.text("aggregation_key", event.aggregation_key);
  reader.text("alert_type", alert_type);
  reader.text("priority", priority);
  reader.integer("date_happened", date_happened);
  reader.texts("tags", event.tags);
  set_priority(reader, priority, event);
  set_alert_type(reader, "alert_type", alert_type, event);
  if (!reader.status()) return reader.status().error();
  if (event.title.empty()) return expected("title", "the event's title");
  event.time_ms = date_happened.value_or(0) * 1000;
  return event;
}

Result<Event> decode_event_v2(std::string_view text) {
  Result<json::object> object = parse_object(text, kEventBodyBytesMax, kDepthMax);
  if (!object) return std::move(object).error();
  const json::value* data = object->if_contains("data");
  const json::value* attributes =
      data != nullptr && data->is_object() ? data->as_object().if_contains("attributes") : nullptr;
  if (attributes == nullptr || !attributes->is_object()) return expected("data.attributes", "an object");
  FieldReader reader(attributes->as_object(), "data.attributes");
  Event event;
  std::string category, timestamp, status;
  reader.text("title", event.title);
  reader.text("message", event.text);
  reader.text("category", category);
  reader.text("timestamp", timestamp);
  reader.text("host", event.host);
  reader.text("aggregation_key", event.aggregation_key);
  reader.text("integration_id", event.source);
  reader.texts("tags", event.tags);
  std::optional<json::value> details = reader.take("attributes");
  if (!reader.status()) return reader.status().error();
  if (event.title.empty()) return expected("data.attributes.title", "the event's title");
  if (category != "change" && category != "alert") return expected("data.attributes.category", "change or alert");
  event.tags.push_back("category:" + category);
  if (details && details->is_object()) {
    const json::value* said = details->as_object().if_contains("status");
    if (said != nullptr && said->is_string()) status = json::value_to<std::string>(*said);
    if (event.text.empty()) event.text = json::serialize(*details);
  }
  event.alert_type = status == "error"  ? signal::AlertType::kError
                     : status == "warn" ? signal::AlertType::kWarning
                     : status == "ok"   ? signal::AlertType::kSuccess
                                        : signal::AlertType::kInfo;
  if (!timestamp.empty()) {
    Result<int64_t> time_ns = read_time(timestamp, 0, TimeUnit::kMilliseconds);
    if (!time_ns) return std::move(time_ns).error().within("data.attributes.timestamp");
    event.time_ms = *time_ns / 1'000'000;
  }
  return event;
}

Result<std::vector<ServiceCheck>> decode_checks(std::string_view text) {
  return one_or_many<ServiceCheck>(text, kChecksPerBodyMax, decode_check);
}

Result<std::vector<Event>> decode_tracks(std::string_view text) {
  return one_or_many<Event>(text, kTracksPerBodyMax, decode_track);
}

std::string encode_event_created_v1(const Event& event, std::string_view public_url) {
  return json::serialize(json::object{{"status", "ok"}, {"event", event_object_v1(event, public_url)}});
}

std::string encode_event_created_v2(const Event& event, std::string_view public_url) {
  const std::string id = std::to_string(event.id);
  return json::serialize(json::object{
      {"data", {{"type", "event"}, {"attributes", {{"attributes", {{"evt", {{"id", id}, {"uid", id}}}}}}}}},
      {"links", {{"self", event_url(event, public_url)}}}});
}

std::string encode_event_v1(const Event& event, std::string_view public_url) {
  return json::serialize(json::object{{"event", event_object_v1(event, public_url)}, {"status", "ok"}});
}

std::string encode_events_v1(const std::vector<Event>& events, std::string_view public_url) {
  json::array list;
  for (const Event& event : events) list.push_back(event_object_v1(event, public_url));
  return json::serialize(json::object{{"events", std::move(list)}, {"status", "ok"}});
}

std::string encode_events_v2(const std::vector<Event>& events, std::string_view next_cursor, std::string_view next_link,
                             int64_t elapsed_ms, std::string_view request_id) {
  json::array data;
  for (const Event& event : events) data.push_back(event_object_v2(event));
  json::object meta{
      {"elapsed", elapsed_ms}, {"request_id", request_id}, {"status", "done"}, {"warnings", json::array()}};
  json::object body{{"data", std::move(data)}};
  if (!next_cursor.empty()) {
    meta["page"] = {{"after", next_cursor}};
    if (!next_link.empty()) body["links"] = {{"next", next_link}};
  }
  body["meta"] = std::move(meta);
  return json::serialize(body);
}

Result<EventSearchRequest> decode_event_search(std::string_view text) {
  EventSearchRequest request;
  if (text.empty()) return request;
  Result<json::object> object = parse_object(text, kEventBodyBytesMax, kDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  std::string sort;
  reader.text("sort", sort);
  if (!sort.empty() && sort != "timestamp" && sort != "-timestamp") {
    return expected("sort", "\"timestamp\" or \"-timestamp\"");
  }
  request.ascending = sort == "timestamp";
  if (std::optional<json::value> filter = reader.take("filter"); filter && filter->is_object()) {
    FieldReader fields(std::move(filter->as_object()), "filter");
    fields.text("query", request.query);
    fields.text("from", request.from);
    fields.text("to", request.to);
    if (!fields.status()) return fields.status().error();
  }
  if (std::optional<json::value> page = reader.take("page"); page && page->is_object()) {
    FieldReader fields(std::move(page->as_object()), "page");
    std::optional<int64_t> limit;
    fields.text("cursor", request.cursor);
    fields.integer("limit", limit);
    if (!fields.status()) return fields.status().error();
    if (limit && (*limit < 1 || *limit > kSearchLimitMax)) return expected("page.limit", "1 to 1000");
    request.limit = static_cast<size_t>(limit.value_or(10));
  }
  if (!reader.status()) return reader.status().error();
  return request;
}

}  // namespace godseye::ddapi
