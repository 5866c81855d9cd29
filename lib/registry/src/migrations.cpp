#include "migrations.h"

#include <array>
#include <string>

#include <sodium.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

// "GEYE": tells our files from other programs' SQLite files.
constexpr int64_t kApplicationId = 0x47455945;

// Append-only: a step that shipped is never edited. Step n brings a file from version n to n + 1.
constexpr std::array kSteps = {
    R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('monitors_revision', 0);

CREATE TABLE keys(
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, hash BLOB NOT NULL, name TEXT NOT NULL,
  last4 TEXT NOT NULL, created_s INTEGER NOT NULL, UNIQUE(kind, hash));

CREATE TABLE monitors(
  id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, created_s INTEGER NOT NULL,
  modified_s INTEGER NOT NULL, revision INTEGER NOT NULL, import_key TEXT NOT NULL);
CREATE TABLE imported(import_key TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE group_states(
  monitor_id INTEGER NOT NULL, group_name TEXT NOT NULL, status INTEGER NOT NULL, first_seen_s INTEGER NOT NULL,
  silent_since_s INTEGER NOT NULL, status_since_s INTEGER NOT NULL, first_triggered_s INTEGER NOT NULL,
  last_triggered_s INTEGER NOT NULL, last_resolved_s INTEGER NOT NULL, last_nodata_s INTEGER NOT NULL,
  last_notified_s INTEGER NOT NULL, value REAL, PRIMARY KEY(monitor_id, group_name)) WITHOUT ROWID;

CREATE TABLE transitions(
  id INTEGER PRIMARY KEY AUTOINCREMENT, monitor_id INTEGER NOT NULL, group_name TEXT NOT NULL,
  from_status INTEGER NOT NULL, to_status INTEGER NOT NULL, kind TEXT NOT NULL, time_s INTEGER NOT NULL, value REAL,
  threshold REAL, event_id TEXT NOT NULL, notes TEXT NOT NULL);
CREATE INDEX transitions_by_monitor ON transitions(monitor_id, group_name, id);
CREATE INDEX transitions_by_time ON transitions(time_s);

CREATE TABLE incidents(
  public_id INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, state TEXT NOT NULL,
  severity TEXT NOT NULL, fields_json TEXT NOT NULL, attributes_json TEXT NOT NULL, monitor_id INTEGER NOT NULL,
  group_name TEXT NOT NULL, created_s INTEGER NOT NULL, modified_s INTEGER NOT NULL, detected_s INTEGER NOT NULL,
  resolved_s INTEGER NOT NULL);
CREATE UNIQUE INDEX incidents_open ON incidents(monitor_id, group_name)
  WHERE monitor_id != 0 AND state NOT IN ('resolved', 'completed');
CREATE INDEX incidents_by_state ON incidents(state, public_id);

CREATE TABLE timeline(
  id INTEGER PRIMARY KEY AUTOINCREMENT, incident_id TEXT NOT NULL, time_s INTEGER NOT NULL, kind TEXT NOT NULL,
  content TEXT NOT NULL, data_json TEXT NOT NULL);
CREATE INDEX timeline_by_incident ON timeline(incident_id, id);

CREATE TABLE webhooks(
  name TEXT PRIMARY KEY, url TEXT NOT NULL, payload TEXT, custom_headers TEXT, encode_as TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE custom_variables(
  name TEXT PRIMARY KEY, value TEXT NOT NULL, is_secret INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE deliveries(
  id INTEGER PRIMARY KEY AUTOINCREMENT, transition_id INTEGER NOT NULL, event_id TEXT NOT NULL, webhook TEXT NOT NULL,
  url TEXT NOT NULL, headers_json TEXT NOT NULL, content_type TEXT NOT NULL, body TEXT NOT NULL,
  incident_id TEXT NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL, next_attempt_ms INTEGER NOT NULL,
  created_s INTEGER NOT NULL, done_s INTEGER NOT NULL, last_status INTEGER NOT NULL, last_error TEXT NOT NULL);
CREATE UNIQUE INDEX deliveries_once ON deliveries(transition_id, webhook) WHERE transition_id != 0;
CREATE INDEX deliveries_due ON deliveries(next_attempt_ms) WHERE state = 0;
CREATE INDEX deliveries_done ON deliveries(done_s) WHERE state != 0;
CREATE INDEX deliveries_by_webhook ON deliveries(webhook, id);
)sql",
    R"sql(
ALTER TABLE group_states ADD COLUMN renotified INTEGER NOT NULL DEFAULT 0;
)sql",
    R"sql(
INSERT INTO meta VALUES ('downtimes_revision', 0);
CREATE TABLE downtimes(
  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, document TEXT NOT NULL, mute INTEGER NOT NULL,
  created_s INTEGER NOT NULL, modified_s INTEGER NOT NULL, canceled_s INTEGER NOT NULL, handled_s INTEGER NOT NULL,
  finished INTEGER NOT NULL);
CREATE INDEX downtimes_unfinished ON downtimes(id) WHERE finished = 0;
)sql",
    R"sql(
INSERT INTO meta VALUES ('gateway_revision', 0);
INSERT INTO meta VALUES ('blocks_pruned', 0);

CREATE TABLE blocks(
  id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, kind INTEGER NOT NULL, value TEXT NOT NULL,
  reason TEXT NOT NULL, author TEXT NOT NULL, rule TEXT NOT NULL, created_s INTEGER NOT NULL,
  expires_s INTEGER NOT NULL, lifted_s INTEGER NOT NULL, lifted_by TEXT NOT NULL, automatic INTEGER NOT NULL,
  times INTEGER NOT NULL, is_open INTEGER NOT NULL);
CREATE UNIQUE INDEX blocks_open ON blocks(kind, value) WHERE is_open = 1;
CREATE INDEX blocks_by_value ON blocks(kind, value, id);
CREATE INDEX blocks_by_revision ON blocks(revision);

CREATE TABLE audit(
  id INTEGER PRIMARY KEY AUTOINCREMENT, time_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  target TEXT NOT NULL, before_json TEXT NOT NULL, after_json TEXT NOT NULL, dedup TEXT, automatic INTEGER NOT NULL);
CREATE UNIQUE INDEX audit_once ON audit(dedup) WHERE dedup IS NOT NULL;
CREATE INDEX audit_by_time ON audit(time_ms);
CREATE INDEX audit_by_action ON audit(action, time_ms);
CREATE INDEX audit_automatic ON audit(id) WHERE automatic = 1;

CREATE TABLE gateway_settings(
  only INTEGER PRIMARY KEY CHECK(only = 1), document TEXT NOT NULL, version INTEGER NOT NULL,
  modified_s INTEGER NOT NULL);
CREATE TABLE feedback(
  id INTEGER PRIMARY KEY AUTOINCREMENT, time_s INTEGER NOT NULL, verdict TEXT NOT NULL, call_id TEXT NOT NULL,
  session TEXT NOT NULL, user TEXT NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL, text TEXT NOT NULL,
  score REAL, exempt_until_s INTEGER NOT NULL);
CREATE INDEX feedback_exempts ON feedback(exempt_until_s) WHERE exempt_until_s > 0;

CREATE TABLE provider_keys(
  id INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL, name TEXT NOT NULL, last4 TEXT NOT NULL,
  sealed BLOB NOT NULL, created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, disabled INTEGER NOT NULL);
CREATE TABLE virtual_keys(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, name TEXT NOT NULL,
  user TEXT NOT NULL, providers TEXT NOT NULL, models TEXT NOT NULL, author TEXT NOT NULL, created_s INTEGER NOT NULL,
  expires_s INTEGER NOT NULL, disabled INTEGER NOT NULL);
)sql",
    R"sql(
