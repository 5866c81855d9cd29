#include "body_reader.h"
#include "control_impl.h"
#include "json_fields.h"
#include "route_help.h"

#include <cmath>
#include <map>

#include <godseye/registry/audit.h>

// Settings, shadow report, audit log and feedback.
namespace godseye::api {

using net::HttpResponse;
namespace json = boost::json;

namespace {

constexpr size_t kTextBytesMax = 512;
constexpr size_t kNoteBytesMax = 2000;
// Gateways that run alone have clocks of their own.
constexpr int64_t kClockSlackMs = 60'000;
// Of the newest entries among which samples are looked for.
constexpr size_t kShadowEntriesMax = 2000;

// Unix seconds, with a fraction if need be, as milliseconds.
base::Result<int64_t> time_parameter(const Request& request, std::string_view name, int64_t fallback_ms) {
  const std::string text(request.query(name));
  if (text.empty()) return fallback_ms;
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc() || end != text.data() + text.size() || !(seconds >= 0 && seconds < 1e11)) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       std::string(name) + ": expected Unix seconds, not " + base::json_quoted(text.substr(0, 60)));
  }
  return static_cast<int64_t>(std::llround(seconds * 1000));
}

std::string_view member(const json::value& value, std::string_view name) {
  if (!value.is_object()) return {};
  const json::value* found = value.as_object().if_contains(name);
  return found != nullptr && found->is_string() ? std::string_view(found->as_string()) : std::string_view();
}

json::value parsed(const std::string& text) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  return failed ? json::value() : value;
}

std::string sample_json(const registry::AuditRow& row, const json::value& decision) {
  std::string out;
  {
    Fields fields(out);
    fields.integer("time", row.time_ms / 1000);
    fields.text("call_id", member(decision, "call_id"));
    fields.text("session", member(decision, "session"));
    fields.text("user", member(decision, "user"));
    fields.text("route", member(decision, "route"));
    fields.text("gateway", member(decision, "gateway"));
    fields.text("target", row.target);
    fields.text("sample", member(decision, "sample"));
    const json::value* score = decision.is_object() ? decision.as_object().if_contains("score") : nullptr;
    if (score != nullptr && score->is_number()) fields.number("score", score->to_number<double>());
  }
  return out;
}

std::string feedback_json(const registry::FeedbackRow& row) {
  std::string out;
  {
    Fields fields(out);
    fields.integer("id", row.id);
    fields.integer("time", row.time_s);
    fields.text("verdict", row.verdict);
    fields.text("call_id", row.call_id);
    fields.text("session", row.session);
    fields.text("user", row.user);
    fields.text("author", row.author);
    fields.text("note", row.note);
    fields.text("text", row.text);
    if (row.score >= 0) fields.number("score", row.score);
    if (row.exempt_until_s != 0) fields.integer("exempt_until", row.exempt_until_s);
  }
  return out;
}

// Entries of `rows` beyond `limit` become the cursor of the next page.
template <typename Row, typename Write>
HttpResponse page(std::string_view name, std::vector<Row>& rows, size_t limit, Write write) {
  const bool more = rows.size() > limit;
  if (more) rows.resize(limit);
  std::string out = "{\"" + std::string(name) + "\":[";
  for (const Row& row : rows) {
    if (out.back() != '[') out += ',';
    out += write(row);
  }
  out += "],\"next\":" + (more && !rows.empty() ? '"' + std::to_string(rows.back().id) + '"' : std::string("null"));
  return net::json_response(200, out + "}");
}

std::string entry_json(const registry::AuditRow& row) {
  std::string out;
  {
    Fields fields(out);
    fields.integer("id", row.id);
    fields.number("time", static_cast<double>(row.time_ms) / 1000);
    fields.text("actor", row.actor);
    fields.text("action", row.action);
    fields.text("target", row.target);
    fields.boolean("automatic", row.automatic);
    const json::value after = parsed(row.after_json);
    fields.text("reason", member(after, "reason"));
    if (!row.before_json.empty()) fields.json("before", row.before_json);
    if (!row.after_json.empty()) fields.json("after", row.after_json);
  }
  return out;
}

}  // namespace

HttpResponse ControlRoutes::Impl::settings(const Request&) const {
  auto row = parts.control.registry().fetch<registry::GatewaySettingsRow>(
      [](registry::ReadSession& session) { return registry::gateway_settings(session); });
  if (!row) return error_response(row.error());
  gateway::GatewaySettings settings;
  if (!row->document.empty()) {
    base::Result<gateway::GatewaySettings> stored = gateway::parse_settings(row->document);
    if (!stored) return error_response(500, "the stored settings are not understood: " + stored.error().message());
    settings = *std::move(stored);
  }
  HttpResponse response = net::json_response(200, gateway::settings_json(settings));
  response.headers.set("ETag", '"' + std::to_string(row->version) + '"');
  return response;
}

