#include "change_audit.h"
#include "monitor_view.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <godseye/ddapi/incident.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/monitor/spec.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/monitors.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using net::HttpResponse;
using registry::MonitorRow;
using registry::ReadSession;
using registry::WriteSession;

constexpr size_t kPageSizeDefault = 100;
constexpr size_t kSearchPageDefault = 30;
// Incidents that a deleted monitor leaves open beyond this many are resolved by people.
constexpr size_t kIncidentsResolvedMax = 1000;

// What cannot be evaluated yet is, to who sent it, a wrong request.
HttpResponse refusal(const Error& error) {
  if (error.code() == ErrorCode::kUnimplemented) return error_response(400, error.message());
  return error_response(error);
}

Error in_use(int64_t id, int64_t user) {
  return {ErrorCode::kAlreadyExists, "monitor " + std::to_string(id) + " is part of the composite monitor " +
                                         std::to_string(user) + "; delete that first, or pass force=true"};
}

base::Result<int64_t> id_of(const Request& request) {
  const std::string& text = request.param("id");
  const std::optional<int64_t> id = whole_number(text);
  if (!id)
    return Error(ErrorCode::kInvalidArgument, "the id of a monitor is a number, not \"" + text.substr(0, 40) + "\"");
  return *id;
}

class MonitorRoutes {
 public:
  explicit MonitorRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse list(const Request& request) const {
    base::Result<std::vector<MonitorRow>> rows = all_rows();
    if (!rows) return error_response(rows.error());
    const std::string name = lower(request.query("name"));
    const std::vector<std::string> tags = split_list(request.query("monitor_tags"));
    const std::vector<std::string> scope = split_list(request.query("tags"));
    const std::optional<int64_t> after = whole_number(request.query("id_offset"));
    const WantedStates wanted(request.query("group_states"));
    const bool paged = request.http.query.find("page") != nullptr || request.http.query.find("page_size") != nullptr;
    const size_t size =
        number_parameter(request, "page_size", paged ? kPageSizeDefault : kMonitorsPageMax, kMonitorsPageMax);
    size_t skip = number_parameter(request, "page", 0, 1'000'000) * size;
    std::vector<ddapi::MonitorView> views;
    const DowntimeList muting = downtimes();
    for (const MonitorRow& row : *rows) {
      if (views.size() >= size) break;
      if (after && row.id <= *after) continue;
      ddapi::MonitorView view = monitor_view(parts_, row, muting, wanted);
      if (lower(view.spec.name).find(name) == std::string::npos || !has_tags(view.spec, tags)) continue;
      const bool in_scope = std::all_of(scope.begin(), scope.end(), [&](const std::string& tag) {
        return view.spec.query.find(tag) != std::string::npos;
      });
      if (!in_scope) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      views.push_back(std::move(view));
    }
    return net::json_response(200, ddapi::encode_monitors(views));
  }

  HttpResponse get(const Request& request) const {
    base::Result<MonitorRow> row = find_monitor_row(parts_, request);
    if (!row) return error_response(row.error());
    const WantedStates wanted(request.query("group_states"));
    return net::json_response(200, ddapi::encode_monitor(monitor_view(parts_, *row, wanted)));
  }

  HttpResponse create(const Request& request) const {
    base::Result<ddapi::MonitorSpec> spec = ddapi::decode_monitor(request.body());
    if (!spec) return error_response(spec.error());
    auto valid = monitor::validate(*spec);
    if (!valid) return refusal(valid.error());
    base::Result<MonitorRow> row =
        parts_.registry.change<MonitorRow>([&](WriteSession& session) -> base::Result<MonitorRow> {
          if (base::Status known = monitor::check_references(session, *valid, 0); !known) return known.error();
          auto made = registry::create_monitor(session, ddapi::encode_monitor_spec(*spec), "", now_s(parts_));
          if (!made) return made;
          base::Status noted = audit_change(session, parts_, request, "monitor.create",
                                            "monitor:" + std::to_string(made->id), "", made->document);
          if (!noted) return noted.error();
          return made;
        });
    if (!row) return error_response(row.error());
    changed(parts_, "monitors");
    return net::json_response(200, ddapi::encode_monitor(monitor_view(parts_, *row)));
  }

