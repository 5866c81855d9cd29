#include "json.h"

#include <cmath>
#include <map>

#include <godseye/ddapi/monitor.h>

namespace godseye::ddapi {

using base::Error;
using base::ErrorCode;

namespace {

// What the server sets or what only the service behind these clients has; ignored on input.
// Not constexpr: g++ 12 does not take a constexpr initializer_list of views.
const std::initializer_list<std::string_view> kServerFields = {"id",
                                                               "created",
                                                               "created_at",
                                                               "creator",
                                                               "deleted",
                                                               "modified",
                                                               "multi",
                                                               "overall_state",
                                                               "org_id",
                                                               "state",
                                                               "matching_downtimes",
                                                               "overall_state_modified",
                                                               "restricted_roles",
                                                               "evaluation_error",
                                                               "group_counts",
                                                               "worst_group",
                                                               "groups_left_out",
                                                               "groups_changed_ts",
                                                               "warnings"};

MonitorThresholds read_thresholds(FieldReader& options, json::value value) {
  MonitorThresholds thresholds;
  if (!value.is_object()) {
    options.fail(expected("options.thresholds", "an object"));
    return thresholds;
  }
  FieldReader reader(std::move(value.as_object()), "options.thresholds");
  reader.number("critical", thresholds.critical);
  reader.number("warning", thresholds.warning);
  reader.number("critical_recovery", thresholds.critical_recovery);
  reader.number("warning_recovery", thresholds.warning_recovery);
  reader.number("ok", thresholds.ok);
  reader.number("unknown", thresholds.unknown);
  if (!reader.status()) options.fail(reader.status().error());
  // A threshold with a name we do not know would silently not alert.
  if (reader.status() && !reader.rest().empty()) {
    const std::string name(reader.rest().begin()->key());
    options.fail(Error(ErrorCode::kInvalidArgument,
                       "options.thresholds." + name +
                           ": not a threshold; there are critical, warning, critical_recovery and warning_recovery"));
  }
  return thresholds;
}

// `options` with the fields of `object` changed; a null removes.
base::Result<MonitorOptions> merge_options(MonitorOptions options, json::object object) {
  const auto cleared = [&](std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_null();
  };
  if (cleared("thresholds")) options.thresholds.reset();
  if (cleared("notify_no_data")) options.notify_no_data.reset();
  if (cleared("no_data_timeframe")) options.no_data_timeframe.reset();
  if (cleared("on_missing_data")) options.on_missing_data.reset();
  if (cleared("group_retention_duration")) options.group_retention_duration.reset();
  if (cleared("renotify_interval")) options.renotify_interval.reset();
  if (cleared("renotify_occurrences")) options.renotify_occurrences.reset();
  if (cleared("renotify_statuses")) options.renotify_statuses.reset();
  if (cleared("escalation_message")) options.escalation_message.reset();
  if (cleared("evaluation_delay")) options.evaluation_delay.reset();
  if (cleared("new_group_delay")) options.new_group_delay.reset();
  if (cleared("timeout_h")) options.timeout_h.reset();
  if (cleared("require_full_window")) options.require_full_window.reset();
  if (cleared("include_tags")) options.include_tags.reset();
  if (cleared("notify_by")) options.notify_by.reset();

  FieldReader reader(std::move(object), "options");
  if (std::optional<json::value> value = reader.take("thresholds")) {
    options.thresholds = read_thresholds(reader, *std::move(value));
  }
  reader.boolean("notify_no_data", options.notify_no_data);
  reader.integer("no_data_timeframe", options.no_data_timeframe);
  reader.text("on_missing_data", options.on_missing_data);
  reader.text("group_retention_duration", options.group_retention_duration);
  reader.integer("renotify_interval", options.renotify_interval);
  reader.integer("renotify_occurrences", options.renotify_occurrences);
  reader.texts("renotify_statuses", options.renotify_statuses);
  reader.text("escalation_message", options.escalation_message);
  reader.integer("evaluation_delay", options.evaluation_delay);
  reader.integer("new_group_delay", options.new_group_delay);
  reader.integer("timeout_h", options.timeout_h);
  reader.boolean("require_full_window", options.require_full_window);
  reader.boolean("include_tags", options.include_tags);
  reader.texts("notify_by", options.notify_by);
  if (!reader.status()) return reader.status().error();
  json::object unknown = stored_object(options.unknown_json);
  for (auto& [key, value] : reader.rest()) unknown[key] = std::move(value);
  options.unknown_json = json::serialize(unknown);
  return options;
}

base::Result<std::vector<MonitorAsset>> read_assets(const json::value& value) {
  std::vector<MonitorAsset> assets;
  if (!value.is_array()) return expected("assets", "an array");
  for (const json::value& element : value.as_array()) {
    const std::string path = "assets[" + std::to_string(assets.size()) + "]";
    if (!element.is_object()) return expected(path, "an object");
    MonitorAsset asset;
    FieldReader reader(element.as_object(), path);
    reader.text("category", asset.category);
    reader.text("name", asset.name);
    reader.text("url", asset.url);
    reader.text("resource_key", asset.resource_key);
    reader.text("resource_type", asset.resource_type);
    if (!reader.status()) return reader.status().error();
    assets.push_back(std::move(asset));
  }
  return assets;
}

base::Result<MonitorSpec> merge_object(MonitorSpec spec, json::object object) {
  if (const json::value* value = object.if_contains("priority"); value != nullptr && value->is_null()) {
    spec.priority.reset();
  }
  FieldReader reader(std::move(object), "");
  reader.text("name", spec.name);
  reader.text("type", spec.type);
  reader.text("query", spec.query);
  reader.text("message", spec.message);
  reader.texts("tags", spec.tags);
  reader.integer("priority", spec.priority);
  if (std::optional<json::value> options = reader.take("options")) {
    if (!options->is_object()) return expected("options", "an object");
    base::Result<MonitorOptions> merged = merge_options(std::move(spec.options), std::move(options->as_object()));
    if (!merged) return std::move(merged).error();
    spec.options = *std::move(merged);
  }
  if (std::optional<json::value> assets = reader.take("assets")) {
    base::Result<std::vector<MonitorAsset>> read = read_assets(*assets);
    if (!read) return std::move(read).error();
    spec.assets = *std::move(read);
  }
  if (!reader.status()) return reader.status().error();
  reader.ignore(kServerFields);
  // v1 successes must not hold this key: a widely used client raises on it.
  reader.ignore({"errors"});
  json::object unknown = stored_object(spec.unknown_json);
  for (auto& [key, value] : reader.rest()) unknown[key] = std::move(value);
  spec.unknown_json = json::serialize(unknown);
  return spec;
}

base::Result<MonitorSpec> decode_object(json::object object) {
  base::Result<MonitorSpec> spec = merge_object({}, std::move(object));
  if (!spec) return spec;
  if (spec->type.empty())
    return expected("type", "\"query alert\", \"composite\", \"service check\" or \"event-v2 alert\"");
  if (spec->query.empty()) return expected("query", "a monitor query");
  return spec;
}

json::object options_object(const MonitorOptions& options) {
  json::object object = stored_object(options.unknown_json);
  if (options.thresholds) {
    json::object thresholds;
    const auto set = [&](std::string_view name, const std::optional<double>& value) {
      if (value) thresholds[name] = number_value(*value);
    };
    set("critical", options.thresholds->critical);
    set("warning", options.thresholds->warning);
    set("critical_recovery", options.thresholds->critical_recovery);
    set("warning_recovery", options.thresholds->warning_recovery);
    set("ok", options.thresholds->ok);
    set("unknown", options.thresholds->unknown);
    object["thresholds"] = std::move(thresholds);
  }
  const auto set = [&](std::string_view name, const auto& value) {
    if (value) object[name] = *value;
  };
  set("notify_no_data", options.notify_no_data);
  set("no_data_timeframe", options.no_data_timeframe);
  set("on_missing_data", options.on_missing_data);
  set("group_retention_duration", options.group_retention_duration);
  set("renotify_interval", options.renotify_interval);
  set("renotify_occurrences", options.renotify_occurrences);
  set("escalation_message", options.escalation_message);
  if (options.renotify_statuses) object["renotify_statuses"] = text_array(*options.renotify_statuses);
  set("evaluation_delay", options.evaluation_delay);
  set("new_group_delay", options.new_group_delay);
  set("timeout_h", options.timeout_h);
  set("require_full_window", options.require_full_window);
  set("include_tags", options.include_tags);
  if (options.notify_by) object["notify_by"] = text_array(*options.notify_by);
  return object;
}

json::object spec_object(const MonitorSpec& spec) {
  json::object object = stored_object(spec.unknown_json);
  object["name"] = spec.name;
  object["type"] = spec.type;
  object["query"] = spec.query;
  object["message"] = spec.message;
  object["tags"] = text_array(spec.tags);
  if (spec.priority) object["priority"] = *spec.priority;
  object["options"] = options_object(spec.options);
  if (!spec.assets.empty()) {
    json::array assets;
    for (const MonitorAsset& asset : spec.assets) {
      json::object entry{{"category", asset.category}, {"name", asset.name}, {"url", asset.url}};
      if (!asset.resource_key.empty()) entry["resource_key"] = asset.resource_key;
      if (!asset.resource_type.empty()) entry["resource_type"] = asset.resource_type;
      assets.push_back(std::move(entry));
    }
    object["assets"] = std::move(assets);
  }
  return object;
}

json::value seconds_or_null(int64_t unix_s) { return unix_s == 0 ? json::value(nullptr) : json::value(unix_s); }

json::object creator() { return {{"name", "godseye"}, {"handle", "godseye"}, {"email", "godseye@localhost"}}; }

json::object group_states(const std::vector<MonitorGroupView>& groups) {
  json::object states;
  for (const MonitorGroupView& group : groups) {
    json::object entry{{"name", group.name},
                       {"status", group.status},
                       {"last_triggered_ts", seconds_or_null(group.last_triggered_s)},
                       {"last_notified_ts", seconds_or_null(group.last_notified_s)},
                       {"last_resolved_ts", seconds_or_null(group.last_resolved_s)},
                       {"last_nodata_ts", seconds_or_null(group.last_nodata_s)}};
    // Typed clients read these four as integers or absent, not as null.
    for (const char* name : {"last_triggered_ts", "last_notified_ts", "last_resolved_ts", "last_nodata_ts"}) {
      if (entry[name].is_null()) entry.erase(name);
    }
    if (std::isfinite(group.value)) entry["value"] = group.value;
    states[group.name] = std::move(entry);
  }
  return states;
}

json::array matching_downtimes(const MonitorView& view) {
  json::array array;
  for (const MatchingDowntime& downtime : view.downtimes) {
    json::object entry{{"id", downtime.id}, {"scope", json::array{downtime.scope}}, {"start", downtime.start_s}};
    entry["end"] = downtime.end_s == 0 ? json::value(nullptr) : json::value(downtime.end_s);
    array.push_back(std::move(entry));
  }
  return array;
}

json::object view_object(const MonitorView& view) {
  json::object object = spec_object(view.spec);
  object["id"] = view.id;
  object["org_id"] = 1;
  object["multi"] = view.multi;
  object["overall_state"] = view.overall_state;
  object["created"] = format_time(view.created_s);
  object["created_at"] = view.created_s * 1000;
  object["modified"] = format_time(view.modified_s);
  object["overall_state_modified"] = format_time(view.modified_s);
  object["deleted"] = nullptr;
  object["restricted_roles"] = nullptr;
  object["matching_downtimes"] = matching_downtimes(view);
  json::object silenced;
  for (const MatchingDowntime& downtime : view.downtimes) {
    if (!downtime.mute) continue;
    silenced[downtime.scope] = downtime.end_s == 0 ? json::value(nullptr) : json::value(downtime.end_s);
  }
  object["options"].as_object()["silenced"] = std::move(silenced);
  object["creator"] = creator();
  object["priority"] = view.spec.priority ? json::value(*view.spec.priority) : json::value(nullptr);
  if (view.groups) object["state"] = json::object{{"groups", group_states(*view.groups)}};
  if (!view.group_counts.empty()) {
    json::object counts;
    for (const auto& [state, count] : view.group_counts) counts[state] = count;
    object["group_counts"] = std::move(counts);
    object["worst_group"] = view.worst_group;
    object["groups_left_out"] = view.groups_left_out;
    object["groups_changed_ts"] =
        view.groups_changed_s == 0 ? json::value(nullptr) : json::value(view.groups_changed_s);
  }
  if (!view.evaluation_error.empty()) object["evaluation_error"] = view.evaluation_error;
  if (!view.warnings.empty()) object["warnings"] = text_array(view.warnings);
  return object;
}

json::array counts_of(const std::map<std::string, int64_t>& counts) {
  json::array array;
  for (const auto& [name, count] : counts) array.push_back(json::object{{"name", name}, {"count", count}});
  return array;
}

json::object metadata_of(const MonitorSearchPage& page) {
  const size_t pages = page.per_page == 0 ? 0 : (page.total + page.per_page - 1) / page.per_page;
  return {{"page", page.page}, {"per_page", page.per_page}, {"total_count", page.total}, {"page_count", pages}};
}

}  // namespace

base::Result<MonitorSpec> decode_monitor(std::string_view text) {
  base::Result<json::object> object = parse_object(text, kMonitorBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  return decode_object(*std::move(object));
}

base::Result<MonitorSpec> merge_monitor(const MonitorSpec& old, std::string_view text) {
  base::Result<json::object> object = parse_object(text, kMonitorBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  return merge_object(old, *std::move(object));
}

base::Result<std::vector<MonitorSpec>> decode_monitors(std::string_view text) {
  base::Result<json::value> value = parse_json(text, kMonitorBytesMax * 16, kJsonDepthMax + 2);
  if (!value) return std::move(value).error();
  if (value->is_object()) {
    json::value* inner = value->as_object().if_contains("monitors");
    if (inner == nullptr) return expected("monitors", "an array of monitors");
    json::value moved = std::move(*inner);
    *value = std::move(moved);
  }
  if (!value->is_array()) return expected("monitors", "an array of monitors");
  std::vector<MonitorSpec> specs;
  for (json::value& element : value->as_array()) {
    const std::string where = "monitor " + std::to_string(specs.size() + 1);
    if (!element.is_object()) return expected(where, "an object");
    base::Result<MonitorSpec> spec = decode_object(std::move(element.as_object()));
    if (!spec) return std::move(spec).error().within(where);
    specs.push_back(*std::move(spec));
  }
  return specs;
}

std::string encode_monitor_spec(const MonitorSpec& spec) { return json::serialize(spec_object(spec)); }
std::string encode_monitor(const MonitorView& view) { return json::serialize(view_object(view)); }

std::string encode_monitors(const std::vector<MonitorView>& views) {
  json::array array;
  for (const MonitorView& view : views) array.push_back(view_object(view));
  return json::serialize(array);
}

// `views` are all that match: they are counted, and those of the page written.
std::string encode_monitor_search(const std::vector<MonitorView>& views, const MonitorSearchPage& page) {
  json::array monitors;
  std::map<std::string, int64_t> by_status;
  std::map<std::string, int64_t> by_type;
  std::map<std::string, int64_t> by_tag;
  std::map<bool, int64_t> by_muted;
  for (size_t at = 0; at < views.size(); ++at) {
    const MonitorView& view = views[at];
    ++by_muted[!view.downtimes.empty()];
    ++by_status[view.overall_state];
    ++by_type[view.spec.type];
    for (const std::string& tag : view.spec.tags) ++by_tag[tag];
    if (at < page.page * page.per_page || monitors.size() >= page.per_page) continue;
    monitors.push_back(json::object{{"id", view.id},
                                    {"name", view.spec.name},
                                    {"type", view.spec.type},
                                    {"query", view.spec.query},
                                    {"status", view.overall_state},
                                    {"tags", text_array(view.spec.tags)},
                                    {"creator", creator()},
                                    {"org_id", 1},
                                    {"classification", "metric"},
                                    {"metrics", json::array()},
                                    {"notifications", json::array()},
                                    {"quality_issues", json::array()},
                                    {"scopes", json::array()}});
  }
  json::array muted;
  for (const auto& [is_muted, count] : by_muted) {
    muted.push_back(json::object{{"name", is_muted}, {"count", count}});
  }
  return json::serialize(json::object{{"monitors", std::move(monitors)},
                                      {"counts", json::object{{"status", counts_of(by_status)},
                                                              {"type", counts_of(by_type)},
                                                              {"tag", counts_of(by_tag)},
                                                              {"muted", std::move(muted)}}},
                                      {"metadata", metadata_of(page)}});
}

// `hits` are all that match: they are counted, and those of the page written.
std::string encode_monitor_group_search(const std::vector<MonitorGroupHit>& hits, const MonitorSearchPage& page) {
  json::array groups;
  std::map<std::string, int64_t> by_status;
  std::map<std::string, int64_t> by_type;
  for (size_t at = 0; at < hits.size(); ++at) {
    const MonitorGroupHit& hit = hits[at];
    ++by_status[hit.status];
    ++by_type[hit.type];
    if (at < page.page * page.per_page || groups.size() >= page.per_page) continue;
    json::object entry{{"monitor_id", hit.monitor_id},
                       {"monitor_name", hit.monitor_name},
                       {"group", hit.group},
                       {"group_tags", text_array(hit.group_tags)},
                       {"status", hit.status}};
    if (hit.last_triggered_s != 0) entry["last_triggered_ts"] = hit.last_triggered_s;
    entry["last_nodata_ts"] = hit.last_nodata_s;
    groups.push_back(std::move(entry));
  }
  return json::serialize(
      json::object{{"groups", std::move(groups)},
                   {"counts", json::object{{"status", counts_of(by_status)}, {"type", counts_of(by_type)}}},
                   {"metadata", metadata_of(page)}});
}

}  // namespace godseye::ddapi
