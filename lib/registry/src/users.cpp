#include "connection.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <godseye/registry/registry.h>
#include <godseye/registry/users.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr std::array<std::string_view, 5> kRoleNames = {"", "viewer", "responder", "editor", "admin"};
constexpr std::string_view kColumns =
    "SELECT id, uuid, handle, name, role, disabled, password_hash, created_s, modified_s, signed_in_s FROM users ";

UserRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .uuid = s.text(1),
          .handle = s.text(2),
          .name = s.text(3),
          .role = static_cast<Role>(s.integer(4)),
          .disabled = s.integer(5) != 0,
          .password_hash = s.text(6),
          .created_s = s.integer(7),
          .modified_s = s.integer(8),
          .signed_in_s = s.integer(9)};
}

base::Result<std::optional<UserRow>> one(Statement& s) {
  std::optional<UserRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

Status check_name(std::string_view name) {
  if (name.size() > kUserNameBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "name: longer than " + std::to_string(kUserNameBytesMax) + " bytes");
  }
  return base::ok();
}

}  // namespace

std::string_view role_name(Role role) { return kRoleNames[static_cast<size_t>(role)]; }

std::optional<Role> role_named(std::string_view text) {
  for (const Role role : kRoles) {
    if (std::ranges::equal(role_name(role), text, {}, {}, lower)) return role;
  }
  return std::nullopt;
}

Status check_handle(std::string_view handle) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._@+-").find(c) != std::string_view::npos;
  };
  if (handle.empty() || handle.size() > kHandleBytesMax || !std::ranges::all_of(handle, fits)) {
    return Error(ErrorCode::kInvalidArgument,
                 "the name to sign in with has 1 to " + std::to_string(kHandleBytesMax) + " letters, digits or ._@+-");
  }
  // A handle of digits alone would be taken for an id.
  if (std::ranges::all_of(handle, [](char c) { return c >= '0' && c <= '9'; })) {
    return Error(ErrorCode::kInvalidArgument, "the name to sign in with is not a number");
  }
  return base::ok();
}

Status create_user(WriteSession& session, UserRow& row) {
  Connection& connection = session.connection();
  if (Status fits = check_handle(row.handle); !fits) return fits;
  if (Status fits = check_name(row.name); !fits) return fits;
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM users");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kUsersMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " users already");
  }
  base::Result<std::optional<UserRow>> known = find_user(session, row.handle);
  if (!known) return std::move(known).error();
  if (known->has_value()) return Error(ErrorCode::kAlreadyExists, "there is a user " + row.handle + " already");
  row.uuid = new_uuid();
  row.modified_s = row.created_s;
  Statement s(
      connection,
      "INSERT INTO users(uuid, handle, name, role, disabled, password_hash, created_s, modified_s, signed_in_s) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)");
  s.bind(row.uuid).bind(row.handle).bind(row.name).bind(static_cast<int64_t>(row.role)).bind(int64_t{row.disabled});
  if (Status done = s.bind(row.password_hash).bind(row.created_s).bind(row.modified_s).run(); !done) return done;
  row.id = connection.last_insert_id();
  return base::ok();
}

base::Result<std::optional<UserRow>> find_user(ReadSession& session, std::string_view handle) {
  Statement s(session.connection(), std::string(kColumns) + "WHERE handle = ?");
  s.bind(handle);
  return one(s);
}

base::Result<std::optional<UserRow>> find_user(ReadSession& session, int64_t id) {
  Statement s(session.connection(), std::string(kColumns) + "WHERE id = ?");
  s.bind(id);
  return one(s);
}

base::Result<UserRow> user_named(ReadSession& session, std::string_view text) {
  int64_t id = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (code != std::errc() || end != text.data() + text.size()) id = 0;
  Statement s(session.connection(), std::string(kColumns) + "WHERE id = ?1 OR uuid = ?2 OR handle = ?2");
  s.bind(id).bind(text);
  base::Result<std::optional<UserRow>> row = one(s);
  if (!row) return std::move(row).error();
  if (!row->has_value()) return Error(ErrorCode::kNotFound, "no such user");
  return **std::move(row);
}

base::Result<std::vector<UserRow>> list_users(ReadSession& session) {
  Statement s(session.connection(), std::string(kColumns) + "ORDER BY handle");
  std::vector<UserRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

Status update_user(WriteSession& session, const UserRow& row) {
  if (Status fits = check_name(row.name); !fits) return fits;
  base::Result<std::optional<UserRow>> before = find_user(session, row.id);
  if (!before) return std::move(before).error();
  if (!before->has_value()) return Error(ErrorCode::kNotFound, "no such user");
  const auto rules = [](const UserRow& user) {
    return user.role == Role::kAdmin && !user.disabled && !user.password_hash.empty();
  };
  if (rules(**before) && !rules(row)) {
    Statement others(session.connection(),
                     "SELECT count(*) FROM users WHERE role = 4 AND disabled = 0 AND password_hash != '' AND id != ?");
    others.bind(row.id);
    const bool any = others.step() && others.integer(0) > 0;
    if (!others.status()) return others.status();
    if (!any) {
      return Error(ErrorCode::kInvalidArgument, (*before)->handle + " is the last admin: make another one first");
    }
  }
  Statement s(session.connection(),
              "UPDATE users SET name = ?, role = ?, disabled = ?, password_hash = ?, modified_s = ?, signed_in_s = ? "
              "WHERE id = ?");
  s.bind(row.name).bind(static_cast<int64_t>(row.role)).bind(int64_t{row.disabled}).bind(row.password_hash);
  return s.bind(row.modified_s).bind(row.signed_in_s).bind(row.id).run();
}

}  // namespace godseye::registry
