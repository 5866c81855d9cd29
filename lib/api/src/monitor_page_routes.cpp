#include "json_fields.h"
#include "json_list.h"
#include "monitor_view.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <godseye/api/json_limits.h>
#include <godseye/api/monitor_page_routes.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/monitor/state.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/group_states.h>
#include <godseye/respond/preview.h>

#include <boost/json.hpp>

namespace godseye::api {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using net::HttpResponse;
using registry::GroupStateRow;
using registry::GroupStatus;
using registry::TransitionRow;

constexpr int64_t kHistoryDefaultS = 86'400;
constexpr size_t kSampleGroupBytesMax = 4096;
// A few that Datadog's users expect; any name after the hyphen works.
constexpr std::array<std::string_view, 2> kOpenKinds = {"incident", "case"};

std::string transition_json(const TransitionRow& row) {
  std::string out;
  {
    Fields fields(out);
    fields.integer("id", row.id);
    fields.integer("time", row.time_s);
    fields.text("group", row.group);
    fields.text("from", monitor::status_name(row.from));
    fields.text("to", monitor::status_name(row.to));
    fields.text("kind", row.kind);
    if (std::isfinite(row.value)) fields.number("value", row.value);
    if (std::isfinite(row.threshold)) fields.number("threshold", row.threshold);
    fields.text("notes", row.notes);
  }
  return out;
}

std::string group_json(const GroupStateRow& row) {
  std::string out;
  const auto time = [](Fields& fields, std::string_view name, int64_t unix_s) {
    if (unix_s != 0) fields.integer(name, unix_s);
  };
  {
    Fields fields(out);
    fields.text("name", row.group);
    fields.text("status", monitor::status_name(row.status));
    time(fields, "since", row.status_since_s);
    time(fields, "first_seen", row.first_seen_s);
    time(fields, "last_triggered_ts", row.last_triggered_s);
    time(fields, "last_resolved_ts", row.last_resolved_s);
    time(fields, "last_nodata_ts", row.last_nodata_s);
    time(fields, "last_notified_ts", row.last_notified_s);
    if (std::isfinite(row.value)) fields.number("value", row.value);
  }
  return out;
}

std::optional<GroupStatus> status_of(std::string_view text) {
  const std::string name = lower(text);
  for (const GroupStatus status : {GroupStatus::kOk, GroupStatus::kWarn, GroupStatus::kAlert, GroupStatus::kNoData}) {
    if (lower(monitor::status_name(status)) == name) return status;
  }
  return std::nullopt;
}

Error bad_status(std::string_view field, std::string_view text) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": expected OK, Warn, Alert or No Data, not \"" +
                                           std::string(text.substr(0, 40)) + "\""};
}

// `sample` of a preview; absent members keep what an ordinary alert has.
base::Result<respond::PreviewSample> read_sample(const json::object& body, int64_t now_s) {
  respond::PreviewSample sample{.time_s = now_s};
  const json::value* given = body.if_contains("sample");
  if (given == nullptr || given->is_null()) return sample;
  if (!given->is_object()) return Error(ErrorCode::kInvalidArgument, "sample: expected an object");
  const json::object& members = given->get_object();
  const auto status = [&](std::string_view name, GroupStatus& into) -> base::Status {
    const json::value* value = members.if_contains(name);
    if (value == nullptr || value->is_null()) return base::ok();
    const std::string text = value->is_string() ? std::string(value->get_string()) : std::string();
    const std::optional<GroupStatus> found = status_of(text);
    if (!found) return bad_status("sample." + std::string(name), text);
    into = *found;
    return base::ok();
  };
  if (base::Status read = status("status", sample.to); !read) return read.error();
  sample.from = sample.to == GroupStatus::kOk ? GroupStatus::kAlert : GroupStatus::kOk;
  if (base::Status read = status("from", sample.from); !read) return read.error();
  if (const json::value* value = members.if_contains("renotify")) {
    if (!value->is_bool()) return Error(ErrorCode::kInvalidArgument, "sample.renotify: expected true or false");
    sample.renotify = value->get_bool();
  }
  if (const json::value* value = members.if_contains("value"); value != nullptr && !value->is_null()) {
    if (!value->is_number()) return Error(ErrorCode::kInvalidArgument, "sample.value: expected a number");
    sample.value = value->to_number<double>();
  }
  if (const json::value* value = members.if_contains("group")) {
    if (!value->is_string() || value->get_string().size() > kSampleGroupBytesMax) {
      return Error(ErrorCode::kInvalidArgument, "sample.group: expected a text like \"host:a,env:b\"");
    }
    sample.group = std::string(value->get_string());
  }
  // An outage that began a while ago, so that durations in messages are not all zero.
  if (sample.to == GroupStatus::kOk || sample.renotify) sample.triggered_s = now_s - 600;
  return sample;
}