  // Read, merged and written in one transaction: two partial updates at once both take effect.
  HttpResponse update(const Request& request) const {
    base::Result<int64_t> id = id_of(request);
    if (!id) return error_response(id.error());
    base::Result<MonitorRow> row =
        parts_.registry.change<MonitorRow>([&](WriteSession& session) -> base::Result<MonitorRow> {
          base::Result<std::optional<MonitorRow>> old = registry::find_monitor(session, *id);
          if (!old) return std::move(old).error();
          if (!*old) return no_monitor(request.param("id"));
          base::Result<ddapi::MonitorSpec> before = ddapi::decode_monitor((*old)->document);
          base::Result<ddapi::MonitorSpec> spec =
              ddapi::merge_monitor(before ? *std::move(before) : ddapi::MonitorSpec{}, request.body());
          if (!spec) return std::move(spec).error();
          auto valid = monitor::validate(*spec);
          if (!valid) return std::move(valid).error();
          if (base::Status known = monitor::check_references(session, *valid, *id); !known) return known.error();
          auto made = registry::update_monitor(session, *id, ddapi::encode_monitor_spec(*spec), now_s(parts_));
          if (!made) return made;
          base::Status noted = audit_change(session, parts_, request, "monitor.update",
                                            "monitor:" + std::to_string(*id), (*old)->document, made->document);
          if (!noted) return noted.error();
          return made;
        });
    if (!row) return refusal(row.error());
    changed(parts_, "monitors");
    return net::json_response(200, ddapi::encode_monitor(monitor_view(parts_, *row)));
  }

  HttpResponse remove(const Request& request) const {
    base::Result<int64_t> id = id_of(request);
    if (!id) return error_response(id.error());
    const bool force = request.query("force") == "true" || request.query("force") == "True";
    base::Status status = parts_.registry.write([&](WriteSession& session) -> base::Status {
      base::Result<std::vector<int64_t>> users = monitor::composites_of(session, *id);
      if (!users) return std::move(users).error();
      if (!users->empty() && !force) return in_use(*id, users->front());
      base::Result<std::optional<MonitorRow>> old = registry::find_monitor(session, *id);
      if (!old) return std::move(old).error();
      if (!*old) return no_monitor(request.param("id"));
      base::Status noted = audit_change(session, parts_, request, "monitor.delete", "monitor:" + std::to_string(*id),
                                        (*old)->document, "");
      if (!noted) return noted;
      if (base::Status deleted = registry::delete_monitor(session, *id); !deleted) {
        return deleted.error().code() == ErrorCode::kNotFound ? no_monitor(request.param("id")) : deleted;
      }
      return resolve_incidents(session, *id);
    });
    if (!status) return error_response(status.error());
    changed(parts_, "monitors");
    changed(parts_, "incidents");
    return net::json_response(200, "{\"deleted_monitor_id\":" + std::to_string(*id) + "}");
  }

  HttpResponse validate(const Request& request) const {
    base::Result<ddapi::MonitorSpec> spec = ddapi::decode_monitor(request.body());
    if (!spec) return error_response(spec.error());
    auto valid = monitor::validate(*spec);
    if (!valid) return refusal(valid.error());
    base::Status known = base::ok();
    base::Status read = parts_.registry.read([&](ReadSession& session) {
      known = monitor::check_references(session, *valid, 0);
      return base::ok();
    });
    if (!read) return error_response(read.error());
    if (!known) return refusal(known.error());
    return net::json_response(200, "{}");
  }

