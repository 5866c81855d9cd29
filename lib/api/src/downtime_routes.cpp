#include "change_audit.h"
#include "monitor_view.h"

#include <algorithm>

#include <godseye/registry/downtimes.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
using net::HttpResponse;
using registry::DowntimeRow;
using registry::ReadSession;
using registry::WriteSession;

constexpr size_t kPageDefault = 30;
constexpr size_t kPageMax = 1000;

Error no_downtime(std::string_view id) {
  return {ErrorCode::kNotFound, "Downtime not found: " + std::string(id.substr(0, 60))};
}

enum class Version : uint8_t { kV1, kV2 };

HttpResponse refused(Version version, const Error& error) {
  return version == Version::kV1 ? error_response(error) : json_api_error(error);
}

HttpResponse empty(int status) {
  HttpResponse response;
  response.status = status;
  return response;
}

class DowntimeRoutes {
 public:
  explicit DowntimeRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse list_v1(const Request& request) const {
    const bool current = request.query("current_only") == "true";
    Result<DowntimeList> list = DowntimeList::read(parts_.registry, !current);
    if (!list) return error_response(list.error());
    std::vector<ddapi::DowntimeView> views;
    for (const LoadedDowntime& downtime : list->all()) {
      if (!current || status_of(downtime, now()) == "active") views.push_back(full_view(downtime));
    }
    return net::json_response(200, ddapi::encode_downtimes_v1(views));
  }

  HttpResponse list_v2(const Request& request) const {
    const bool current = request.query("current_only") == "true";
    Result<DowntimeList> list = DowntimeList::read(parts_.registry, !current);
    if (!list) return json_api_error(list.error());
    const size_t offset = number_parameter(request, "page[offset]", 0, 1'000'000);
    const size_t limit = number_parameter(request, "page[limit]", kPageDefault, kPageMax);
    std::vector<ddapi::DowntimeView> views;
    size_t total = 0;
    for (const LoadedDowntime& downtime : list->all()) {
      if (current && status_of(downtime, now()) != "active") continue;
      if (total++ >= offset && views.size() < limit) views.push_back(full_view(downtime));
    }
    return net::json_response(200, ddapi::encode_downtimes_v2(views, total, includes_monitors(request)));
  }

  HttpResponse get(Version version, const Request& request) const {
    Result<LoadedDowntime> found = find(request.param("id"));
    if (!found) return refused(version, found.error());
    return answer(version, request, *found);
  }

  HttpResponse create(Version version, const Request& request) const {
    Result<ddapi::DowntimeSpec> spec =
        version == Version::kV1 ? ddapi::decode_downtime_v1(request.body()) : ddapi::decode_downtime_v2(request.body());
    if (!spec) return refused(version, spec.error());
    // v1 makes no such thing by accident: a body without any scope is a mistake.
    if (version == Version::kV1 && request.body().find("\"scope\"") == std::string::npos && !spec->monitor_id) {
      return error_response(400, "scope: expected a scope such as env:prod, or * for everything");
    }
    Result<LoadedDowntime> made = store(request, *std::move(spec), false);
    if (!made) return refused(version, made.error());
    return answer(version, request, *made);
  }

  HttpResponse update(Version version, const Request& request) const {
    const int64_t now_at_s = now();
    Result<DowntimeRow> changed_row =
        parts_.registry.change<DowntimeRow>([&](WriteSession& session) -> Result<DowntimeRow> {
          Result<std::optional<DowntimeRow>> row = registry::find_downtime(session, request.param("id"));
          if (!row) return std::move(row).error();
          if (!*row) return no_downtime(request.param("id"));
          if ((*row)->canceled_s != 0) {
            return Error(ErrorCode::kInvalidArgument, "this downtime was canceled; make a new one");
          }
          Result<ddapi::DowntimeSpec> old = ddapi::decode_downtime_spec((*row)->document);
          if (!old) return std::move(old).error();
          Result<ddapi::DowntimeSpec> spec = version == Version::kV1 ? ddapi::decode_downtime_v1(request.body(), &*old)
                                                                     : ddapi::decode_downtime_v2(request.body(), &*old);
          if (!spec) return std::move(spec).error();
          if (spec->start_s == 0) spec->start_s = old->start_s != 0 ? old->start_s : (*row)->created_s;
          if (auto valid = monitor::validate_downtime(*spec, (*row)->created_s); !valid) {
            return std::move(valid).error();
          }
          (*row)->document = ddapi::encode_downtime_spec(*spec);
          (*row)->modified_s = now_at_s;
          (*row)->finished = false;
          if (Status updated = registry::update_downtime(session, **row); !updated) return updated.error();
          Status noted = audit_change(session, parts_, request, "downtime.update", target_of(**row),
                                      ddapi::encode_downtime_spec(*old), (*row)->document);
          if (!noted) return noted.error();
          return **row;
        });
    if (!changed_row) return refused(version, changed_row.error());
    told();
    Result<LoadedDowntime> loaded = load_downtime(*std::move(changed_row));
    if (!loaded) return refused(version, loaded.error());
    return answer(version, request, *loaded);
  }

