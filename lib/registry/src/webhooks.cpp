#include "connection.h"

#include <godseye/registry/channels.h>
#include <godseye/registry/webhooks.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

base::Status check_room(Connection& connection, const char* sql, size_t max, std::string_view what) {
  base::Result<int64_t> count = connection.integer(sql);
  if (!count) return std::move(count).error();
  if (*count < static_cast<int64_t>(max)) return base::ok();
  return Error(ErrorCode::kTooLarge,
               "there are " + std::to_string(*count) + " " + std::string(what) + " already; delete some");
}

base::Status changed_one(Connection& connection, std::string_view what, std::string_view name) {
  if (connection.rows_changed() != 0) return base::ok();
  return Error(ErrorCode::kNotFound, "no " + std::string(what) + " has the name " + std::string(name));
}

// kAlreadyExists in words of ours instead of SQLite's.
base::Status named(base::Status status, std::string_view what, std::string_view name) {
  if (!status && status.error().code() == ErrorCode::kAlreadyExists) {
    return Error(ErrorCode::kAlreadyExists,
                 "a " + std::string(what) + " has the name " + std::string(name) + " already");
  }
  return status;
}

constexpr const char* kSelect =
    "SELECT name, json_extract(settings, '$.url'), json_extract(settings, '$.payload'), "
    "json_extract(settings, '$.custom_headers'), json_extract(settings, '$.encode_as') FROM channels WHERE kind = "
    "'webhook' ";

WebhookRow webhook_of(const Statement& s) {
  return {.name = s.text(0),
          .url = s.text(1),
          .payload = s.optional_text(2),
          .custom_headers = s.optional_text(3),
          .encode_as = s.text(4)};
}

CustomVariableRow variable_of(const Statement& s) {
  return {.name = s.text(0), .value = s.text(1), .is_secret = s.integer(2) != 0};
}

}  // namespace

base::Status create_webhook(WriteSession& session, const WebhookRow& row) {
  Connection& connection = session.connection();
  base::Status room = check_room(connection, "SELECT count(*) FROM channels", kChannelsMax, "notification channels");
  if (!room) return room;
  Statement s(
      connection,
      "INSERT INTO channels(kind, name, settings, sealed, secret_names, enabled, rate_per_minute, digest_after, "
      "digest_window_s, created_s, modified_s) VALUES ('webhook', ?, json_object('url', ?, 'payload', ?, "
      "'custom_headers', ?, 'encode_as', ?), x'', '', 1, ?, 0, ?, unixepoch(), unixepoch())");
  s.bind(row.name).bind(row.url).bind(row.payload).bind(row.custom_headers).bind(row.encode_as);
  s.bind(ChannelRow{}.rate_per_minute).bind(ChannelRow{}.digest_window_s);
  return named(s.run(), "webhook", row.name);
}

base::Status update_webhook(WriteSession& session, std::string_view name, const WebhookRow& row) {
  Statement s(session.connection(),
              "UPDATE channels SET name = ?, settings = json_object('url', ?, 'payload', ?, 'custom_headers', ?, "
              "'encode_as', ?), modified_s = unixepoch() WHERE kind = 'webhook' AND name = ?");
  s.bind(row.name).bind(row.url).bind(row.payload).bind(row.custom_headers).bind(row.encode_as).bind(name);
  if (base::Status status = named(s.run(), "webhook", row.name); !status) return status;
  return changed_one(session.connection(), "webhook", name);
}

base::Status delete_webhook(WriteSession& session, std::string_view name) {
  Statement s(session.connection(), "DELETE FROM channels WHERE kind = 'webhook' AND name = ?");
  if (base::Status status = s.bind(name).run(); !status) return status;
  return changed_one(session.connection(), "webhook", name);
}

base::Result<std::optional<WebhookRow>> find_webhook(ReadSession& session, std::string_view name) {
  Statement s(session.connection(), std::string(kSelect) + "AND name = ?");
  std::optional<WebhookRow> row;
  if (s.bind(name).step()) row = webhook_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<std::vector<WebhookRow>> list_webhooks(ReadSession& session) {
  Statement s(session.connection(), std::string(kSelect) + "ORDER BY name");
  std::vector<WebhookRow> rows;
  while (s.step()) rows.push_back(webhook_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Status create_custom_variable(WriteSession& session, const CustomVariableRow& row) {
  Connection& connection = session.connection();
  base::Status room =
      check_room(connection, "SELECT count(*) FROM custom_variables", kCustomVariablesMax, "custom variables");
  if (!room) return room;
  Statement s(connection, "INSERT INTO custom_variables VALUES (?, ?, ?)");
  return named(s.bind(row.name).bind(row.value).bind(row.is_secret ? 1 : 0).run(), "custom variable", row.name);
}

base::Status update_custom_variable(WriteSession& session, std::string_view name, const CustomVariableRow& row) {
  Statement s(session.connection(), "UPDATE custom_variables SET name = ?, value = ?, is_secret = ? WHERE name = ?");
  s.bind(row.name).bind(row.value).bind(row.is_secret ? 1 : 0).bind(name);
  if (base::Status status = named(s.run(), "custom variable", row.name); !status) return status;
  return changed_one(session.connection(), "custom variable", name);
}

base::Status delete_custom_variable(WriteSession& session, std::string_view name) {
  Statement s(session.connection(), "DELETE FROM custom_variables WHERE name = ?");
  if (base::Status status = s.bind(name).run(); !status) return status;
  return changed_one(session.connection(), "custom variable", name);
}

base::Result<std::optional<CustomVariableRow>> find_custom_variable(ReadSession& session, std::string_view name) {
  Statement s(session.connection(), "SELECT name, value, is_secret FROM custom_variables WHERE name = ?");
  std::optional<CustomVariableRow> row;
  if (s.bind(name).step()) row = variable_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<std::vector<CustomVariableRow>> list_custom_variables(ReadSession& session) {
  Statement s(session.connection(), "SELECT name, value, is_secret FROM custom_variables ORDER BY name");
  std::vector<CustomVariableRow> rows;
  while (s.step()) rows.push_back(variable_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

}  // namespace godseye::registry