HttpResponse ControlRoutes::Impl::put_settings(const Request& request) {
  if (request.body().empty()) return error_response(400, "settings: the body is empty; {} means the defaults");
  int64_t if_version = -1;
  if (std::string_view tag = request.http.headers.get("if-match"); !tag.empty()) {
    if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
    const std::optional<int64_t> version = whole_number(tag);
    if (!version) return error_response(400, "If-Match: expected the ETag of GET, a version in quotes");
    if_version = *version;
  }
  const std::string who = actor(request, request.query("author").substr(0, gateway::kBlockAuthorBytesMax));
  base::Result<gateway::GatewaySettings> put = parts.control.put_settings(request.body(), if_version, who);
  if (!put) return error_response(put.error());
  HttpResponse response = net::json_response(200, gateway::settings_json(*put));
  response.headers.set("ETag", '"' + std::to_string(put->version) + '"');
  return response;
}

HttpResponse ControlRoutes::Impl::shadow(const Request& request) const {
  const int64_t now_ms = base::unix_millis(parts.clock.wall());
  base::Result<int64_t> from = time_parameter(request, "from", now_ms - 86'400'000);
  if (!from) return error_response(from.error());
  base::Result<int64_t> to = time_parameter(request, "to", now_ms + kClockSlackMs);
  if (!to) return error_response(to.error());
  registry::AuditFilter filter{.action = "shadow.", .from_ms = *from, .to_ms = *to, .count_max = kShadowEntriesMax};
  std::vector<registry::AuditCount> counts;
  std::vector<registry::AuditRow> rows;
  base::Status read = parts.control.registry().read([&](registry::ReadSession& session) -> base::Status {
    auto counted = registry::count_audit(session, filter);
    if (!counted) return std::move(counted).error();
    auto listed = registry::list_audit(session, filter);
    if (!listed) return std::move(listed).error();
    counts = *std::move(counted);
    rows = *std::move(listed);
    return base::ok();
  });
  if (!read) return error_response(read.error());
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> samples;
  for (const registry::AuditRow& row : rows) {
    const json::value decision = parsed(row.after_json);
    auto& of_rule = samples[{row.action, std::string(member(decision, "rule"))}];
    if (of_rule.size() < kShadowSamplesMax) of_rule.push_back(sample_json(row, decision));
  }
  int64_t total = 0;
  std::string out;
  for (const registry::AuditCount& count : counts) {
    total += count.count;
    if (!out.empty()) out += ',';
    out += "{\"rule\":" + base::json_quoted(count.rule) +
           ",\"action\":" + base::json_quoted(std::string_view(count.action).substr(7)) +
           ",\"count\":" + std::to_string(count.count) + ",\"samples\":[";
    for (const std::string& sample : samples[{count.action, count.rule}]) {
      if (out.back() != '[') out += ',';
      out += sample;
    }
    out += "]}";
  }
  return net::json_response(200, "{\"from\":" + std::to_string(*from / 1000) + ",\"to\":" + std::to_string(*to / 1000) +
                                     ",\"total\":" + std::to_string(total) + ",\"rules\":[" + out + "]}");
}

HttpResponse ControlRoutes::Impl::audit(const Request& request) const {
  base::Result<int64_t> from = time_parameter(request, "from", 0);
  if (!from) return error_response(from.error());
  base::Result<int64_t> to = time_parameter(request, "to", INT64_MAX);
  if (!to) return error_response(to.error());
  const std::string_view automatic = request.query("automatic");
  if (!automatic.empty() && automatic != "true" && automatic != "false") {
    return error_response(400, "automatic: expected true or false");
  }
  const size_t limit = number_parameter(request, "limit", 100, kAuditPageMax);
  const registry::AuditFilter filter{.action = std::string(request.query("action")),
                                     .actor = std::string(request.query("actor")),
                                     .target = std::string(request.query("target")),
                                     .automatic = automatic.empty() ? -1 : automatic == "true",
                                     .from_ms = *from,
                                     .to_ms = *to,
                                     .before_id = whole_number(request.query("cursor")).value_or(0),
                                     .count_max = limit + 1};
  auto rows = parts.control.registry().fetch<std::vector<registry::AuditRow>>(
      [&](registry::ReadSession& session) { return registry::list_audit(session, filter); });
  if (!rows) return error_response(rows.error());
  return page("entries", *rows, limit, entry_json);
}