  HttpResponse cancel(Version version, const Request& request) const {
    Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      Result<std::optional<DowntimeRow>> row = registry::find_downtime(session, request.param("id"));
      if (!row) return std::move(row).error();
      if (!*row) return no_downtime(request.param("id"));
      return end(request, session, **row);
    });
    if (!status) return refused(version, status.error());
    told();
    return empty(204);
  }

  HttpResponse cancel_by_scope(const Request& request) const {
    Result<std::string> scope = ddapi::decode_cancel_by_scope(request.body());
    if (!scope) return error_response(scope.error());
    Result<std::vector<int64_t>> ids = cancel_where(
        request, [&](const ddapi::DowntimeSpec& spec, const DowntimeRow&) { return spec.scope == *scope; });
    if (!ids) return error_response(ids.error());
    if (ids->empty()) return error_response(404, "no downtime has the scope " + scope->substr(0, 100));
    std::string list;
    for (const int64_t id : *ids) list += (list.empty() ? "" : ",") + std::to_string(id);
    return net::json_response(200, "{\"cancelled_ids\":[" + list + "]}");
  }

  HttpResponse of_monitor_v1(const Request& request) const {
    Result<std::vector<ddapi::DowntimeView>> views = active_of(request);
    if (!views) return error_response(views.error());
    return net::json_response(200, ddapi::encode_downtimes_v1(*views));
  }

  HttpResponse of_monitor_v2(const Request& request) const {
    Result<std::vector<ddapi::DowntimeView>> views = active_of(request);
    if (!views) return json_api_error(views.error());
    const size_t total = views->size();
    const size_t offset = std::min(total, number_parameter(request, "page[offset]", 0, 1'000'000));
    const size_t limit = number_parameter(request, "page[limit]", kPageDefault, kPageMax);
    views->erase(views->begin(), views->begin() + static_cast<std::ptrdiff_t>(offset));
    if (views->size() > limit) views->resize(limit);
    return net::json_response(200, ddapi::encode_downtime_matches(*views, total));
  }

  // Muting what is muted already changes its end.
  HttpResponse mute(const Request& request) const {
    Result<registry::MonitorRow> row = find_monitor_row(parts_, request);
    if (!row) return error_response(row.error());
    Result<ddapi::MuteRequest> wanted = mute_request(request);
    if (!wanted) return error_response(wanted.error());
    if (wanted->end_s != 0 && wanted->end_s <= now()) return error_response(400, "end: is in the past");
    const auto same = [&](const ddapi::DowntimeSpec& spec, const DowntimeRow& downtime) {
      return downtime.mute && spec.monitor_id == row->id && spec.scope == wanted->scope;
    };
    ddapi::DowntimeSpec spec{.monitor_id = row->id, .scope = wanted->scope, .end_s = wanted->end_s};
    if (auto valid = monitor::validate_downtime(spec, now()); !valid) return error_response(valid.error());
    if (auto ended = cancel_where(request, same); !ended) return error_response(ended.error());
    if (auto made = store(request, std::move(spec), true); !made) return error_response(made.error());
    return net::json_response(200, ddapi::encode_monitor(monitor_view(parts_, *row)));
  }

  HttpResponse unmute(const Request& request) const {
    Result<registry::MonitorRow> row = find_monitor_row(parts_, request);
    if (!row) return error_response(row.error());
    Result<ddapi::MuteRequest> wanted = mute_request(request);
    if (!wanted) return error_response(wanted.error());
    const bool all = wanted->all_scopes || request.query("all_scopes") == "true";
    auto ended = cancel_where(request, [&](const ddapi::DowntimeSpec& spec, const DowntimeRow& downtime) {
      return downtime.mute && spec.monitor_id == row->id && (all || spec.scope == wanted->scope);
    });
    if (!ended) return error_response(ended.error());
    if (ended->empty() && !all) {
      return error_response(
          400, "Scope " + wanted->scope.substr(0, 100) + " is not muted for monitor " + std::to_string(row->id));
    }
    return net::json_response(200, ddapi::encode_monitor(monitor_view(parts_, *row)));
  }

  HttpResponse mute_all(const Request& request) const {
    Result<DowntimeList> list = DowntimeList::read(parts_.registry, false);
    if (!list) return error_response(list.error());
    for (const LoadedDowntime& downtime : list->all()) {
      if (is_mute_all(downtime.spec, downtime.row) && downtime.row.canceled_s == 0) {
        return answer(Version::kV1, request, downtime);
      }
    }
    Result<LoadedDowntime> made = store(request, {.monitor_tags = {"*"}, .scope = "*"}, true);
    if (!made) return error_response(made.error());
    return answer(Version::kV1, request, *made);
  }

  HttpResponse unmute_all(const Request& request) const {
    auto ended = cancel_where(request, is_mute_all);
    if (!ended) return error_response(ended.error());
    return empty(204);
  }

 private:
  int64_t now() const { return now_s(parts_); }
  void told() const { changed(parts_, "monitors"); }

  static bool is_mute_all(const ddapi::DowntimeSpec& spec, const DowntimeRow& row) {
    return row.mute && !spec.monitor_id;
  }
  static bool includes_monitors(const Request& request) {
    return request.query("include").find("monitor") != std::string_view::npos;
  }

  Result<ddapi::MuteRequest> mute_request(const Request& request) const {
    Result<ddapi::MuteRequest> wanted = ddapi::decode_mute(request.body());
    if (!wanted) return wanted;
    if (!request.query("scope").empty()) wanted->scope = request.query("scope");
    if (!request.query("end").empty()) {
      const std::optional<int64_t> end = whole_number(request.query("end"));
      if (!end) return Error(ErrorCode::kInvalidArgument, "end: expected Unix seconds");
      wanted->end_s = *end;
    }
    return wanted;
  }

  Result<LoadedDowntime> find(const std::string& id) const {
    auto row = parts_.registry.fetch<std::optional<DowntimeRow>>(
        [&](ReadSession& session) { return registry::find_downtime(session, id); });
    if (!row) return std::move(row).error();
    if (!*row) return no_downtime(id);
    return load_downtime(**std::move(row));
  }

  Result<LoadedDowntime> store(const Request& request, ddapi::DowntimeSpec spec, bool mute) const {
    const int64_t now_at_s = now();
    if (spec.start_s == 0) spec.start_s = now_at_s;
    if (auto valid = monitor::validate_downtime(spec, now_at_s); !valid) return std::move(valid).error();
    if (spec.recurrences.empty() && spec.end_s != 0 && spec.end_s <= now_at_s) {
      return Error(ErrorCode::kInvalidArgument, "end: is in the past");
    }
    // A v1 recurrence gets the length of its first period.
    for (ddapi::DowntimeRecurrence& one : spec.recurrences) {
      if (one.duration_s == 0) one.duration_s = spec.end_s - spec.start_s;
    }
    if (!spec.recurrences.empty()) spec.end_s = 0;
    DowntimeRow row{.document = ddapi::encode_downtime_spec(spec),
                    .mute = mute,
                    .created_s = now_at_s,
                    .modified_s = now_at_s,
                    .handled_s = now_at_s};
    Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      if (spec.monitor_id) {
        auto known = registry::find_monitor(session, *spec.monitor_id);
        if (!known) return std::move(known).error();
        if (!*known) return no_monitor(std::to_string(*spec.monitor_id));
      }
      if (Status made = registry::create_downtime(session, row); !made) return made;
      return audit_change(session, parts_, request, mute ? "monitor.mute" : "downtime.create", target_of(row), "",
                          row.document);
    });
    if (!status) return status.error();
    told();
    return load_downtime(std::move(row));
  }

  static std::string target_of(const DowntimeRow& row) { return "downtime:" + std::to_string(row.id); }

  Status end(const Request& request, WriteSession& session, DowntimeRow row) const {
    if (row.canceled_s != 0) return base::ok();
    row.canceled_s = row.modified_s = now();
    if (Status updated = registry::update_downtime(session, row); !updated) return updated;
    return audit_change(session, parts_, request, row.mute ? "monitor.unmute" : "downtime.cancel", target_of(row),
                        row.document, "");
  }

  template <typename Where>
  Result<std::vector<int64_t>> cancel_where(const Request& request, Where where) const {
    std::vector<int64_t> ids;
    Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      ids.clear();
      Result<std::vector<DowntimeRow>> rows = registry::list_downtimes(session, false);
      if (!rows) return std::move(rows).error();
      for (const DowntimeRow& row : *rows) {
        const Result<ddapi::DowntimeSpec> spec = ddapi::decode_downtime_spec(row.document);
        if (row.canceled_s != 0 || !spec || !where(*spec, row)) continue;
        if (Status ended = end(request, session, row); !ended) return ended;
        ids.push_back(row.id);
      }
      return base::ok();
    });
    if (!status) return status.error();
    if (!ids.empty()) told();
    return ids;
  }

  Result<std::vector<ddapi::DowntimeView>> active_of(const Request& request) const {
    Result<registry::MonitorRow> row = find_monitor_row(parts_, request);
    if (!row) return std::move(row).error();
    const Result<ddapi::MonitorSpec> spec = ddapi::decode_monitor(row->document);
    Result<DowntimeList> list = DowntimeList::read(parts_.registry, false);
    if (!list) return std::move(list).error();
    std::vector<ddapi::DowntimeView> views;
    for (const LoadedDowntime* one : list->active_for(row->id, spec ? spec->tags : std::vector<std::string>(), now())) {
      views.push_back(full_view(*one));
    }
    return views;
  }

  ddapi::DowntimeView full_view(const LoadedDowntime& downtime) const {
    ddapi::DowntimeView view = view_of(downtime, now());
    if (!downtime.spec.monitor_id) return view;
    auto row = parts_.registry.fetch<std::optional<registry::MonitorRow>>(
        [&](ReadSession& session) { return registry::find_monitor(session, *downtime.spec.monitor_id); });
    if (!row || !*row) return view;
    if (const auto spec = ddapi::decode_monitor((*row)->document)) view.monitor_name = spec->name;
    return view;
  }

  HttpResponse answer(Version version, const Request& request, const LoadedDowntime& downtime) const {
    const ddapi::DowntimeView view = full_view(downtime);
    if (version == Version::kV1) return net::json_response(200, ddapi::encode_downtime_v1(view));
    return net::json_response(200, ddapi::encode_downtime_v2(view, includes_monitors(request)));
  }

  const ManagementParts parts_;
};

}  // namespace

