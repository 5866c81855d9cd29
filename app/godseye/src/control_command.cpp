#include "control_command.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ostream>

#include <godseye/base/json_text.h>
#include <godseye/net/http_client.h>
#include <godseye/net/uri.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::json_quoted;

constexpr std::chrono::seconds kTimeout{15};
constexpr size_t kCellMax = 60;

// Terminals act on control characters.
std::string printable(std::string_view text, size_t max = 400) {
  std::string out;
  for (const char c : text.substr(0, max)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  if (text.size() > max) out += "...";
  return out;
}

// One line of an answer that is no success: its own words.
std::string error_text(std::string_view body) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  if (!failed && value.is_object()) {
    const json::value* errors = value.as_object().if_contains("errors");
    if (errors != nullptr && errors->is_array() && !errors->as_array().empty() && errors->as_array()[0].is_string()) {
      return printable(std::string_view(errors->as_array()[0].as_string()));
    }
  }
  return printable(body);
}

struct Ask {
  std::string method;
  std::string path;  // after /api/godseye/v1/
  std::string body{};
};

// The answer's body; the exit code otherwise, and why on `errors`.
std::optional<std::string> ask(const ControlTarget& target, const Ask& what, std::string_view command, int& code,
                               std::ostream& errors) {
  net::HttpCall call{.method = what.method, .url = target.server};
  while (call.url.ends_with('/')) call.url.pop_back();
  call.url += "/api/godseye/v1/" + what.path;
  if (!target.api_key.empty()) call.headers.add("DD-API-KEY", target.api_key);
  if (!target.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", target.app_key);
  call.body = what.body;
  call.timeout = kTimeout;
  net::HttpClient client;
  const auto reply = client.send(call);
  if (!reply) {
    errors << "godseye " << command << ": " << target.server << ": " << reply.error().message()
           << " (is the server up? --server names another)\n";
    code = 2;
    return std::nullopt;
  }
  if (reply->status >= 300) {
    errors << "godseye " << command << ": " << error_text(reply->body);
    if (reply->status == 401 || reply->status == 403)
      errors << " (DD_API_KEY and DD_APP_KEY, or --api-key and --app-key)";
    errors << "\n";
    code = 1;
    return std::nullopt;
  }
  code = 0;
  return reply->body;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

int64_t number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  boost::system::error_code failed;
  const double number = value != nullptr && value->is_number() ? value->to_number<double>(failed) : 0;
  return failed ? 0 : static_cast<int64_t>(number);
}

std::string time_text(int64_t unix_s) {
  const auto time = std::chrono::sys_seconds(std::chrono::seconds(unix_s));
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u %02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return buffer;
}

std::string duration_text(int64_t seconds) {
  if (seconds >= 2 * 86'400) return std::to_string(seconds / 86'400) + " days";
  if (seconds >= 2 * 3600) return std::to_string(seconds / 3600) + " hours";
  if (seconds >= 120) return std::to_string(seconds / 60) + " minutes";
  return std::to_string(seconds) + " s";
}

using Row = std::vector<std::string>;

// Columns as wide as their widest cell; the last one is not padded.
std::string table(const Row& head, const std::vector<Row>& rows) {
  std::vector<size_t> widths(head.size());
  for (size_t i = 0; i < head.size(); ++i) widths[i] = head[i].size();
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  const auto add = [&](const Row& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out += std::string(widths[i] - row[i].size() + 2, ' ');
    }
    out += '\n';
  };
  add(head);
  for (const Row& row : rows) add(row);
  return out;
}

// The objects in list `name` of `body`.
base::Result<std::vector<json::object>> list_in(std::string_view body, std::string_view name) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  const json::value* list = !failed && value.is_object() ? value.as_object().if_contains(name) : nullptr;
  if (list == nullptr || !list->is_array()) {
    return Error(ErrorCode::kCorrupt, "the server's answer has no list " + std::string(name));
  }
  std::vector<json::object> objects;
  for (const json::value& item : list->as_array()) {
    if (item.is_object()) objects.push_back(item.as_object());
  }
  return objects;
}

json::object object_in(std::string_view body) {
  boost::system::error_code failed;
  json::value value = json::parse(body, failed);
  return !failed && value.is_object() ? std::move(value.as_object()) : json::object();
}