  HttpResponse can_delete(const Request& request) const {
    base::Result<std::vector<MonitorRow>> rows = all_rows();
    if (!rows) return error_response(rows.error());
    std::string ids;
    for (const std::string& text : split_list(request.query("monitor_ids"))) {
      const std::optional<int64_t> id = whole_number(text);
      const bool known =
          id && std::any_of(rows->begin(), rows->end(), [&](const MonitorRow& r) { return r.id == *id; });
      if (!known) return error_response(no_monitor(text));
      auto users = parts_.registry.fetch<std::vector<int64_t>>(
          [&](ReadSession& session) { return monitor::composites_of(session, *id); });
      if (!users) return error_response(users.error());
      if (!users->empty()) {
        return net::json_response(409, "{\"data\":{\"ok\":[" + ids + "]},\"errors\":{\"" + text + "\":[" +
                                           net::json_quoted(in_use(*id, users->front()).message()) + "]}}");
      }
      ids.append(ids.empty() ? "" : ",").append(text);
    }
    if (ids.empty()) return error_response(400, "monitor_ids: expected a list of numbers");
    return net::json_response(200, "{\"data\":{\"ok\":[" + ids + "]}}");
  }

  HttpResponse search(const Request& request) const {
    base::Result<std::vector<MonitorRow>> rows = all_rows();
    if (!rows) return error_response(rows.error());
    const std::vector<MonitorWord> words = monitor_words(request.query("query"));
    ddapi::MonitorSearchPage page = page_of(request);
    std::vector<ddapi::MonitorView> found;
    const DowntimeList muting = downtimes();
    for (const MonitorRow& row : *rows) {
      ddapi::MonitorView view = monitor_view(parts_, row, muting);
      if (!std::all_of(words.begin(), words.end(),
                       [&](const MonitorWord& word) { return matches(view, word) != word.negated; }))
        continue;
      found.push_back(std::move(view));
    }
    page.total = found.size();
    if (!sort_found(found, request.query("sort"))) {
      return error_response(400, "sort: expected id, name, status, tags or type, and after a comma asc or desc");
    }
    return net::json_response(200, ddapi::encode_monitor_search(found, page));
  }

  HttpResponse search_groups(const Request& request) const {
    base::Result<std::vector<MonitorRow>> rows = all_rows();
    if (!rows) return error_response(rows.error());
    const std::vector<MonitorWord> words = monitor_words(request.query("query"));
    ddapi::MonitorSearchPage page = page_of(request);
    std::vector<ddapi::MonitorView> views;
    views.reserve(rows->size());  // `found` points into it
    std::vector<FoundGroup> found;
    const DowntimeList muting = downtimes();
    for (const MonitorRow& row : *rows) {
      const ddapi::MonitorView& view = views.emplace_back(monitor_view(parts_, row, muting, WantedStates("all")));
      if (!view.groups) continue;
      for (const ddapi::MonitorGroupView& group : *view.groups) {
        const auto fits = [&](const MonitorWord& word) { return matches(view, group, word) != word.negated; };
        if (std::all_of(words.begin(), words.end(), fits)) found.push_back({.view = &view, .group = &group, .key = {}});
      }
    }
    if (!sort_found(found, request.query("sort"))) {
      return error_response(400, "sort: expected name, status or tags, and after a comma asc or desc");
    }
    page.total = found.size();
    std::vector<ddapi::MonitorGroupHit> hits(found.size());
    for (size_t at = 0; at < found.size(); ++at) {
      const auto& [view, group, key] = found[at];
      // Of what is not on the page only its status and type are counted.
      hits[at].status = group->status;
      hits[at].type = view->spec.type;
      if (at < page.page * page.per_page || at - page.page * page.per_page >= page.per_page) continue;
      hits[at] = {.monitor_id = view->id,
                  .monitor_name = view->spec.name,
                  .type = view->spec.type,
                  .group = group->name,
                  .group_tags = split_list(group->name),
                  .status = group->status,
                  .last_triggered_s = group->last_triggered_s,
                  .last_nodata_s = group->last_nodata_s};
    }
    return net::json_response(200, ddapi::encode_monitor_group_search(hits, page));
  }

 private:
  base::Result<std::vector<MonitorRow>> all_rows() const {
    return parts_.registry.fetch<std::vector<MonitorRow>>([](ReadSession& s) { return registry::list_monitors(s); });
  }