HttpResponse ControlRoutes::Impl::feedback(const Request& request) const {
  const size_t limit = number_parameter(request, "limit", 100, kFeedbackPageMax);
  const int64_t before = whole_number(request.query("cursor")).value_or(0);
  auto rows = parts.control.registry().fetch<std::vector<registry::FeedbackRow>>(
      [&](registry::ReadSession& session) { return registry::list_feedback(session, before, limit + 1); });
  if (!rows) return error_response(rows.error());
  return page("feedback", *rows, limit, feedback_json);
}

HttpResponse ControlRoutes::Impl::add_feedback(const Request& request) {
  BodyReader body(request.body());
  registry::FeedbackRow row;
  row.verdict = body.required("verdict", 32);
  row.call_id = body.text("call_id", kTextBytesMax).value_or("");
  row.session = body.text("session", gateway::kBlockValueBytesMax).value_or("");
  row.user = body.text("user", gateway::kBlockValueBytesMax).value_or("");
  row.note = body.text("note", kNoteBytesMax).value_or("");
  const std::string author = body.text("author", gateway::kBlockAuthorBytesMax).value_or("");
  if (base::Status done = body.done(); !done) return error_response(done.error());
  if (!row.call_id.empty() && parts.call) {
    if (const std::optional<CallFacts> call = parts.call(row.call_id)) {
      if (row.session.empty()) row.session = call->session;
      if (row.user.empty()) row.user = call->user;
      row.text = call->text;
      row.score = call->score;
    } else if (row.session.empty()) {
      return error_response(404, "no stored call has the id " + base::json_quoted(row.call_id.substr(0, 60)) +
                                     "; name its session instead");
    }
  }
  auto effect = parts.control.add_feedback(std::move(row), actor(request, author));
  if (!effect) return error_response(effect.error());
  std::string out = feedback_json(effect->row);
  out.back() = ',';
  out += "\"lifted\":[";
  for (const gateway::Block& block : effect->lifted) {
    if (out.back() != '[') out += ',';
    out += gateway::block_json(block, now_s());
  }
  return net::json_response(201, out + "]}");
}

// Labelled rows as the guard commands read them. What has no text teaches nothing and is left out.
HttpResponse ControlRoutes::Impl::export_feedback(const Request&) const {
  std::string out;
  for (int64_t before = 0;;) {
    auto rows = parts.control.registry().fetch<std::vector<registry::FeedbackRow>>(
        [&](registry::ReadSession& session) { return registry::list_feedback(session, before, kFeedbackPageMax); });
    if (!rows) return error_response(rows.error());
    for (const registry::FeedbackRow& row : *rows) {
      if (row.text.empty()) continue;
      {
        Fields fields(out);
        fields.text("text", row.text);
        fields.text("label", row.verdict == "false_positive" ? "benign" : "injection");
        fields.text("source", "user");
        fields.text("session", row.session);
        fields.text("call_id", row.call_id);
      }
      out += '\n';
    }
    if (rows->size() < kFeedbackPageMax) break;
    before = rows->back().id;
  }
  HttpResponse response;
  response.headers.set("Content-Type", "application/x-ndjson");
  response.body = std::move(out);
  return response;
}

void ControlRoutes::Impl::add_policy_routes(Router& router) {
  const auto add = [&](std::string_view method, std::string_view path, auto work) {
    router.add(RouteClass::kManagement, method, "/api/godseye/v1/" + std::string(path), std::move(work));
  };
  add("GET", "gateway/settings", [this](const Request& r) { return settings(r); });
  add("PUT", "gateway/settings", [this](const Request& r) { return put_settings(r); });
  add("GET", "gateway/shadow", [this](const Request& r) { return shadow(r); });
  add("GET", "audit", [this](const Request& r) { return audit(r); });
  add("GET", "feedback", [this](const Request& r) { return feedback(r); });
  add("POST", "feedback", [this](const Request& r) { return add_feedback(r); });
  add("GET", "feedback/export", [this](const Request& r) { return export_feedback(r); });
  add("DELETE", "feedback/{id}", [this](const Request& r) {
    const std::optional<int64_t> id = whole_number(r.param("id"));
    if (!id) return error_response(404, "no feedback has the id " + r.param("id").substr(0, 40));
    const std::string who = actor(r, r.query("author").substr(0, gateway::kBlockAuthorBytesMax));
    base::Status gone = parts.control.delete_feedback(*id, who);
    return gone ? net::json_response(200, "{}") : error_response(gone.error());
  });
}

}  // namespace godseye::api
