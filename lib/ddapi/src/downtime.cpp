#include "json.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

#include <godseye/ddapi/downtime.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/ddapi/spans.h>

namespace godseye::ddapi {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kNsPerS = 1'000'000'000;

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : separator).append(part);
  return text;
}

// dogshell sends numbers as they were typed, as texts.
void number_from_text(FieldReader& reader, std::string_view name) {
  json::value* value = reader.rest().if_contains(name);
  if (value == nullptr || !value->is_string()) return;
  const std::string_view digits(value->as_string().data(), value->as_string().size());
  int64_t number = 0;
  const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code == std::errc() && stop == digits.data() + digits.size()) *value = number;
}

// v1 writes a scope as a list or as one text with commas; every one of them must hold.
void read_scope_v1(FieldReader& reader, DowntimeSpec& spec) {
  std::optional<json::value> value = reader.take("scope");
  if (!value) return;
  if (value->is_string()) {
    spec.scope = json::value_to<std::string>(*value);
    return;
  }
  if (!value->is_array() || value->as_array().size() > kDowntimeScopesMax) {
    return reader.fail(expected("scope", "a text, or a list of at most 50 texts"));
  }
  std::vector<std::string> parts;
  for (const json::value& part : value->as_array()) {
    if (!part.is_string()) return reader.fail(expected("scope", "a list of texts"));
    if (part.as_string() != "*") parts.push_back(json::value_to<std::string>(part));
  }
  spec.scope = parts.empty() ? "*" : joined(parts, ",");
}