std::string member(std::string_view name, const std::string& value) {
  return value.empty() ? std::string() : ",\"" + std::string(name) + "\":" + json_quoted(value);
}

std::string list_member(std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return {};
  std::string out = ",\"" + std::string(name) + "\":[";
  for (const std::string& value : values) out += (out.back() == '[' ? "" : ",") + json_quoted(value);
  return out + "]";
}

// `,"duration_s":N`, or nothing; false: said why not.
bool add_duration(const std::string& text, std::string_view command, std::string& body, std::ostream& errors) {
  if (text.empty()) return true;
  const base::Result<int64_t> seconds = parse_duration(text);
  if (!seconds) {
    errors << "godseye " << command << ": --for: " << seconds.error().message() << "\n";
    return false;
  }
  body += ",\"duration_s\":" + std::to_string(*seconds);
  return true;
}

bool check_kind(const BlockOptions& options, std::string_view command, std::ostream& errors) {
  constexpr std::string_view kKinds[] = {"session", "user", "address", "key"};
  if (std::find(std::begin(kKinds), std::end(kKinds), options.kind) != std::end(kKinds)) return true;
  errors << "godseye " << command << ": expected session, user, address or key, not '" << printable(options.kind)
         << "' (as in: godseye " << command << " session s-17)\n";
  return false;
}

}  // namespace

base::Result<int64_t> parse_duration(std::string_view text) {
  int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = code == std::errc() ? text.substr(static_cast<size_t>(end - text.data())) : "";
  const int64_t scale = unit == "s"   ? 1
                        : unit == "m" ? 60
                        : unit == "h" ? 3600
                        : unit == "d" ? 86'400
                        : unit == "w" ? 604'800
                                      : 0;
  constexpr int64_t kMost = 10LL * 365 * 86'400;
  if (scale == 0 || number < 1 || number > kMost / scale) {
    return Error(ErrorCode::kInvalidArgument,
                 "expected a time such as 90s, 30m, 1h, 7d or 2w, up to ten years, not '" + printable(text, 40) + "'");
  }
  return number * scale;
}

int run_block(const ControlTarget& target, const BlockOptions& options, std::ostream& out, std::ostream& errors) {
  if (!check_kind(options, "block", errors)) return 2;
  std::string body = "{\"kind\":" + json_quoted(options.kind) + ",\"value\":" + json_quoted(options.value) +
                     member("reason", options.reason) + member("author", target.author);
  if (!add_duration(options.duration, "block", body, errors)) return 2;
  int code = 0;
  const auto reply = ask(target, {.method = "POST", .path = "blocks", .body = body + "}"}, "block", code, errors);
  if (!reply) return code;
  if (target.json) {
    out << *reply << "\n";
    return 0;
  }
  const json::object block = object_in(*reply);
  const int64_t expires = number_of(block, "expires");
  out << "blocked " << printable(text_of(block, "kind")) << " " << printable(text_of(block, "value"))
      << (expires == 0 ? std::string(" until it is lifted") : " until " + time_text(expires)) << "\n";
  return 0;
}

int run_unblock(const ControlTarget& target, const BlockOptions& options, std::ostream& out, std::ostream& errors) {
  if (!check_kind(options, "unblock", errors)) return 2;
  const std::string body = "{\"kind\":" + json_quoted(options.kind) + ",\"value\":" + json_quoted(options.value) +
                           member("author", target.author) + "}";
  int code = 0;
  const auto reply = ask(target, {.method = "DELETE", .path = "blocks", .body = body}, "unblock", code, errors);
  if (!reply) return code;
  if (target.json) {
    out << *reply << "\n";
  } else {
    const json::object block = object_in(*reply);
    out << "lifted the block on " << printable(text_of(block, "kind")) << " " << printable(text_of(block, "value"))
        << "\n";
  }
  return 0;
}