CREATE TABLE users(
  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, handle TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL, role INTEGER NOT NULL, disabled INTEGER NOT NULL, password_hash TEXT NOT NULL,
  created_s INTEGER NOT NULL, modified_s INTEGER NOT NULL, signed_in_s INTEGER NOT NULL);
CREATE TABLE sign_ins(
  id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, user_id INTEGER NOT NULL,
  created_s INTEGER NOT NULL, seen_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, address TEXT NOT NULL,
  agent TEXT NOT NULL);
CREATE INDEX sign_ins_by_user ON sign_ins(user_id);
ALTER TABLE keys ADD COLUMN uuid TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN owner_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN scopes TEXT;
ALTER TABLE keys ADD COLUMN used_s INTEGER NOT NULL DEFAULT 0;
UPDATE keys SET uuid = lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) ||
  '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)));
)sql",
    R"sql(
ALTER TABLE incidents ADD COLUMN commander TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN services TEXT NOT NULL DEFAULT '';
CREATE INDEX incidents_by_subject ON incidents(subject, public_id) WHERE subject != '';
ALTER TABLE timeline ADD COLUMN author TEXT NOT NULL DEFAULT '';

CREATE TABLE incident_members(
  id INTEGER PRIMARY KEY AUTOINCREMENT, incident_id TEXT NOT NULL, monitor_id INTEGER NOT NULL,
  group_name TEXT NOT NULL, since_s INTEGER NOT NULL, ended_s INTEGER NOT NULL, is_current INTEGER NOT NULL,
  UNIQUE(incident_id, monitor_id, group_name));
