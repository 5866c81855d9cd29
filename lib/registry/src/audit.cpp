#include "connection.h"

#include <godseye/registry/audit.h>

namespace godseye::registry {

using base::Status;

namespace {

constexpr std::string_view kFilter =
    "WHERE (?1 = '' OR substr(action, 1, length(?1)) = ?1) AND (?2 = '' OR actor = ?2) AND (?3 = '' OR target = ?3) "
    "AND (?4 < 0 OR automatic = ?4) AND time_ms >= ?5 AND time_ms < ?6 AND (?7 = 0 OR id < ?7) ";

void bind(Statement& s, const AuditFilter& filter) {
  s.bind(filter.action).bind(filter.actor).bind(filter.target).bind(filter.automatic).bind(filter.from_ms);
  s.bind(filter.to_ms).bind(filter.before_id).bind(filter.count_max);
}

// What is too long becomes a JSON string of its beginning, so that the column stays JSON.
std::string bounded(const std::string& json) {
  if (json.size() <= kAuditTextBytesMax) return json;
  return "{\"cut\":true,\"bytes\":" + std::to_string(json.size()) + "}";
}

}  // namespace

Status add_audit(WriteSession& session, AuditRow& row) {
  Connection& connection = session.connection();
  Statement s(connection,
              "INSERT OR IGNORE INTO audit(time_ms, actor, action, target, before_json, after_json, dedup, automatic) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.time_ms).bind(row.actor).bind(row.action).bind(row.target);
  s.bind(bounded(row.before_json)).bind(bounded(row.after_json));
  s.bind(row.dedup.empty() ? std::optional<std::string>() : std::optional<std::string>(row.dedup));
  if (Status status = s.bind(int64_t{row.automatic}).run(); !status) return status;
  row.id = connection.rows_changed() == 0 ? 0 : connection.last_insert_id();
  return base::ok();
}

base::Result<std::vector<AuditRow>> list_audit(ReadSession& session, const AuditFilter& filter) {
  Statement s(session.connection(),
              "SELECT id, time_ms, actor, action, target, before_json, after_json, dedup, automatic FROM audit " +
                  std::string(kFilter) + "ORDER BY id DESC LIMIT ?8");
  bind(s, filter);
  std::vector<AuditRow> rows;
  while (s.step()) {
    rows.push_back({.id = s.integer(0),
                    .time_ms = s.integer(1),
                    .actor = s.text(2),
                    .action = s.text(3),
                    .target = s.text(4),
                    .before_json = s.text(5),
                    .after_json = s.text(6),
                    .dedup = s.optional_text(7).value_or(""),
                    .automatic = s.integer(8) != 0});
  }
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<std::vector<AuditCount>> count_audit(ReadSession& session, const AuditFilter& filter) {
  Statement s(session.connection(),
              "SELECT action, coalesce(CASE WHEN json_valid(after_json) THEN json_extract(after_json, '$.rule') END, "
              "''), count(*) FROM audit " +
                  std::string(kFilter) + "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ?8");
  bind(s, filter);
  std::vector<AuditCount> counts;
  while (s.step()) counts.push_back({.action = s.text(0), .rule = s.text(1), .count = s.integer(2)});
  if (!s.status()) return s.status().error();
  return counts;
}

base::Result<size_t> prune_audit(WriteSession& session, int64_t before_ms, size_t count_max) {
  Connection& connection = session.connection();
  Statement old(connection, "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE time_ms < ? LIMIT ?)");
  if (Status status = old.bind(before_ms).bind(count_max).run(); !status) return std::move(status).error();
  size_t gone = static_cast<size_t>(connection.rows_changed());
  base::Result<int64_t> automatic = connection.integer("SELECT count(*) FROM audit WHERE automatic = 1");
  if (!automatic) return std::move(automatic).error();
  const int64_t over = *automatic - static_cast<int64_t>(kAutomaticAuditMax);
  if (over <= 0) return gone;
  Statement flood(connection,
                  "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE automatic = 1 ORDER BY id "
                  "LIMIT ?)");
  const int64_t most = std::min<int64_t>(over, static_cast<int64_t>(count_max));
  if (Status status = flood.bind(most).run(); !status) return std::move(status).error();
  gone += static_cast<size_t>(connection.rows_changed());
  return gone;
}

}  // namespace godseye::registry