class MonitorPageRoutes {
 public:
  MonitorPageRoutes(ManagementParts parts, HandleList more) : parts_(std::move(parts)), more_(std::move(more)) {}

  HttpResponse history(const Request& request) const {
    base::Result<registry::MonitorRow> row = find_monitor_row(parts_, request);
    if (!row) return error_response(row.error());
    const int64_t now = now_s(parts_);
    registry::TransitionRange range{.monitor_id = row->id, .group = std::string(request.query("group"))};
    range.to_s = whole_number(request.query("to")).value_or(now + 1);
    range.from_s = whole_number(request.query("from")).value_or(range.to_s - kHistoryDefaultS);
    if (range.from_s >= range.to_s) return error_response(400, "from: expected a time before `to`, in Unix seconds");
    const size_t limit =
        std::max<size_t>(1, number_parameter(request, "limit", kTransitionsShownDefault, kTransitionsShownMax));
    range.count_max = limit + 1;
    auto rows = parts_.registry.fetch<std::vector<TransitionRow>>(
        [&](registry::ReadSession& session) { return registry::list_transitions(session, range); });
    if (!rows) return error_response(rows.error());
    const bool complete = rows->size() <= limit;
    if (!complete) rows->resize(limit);
    std::string out;
    {
      Fields fields(out);
      fields.integer("from", range.from_s);
      fields.integer("to", range.to_s);
      fields.boolean("complete", complete);
      fields.key("transitions") += json_list(*rows, transition_json);
    }
    return net::json_response(200, std::move(out));
  }

  HttpResponse groups(const Request& request) const {
    base::Result<registry::MonitorRow> row = find_monitor_row(parts_, request);
    if (!row) return error_response(row.error());
    const std::string_view status_text = request.query("status");
    const std::optional<GroupStatus> status = status_of(status_text);
    if (!status_text.empty() && !status) return error_response(bad_status("status", status_text));
    const std::string search = lower(request.query("search"));
    const size_t per_page =
        std::max<size_t>(1, number_parameter(request, "per_page", kGroupsPageDefault, kGroupsPageMax));
    const size_t page = number_parameter(request, "page", 0, 1'000'000);
    const monitor::Evaluator* evaluator = parts_.evaluator ? parts_.evaluator() : nullptr;
    std::vector<GroupStateRow> all;
    if (evaluator != nullptr) all = evaluator->groups(row->id);
    std::map<std::string_view, size_t> counts;
    std::vector<const GroupStateRow*> shown;
    size_t found = 0;
    for (const GroupStateRow& group : all) {
      // Counted by state whatever state is asked for, so that a page can offer the others.
      if (!search.empty() && lower(group.group).find(search) == std::string::npos) continue;
      ++counts[monitor::status_name(group.status)];
      if (status && group.status != *status) continue;
      const size_t at = found++;
      if (at >= page * per_page && shown.size() < per_page) shown.push_back(&group);
    }
    std::string out;
    {
      Fields fields(out);
      fields.integer("total", static_cast<int64_t>(all.size()));
      fields.integer("found", static_cast<int64_t>(found));
      fields.integer("page", static_cast<int64_t>(page));
      fields.integer("per_page", static_cast<int64_t>(per_page));
      {
        Fields inner(fields.key("counts"));
        for (const auto& [name, count] : counts) inner.integer(name, static_cast<int64_t>(count));
      }
      fields.key("groups") += json_list(shown, [](const GroupStateRow* group) { return group_json(*group); });
      if (evaluator != nullptr) add_health(fields, evaluator->health(row->id));
    }
    return net::json_response(200, std::move(out));
  }

