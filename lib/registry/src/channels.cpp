#include "connection.h"

#include <godseye/registry/channels.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr std::string_view kSelect =
    "SELECT id, kind, name, settings, secret_names, enabled, rate_per_minute, digest_after, digest_window_s, "
    "created_s, "
    "modified_s FROM channels ";

ChannelRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .kind = s.text(1),
          .name = s.text(2),
          .settings_json = s.text(3),
          .secret_names = s.text(4),
          .enabled = s.integer(5) != 0,
          .rate_per_minute = static_cast<int>(s.integer(6)),
          .digest_after = static_cast<int>(s.integer(7)),
          .digest_window_s = static_cast<int>(s.integer(8)),
          .created_s = s.integer(9),
          .modified_s = s.integer(10)};
}

base::Result<std::optional<ChannelRow>> one_row(Statement& s) {
  std::optional<ChannelRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

std::string about(int64_t id, std::string_view kind) {
  return "channel:" + std::to_string(id) + ":" + std::string(kind);
}

Status named(Status status, const ChannelRow& row) {
  if (!status && status.error().code() == ErrorCode::kAlreadyExists) {
    return Error(ErrorCode::kAlreadyExists, "a " + row.kind + " has the name " + row.name + " already");
  }
  return status;
}

Status changed_one(Connection& connection, int64_t id) {
  if (connection.rows_changed() != 0) return base::ok();
  return Error(ErrorCode::kNotFound, "no notification channel has the id " + std::to_string(id));
}

}  // namespace

Status add_channel(WriteSession& session, ChannelRow& row) {
  Connection& connection = session.connection();
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM channels");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kChannelsMax)) {
    return Error(ErrorCode::kTooLarge,
                 "there are " + std::to_string(*count) + " notification channels already; delete some");
  }
  Statement s(connection,
              "INSERT INTO channels(kind, name, settings, sealed, secret_names, enabled, rate_per_minute, "
              "digest_after, digest_window_s, created_s, modified_s) VALUES (?, ?, ?, x'', '', ?, ?, ?, ?, ?, ?)");
  s.bind(row.kind).bind(row.name).bind(row.settings_json).bind(row.enabled ? 1 : 0).bind(row.rate_per_minute);
  s.bind(row.digest_after).bind(row.digest_window_s).bind(row.created_s).bind(row.modified_s);
  if (Status status = named(s.run(), row); !status) return status;
  row.id = connection.last_insert_id();
  return base::ok();
}

Status update_channel(WriteSession& session, const ChannelRow& row) {
  Statement s(session.connection(),
              "UPDATE channels SET name = ?, settings = ?, enabled = ?, rate_per_minute = ?, digest_after = ?, "
              "digest_window_s = ?, modified_s = ? WHERE id = ?");
  s.bind(row.name).bind(row.settings_json).bind(row.enabled ? 1 : 0).bind(row.rate_per_minute).bind(row.digest_after);
  s.bind(row.digest_window_s).bind(row.modified_s).bind(row.id);
  if (Status status = named(s.run(), row); !status) return status;
  return changed_one(session.connection(), row.id);
}

Status delete_channel(WriteSession& session, int64_t id) {
  Statement s(session.connection(), "DELETE FROM channels WHERE id = ?");
  if (Status status = s.bind(id).run(); !status) return status;
  return changed_one(session.connection(), id);
}

base::Result<std::optional<ChannelRow>> find_channel(ReadSession& session, int64_t id) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE id = ?");
  s.bind(id);
  return one_row(s);
}

base::Result<std::optional<ChannelRow>> find_channel(ReadSession& session, std::string_view kind,
                                                     std::string_view name) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE kind = ? AND name = ?");
  s.bind(kind).bind(name);
  return one_row(s);
}

base::Result<std::vector<ChannelRow>> list_channels(ReadSession& session) {
  Statement s(session.connection(), std::string(kSelect) + "ORDER BY kind, name");
  std::vector<ChannelRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

Status set_channel_secrets(WriteSession& session, const KeyVault& vault, int64_t id, std::string_view secret_names,
                           std::string_view secrets_json) {
  if (secrets_json.size() > kChannelSecretsBytesMax) {
    return Error(ErrorCode::kTooLarge,
                 "secrets: at most " + std::to_string(kChannelSecretsBytesMax) + " bytes are stored");
  }
  base::Result<std::optional<ChannelRow>> row = find_channel(session, id);
  if (!row) return std::move(row).error();
  if (!*row) return Error(ErrorCode::kNotFound, "no notification channel has the id " + std::to_string(id));
  const std::string sealed = secrets_json.empty() ? std::string() : vault.seal(secrets_json, about(id, (*row)->kind));
  Statement s(session.connection(), "UPDATE channels SET sealed = ?, secret_names = ? WHERE id = ?");
  return s.bind_blob(sealed).bind(secret_names).bind(id).run();
}

base::Result<std::string> channel_secrets(ReadSession& session, const KeyVault& vault, int64_t id) {
  Statement s(session.connection(), "SELECT sealed, kind FROM channels WHERE id = ?");
  s.bind(id);
  std::string secrets;
  if (s.step() && !s.text(0).empty()) {
    base::Result<std::string> opened = vault.open_sealed(s.text(0), about(id, s.text(1)));
    if (!opened) return opened;
    secrets = *std::move(opened);
  }
  if (!s.status()) return s.status().error();
  return secrets;
}

}  // namespace godseye::registry