CREATE UNIQUE INDEX incident_members_current ON incident_members(monitor_id, group_name) WHERE is_current = 1;
CREATE INDEX incident_members_by_alert ON incident_members(monitor_id, group_name, id);
INSERT INTO incident_members(incident_id, monitor_id, group_name, since_s, ended_s, is_current)
  SELECT id, monitor_id, group_name, detected_s, resolved_s, state NOT IN ('resolved', 'completed') FROM incidents
  WHERE monitor_id != 0 ORDER BY public_id;

CREATE TABLE incident_todos(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, incident_id TEXT NOT NULL, content TEXT NOT NULL,
  assignees_json TEXT NOT NULL, due TEXT NOT NULL, completed TEXT NOT NULL, completed_by TEXT NOT NULL,
  author TEXT NOT NULL, created_s INTEGER NOT NULL, modified_s INTEGER NOT NULL);
CREATE INDEX incident_todos_by_incident ON incident_todos(incident_id, number);

CREATE TABLE case_projects(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  last_case INTEGER NOT NULL);
INSERT INTO case_projects(id, key, name, last_case) VALUES ('00000000-0000-4000-8000-000000000001', 'CASE', 'Cases', 0);
CREATE TABLE cases(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL, status TEXT NOT NULL,
  priority TEXT NOT NULL, type_id TEXT NOT NULL, assignee TEXT NOT NULL, author TEXT NOT NULL,
  modified_by TEXT NOT NULL, attributes_json TEXT NOT NULL, services TEXT NOT NULL, monitor_id INTEGER NOT NULL,
  group_name TEXT NOT NULL, incident_id TEXT NOT NULL, created_s INTEGER NOT NULL, modified_s INTEGER NOT NULL,
  closed_s INTEGER NOT NULL, archived_s INTEGER NOT NULL);
CREATE UNIQUE INDEX cases_open ON cases(monitor_id, group_name)
  WHERE monitor_id != 0 AND status != 'CLOSED' AND archived_s = 0;
CREATE INDEX cases_by_status ON cases(status, number);
)sql",
    R"sql(
CREATE TABLE channels(
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
  sealed BLOB NOT NULL, secret_names TEXT NOT NULL, enabled INTEGER NOT NULL, rate_per_minute INTEGER NOT NULL,
  digest_after INTEGER NOT NULL, digest_window_s INTEGER NOT NULL, created_s INTEGER NOT NULL,
  modified_s INTEGER NOT NULL, UNIQUE(kind, name));