void add_downtime_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const DowntimeRoutes>(parts);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  const auto both = [&](std::string_view method, std::string_view rest, auto member) {
    for (const Version version : {Version::kV1, Version::kV2}) {
      const std::string path = std::string(version == Version::kV1 ? "/api/v1" : "/api/v2") + std::string(rest);
      const std::string_view verb = method == "PUT" && version == Version::kV2 ? "PATCH" : method;
      router.add(RouteClass::kManagement, verb, path,
                 [routes, member, version](const Request& r) { return ((*routes).*member)(version, r); });
    }
  };
  add("GET", "/api/v1/downtime", &DowntimeRoutes::list_v1);
  add("GET", "/api/v2/downtime", &DowntimeRoutes::list_v2);
  both("POST", "/downtime", &DowntimeRoutes::create);
  both("GET", "/downtime/{id}", &DowntimeRoutes::get);
  both("PUT", "/downtime/{id}", &DowntimeRoutes::update);
  both("DELETE", "/downtime/{id}", &DowntimeRoutes::cancel);
  add("POST", "/api/v1/downtime/cancel/by_scope", &DowntimeRoutes::cancel_by_scope);
  add("GET", "/api/v1/monitor/{id}/downtimes", &DowntimeRoutes::of_monitor_v1);
  add("GET", "/api/v2/monitor/{id}/downtime_matches", &DowntimeRoutes::of_monitor_v2);
  add("POST", "/api/v1/monitor/mute_all", &DowntimeRoutes::mute_all);
  add("POST", "/api/v1/monitor/unmute_all", &DowntimeRoutes::unmute_all);
  add("POST", "/api/v1/monitor/{id}/mute", &DowntimeRoutes::mute);
  add("POST", "/api/v1/monitor/{id}/unmute", &DowntimeRoutes::unmute);
}

}  // namespace godseye::api