base::Result<std::string> blocks_table(std::string_view body, int64_t now_s) {
  const auto blocks = list_in(body, "blocks");
  if (!blocks) return blocks.error();
  if (blocks->empty()) return std::string("no blocks\n");
  std::vector<Row> rows;
  for (const json::object& block : *blocks) {
    const int64_t expires = number_of(block, "expires");
    const int64_t lifted = number_of(block, "lifted");
    std::string state = expires == 0 ? "for ever" : expires > now_s ? duration_text(expires - now_s) : "over";
    if (lifted != 0) state = "lifted by " + printable(text_of(block, "lifted_by"), kCellMax);
    rows.push_back({printable(text_of(block, "kind")), printable(text_of(block, "value"), kCellMax), state,
                    time_text(number_of(block, "created")), printable(text_of(block, "author"), kCellMax),
                    printable(text_of(block, "reason"), kCellMax)});
  }
  return table({"KIND", "VALUE", "LEFT", "SINCE", "AUTHOR", "REASON"}, rows);
}

int run_blocks(const ControlTarget& target, const BlockOptions& options, const base::Clock& clock, std::ostream& out,
               std::ostream& errors) {
  std::string path = "blocks?limit=" + std::to_string(options.limit);
  if (!options.kind.empty()) path += "&kind=" + net::percent_encode(options.kind);
  if (options.ended) path += "&ended=true";
  int code = 0;
  const auto reply = ask(target, {.method = "GET", .path = path}, "blocks", code, errors);
  if (!reply) return code;
  if (target.json) {
    out << *reply << "\n";
    return 0;
  }
  const auto text = blocks_table(*reply, base::unix_seconds(clock.wall()));
  if (!text) {
    errors << "godseye blocks: " << text.error().message() << "\n";
    return 2;
  }
  out << *text;
  return 0;
}

base::Result<std::string> audit_table(std::string_view body) {
  const auto entries = list_in(body, "entries");
  if (!entries) return entries.error();
  if (entries->empty()) return std::string("no entries\n");
  std::vector<Row> rows;
  for (const json::object& entry : *entries) {
    rows.push_back({time_text(number_of(entry, "time")), printable(text_of(entry, "actor"), kCellMax),
                    printable(text_of(entry, "action"), kCellMax), printable(text_of(entry, "target"), kCellMax),
                    printable(text_of(entry, "reason"), kCellMax)});
  }
  return table({"TIME", "WHO", "WHAT", "TARGET", "REASON"}, rows);
}

int run_audit(const ControlTarget& target, const AuditOptions& options, std::ostream& out, std::ostream& errors) {
  std::string path = "audit?limit=" + std::to_string(options.limit);
  if (!options.action.empty()) path += "&action=" + net::percent_encode(options.action);
  if (!options.actor.empty()) path += "&actor=" + net::percent_encode(options.actor);
  if (!options.target.empty()) path += "&target=" + net::percent_encode(options.target);
  if (options.people) path += "&automatic=false";
  int code = 0;
  const auto reply = ask(target, {.method = "GET", .path = path}, "audit", code, errors);
  if (!reply) return code;
  if (target.json) {
    out << *reply << "\n";
    return 0;
  }
  const auto text = audit_table(*reply);
  if (!text) {
    errors << "godseye audit: " << text.error().message() << "\n";
    return 2;
  }
  out << *text;
  return 0;
}

namespace {

std::string expiry_text(const json::object& key) {
  const int64_t expires = number_of(key, "expires");
  return expires == 0 ? "never" : time_text(expires);
}

std::string state_text(const json::object& key) {
  const json::value* disabled = key.if_contains("disabled");
  return disabled != nullptr && disabled->is_bool() && disabled->as_bool() ? "disabled" : "enabled";
}

// What all keys have in common: one is deleted, disabled or enabled by its id.
std::optional<Ask> change_of(std::string_view route, std::string_view action, const std::string& id,
                             const std::string& author) {
  const std::string path = std::string(route) + "/" + net::percent_encode(id);
  const std::string who = author.empty() ? "" : "?author=" + net::percent_encode(author);
  if (action == "delete") return Ask{.method = "DELETE", .path = path + who};
  if (action != "disable" && action != "enable") return std::nullopt;
  return Ask{.method = "PATCH",
             .path = path,
             .body = std::string("{\"disabled\":") + (action == "disable" ? "true" : "false") +
                     member("author", author) + "}"};
}

}  // namespace