  static bool has_tags(const ddapi::MonitorSpec& spec, const std::vector<std::string>& tags) {
    return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
      return std::find(spec.tags.begin(), spec.tags.end(), tag) != spec.tags.end();
    });
  }

  DowntimeList downtimes() const { return DowntimeList::read(parts_.registry, false).value_or(DowntimeList()); }

  static ddapi::MonitorSearchPage page_of(const Request& request) {
    return {
        .page = number_parameter(request, "page", 0, 1'000'000),
        .per_page = std::max<size_t>(1, number_parameter(request, "per_page", kSearchPageDefault, kMonitorsPageMax))};
  }

  // "name,desc" as field and order, "asc" where none is given. Nothing for an order that is none.
  static std::optional<std::pair<std::string_view, std::string_view>> sort_of(std::string_view sort) {
    const std::string_view field = sort.substr(0, sort.find(','));
    const std::string_view order = field.size() == sort.size() ? "asc" : sort.substr(field.size() + 1);
    if (order != "asc" && order != "desc") return std::nullopt;
    return std::pair(field, order);
  }

  // A group that a search found, and what it is sorted by.
  struct FoundGroup {
    const ddapi::MonitorView* view;
    const ddapi::MonitorGroupView* group;
    std::string key;
  };
  // As below; equal ones in the order of monitors' ids and groups' names.
  static bool sort_found(std::vector<FoundGroup>& found, std::string_view sort) {
    if (sort.empty()) return true;
    const auto by = sort_of(sort);
    if (!by || (by->first != "name" && by->first != "status" && by->first != "tags")) return false;
    for (FoundGroup& one : found) {
      one.key = by->first == "name"     ? lower(one.view->spec.name)
                : by->first == "status" ? one.group->status
                                        : one.group->name;
    }
    const bool ascending = by->second == "asc";
    std::sort(found.begin(), found.end(), [&](const FoundGroup& a, const FoundGroup& b) {
      if (a.key != b.key) return ascending ? a.key < b.key : b.key < a.key;
      return std::tie(a.view->id, a.group->name) < std::tie(b.view->id, b.group->name);
    });
    return true;
  }

  // Nothing: by id, as the registry lists them. False for a field or order that there is not.
  static bool sort_found(std::vector<ddapi::MonitorView>& found, std::string_view sort) {
    if (sort.empty()) return true;
    const auto wanted = sort_of(sort);
    if (!wanted) return false;
    const std::string_view field = wanted->first;
    const bool ascending = wanted->second == "asc";
    const auto by = [&](const auto& key) {
      std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
        const auto left = key(a);
        const auto right = key(b);
        if (left == right) return a.id < b.id;
        return ascending ? left < right : right < left;
      });
      return true;
    };
    if (field == "id") return by([](const ddapi::MonitorView& view) { return view.id; });
    if (field == "name") return by([](const ddapi::MonitorView& view) { return lower(view.spec.name); });
    if (field == "status") return by([](const ddapi::MonitorView& view) { return view.overall_state; });
    if (field == "type") return by([](const ddapi::MonitorView& view) { return view.spec.type; });
    if (field == "tags") return by([](const ddapi::MonitorView& view) { return view.spec.tags; });
    return false;
  }

  // A word of a search; `-tag:x` and `NOT tag:x` are negated.
  struct MonitorWord : SearchWord {
    bool negated = false;
  };
  static std::vector<MonitorWord> monitor_words(std::string_view text) {
    std::vector<MonitorWord> words;
    bool negates = false;
    for (SearchWord& found : search_words(text)) {
      if (found.key.empty() && found.value == "not") {
        negates = !negates;
        continue;
      }
      MonitorWord& word = words.emplace_back(MonitorWord{std::move(found), std::exchange(negates, false)});
      std::string& head = word.key.empty() ? word.value : word.key;
      if (!head.starts_with('-') || head.size() == 1) continue;
      head.erase(0, 1);
      word.negated = !word.negated;
    }
    return words;
  }

  static bool matches(const ddapi::MonitorView& view, const SearchWord& word) {
    const ddapi::MonitorSpec& spec = view.spec;
    const auto contains = [&](std::string_view text) { return lower(text).find(word.value) != std::string::npos; };
    if (word.key == "status") return lower(view.overall_state) == word.value;
    if (word.key == "type")
      return contains(spec.type) || (word.value == "event" && spec.type == "event-v2 alert") ||
             (word.value == "metric" && spec.type == "query alert");
    if (word.key == "id") return std::to_string(view.id) == word.value;
    if (word.key == "muted") return (word.value == "true") == !view.downtimes.empty();
    if (word.key == "priority") {
      const std::string_view number = std::string_view(word.value).substr(word.value.starts_with('p') ? 1 : 0);
      return std::to_string(spec.priority.value_or(0)) == number;
    }
    if (word.key == "title") return contains(spec.name);
    if (word.key == "metric" || word.key == "scope") return contains(spec.query);
    if (word.key == "notification") return contains(spec.message);
    const std::string tag = word.key.empty() || word.key == "tag" ? word.value : word.key + ":" + word.value;
    const bool tagged =
        std::any_of(spec.tags.begin(), spec.tags.end(), [&](const std::string& t) { return lower(t) == tag; });
    return tagged || (word.key.empty() && contains(spec.name));
  }

  // Of one group: status and group_status are the group's own.
  static bool matches(const ddapi::MonitorView& view, const ddapi::MonitorGroupView& group, const SearchWord& word) {
    if (word.key == "status" || word.key == "group_status") return lower(group.status) == word.value;
    if (word.key.empty() || word.key == "group") return lower(group.name).find(word.value) != std::string::npos;
    return matches(view, word);
  }

  base::Status resolve_incidents(WriteSession& session, int64_t monitor_id) const {
    auto open = registry::list_open_incidents(session, monitor_id, kIncidentsResolvedMax);
    if (!open) return std::move(open).error();
    for (registry::IncidentRow& incident : *open) {
      const int64_t now = now_s(parts_);
      base::Status ended = registry::end_member(session, incident.id, monitor_id, "", now, true);
      if (!ended) return ended;
      auto members = registry::list_members(session, incident.id);
      if (!members) return std::move(members).error();
      const bool over = std::all_of(members->begin(), members->end(), [](const auto& m) { return m.ended_s != 0; });
      if (over) {
        incident.state = "resolved";
        incident.resolved_s = now;
      }
      incident.modified_s = now;
      if (base::Status status = registry::update_incident(session, incident); !status) return status;
      base::Status told = registry::add_timeline(
          session, {.incident_id = incident.id,
                    .time_s = now,
                    .kind = "change",
                    .content = over ? "Resolved: its monitor was deleted."
                                    : "Monitor " + std::to_string(monitor_id) + " was deleted; other alerts go on.",
                    .data_json = "{}"});
      if (!told) return told;
    }
    return base::ok();
  }

  const ManagementParts parts_;
};

}  // namespace

void add_monitor_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const MonitorRoutes>(parts);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/api/v1/monitor", &MonitorRoutes::list);
  add("POST", "/api/v1/monitor", &MonitorRoutes::create);
  add("GET", "/api/v1/monitor/can_delete", &MonitorRoutes::can_delete);
  add("GET", "/api/v1/monitor/search", &MonitorRoutes::search);
  add("GET", "/api/v1/monitor/groups/search", &MonitorRoutes::search_groups);
  add("POST", "/api/v1/monitor/validate", &MonitorRoutes::validate);
  add("GET", "/api/v1/monitor/{id}", &MonitorRoutes::get);
  add("PUT", "/api/v1/monitor/{id}", &MonitorRoutes::update);
  add("DELETE", "/api/v1/monitor/{id}", &MonitorRoutes::remove);
  add("POST", "/api/v1/monitor/{id}/validate", &MonitorRoutes::validate);
}

}  // namespace godseye::api
