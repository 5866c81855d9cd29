#include "connection.h"

#include <cmath>

#include <godseye/registry/blocks.h>
#include <godseye/registry/gateway_settings.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr std::string_view kSelect =
    "SELECT id, time_s, verdict, call_id, session, user, author, note, text, score, exempt_until_s FROM feedback ";

base::Result<std::vector<FeedbackRow>> all(Statement& s) {
  std::vector<FeedbackRow> rows;
  while (s.step()) {
    rows.push_back({.id = s.integer(0),
                    .time_s = s.integer(1),
                    .verdict = s.text(2),
                    .call_id = s.text(3),
                    .session = s.text(4),
                    .user = s.text(5),
                    .author = s.text(6),
                    .note = s.text(7),
                    .text = s.text(8),
                    .score = std::isnan(s.real(9)) ? -1 : s.real(9),
                    .exempt_until_s = s.integer(10)});
  }
  if (!s.status()) return s.status().error();
  return rows;
}

Status touch(WriteSession& session) {
  base::Result<int64_t> revision = next_gateway_revision(session);
  if (!revision) return std::move(revision).error();
  return base::ok();
}

}  // namespace

base::Result<GatewaySettingsRow> gateway_settings(ReadSession& session) {
  Statement s(session.connection(), "SELECT document, version, modified_s FROM gateway_settings");
  GatewaySettingsRow row;
  if (s.step()) row = {.document = s.text(0), .version = s.integer(1), .modified_s = s.integer(2)};
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<GatewaySettingsRow> put_gateway_settings(WriteSession& session, std::string_view document,
                                                      int64_t if_version, int64_t now_s) {
  base::Result<GatewaySettingsRow> old = gateway_settings(session);
  if (!old) return old;
  if (if_version >= 0 && if_version != old->version) {
    return Error(ErrorCode::kAlreadyExists, "settings: version " + std::to_string(if_version) +
                                                " was changed meanwhile, version " + std::to_string(old->version) +
                                                " is in force; read it and try again");
  }
  const GatewaySettingsRow row{.document = std::string(document), .version = old->version + 1, .modified_s = now_s};
  Statement s(session.connection(), "INSERT OR REPLACE INTO gateway_settings VALUES (1, ?, ?, ?)");
  if (Status status = s.bind(row.document).bind(row.version).bind(now_s).run(); !status)
    return std::move(status).error();
  if (Status status = touch(session); !status) return std::move(status).error();
  return row;
}

Status add_feedback(WriteSession& session, FeedbackRow& row) {
  base::Result<int64_t> count = session.connection().integer("SELECT count(*) FROM feedback");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kFeedbackMax)) {
    return Error(ErrorCode::kTooLarge,
                 "there are " + std::to_string(*count) + " entries of feedback already; export and delete some");
  }
  Statement s(session.connection(),
              "INSERT INTO feedback(time_s, verdict, call_id, session, user, author, note, text, score, "
              "exempt_until_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.time_s).bind(row.verdict).bind(row.call_id).bind(row.session).bind(row.user).bind(row.author);
  s.bind(row.note).bind(row.text).bind(row.score < 0 ? std::nan("") : row.score).bind(row.exempt_until_s);
  if (Status status = s.run(); !status) return status;
  row.id = session.connection().last_insert_id();
  return touch(session);
}

base::Result<std::vector<FeedbackRow>> list_feedback(ReadSession& session, int64_t before_id, size_t count_max) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE (?1 = 0 OR id < ?1) ORDER BY id DESC LIMIT ?2");
  s.bind(before_id).bind(count_max);
  return all(s);
}

base::Result<std::vector<FeedbackRow>> list_exemptions(ReadSession& session, int64_t now_s, size_t count_max) {
  Statement s(session.connection(), std::string(kSelect) +
                                        "WHERE exempt_until_s > 0 AND exempt_until_s > ? AND session != '' ORDER BY "
                                        "exempt_until_s DESC LIMIT ?");
  s.bind(now_s).bind(count_max);
  return all(s);
}

Status delete_feedback(WriteSession& session, int64_t id) {
  Statement s(session.connection(), "DELETE FROM feedback WHERE id = ?");
  if (Status status = s.bind(id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) {
    return Error(ErrorCode::kNotFound, "no feedback has the id " + std::to_string(id));
  }
  return touch(session);
}

}  // namespace godseye::registry
