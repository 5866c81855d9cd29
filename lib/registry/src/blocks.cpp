#include "connection.h"

#include <godseye/registry/blocks.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr std::string_view kSelect =
    "SELECT id, revision, kind, value, reason, author, rule, created_s, expires_s, lifted_s, lifted_by, automatic, "
    "times FROM blocks ";
// One parameter: now.
constexpr std::string_view kInForce = "is_open = 1 AND (expires_s = 0 OR expires_s > ?) ";

BlockRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .revision = s.integer(1),
          .kind = static_cast<int>(s.integer(2)),
          .value = s.text(3),
          .reason = s.text(4),
          .author = s.text(5),
          .rule = s.text(6),
          .created_s = s.integer(7),
          .expires_s = s.integer(8),
          .lifted_s = s.integer(9),
          .lifted_by = s.text(10),
          .automatic = s.integer(11) != 0,
          .times = s.integer(12)};
}

base::Result<std::optional<BlockRow>> one(Statement& s) {
  std::optional<BlockRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<std::vector<BlockRow>> all(Statement& s) {
  std::vector<BlockRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

std::string select(std::string_view where) { return std::string(kSelect).append(where); }

Status insert(WriteSession& session, BlockRow& row) {
  Statement s(session.connection(),
              "INSERT INTO blocks(revision, kind, value, reason, author, rule, created_s, expires_s, lifted_s, "
              "lifted_by, automatic, times, is_open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '', ?, ?, 1)");
  s.bind(row.revision).bind(row.kind).bind(row.value).bind(row.reason).bind(row.author).bind(row.rule);
  s.bind(row.created_s).bind(row.expires_s).bind(int64_t{row.automatic}).bind(row.times);
  Status status = s.run();
  if (status) row.id = session.connection().last_insert_id();
  return status;
}

}  // namespace

base::Result<int64_t> gateway_revision(ReadSession& session) {
  return session.connection().integer("SELECT value FROM meta WHERE name = 'gateway_revision'");
}

base::Result<int64_t> next_gateway_revision(WriteSession& session) {
  Status status = session.connection().execute("UPDATE meta SET value = value + 1 WHERE name = 'gateway_revision'");
  if (!status) return std::move(status).error();
  return gateway_revision(session);
}

Status put_block(WriteSession& session, BlockRow& row, int64_t now_s) {
  Connection& connection = session.connection();
  base::Result<int64_t> revision = next_gateway_revision(session);
  if (!revision) return std::move(revision).error();
  row.revision = *revision;
  row.lifted_s = 0;
  row.lifted_by.clear();
  base::Result<std::optional<BlockRow>> open = find_block(session, row.kind, row.value, now_s);
  if (!open) return std::move(open).error();
  if (*open) {
    row.id = (*open)->id;
    row.created_s = (*open)->created_s;
    Statement s(connection,
                "UPDATE blocks SET revision = ?, reason = ?, author = ?, rule = ?, expires_s = ?, automatic = ?, "
                "times = ? WHERE id = ?");
    s.bind(row.revision).bind(row.reason).bind(row.author).bind(row.rule).bind(row.expires_s);
    return s.bind(int64_t{row.automatic}).bind(row.times).bind(row.id).run();
  }
  Statement expired(connection, "UPDATE blocks SET is_open = 0 WHERE is_open = 1 AND kind = ? AND value = ?");
  if (Status status = expired.bind(row.kind).bind(row.value).run(); !status) return status;
  Statement count(connection, "SELECT count(*) FROM blocks WHERE is_open = 1 AND (expires_s = 0 OR expires_s > ?)");
  count.bind(now_s);
  const int64_t in_force = count.step() ? count.integer(0) : 0;
  if (!count.status()) return count.status();
  if (in_force >= static_cast<int64_t>(kBlocksOpenMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(in_force) + " blocks in force; lift some");
  }
  return insert(session, row);
}

base::Result<std::optional<BlockRow>> lift_block(WriteSession& session, int kind, std::string_view value,
                                                 std::string_view by, int64_t now_s) {
  base::Result<std::optional<BlockRow>> open = find_block(session, kind, value, now_s);
  if (!open || !*open) return open;
  base::Result<int64_t> revision = next_gateway_revision(session);
  if (!revision) return std::move(revision).error();
  BlockRow& row = **open;
  row.revision = *revision;
  row.lifted_s = now_s;
  row.lifted_by = by;
  Statement s(session.connection(),
              "UPDATE blocks SET revision = ?, lifted_s = ?, lifted_by = ?, is_open = 0 WHERE id = ?");
  Status status = s.bind(row.revision).bind(now_s).bind(by).bind(row.id).run();
  if (!status) return std::move(status).error();
  return open;
}

base::Result<std::optional<BlockRow>> find_block(ReadSession& session, int kind, std::string_view value,
                                                 int64_t now_s) {
  Statement s(session.connection(), select("WHERE kind = ? AND value = ? AND ").append(kInForce));
  s.bind(kind).bind(value).bind(now_s);
  return one(s);
}

base::Result<std::optional<BlockRow>> find_block_id(ReadSession& session, int64_t id) {
  Statement s(session.connection(), select("WHERE id = ?"));
  s.bind(id);
  return one(s);
}

base::Result<std::optional<BlockRow>> last_automatic_block(ReadSession& session, int kind, std::string_view value,
                                                           int64_t since_s) {
  Statement s(session.connection(),
              select("WHERE kind = ? AND value = ? AND automatic = 1 AND "
                     "CASE WHEN lifted_s > 0 THEN lifted_s ELSE expires_s END >= ? ORDER BY id DESC LIMIT 1"));
  s.bind(kind).bind(value).bind(since_s);
  return one(s);
}

base::Result<std::vector<BlockRow>> list_blocks(ReadSession& session, const BlockFilter& filter, int64_t now_s) {
  // Parameters are numbered so that one statement serves every filter.
  Statement s(session.connection(),
              select("WHERE (?1 = 0 OR kind = ?1) AND (?2 = '' OR value = ?2) AND (?3 = 1 OR (is_open = 1 AND "
                     "(expires_s = 0 OR expires_s > ?4))) AND (?5 = 0 OR id < ?5) ORDER BY id DESC LIMIT ?6"));
  s.bind(filter.kind).bind(filter.value).bind(int64_t{filter.ended}).bind(now_s).bind(filter.before_id);
  s.bind(filter.count_max);
  return all(s);
}

base::Result<std::optional<std::vector<BlockRow>>> blocks_changed_since(ReadSession& session, int64_t revision,
                                                                        size_t count_max) {
  using Changes = std::optional<std::vector<BlockRow>>;
  base::Result<int64_t> pruned = session.connection().integer("SELECT value FROM meta WHERE name = 'blocks_pruned'");
  if (!pruned) return std::move(pruned).error();
  if (revision < *pruned) return Changes();
  Statement s(session.connection(), select("WHERE revision > ? ORDER BY revision LIMIT ?"));
  s.bind(revision).bind(count_max + 1);
  base::Result<std::vector<BlockRow>> rows = all(s);
  if (!rows) return std::move(rows).error();
  if (rows->size() > count_max) return Changes();
  return Changes(*std::move(rows));
}

Status prune_blocks(WriteSession& session, int64_t before_s, size_t count_max) {
  constexpr std::string_view kEnded =
      "(lifted_s > 0 AND lifted_s < ?1) OR (lifted_s = 0 AND expires_s > 0 AND expires_s < ?1)";
  Connection& connection = session.connection();
  Statement mark(connection,
                 "UPDATE meta SET value = max(value, coalesce((SELECT max(revision) FROM (SELECT revision FROM blocks "
                 "WHERE " +
                     std::string(kEnded) + " ORDER BY id LIMIT ?2)), 0)) WHERE name = 'blocks_pruned'");
  if (Status status = mark.bind(before_s).bind(count_max).run(); !status) return status;
  Statement s(connection, "DELETE FROM blocks WHERE id IN (SELECT id FROM blocks WHERE " + std::string(kEnded) +
                              " ORDER BY id LIMIT ?2)");
  return s.bind(before_s).bind(count_max).run();
}

}  // namespace godseye::registry