// "days" with period 2 and so on as an RRULE. Empty and an error in `reader` when it cannot be one.
std::string rrule_of(FieldReader& reader) {
  std::string type;
  std::optional<int64_t> period;
  std::optional<int64_t> until_date;
  std::optional<int64_t> until_occurrences;
  std::optional<std::vector<std::string>> week_days;
  std::string rrule;
  reader.text("type", type);
  reader.integer("period", period);
  reader.integer("until_date", until_date);
  reader.integer("until_occurrences", until_occurrences);
  reader.texts("week_days", week_days);
  reader.text("rrule", rrule);
  if (!reader.status()) return {};
  if (type == "rrule" || (type.empty() && !rrule.empty())) {
    if (rrule.empty()) reader.fail(expected("recurrence.rrule", "a rule such as FREQ=WEEKLY;BYDAY=MO"));
    return rrule;
  }
  const std::string_view frequency = type == "days"     ? "DAILY"
                                     : type == "weeks"  ? "WEEKLY"
                                     : type == "months" ? "MONTHLY"
                                     : type == "years"  ? "YEARLY"
                                                        : "";
  if (frequency.empty()) {
    reader.fail(expected("recurrence.type", "days, weeks, months, years or rrule"));
    return {};
  }
  if (period.value_or(1) < 1 || period.value_or(1) > 1000) {
    reader.fail(expected("recurrence.period", "1 to 1000"));
    return {};
  }
  if (until_date && until_occurrences) {
    reader.fail(expected("recurrence", "until_date or until_occurrences, not both"));
    return {};
  }
  std::string text = "FREQ=" + std::string(frequency) + ";INTERVAL=" + std::to_string(period.value_or(1));
  if (week_days && !week_days->empty()) {
    std::vector<std::string> days;
    for (const std::string& day : *week_days) {
      // "Mon" → "MO".
      if (day.size() < 2) {
        reader.fail(expected("recurrence.week_days", "Mon, Tue, Wed, Thu, Fri, Sat or Sun"));
        return {};
      }
      const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
      days.push_back({upper(day[0]), upper(day[1])});
    }
    text += ";BYDAY=" + joined(days, ",");
  }
  if (until_occurrences) text += ";COUNT=" + std::to_string(*until_occurrences);
  if (until_date) {
    const std::time_t time = static_cast<std::time_t>(std::clamp<int64_t>(*until_date, 0, 4'102'444'800));
    std::tm parts{};
    gmtime_r(&time, &parts);
    char until[64];
    std::snprintf(until, sizeof until, ";UNTIL=%04d%02d%02dT%02d%02d%02dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    text += until;
  }
  return text;
}

void read_recurrence_v1(FieldReader& reader, DowntimeSpec& spec) {
  const bool given = reader.has("recurrence");
  std::optional<json::value> value = reader.take("recurrence");
  if (!given) return;
  spec.recurrences.clear();
  spec.v1_recurrence_json.clear();
  if (!value) return;
  if (!value->is_object()) return reader.fail(expected("recurrence", "an object or null"));
  if (value->as_object().empty()) return;
  spec.v1_recurrence_json = json::serialize(*value);
  FieldReader inner(std::move(value->as_object()), "recurrence");
  std::string rrule = rrule_of(inner);
  if (!inner.status()) return reader.fail(inner.status().error());
  spec.recurrences.push_back({.rrule = std::move(rrule)});
}

void read_common(FieldReader& reader, DowntimeSpec& spec) {
  reader.text("message", spec.message);
  std::optional<bool> mute_first;
  reader.boolean("mute_first_recovery_notification", mute_first);
  if (mute_first) spec.mute_first_recovery = *mute_first;
  std::optional<std::vector<std::string>> states;
  std::optional<std::vector<std::string>> types;
  reader.texts("notify_end_states", states);
  reader.texts("notify_end_types", types);
  if (states) spec.notify_end_states = *std::move(states);
  if (types) spec.notify_end_types = *std::move(types);
}

void read_identifier_v2(FieldReader& reader, DowntimeSpec& spec) {
  std::optional<json::value> value = reader.take("monitor_identifier");
  if (!value) return;
  if (!value->is_object()) return reader.fail(expected("data.attributes.monitor_identifier", "an object"));
  FieldReader inner(std::move(value->as_object()), "data.attributes.monitor_identifier");
  std::optional<int64_t> id;
  std::optional<std::vector<std::string>> tags;
  inner.integer("monitor_id", id);
  inner.texts("monitor_tags", tags);
  if (!inner.status()) return reader.fail(inner.status().error());
  if (id.has_value() == (tags && !tags->empty())) {
    return reader.fail(expected("data.attributes.monitor_identifier", "monitor_id, or monitor_tags with at least one"));
  }
  spec.monitor_id = id;
  spec.monitor_tags = tags.value_or(std::vector<std::string>());
}

// A moment of a one-time schedule; null and absent leave `into` as it is unless `cleared` says null means none.
void read_moment(FieldReader& reader, std::string_view name, int64_t& into) {
  const bool given = reader.has(name);
  std::optional<std::string> text;
  reader.text(name, text);
  if (!given || !reader.status()) return;
  if (!text) {
    into = 0;
    return;
  }
  Result<int64_t> ns = read_time(*text, 0, TimeUnit::kSeconds);
  if (!ns || text->find('T') == std::string::npos) {
    return reader.fail(expected(reader.path_of(name), "a time with zone, such as 2026-01-31T12:00:00+00:00"));
  }
  into = *ns / kNsPerS;
}

void read_recurrences_v2(FieldReader& reader, json::value value, DowntimeSpec& spec) {
  constexpr std::string_view kPath = "data.attributes.schedule.recurrences";
  if (!value.is_array() || value.as_array().empty() || value.as_array().size() > kRecurrencesMax) {
    return reader.fail(expected(kPath, "a list of one to " + std::to_string(kRecurrencesMax) + " recurrences"));
  }
  spec.recurrences.clear();
  spec.v1_recurrence_json.clear();
  spec.start_s = spec.end_s = 0;
  for (json::value& element : value.as_array()) {
    const std::string path = std::string(kPath) + "[" + std::to_string(spec.recurrences.size()) + "]";
    if (!element.is_object()) return reader.fail(expected(path, "an object"));
    FieldReader inner(std::move(element.as_object()), path);
    DowntimeRecurrence recurrence;
    std::string duration;
    inner.text("rrule", recurrence.rrule);
    inner.text("duration", duration);
    inner.text("start", recurrence.start);
    if (!inner.status()) return reader.fail(inner.status().error());
    const std::optional<int64_t> seconds = read_duration(duration);
    if (!seconds) return reader.fail(expected(path + ".duration", "a duration such as 90m, 1h, 2d or 1w"));
    if (recurrence.rrule.empty()) {
      return reader.fail(expected(path + ".rrule", "a rule such as FREQ=WEEKLY;BYDAY=MO"));
    }
    recurrence.duration_s = *seconds;
    spec.recurrences.push_back(std::move(recurrence));
  }
}

void read_schedule_v2(FieldReader& reader, DowntimeSpec& spec) {
  std::optional<json::value> value = reader.take("schedule");
  if (!value) return;
  if (!value->is_object()) return reader.fail(expected("data.attributes.schedule", "an object"));
  FieldReader inner(std::move(value->as_object()), "data.attributes.schedule");
  std::optional<std::string> zone;
  inner.text("timezone", zone);
  if (zone && !zone->empty()) spec.timezone = *zone;
  if (std::optional<json::value> list = inner.take("recurrences")) {
    read_recurrences_v2(inner, *std::move(list), spec);
  } else if (inner.has("start") || inner.has("end")) {
    spec.recurrences.clear();
    spec.v1_recurrence_json.clear();
    read_moment(inner, "start", spec.start_s);
    read_moment(inner, "end", spec.end_s);
  }
  if (!inner.status()) reader.fail(inner.status().error());
}

json::object recurrence_v1(const DowntimeSpec& spec) {
  if (!spec.v1_recurrence_json.empty()) return stored_object(spec.v1_recurrence_json);
  return {{"type", "rrule"}, {"rrule", spec.recurrences.front().rrule}};
}

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }
json::value integer_or_null(int64_t value) { return value == 0 ? json::value(nullptr) : json::value(value); }

json::object object_v1(const DowntimeView& view) {
  const DowntimeSpec& spec = view.spec;
  json::array scope;
  scope.push_back(json::value(spec.scope));
  const bool active = view.status == "active";
  json::object object{{"id", view.id},
                      {"active", active},
                      {"active_child", nullptr},
                      {"canceled", integer_or_null(view.canceled_s)},
                      {"creator_id", 1},
                      {"updater_id", nullptr},
                      {"disabled", view.status == "canceled"},
                      {"downtime_type", spec.monitor_id ? 1 : 0},
                      {"start", view.current_start_s},
                      {"end", integer_or_null(view.current_end_s)},
                      {"message", text_or_null(spec.message)},
                      {"monitor_id", spec.monitor_id ? json::value(*spec.monitor_id) : json::value(nullptr)},
                      {"monitor_tags", text_array(spec.monitor_tags)},
                      {"mute_first_recovery_notification", spec.mute_first_recovery},
                      {"notify_end_states", text_array(spec.notify_end_states)},
                      {"notify_end_types", text_array(spec.notify_end_types)},
                      {"parent_id", nullptr},
                      {"recurrence", nullptr},
                      {"scope", std::move(scope)},
                      {"timezone", spec.timezone},
                      {"uuid", view.uuid}};
  if (!spec.recurrences.empty()) object["recurrence"] = recurrence_v1(spec);
  // Some clients read null as a list of theirs: the catch-all is spelled out.
  if (!spec.monitor_id && spec.monitor_tags.empty()) object["monitor_tags"] = json::array{"*"};
  return object;
}

json::object identifier_v2(const DowntimeSpec& spec) {
  if (spec.monitor_id) return {{"monitor_id", *spec.monitor_id}};
  return {{"monitor_tags", spec.monitor_tags.empty() ? json::array{"*"} : text_array(spec.monitor_tags)}};
}

json::object schedule_v2(const DowntimeView& view) {
  const DowntimeSpec& spec = view.spec;
  if (spec.recurrences.empty()) {
    return {{"start", format_time(spec.start_s)}, {"end", time_or_null(spec.end_s)}};
  }
  json::array list;
  for (const DowntimeRecurrence& one : spec.recurrences) {
    json::object entry{{"rrule", one.rrule}, {"duration", duration_text(one.duration_s)}};
    if (!one.start.empty()) entry["start"] = one.start;
    list.push_back(std::move(entry));
  }
  json::object schedule{{"timezone", spec.timezone}, {"recurrences", std::move(list)}};
  if (view.current_start_s != 0) {
    schedule["current_downtime"] =
        json::object{{"start", format_time(view.current_start_s)}, {"end", time_or_null(view.current_end_s)}};
  }
  return schedule;
}

json::object data_v2(const DowntimeView& view) {
  const DowntimeSpec& spec = view.spec;
  json::object attributes{{"canceled", time_or_null(view.canceled_s)},
                          {"created", format_time(view.created_s)},
                          {"modified", format_time(view.modified_s)},
                          {"display_timezone", spec.display_timezone},
                          {"message", text_or_null(spec.message)},
                          {"monitor_identifier", identifier_v2(spec)},
                          {"mute_first_recovery_notification", spec.mute_first_recovery},
                          {"notify_end_states", text_array(spec.notify_end_states)},
                          {"notify_end_types", text_array(spec.notify_end_types)},
                          {"schedule", schedule_v2(view)},
                          {"scope", spec.scope},
                          {"status", view.status}};
  json::object relationships;
  if (spec.monitor_id) {
    relationships["monitor"] =
        json::object{{"data", json::object{{"id", std::to_string(*spec.monitor_id)}, {"type", "monitors"}}}};
  }
  return {{"id", view.uuid},
          {"type", "downtime"},
          {"attributes", std::move(attributes)},
          {"relationships", std::move(relationships)}};
}

void include_monitor(json::array& included, const DowntimeView& view) {
  if (!view.spec.monitor_id || view.monitor_name.empty()) return;
  included.push_back(json::object{
      {"id", *view.spec.monitor_id}, {"type", "monitors"}, {"attributes", json::object{{"name", view.monitor_name}}}});
}

}  // namespace

std::optional<int64_t> read_duration(std::string_view text) {
  int64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    int64_t count = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto used = static_cast<size_t>(end - text.data());
    if (code != std::errc() || used >= text.size() || count <= 0 || count > 1'000'000) return std::nullopt;
    const char unit = text[used];
    const int64_t length = unit == 's'   ? 1
                           : unit == 'm' ? 60
                           : unit == 'h' ? 3600
                           : unit == 'd' ? 86400
                           : unit == 'w' ? 604800
                                         : 0;
    if (length == 0) return std::nullopt;
    total += count * length;
    text.remove_prefix(used + 1);
  }
  return total;
}

