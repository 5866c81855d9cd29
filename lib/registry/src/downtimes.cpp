#include "connection.h"

#include <algorithm>

#include <godseye/registry/downtimes.h>
#include <godseye/registry/registry.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr const char* kSelect =
    "SELECT id, uuid, document, mute, created_s, modified_s, canceled_s, handled_s, finished FROM downtimes ";

DowntimeRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .uuid = s.text(1),
          .document = s.text(2),
          .mute = s.integer(3) != 0,
          .created_s = s.integer(4),
          .modified_s = s.integer(5),
          .canceled_s = s.integer(6),
          .handled_s = s.integer(7),
          .finished = s.integer(8) != 0};
}

Error not_found(std::string_view id) { return {ErrorCode::kNotFound, "no downtime has the id " + std::string(id)}; }

Status touch(WriteSession& session) {
  return session.connection().execute("UPDATE meta SET value = value + 1 WHERE name = 'downtimes_revision'");
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Status create_downtime(WriteSession& session, DowntimeRow& row) {
  Connection& connection = session.connection();
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM downtimes WHERE finished = 0");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kDowntimesMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " downtimes already; cancel some");
  }
  row.uuid = new_uuid();
  Statement s(connection,
              "INSERT INTO downtimes(uuid, document, mute, created_s, modified_s, canceled_s, handled_s, finished) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.uuid).bind(row.document).bind(row.mute ? 1 : 0).bind(row.created_s).bind(row.modified_s);
  s.bind(row.canceled_s).bind(row.handled_s).bind(row.finished ? 1 : 0);
  if (Status status = s.run(); !status) return status;
  row.id = connection.last_insert_id();
  return touch(session);
}

Status update_downtime(WriteSession& session, const DowntimeRow& row) {
  Statement s(session.connection(),
              "UPDATE downtimes SET document = ?, modified_s = ?, canceled_s = ?, handled_s = ?, finished = ? "
              "WHERE id = ?");
  s.bind(row.document).bind(row.modified_s).bind(row.canceled_s).bind(row.handled_s).bind(row.finished ? 1 : 0);
  if (Status status = s.bind(row.id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) return not_found(std::to_string(row.id));
  return touch(session);
}

Status set_downtime_handled(WriteSession& session, int64_t id, int64_t handled_s, bool finished) {
  Statement s(session.connection(), "UPDATE downtimes SET handled_s = max(handled_s, ?), finished = ? WHERE id = ?");
  return s.bind(handled_s).bind(finished ? 1 : 0).bind(id).run();
}

base::Result<std::optional<DowntimeRow>> find_downtime(ReadSession& session, std::string_view id_or_uuid) {
  const bool number = is_number(id_or_uuid);
  Statement s(session.connection(), std::string(kSelect) + (number ? "WHERE id = ?" : "WHERE uuid = ?"));
  if (number) {
    s.bind(static_cast<int64_t>(std::stoll(std::string(id_or_uuid))));
  } else {
    s.bind(id_or_uuid);
  }
  std::optional<DowntimeRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<std::vector<DowntimeRow>> list_downtimes(ReadSession& session, bool finished) {
  Statement s(session.connection(), std::string(kSelect) + (finished ? "" : "WHERE finished = 0 ") + "ORDER BY id");
  std::vector<DowntimeRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<int64_t> downtimes_revision(ReadSession& session) {
  return session.connection().integer("SELECT value FROM meta WHERE name = 'downtimes_revision'");
}

Status prune_downtimes(WriteSession& session, int64_t before_s, size_t count_max) {
  Statement s(session.connection(),
              "DELETE FROM downtimes WHERE id IN (SELECT id FROM downtimes WHERE finished = 1 AND modified_s < ? "
              "AND handled_s < ? LIMIT ?)");
  return s.bind(before_s).bind(before_s).bind(count_max).run();
}

}  // namespace godseye::registry
