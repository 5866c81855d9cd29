#include "json_fields.h"

#include <atomic>
#include <cmath>
#include <limits>
#include <memory>

#include <godseye/api/errors.h>
#include <godseye/api/json_limits.h>
#include <godseye/api/management_routes.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/monitor/trial.h>

#include <boost/json.hpp>

namespace godseye::api {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using registry::GroupStateRow;

constexpr size_t kStatesMax = 20'000;

struct TrialBody {
  monitor::ValidMonitor monitor;
  monitor::TrialRequest request;
  std::vector<std::string> warnings;
};

Error wrong(const std::string& text) { return {ErrorCode::kInvalidArgument, text}; }

// The numbers of a state in `resume`, in their order there.
constexpr int64_t GroupStateRow::* kTimes[] = {
    &GroupStateRow::first_seen_s,      &GroupStateRow::silent_since_s,   &GroupStateRow::status_since_s,
    &GroupStateRow::first_triggered_s, &GroupStateRow::last_triggered_s, &GroupStateRow::last_resolved_s,
    &GroupStateRow::last_nodata_s,     &GroupStateRow::last_notified_s,  &GroupStateRow::renotified};
constexpr size_t kStateMembers = 3 + std::size(kTimes);

void append_state(std::string& out, const GroupStateRow& state) {
  out += '[' + net::json_quoted(state.group) + ',';
  append_integer(out, static_cast<int64_t>(state.status));
  out += ',';
  append_number(out, state.value);
  for (const auto time : kTimes) {
    out += ',';
    append_integer(out, state.*time);
  }
  out += ']';
}

base::Result<GroupStateRow> read_state(const json::value& value) {
  const Error error = wrong("resume: expected what the answer before had there");
  const json::array* members = value.if_array();
  if (members == nullptr || members->size() != kStateMembers || !(*members)[0].is_string()) return error;
  boost::system::error_code failed;
  GroupStateRow state;
  state.group = std::string((*members)[0].as_string());
  const int64_t status = (*members)[1].is_number() ? (*members)[1].to_number<int64_t>(failed) : -1;
  if (failed || status < 0 || status > static_cast<int64_t>(registry::GroupStatus::kNoData)) return error;
  state.status = static_cast<registry::GroupStatus>(status);
  state.value =
      (*members)[2].is_number() ? (*members)[2].to_number<double>(failed) : std::numeric_limits<double>::quiet_NaN();
  for (size_t i = 0; i < std::size(kTimes); ++i) {
    const json::value& number = (*members)[3 + i];
    state.*kTimes[i] = number.is_number() ? number.to_number<int64_t>(failed) : -1;
    if (failed || state.*kTimes[i] < 0) return error;
  }
  return state;
}

base::Result<int64_t> whole(const json::object& object, std::string_view name, std::optional<int64_t> fallback = {}) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr && fallback) return *fallback;
  boost::system::error_code failed;
  const int64_t number = value != nullptr && value->is_number() ? value->to_number<int64_t>(failed) : -1;
  if (failed || number < 0 || number > UINT32_MAX) {
    return wrong(std::string(name) + ": expected " + (fallback ? "seconds" : "Unix seconds") + ", a whole number");
  }
  return number;
}

base::Result<TrialBody> read_body(std::string_view text) {
  if (base::Status limits = check_json_limits(text); !limits) return limits.error();
  boost::system::error_code failed;
  const json::value body = json::parse(text, failed);
  if (failed || !body.is_object()) {
    return wrong("expected a JSON object with monitor, from and to" + (failed ? " (" + failed.message() + ")" : ""));
  }
  const json::object& object = body.as_object();
  const json::value* monitor = object.if_contains("monitor");
  if (monitor == nullptr || !monitor->is_object()) return wrong("monitor: expected a monitor as JSON object");
  TrialBody out;
  base::Result<ddapi::MonitorSpec> spec = ddapi::decode_monitor(json::serialize(*monitor));
  if (!spec) return std::move(spec).error();
  base::Result<monitor::ValidMonitor> valid = monitor::validate(*spec, &out.warnings);
  if (!valid) return std::move(valid).error();
  out.monitor = *std::move(valid);
  const base::Result<int64_t> from = whole(object, "from");
  if (!from) return from.error();
  const base::Result<int64_t> to = whole(object, "to");
  if (!to) return to.error();
  const base::Result<int64_t> step = whole(object, "step", 0);
  if (!step) return step.error();
  out.request.from_s = *from;
  out.request.to_s = *to;
  out.request.step_s = static_cast<uint32_t>(*step);
  if (const json::value* resume = object.if_contains("resume"); resume != nullptr && !resume->is_null()) {
    if (!resume->is_array() || resume->as_array().size() > kStatesMax) {
      return wrong("resume: expected what the answer before had there");
    }
    for (const json::value& state : resume->as_array()) {
      base::Result<GroupStateRow> row = read_state(state);
      if (!row) return std::move(row).error();
      out.request.states.push_back(*std::move(row));
    }
  }
  return out;
}