int run_provider_key(const ControlTarget& target, std::string_view action, const KeyOptions& options, std::ostream& out,
                     std::ostream& errors) {
  int code = 0;
  const auto say = [&](const Ask& what) { return ask(target, what, "provider-key", code, errors); };
  if (action == "add") {
    std::string body = "{\"provider\":" + json_quoted(options.provider) + ",\"key\":" + json_quoted(options.secret) +
                       member("name", options.name) + member("author", target.author);
    if (!add_duration(options.duration, "provider-key", body, errors)) return 2;
    const auto reply = say({.method = "POST", .path = "provider-keys", .body = body + "}"});
    if (!reply) return code;
    const json::object key = object_in(*reply);
    if (target.json) {
      out << *reply << "\n";
    } else {
      out << "stored key " << text_of(key, "id") << " of " << printable(text_of(key, "provider")) << " (…"
          << printable(text_of(key, "last4")) << ")\n";
    }
    return 0;
  }
  if (const std::optional<Ask> change = change_of("provider-keys", action, options.id, target.author)) {
    const auto reply = say(*change);
    if (reply)
      out << (target.json ? *reply : "key " + printable(options.id) + ": " + std::string(action) + "d") << "\n";
    return code;
  }
  const auto reply = say({.method = "GET", .path = "provider-keys"});
  if (!reply) return code;
  const auto keys = list_in(*reply, "provider_keys");
  if (target.json) {
    out << *reply << "\n";
    return 0;
  }
  if (!keys) {
    errors << "godseye provider-key: " << keys.error().message() << "\n";
    return 2;
  }
  std::vector<Row> rows;
  for (const json::object& key : *keys) {
    rows.push_back({text_of(key, "id"), printable(text_of(key, "provider")), printable(text_of(key, "name"), kCellMax),
                    "…" + printable(text_of(key, "last4")), state_text(key), expiry_text(key)});
  }
  out << table({"ID", "PROVIDER", "NAME", "KEY", "STATE", "EXPIRES"}, rows);
  return 0;
}

int run_virtual_key(const ControlTarget& target, std::string_view action, const KeyOptions& options, std::ostream& out,
                    std::ostream& errors) {
  int code = 0;
  const auto say = [&](const Ask& what) { return ask(target, what, "virtual-key", code, errors); };
  if (action == "create") {
    std::string body = "{\"name\":" + json_quoted(options.name) + member("user", options.user) +
                       list_member("providers", options.providers) + list_member("models", options.models) +
                       member("author", target.author);
    if (!add_duration(options.duration, "virtual-key", body, errors)) return 2;
    const auto reply = say({.method = "POST", .path = "virtual-keys", .body = body + "}"});
    if (!reply) return code;
    const json::object key = object_in(*reply);
    if (target.json) {
      out << *reply << "\n";
    } else {
      out << text_of(key, "key") << "\n";
      errors << "key " << printable(text_of(key, "id")) << " is shown this once; store it now\n";
    }
    return 0;
  }
  if (const std::optional<Ask> change = change_of("virtual-keys", action, options.id, target.author)) {
    const auto reply = say(*change);
    if (reply)
      out << (target.json ? *reply : "key " + printable(options.id) + ": " + std::string(action) + "d") << "\n";
    return code;
  }
  const auto reply = say({.method = "GET", .path = "virtual-keys"});
  if (!reply) return code;
  const auto keys = list_in(*reply, "virtual_keys");
  if (target.json) {
    out << *reply << "\n";
    return 0;
  }
  if (!keys) {
    errors << "godseye virtual-key: " << keys.error().message() << "\n";
    return 2;
  }
  std::vector<Row> rows;
  for (const json::object& key : *keys) {
    rows.push_back({printable(text_of(key, "id")), printable(text_of(key, "name"), kCellMax),
                    printable(text_of(key, "user"), kCellMax), printable(text_of(key, "providers"), kCellMax),
                    printable(text_of(key, "models"), kCellMax), state_text(key), expiry_text(key)});
  }
  out << table({"ID", "NAME", "USER", "PROVIDERS", "MODELS", "STATE", "EXPIRES"}, rows);
  return 0;
}

}  // namespace godseye::app