  HttpResponse preview(const Request& request) const {
    if (base::Status limits = check_json_limits(request.body()); !limits) return error_response(limits.error());
    boost::system::error_code failed;
    const json::value body = json::parse(request.body(), failed);
    const json::value* given = !failed && body.is_object() ? body.get_object().if_contains("monitor") : nullptr;
    if (given == nullptr || !given->is_object()) return error_response(400, "monitor: expected an object");
    // Merged into an empty one, since a monitor that is being written lacks things.
    auto spec = ddapi::merge_monitor({}, json::serialize(*given));
    if (!spec) return error_response(spec.error());
    base::Result<respond::PreviewSample> sample = read_sample(body.get_object(), now_s(parts_));
    if (!sample) return error_response(sample.error());
    base::Result<respond::MessagePreview> preview = respond::preview_message(*spec, *sample);
    if (!preview) return error_response(preview.error());
    base::Result<std::vector<KnownHandle>> known = known_handles();
    if (!known) return error_response(known.error());
    std::string out;
    {
      Fields fields(out);
      fields.text("title", preview->title);
      fields.key("text") += net::json_quoted(preview->text);
      fields.integer("priority", preview->priority);
      fields.boolean("cut", preview->cut);
      fields.key("handles") +=
          json_list(preview->handles, [&](const std::string& handle) { return use_json(handle, *known); });
      std::vector<std::string> others;
      for (const std::string& handle : preview->all_handles) {
        const auto& told = preview->handles;
        if (std::find(told.begin(), told.end(), handle) == told.end()) others.push_back(handle);
      }
      fields.key("other_handles") +=
          json_list(others, [&](const std::string& handle) { return use_json(handle, *known); });
    }
    return net::json_response(200, std::move(out));
  }

  HttpResponse handles(const Request&) const {
    base::Result<std::vector<KnownHandle>> known = known_handles();
    if (!known) return error_response(known.error());
    const std::string list = json_list(*known, [](const KnownHandle& handle) {
      std::string out;
      {
        Fields fields(out);
        fields.text("handle", handle.handle);
        fields.text("kind", handle.kind);
        fields.text("about", handle.about);
      }
      return out;
    });
    return net::json_response(200, "{\"handles\":" + list + "}");
  }

 private:
  static void add_health(Fields& fields, const std::optional<monitor::MonitorHealth>& health) {
    if (!health) return;
    if (health->evaluated_s != 0) fields.integer("evaluated", health->evaluated_s);
    fields.integer("left_out", static_cast<int64_t>(health->groups_left_out));
    fields.text("error", health->error);
  }

  base::Result<std::vector<KnownHandle>> known_handles() const {
    return parts_.registry.fetch<std::vector<KnownHandle>>(
        [&](registry::ReadSession& session) -> base::Result<std::vector<KnownHandle>> {
          auto channels = registry::list_channels(session);
          if (!channels) return std::move(channels).error();
          std::vector<KnownHandle> out;
          // Their addresses may hold tokens: the name alone.
          for (const registry::ChannelRow& channel : *channels) {
            out.push_back({.handle = channel.kind + "-" + channel.name,
                           .kind = channel.kind,
                           .about = channel.enabled ? channel.kind : channel.kind + ", switched off"});
          }
          if (!more_) return out;
          auto more = more_(session);
          if (!more) return std::move(more).error();
          std::move(more->begin(), more->end(), std::back_inserter(out));
          return out;
        });
  }

  static std::string use_json(const std::string& handle, const std::vector<KnownHandle>& known) {
    std::string kind = handle.substr(0, handle.find('-'));
    const bool open =
        handle.size() > kind.size() + 1 && std::find(kOpenKinds.begin(), kOpenKinds.end(), kind) != kOpenKinds.end();
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const KnownHandle& one) { return one.handle == handle; });
    if (found != known.end()) kind = found->kind;
    std::string note;
    if (!open && found == known.end()) {
      note = "not configured: nobody is told by it";
      const char last = handle.empty() ? ' ' : handle.back();
      if (std::string_view(".,;:!?)").find(last) != std::string_view::npos) {
        note += std::string("; a handle ends at a blank: remove the '") + last + "'";
      }
    }
    std::string out;
    {
      Fields fields(out);
      fields.text("handle", handle);
      fields.text("kind", kind);
      fields.boolean("known", note.empty());
      fields.text("note", note);
    }
    return out;
  }

  const ManagementParts parts_;
  const HandleList more_;
};

}  // namespace

void add_monitor_page_routes(Router& router, const ManagementParts& parts, HandleList more) {
  const auto routes = std::make_shared<const MonitorPageRoutes>(parts, std::move(more));
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/api/godseye/v1/monitors/{id}/history", &MonitorPageRoutes::history);
  add("GET", "/api/godseye/v1/monitors/{id}/groups", &MonitorPageRoutes::groups);
  add("POST", "/api/godseye/v1/monitors/preview", &MonitorPageRoutes::preview);
  add("GET", "/api/godseye/v1/handles", &MonitorPageRoutes::handles);
}

}  // namespace godseye::api
