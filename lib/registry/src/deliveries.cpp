#include "connection.h"

#include <godseye/registry/deliveries.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr const char* kSelect =
    "SELECT id, transition_id, event_id, webhook, url, headers_json, content_type, body, incident_id, state, attempts, "
    "next_attempt_ms, created_s, done_s, last_status, last_error FROM deliveries ";

DeliveryRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .transition_id = s.integer(1),
          .event_id = s.text(2),
          .webhook = s.text(3),
          .url = s.text(4),
          .headers_json = s.text(5),
          .content_type = s.text(6),
          .body = s.text(7),
          .incident_id = s.text(8),
          .state = static_cast<DeliveryState>(s.integer(9)),
          .attempts = static_cast<int>(s.integer(10)),
          .next_attempt_ms = s.integer(11),
          .created_s = s.integer(12),
          .done_s = s.integer(13),
          .last_status = static_cast<int>(s.integer(14)),
          .last_error = s.text(15)};
}

base::Result<std::vector<DeliveryRow>> all_rows(Statement& s) {
  std::vector<DeliveryRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

}  // namespace

base::Status add_delivery(WriteSession& session, DeliveryRow& row) {
  Connection& connection = session.connection();
  base::Result<int64_t> pending = connection.integer("SELECT count(*) FROM deliveries WHERE state = 0");
  if (!pending) return std::move(pending).error();
  if (*pending >= static_cast<int64_t>(kDeliveriesPendingMax)) {
    return Error(ErrorCode::kTooLarge, std::to_string(*pending) + " deliveries are pending already");
  }
  Statement s(connection,
              "INSERT INTO deliveries(transition_id, event_id, webhook, url, headers_json, content_type, body, "
              "incident_id, state, attempts, next_attempt_ms, created_s, done_s, last_status, last_error) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.transition_id).bind(row.event_id).bind(row.webhook).bind(row.url).bind(row.headers_json);
  s.bind(row.content_type).bind(row.body).bind(row.incident_id).bind(static_cast<int64_t>(row.state));
  s.bind(row.attempts).bind(row.next_attempt_ms).bind(row.created_s).bind(row.done_s).bind(row.last_status);
  if (base::Status status = s.bind(row.last_error).run(); !status) return status;
  row.id = connection.last_insert_id();
  return base::ok();
}

base::Result<std::vector<DeliveryRow>> due_deliveries(ReadSession& session, int64_t now_ms, size_t count_max) {
  Statement s(session.connection(),
              std::string(kSelect) + "WHERE state = 0 AND next_attempt_ms <= ? ORDER BY next_attempt_ms, id LIMIT ?");
  s.bind(now_ms).bind(count_max);
  return all_rows(s);
}

base::Result<std::optional<int64_t>> next_delivery_ms(ReadSession& session) {
  Statement s(session.connection(), "SELECT min(next_attempt_ms) FROM deliveries WHERE state = 0");
  std::optional<int64_t> next;
  if (s.step() && !s.is_null(0)) next = s.integer(0);
  if (!s.status()) return s.status().error();
  return next;
}

base::Status record_attempt(WriteSession& session, const DeliveryRow& row) {
  Statement s(session.connection(),
              "UPDATE deliveries SET state = ?, attempts = ?, next_attempt_ms = ?, done_s = ?, last_status = ?, "
              "last_error = ? WHERE id = ?");
  s.bind(static_cast<int64_t>(row.state)).bind(row.attempts).bind(row.next_attempt_ms).bind(row.done_s);
  return s.bind(row.last_status).bind(row.last_error).bind(row.id).run();
}

base::Result<std::vector<DeliveryRow>> list_deliveries(ReadSession& session, std::string_view webhook,
                                                       size_t count_max) {
  Statement s(session.connection(),
              std::string(kSelect) + (webhook.empty() ? "" : "WHERE webhook = ? ") + "ORDER BY id DESC LIMIT ?");
  if (!webhook.empty()) s.bind(webhook);
  s.bind(count_max);
  return all_rows(s);
}

base::Status prune_deliveries(WriteSession& session, int64_t before_s, size_t count_max) {
  Statement s(session.connection(),
              "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE state != 0 AND done_s < ? LIMIT ?)");
  return s.bind(before_s).bind(count_max).run();
}

}  // namespace godseye::registry
