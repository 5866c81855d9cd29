#include "connection.h"

#include <godseye/registry/group_states.h>
#include <godseye/registry/monitors.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr const char* kSelect = "SELECT id, document, import_key, created_s, modified_s, revision FROM monitors ";

MonitorRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .document = s.text(1),
          .import_key = s.text(2),
          .created_s = s.integer(3),
          .modified_s = s.integer(4),
          .revision = s.integer(5)};
}

Error not_found(int64_t id) { return {ErrorCode::kNotFound, "no monitor has the id " + std::to_string(id)}; }

base::Status touch(WriteSession& session) {
  return session.connection().execute("UPDATE meta SET value = value + 1 WHERE name = 'monitors_revision'");
}

}  // namespace

base::Result<MonitorRow> create_monitor(WriteSession& session, std::string_view document, std::string_view import_key,
                                        int64_t now_s) {
  Connection& connection = session.connection();
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM monitors");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kMonitorsMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " monitors already; delete some");
  }
  if (!import_key.empty()) {
    Statement mark(connection, "INSERT INTO imported VALUES (?)");
    if (base::Status status = mark.bind(import_key).run(); !status) return status.error();
  }
  Statement s(connection,
              "INSERT INTO monitors(document, created_s, modified_s, revision, import_key) VALUES (?, ?, ?, 1, ?)");
  if (base::Status status = s.bind(document).bind(now_s).bind(now_s).bind(import_key).run(); !status) {
    return status.error();
  }
  const int64_t id = connection.last_insert_id();
  if (base::Status status = touch(session); !status) return status.error();
  return MonitorRow{.id = id,
                    .document = std::string(document),
                    .import_key = std::string(import_key),
                    .created_s = now_s,
                    .modified_s = now_s};
}

base::Result<std::optional<MonitorRow>> find_monitor(ReadSession& session, int64_t id) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE id = ?");
  s.bind(id);
  std::optional<MonitorRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<bool> import_key_seen(ReadSession& session, std::string_view import_key) {
  Statement s(session.connection(), "SELECT 1 FROM imported WHERE import_key = ?");
  const bool seen = s.bind(import_key).step();
  if (!s.status()) return s.status().error();
  return seen;
}

base::Result<std::vector<MonitorRow>> list_monitors(ReadSession& session) {
  Statement s(session.connection(), std::string(kSelect) + "ORDER BY id");
  std::vector<MonitorRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<int64_t> monitors_revision(ReadSession& session) {
  return session.connection().integer("SELECT value FROM meta WHERE name = 'monitors_revision'");
}

base::Result<MonitorRow> update_monitor(WriteSession& session, int64_t id, std::string_view document, int64_t now_s) {
  Statement s(session.connection(),
              "UPDATE monitors SET document = ?, modified_s = ?, revision = revision + 1 WHERE id = ?");
  if (base::Status status = s.bind(document).bind(now_s).bind(id).run(); !status) return status.error();
  if (session.connection().rows_changed() == 0) return not_found(id);
  if (base::Status status = touch(session); !status) return status.error();
  base::Result<std::optional<MonitorRow>> row = find_monitor(session, id);
  if (!row) return std::move(row).error();
  return **std::move(row);
}

base::Status delete_monitor(WriteSession& session, int64_t id) {
  Statement s(session.connection(), "DELETE FROM monitors WHERE id = ?");
  if (base::Status status = s.bind(id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) return not_found(id);
  if (base::Status status = delete_group_states(session, id); !status) return status;
  return touch(session);
}

}  // namespace godseye::registry