std::string duration_text(int64_t seconds) {
  std::string text;
  for (const auto& [unit, length] :
       {std::pair('w', 604800), std::pair('d', 86400), std::pair('h', 3600), std::pair('m', 60), std::pair('s', 1)}) {
    if (seconds >= length) text += std::to_string(seconds / length) + unit;
    seconds %= length;
  }
  return text;
}

Result<DowntimeSpec> decode_downtime_v1(std::string_view text, const DowntimeSpec* old) {
  Result<json::object> object = parse_object(text, kDowntimeBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  DowntimeSpec spec = old != nullptr ? *old : DowntimeSpec{};
  FieldReader reader(*std::move(object), "");
  read_scope_v1(reader, spec);
  read_common(reader, spec);
  const bool ends_never = reader.has("end") && reader.rest().at("end").is_null();
  std::optional<int64_t> start;
  std::optional<int64_t> end;
  std::optional<int64_t> monitor_id;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> zone;
  for (const char* name : {"start", "end", "monitor_id"}) number_from_text(reader, name);
  reader.integer("start", start);
  reader.integer("end", end);
  reader.integer("monitor_id", monitor_id);
  reader.texts("monitor_tags", tags);
  reader.text("timezone", zone);
  read_recurrence_v1(reader, spec);
  if (!reader.status()) return reader.status().error();
  if (start) spec.start_s = *start;
  if (end || ends_never) spec.end_s = end.value_or(0);
  if (monitor_id && tags && !tags->empty() && !(tags->size() == 1 && tags->front() == "*")) {
    return expected("monitor_id", "monitor_id or monitor_tags, not both");
  }
  if (monitor_id) {
    spec.monitor_id = monitor_id;
    spec.monitor_tags.clear();
  } else if (tags && !tags->empty() && !(spec.monitor_id && tags->front() == "*")) {
    spec.monitor_tags = *std::move(tags);
    spec.monitor_id.reset();
  }
  if (!spec.monitor_id && spec.monitor_tags.empty()) spec.monitor_tags = {"*"};
  if (zone && !zone->empty()) spec.timezone = *zone;
  return spec;
}

Result<DowntimeSpec> decode_downtime_v2(std::string_view text, const DowntimeSpec* old) {
  Result<json::object> body = parse_object(text, kDowntimeBytesMax, kJsonDepthMax);
  if (!body) return std::move(body).error();
  const json::value* data = body->if_contains("data");
  const json::value* attributes =
      data != nullptr && data->is_object() ? data->as_object().if_contains("attributes") : nullptr;
  if (attributes == nullptr || !attributes->is_object()) return expected("data.attributes", "an object");
  DowntimeSpec spec = old != nullptr ? *old : DowntimeSpec{};
  FieldReader reader(attributes->as_object(), "data.attributes");
  std::optional<std::string> scope;
  std::optional<std::string> zone;
  reader.text("scope", scope);
  reader.text("display_timezone", zone);
  read_common(reader, spec);
  read_identifier_v2(reader, spec);
  read_schedule_v2(reader, spec);
  if (!reader.status()) return reader.status().error();
  if (scope) spec.scope = *scope;
  if (zone && !zone->empty()) spec.display_timezone = *zone;
  if (old == nullptr) {
    if (!scope) return expected("data.attributes.scope", "a scope such as env:prod, or * for everything");
    if (!spec.monitor_id && spec.monitor_tags.empty()) {
      return expected("data.attributes.monitor_identifier", "monitor_id or monitor_tags");
    }
  }
  return spec;
}

std::string encode_downtime_spec(const DowntimeSpec& spec) {
  json::array recurrences;
  for (const DowntimeRecurrence& one : spec.recurrences) {
    recurrences.push_back(json::object{{"rrule", one.rrule}, {"duration_s", one.duration_s}, {"start", one.start}});
  }
  json::object object{{"monitor_tags", text_array(spec.monitor_tags)},
                      {"scope", spec.scope},
                      {"message", spec.message},
                      {"display_timezone", spec.display_timezone},
                      {"mute_first_recovery", spec.mute_first_recovery},
                      {"notify_end_states", text_array(spec.notify_end_states)},
                      {"notify_end_types", text_array(spec.notify_end_types)},
                      {"start_s", spec.start_s},
                      {"end_s", spec.end_s},
                      {"timezone", spec.timezone},
                      {"recurrences", std::move(recurrences)},
                      {"v1_recurrence_json", spec.v1_recurrence_json}};
  if (spec.monitor_id) object["monitor_id"] = *spec.monitor_id;
  return json::serialize(object);
}

Result<DowntimeSpec> decode_downtime_spec(std::string_view text) {
  // Longer than what a client sent by what we add.
  Result<json::object> object = parse_object(text, 4 * kDowntimeBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  DowntimeSpec spec;
  FieldReader reader(*std::move(object), "");
  std::optional<bool> mute_first;
  std::optional<int64_t> start;
  std::optional<int64_t> end;
  reader.integer("monitor_id", spec.monitor_id);
  reader.texts("monitor_tags", spec.monitor_tags);
  reader.text("scope", spec.scope);
  reader.text("message", spec.message);
  reader.text("display_timezone", spec.display_timezone);
  reader.boolean("mute_first_recovery", mute_first);
  reader.texts("notify_end_states", spec.notify_end_states);
  reader.texts("notify_end_types", spec.notify_end_types);
  reader.integer("start_s", start);
  reader.integer("end_s", end);
  reader.text("timezone", spec.timezone);
  reader.text("v1_recurrence_json", spec.v1_recurrence_json);
  const std::optional<json::value> list = reader.take("recurrences");
  if (!reader.status()) return reader.status().error();
  spec.mute_first_recovery = mute_first.value_or(false);
  spec.start_s = start.value_or(0);
  spec.end_s = end.value_or(0);
  if (!list || !list->is_array()) return spec;
  for (const json::value& element : list->as_array()) {
    if (!element.is_object()) return expected("recurrences", "a list of objects");
    FieldReader inner(element.as_object(), "recurrences");
    DowntimeRecurrence& one = spec.recurrences.emplace_back();
    std::optional<int64_t> duration;
    inner.text("rrule", one.rrule);
    inner.integer("duration_s", duration);
    inner.text("start", one.start);
    if (!inner.status()) return inner.status().error();
    one.duration_s = duration.value_or(0);
  }
  return spec;
}

std::string encode_downtime_v1(const DowntimeView& view) { return json::serialize(object_v1(view)); }

std::string encode_downtimes_v1(const std::vector<DowntimeView>& views) {
  json::array array;
  for (const DowntimeView& view : views) array.push_back(object_v1(view));
  return json::serialize(array);
}

std::string encode_downtime_v2(const DowntimeView& view, bool monitors) {
  json::object body{{"data", data_v2(view)}};
  json::array included;
  if (monitors) include_monitor(included, view);
  body["included"] = std::move(included);
  return json::serialize(body);
}

std::string encode_downtimes_v2(const std::vector<DowntimeView>& views, size_t total, bool monitors) {
  json::array data;
  json::array included;
  for (const DowntimeView& view : views) {
    data.push_back(data_v2(view));
    if (monitors) include_monitor(included, view);
  }
  return json::serialize(json::object{{"data", std::move(data)},
                                      {"included", std::move(included)},
                                      {"meta", json::object{{"page", json::object{{"total_filtered_count", total}}}}}});
}

std::string encode_downtime_matches(const std::vector<DowntimeView>& views, size_t total) {
  json::array data;
  for (const DowntimeView& view : views) {
    data.push_back(json::object{{"id", view.uuid},
                                {"type", "downtime_match"},
                                {"attributes", json::object{{"scope", view.spec.scope},
                                                            {"groups", json::array()},
                                                            {"start", time_or_null(view.current_start_s)},
                                                            {"end", time_or_null(view.current_end_s)}}}});
  }
  return json::serialize(json::object{{"data", std::move(data)},
                                      {"meta", json::object{{"page", json::object{{"total_filtered_count", total}}}}}});
}

Result<std::string> decode_cancel_by_scope(std::string_view text) {
  Result<json::object> object = parse_object(text, kDowntimeBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  DowntimeSpec spec{.scope = ""};
  read_scope_v1(reader, spec);
  if (!reader.status()) return reader.status().error();
  if (spec.scope.empty()) return expected("scope", "a scope such as env:prod");
  return spec.scope;
}

Result<MuteRequest> decode_mute(std::string_view text) {
  MuteRequest mute;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return mute;
  Result<json::object> object = parse_object(text, kDowntimeBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  // dogshell sends an empty list for no scope.
  DowntimeSpec scoped;
  read_scope_v1(reader, scoped);
  std::optional<bool> all_scopes;
  std::optional<int64_t> end;
  reader.boolean("all_scopes", all_scopes);
  number_from_text(reader, "end");
  reader.integer("end", end);
  if (!reader.status()) return reader.status().error();
  if (!scoped.scope.empty()) mute.scope = scoped.scope;
  mute.all_scopes = all_scopes.value_or(false);
  if (end && *end <= 0) return expected("end", "Unix seconds");
  mute.end_s = end.value_or(0);
  return mute;
}

}  // namespace godseye::ddapi