INSERT INTO channels(kind, name, settings, sealed, secret_names, enabled, rate_per_minute, digest_after,
  digest_window_s, created_s, modified_s)
  SELECT 'webhook', name, json_object('url', url, 'payload', payload, 'custom_headers', custom_headers, 'encode_as',
    encode_as), x'', '', 1, 600, 0, 30, 0, 0 FROM webhooks ORDER BY name;
DROP TABLE webhooks;

DROP INDEX deliveries_once;
DROP INDEX deliveries_by_webhook;
ALTER TABLE deliveries RENAME COLUMN webhook TO channel;
ALTER TABLE deliveries ADD COLUMN kind TEXT NOT NULL DEFAULT 'webhook';
ALTER TABLE deliveries ADD COLUMN target TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN thread TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN notification TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX deliveries_once ON deliveries(transition_id, kind, channel, target) WHERE transition_id != 0;
CREATE INDEX deliveries_by_channel ON deliveries(kind, channel, id);
CREATE INDEX deliveries_owed ON deliveries(kind, channel, next_attempt_ms) WHERE state = 0;
CREATE INDEX deliveries_thread ON deliveries(kind, channel, thread, id) WHERE state = 0;

CREATE TABLE delivery_attempts(
  id INTEGER PRIMARY KEY AUTOINCREMENT, delivery_id INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL, status INTEGER NOT NULL, error TEXT NOT NULL, answer TEXT NOT NULL,
  together INTEGER NOT NULL);
CREATE INDEX attempts_of_delivery ON delivery_attempts(delivery_id, id);
)sql",
    // Who evaluates.
    R"sql(
CREATE TABLE leases(name TEXT PRIMARY KEY, holder TEXT NOT NULL, token TEXT NOT NULL, until_ms INTEGER NOT NULL);
)sql"};

base::Status add_key_secret(Connection& connection) {
  std::string secret(crypto_generichash_KEYBYTES, '\0');
  randombytes_buf(secret.data(), secret.size());
  Statement statement(connection, "INSERT OR IGNORE INTO meta VALUES ('key_secret', ?)");
  return statement.bind_blob(secret).run();
}

base::Status run_step(Connection& connection, int version) {
  sqlite::Transaction transaction(connection);
  if (!transaction.status()) return transaction.status();
  base::Status status = connection.execute(kSteps[static_cast<size_t>(version)]);
  if (status && version == 0) status = add_key_secret(connection);
  if (status) {
    const std::string stamp = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                              "; PRAGMA user_version = " + std::to_string(version + 1);
    status = connection.execute(stamp.c_str());
  }
  return status ? transaction.commit() : status;
}

}  // namespace

int newest_schema_version() { return static_cast<int>(kSteps.size()); }

std::string_view migration_step(int version) { return kSteps.at(static_cast<size_t>(version) - 1); }

base::Status migrate(Connection& connection) { return migrate_to(connection, newest_schema_version()); }

base::Status migrate_to(Connection& connection, int newest) {
  base::Result<int64_t> version = connection.integer("PRAGMA user_version");
  if (!version) return std::move(version).error();
  base::Result<int64_t> application = connection.integer("PRAGMA application_id");
  if (!application) return std::move(application).error();
  base::Result<int64_t> tables = connection.integer("SELECT count(*) FROM sqlite_master");
  if (!tables) return std::move(tables).error();
  if (*application != kApplicationId && *tables != 0) {
    return Error(ErrorCode::kInvalidArgument,
                 "registry " + connection.path() + ": this SQLite file belongs to another program; name another file");
  }
  if (*version > newest_schema_version()) {
    return Error(ErrorCode::kInvalidArgument, "registry " + connection.path() +
                                                  ": written by a newer godseye (schema " + std::to_string(*version) +
                                                  ", this one knows up to " + std::to_string(newest_schema_version()) +
                                                  "); start that version, or use another data directory");
  }
  for (int step = static_cast<int>(*version); step < newest; ++step) {
    if (base::Status status = run_step(connection, step); !status) {
      return base::Error(status.error()).within("migrating to schema " + std::to_string(step + 1));
    }
  }
  return base::ok();
}

}  // namespace godseye::registry