void append_transition(std::string& out, const monitor::TrialTransition& transition) {
  Fields fields(out);
  fields.integer("time", transition.time_s);
  fields.text("kind", monitor::transition_name(transition.kind));
  fields.text("from", monitor::status_name(transition.from));
  fields.text("to", monitor::status_name(transition.to));
  append_number(fields.key("value"), transition.value.value_or(std::numeric_limits<double>::quiet_NaN()));
  append_number(fields.key("threshold"), transition.threshold);
  fields.boolean("notify", transition.notify);
}

// `append` is called for each item, with commas between.
template <typename Items, typename Append>
void append_list(std::string& out, const Items& items, Append&& append) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    append(out, item);
  }
  out += ']';
}

void append_group(std::string& out, const monitor::TrialGroup& group) {
  Fields fields(out);
  fields.text("group", group.name);
  fields.text("status", monitor::status_name(group.status));
  fields.integer("triggered", static_cast<int64_t>(group.triggered));
  fields.integer("alert_s", group.alert_s);
  fields.integer("warn_s", group.warn_s);
  fields.integer("no_data_s", group.no_data_s);
  append_list(fields.key("transitions"), group.transitions, append_transition);
  append_list(fields.key("points"), group.points, [](std::string& into, const std::pair<int64_t, double>& point) {
    into += '[';
    append_integer(into, point.first);
    into += ',';
    append_number(into, point.second);
    into += ']';
  });
}

std::string answer_of(const TrialBody& body, const monitor::Trial& trial) {
  std::string out;
  {
    Fields fields(out);
    fields.boolean("complete", trial.complete);
    fields.integer("from", body.request.from_s);
    fields.integer("to", body.request.to_s);
    fields.integer("evaluated_to", trial.evaluated_to_s);
    fields.integer("step", trial.step_s);
    fields.integer("evaluations", static_cast<int64_t>(trial.evaluations));
    fields.integer("evaluations_failed", static_cast<int64_t>(trial.evaluations_failed));
    append_list(fields.key("groups"), trial.groups, append_group);
    fields.integer("groups_total", static_cast<int64_t>(trial.groups_total));
    fields.integer("groups_left_out", static_cast<int64_t>(trial.groups_left_out));
    fields.integer("transitions_total", static_cast<int64_t>(trial.transitions_total));
    fields.integer("transitions_left_out", static_cast<int64_t>(trial.transitions_left_out));
    std::vector<std::string> warnings = body.warnings;
    warnings.insert(warnings.end(), trial.warnings.begin(), trial.warnings.end());
    fields.texts("warnings", warnings);
    append_list(fields.key("resume"), trial.states, append_state);
  }
  return out;
}

net::HttpResponse refusal(const Error& error) {
  if (error.code() == ErrorCode::kUnimplemented) return error_response(400, error.message());
  return error_response(error);
}

}  // namespace

void add_monitor_trial_route(Router& router, const query::QueryEngine& queries, query::EventEngine* events,
                             const base::Clock& clock) {
  const auto running = std::make_shared<std::atomic<size_t>>(0);
  router.add(RouteClass::kManagement, "POST", "/api/godseye/v1/monitors/try",
             [&queries, events, clock, running](const Request& request) {
               const base::Result<TrialBody> body = read_body(request.body());
               if (!body) return refusal(body.error());
               if (running->fetch_add(1) >= kTrialsAtOnce) {
                 running->fetch_sub(1);
                 return error_response(Error(ErrorCode::kQueueFull, "other monitors are being tried; try again"));
               }
               const auto history = monitor::history_queries(queries, events);
               const base::Result<monitor::Trial> trial =
                   monitor::try_monitor(body->monitor, body->request, *history, clock);
               running->fetch_sub(1);
               if (!trial) return refusal(trial.error());
               return net::json_response(200, answer_of(*body, *trial));
             });
}

}  // namespace godseye::api
