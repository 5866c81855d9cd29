#include "connection.h"

#include <godseye/registry/deliveries.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr const char* kSelect =
    "SELECT id, transition_id, event_id, kind, channel, target, thread, notification, url, headers_json, content_type, "
    "body, incident_id, state, attempts, next_attempt_ms, created_s, done_s, last_status, last_error FROM deliveries "
    "AS "
    "d ";

DeliveryRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .transition_id = s.integer(1),
          .event_id = s.text(2),
          .kind = s.text(3),
          .channel = s.text(4),
          .target = s.text(5),
          .thread = s.text(6),
          .notification = s.text(7),
          .url = s.text(8),
          .headers_json = s.text(9),
          .content_type = s.text(10),
          .body = s.text(11),
          .incident_id = s.text(12),
          .state = static_cast<DeliveryState>(s.integer(13)),
          .attempts = static_cast<int>(s.integer(14)),
          .next_attempt_ms = s.integer(15),
          .created_s = s.integer(16),
          .done_s = s.integer(17),
          .last_status = static_cast<int>(s.integer(18)),
          .last_error = s.text(19)};
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
              "INSERT INTO deliveries(transition_id, event_id, kind, channel, target, thread, notification, url, "
              "headers_json, content_type, body, incident_id, state, attempts, next_attempt_ms, created_s, done_s, "
              "last_status, last_error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.transition_id).bind(row.event_id).bind(row.kind).bind(row.channel).bind(row.target).bind(row.thread);
  s.bind(row.notification).bind(row.url).bind(row.headers_json).bind(row.content_type).bind(row.body);
  s.bind(row.incident_id).bind(static_cast<int64_t>(row.state)).bind(row.attempts).bind(row.next_attempt_ms);
  s.bind(row.created_s).bind(row.done_s).bind(row.last_status);
  if (base::Status status = s.bind(row.last_error).run(); !status) return status;
  row.id = connection.last_insert_id();
  return base::ok();
}

base::Result<std::vector<OwedChannel>> owed_channels(ReadSession& session, int64_t now_ms) {
  Statement s(session.connection(),
              "SELECT kind, channel FROM deliveries WHERE state = 0 AND next_attempt_ms <= ? GROUP BY kind, channel "
              "ORDER BY min(next_attempt_ms)");
  s.bind(now_ms);
  std::vector<OwedChannel> channels;
  while (s.step()) channels.push_back({.kind = s.text(0), .channel = s.text(1)});
  if (!s.status()) return s.status().error();
  return channels;
}

base::Result<std::vector<DeliveryRow>> due_deliveries(ReadSession& session, const OwedChannel& channel, int64_t now_ms,
                                                      size_t count_max) {
  Statement s(
      session.connection(),
      std::string(kSelect) +
          "WHERE state = 0 AND kind = ? AND channel = ? AND next_attempt_ms <= ? AND (thread = '' OR NOT EXISTS "
          "(SELECT 1 FROM deliveries AS earlier WHERE earlier.state = 0 AND earlier.kind = d.kind AND "
          "earlier.channel = d.channel AND earlier.thread = d.thread AND earlier.id < d.id)) "
          "ORDER BY next_attempt_ms, id LIMIT ?");
  s.bind(channel.kind).bind(channel.channel).bind(now_ms).bind(count_max);
  return all_rows(s);
}

base::Result<std::optional<int64_t>> next_delivery_ms(ReadSession& session, int64_t after_ms) {
  Statement s(session.connection(),
              "SELECT min(next_attempt_ms) FROM deliveries WHERE state = 0 AND next_attempt_ms > ?");
  s.bind(after_ms);
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

base::Status add_attempt(WriteSession& session, const AttemptRow& row) {
  Statement s(
      session.connection(),
      "INSERT INTO delivery_attempts(delivery_id, time_ms, duration_ms, status, error, answer, together) VALUES "
      "(?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.delivery_id).bind(row.time_ms).bind(row.duration_ms).bind(row.status).bind(row.error).bind(row.answer);
  return s.bind(row.together).run();
}

base::Result<std::vector<AttemptRow>> list_attempts(ReadSession& session, int64_t delivery_id) {
  Statement s(session.connection(),
              "SELECT delivery_id, time_ms, duration_ms, status, error, answer, together FROM delivery_attempts WHERE "
              "delivery_id = ? ORDER BY id");
  s.bind(delivery_id);
  std::vector<AttemptRow> rows;
  while (s.step()) {
    rows.push_back({.delivery_id = s.integer(0),
                    .time_ms = s.integer(1),
                    .duration_ms = s.integer(2),
                    .status = static_cast<int>(s.integer(3)),
                    .error = s.text(4),
                    .answer = s.text(5),
                    .together = s.integer(6)});
  }
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<std::vector<DeliveryRow>> list_deliveries(ReadSession& session, const DeliveryFilter& filter) {
  std::string sql = std::string(kSelect) + "WHERE id < ?";
  if (!filter.kind.empty()) sql += " AND kind = ?";
  if (!filter.channel.empty()) sql += " AND channel = ?";
  if (filter.state >= 0) sql += " AND state = ?";
  if (!filter.incident_id.empty()) sql += " AND incident_id = ?";
  Statement s(session.connection(), sql + " ORDER BY id DESC LIMIT ?");
  s.bind(filter.before_id == 0 ? INT64_MAX : filter.before_id);
  if (!filter.kind.empty()) s.bind(filter.kind);
  if (!filter.channel.empty()) s.bind(filter.channel);
  if (filter.state >= 0) s.bind(filter.state);
  if (!filter.incident_id.empty()) s.bind(filter.incident_id);
  s.bind(filter.count_max);
  return all_rows(s);
}

base::Result<std::optional<DeliveryRow>> find_delivery(ReadSession& session, int64_t id) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE id = ?");
  s.bind(id);
  std::optional<DeliveryRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Status resend_delivery(WriteSession& session, int64_t id, int64_t now_ms) {
  Statement s(
      session.connection(),
      "UPDATE deliveries SET attempts = CASE state WHEN 0 THEN attempts ELSE 0 END, created_s = CASE state WHEN "
      "0 THEN created_s ELSE ? END, state = 0, next_attempt_ms = ?, done_s = 0 WHERE id = ?");
  if (base::Status status = s.bind(now_ms / 1000).bind(now_ms).bind(id).run(); !status) return status;
  if (session.connection().rows_changed() != 0) return base::ok();
  return Error(ErrorCode::kNotFound, "no delivery has the id " + std::to_string(id));
}

base::Result<size_t> expire_deliveries(WriteSession& session, int64_t before_s, int64_t now_s,
                                       std::string_view reason) {
  Statement s(session.connection(),
              "UPDATE deliveries SET state = 2, done_s = ?, last_error = ? WHERE state = 0 AND created_s < ?");
  if (base::Status status = s.bind(now_s).bind(reason).bind(before_s).run(); !status) return status.error();
  return static_cast<size_t>(session.connection().rows_changed());
}

base::Status prune_deliveries(WriteSession& session, int64_t before_s, size_t count_max) {
  Connection& connection = session.connection();
  Statement s(connection,
              "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE state != 0 AND done_s < ? LIMIT ?)");
  if (base::Status status = s.bind(before_s).bind(count_max).run(); !status) return status;
  Statement attempts(
      connection,
      "DELETE FROM delivery_attempts WHERE id IN (SELECT id FROM delivery_attempts WHERE delivery_id NOT "
      "IN (SELECT id FROM deliveries) LIMIT ?)");
  return attempts.bind(count_max * 5).run();
}

}  // namespace godseye::registry
