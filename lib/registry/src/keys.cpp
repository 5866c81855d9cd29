#include "connection.h"

#include <algorithm>
#include <charconv>

#include <godseye/registry/keys.h>
#include <godseye/registry/registry.h>

#include <sodium.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr size_t kNameBytesMax = 200;
constexpr size_t kScopeBytesMax = 80;
constexpr std::string_view kColumns =
    "SELECT id, kind, name, last4, created_s, uuid, owner_id, scopes, used_s FROM keys ";

size_t digits_of(KeyKind kind) { return kind == KeyKind::kApi ? 32 : 40; }

std::string random_key(KeyKind kind) {
  std::string bytes(digits_of(kind) / 2, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  std::string text(digits_of(kind) + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  text.pop_back();
  return text;
}

// The text in lower case; empty when it has not the shape of a key.
std::string canonical(KeyKind kind, std::string_view text) {
  if (text.size() != digits_of(kind)) return {};
  std::string result;
  for (const char c : text) {
    if (c >= 'A' && c <= 'F') {
      result += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
      result += c;
    } else {
      return {};
    }
  }
  return result;
}

std::string hash_of(const ReadSession& session, std::string_view text) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(session.key_secret().data()), session.key_secret().size());
  return hash;
}

std::vector<std::string> scopes_of(std::string_view text) {
  std::vector<std::string> scopes;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    scopes.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return scopes;
}

std::optional<std::string> scopes_text(const std::optional<std::vector<std::string>>& scopes) {
  if (!scopes) return std::nullopt;
  std::string text;
  for (const std::string& scope : *scopes) text += (text.empty() ? "" : ",") + scope;
  return text;
}

base::Status check(std::string_view name, const std::optional<std::vector<std::string>>& scopes) {
  if (name.size() > kNameBytesMax) return Error(ErrorCode::kInvalidArgument, "the name of a key has at most 200 bytes");
  if (!scopes) return base::ok();
  if (scopes->size() > kScopesMax) {
    return Error(ErrorCode::kInvalidArgument, "a key has at most " + std::to_string(kScopesMax) + " scopes");
  }
  for (const std::string& scope : *scopes) {
    const bool good = !scope.empty() && scope.size() <= kScopeBytesMax && std::ranges::all_of(scope, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!good) {
      return Error(ErrorCode::kInvalidArgument,
                   "scopes: lower case letters, digits and _ are expected, such as monitors_read");
    }
  }
  return base::ok();
}

KeyRow row_of(const Statement& s) {
  KeyRow row{.id = s.integer(0),
             .kind = static_cast<KeyKind>(s.integer(1)),
             .name = s.text(2),
             .last4 = s.text(3),
             .created_s = s.integer(4),
             .uuid = s.text(5),
             .owner_id = s.integer(6),
             .scopes = std::nullopt,
             .used_s = s.integer(8)};
  if (const auto text = s.optional_text(7)) row.scopes = scopes_of(*text);
  return row;
}

base::Result<std::vector<KeyRow>> rows_of(Statement& s) {
  std::vector<KeyRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

}  // namespace

base::Result<NewKey> create_key(WriteSession& session, KeyKind kind, std::string_view name, int64_t now_s,
                                int64_t owner_id, const std::optional<std::vector<std::string>>& scopes) {
  Connection& connection = session.connection();
  if (base::Status fits = check(name, scopes); !fits) return std::move(fits).error();
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM keys");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kKeysMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " keys already; delete some");
  }
  NewKey key;
  key.text = random_key(kind);
  key.row = {.kind = kind,
             .name = std::string(name),
             .last4 = key.text.substr(key.text.size() - 4),
             .created_s = now_s,
             .uuid = new_uuid(),
             .owner_id = owner_id,
             .scopes = scopes};
  Statement statement(connection,
                      "INSERT INTO keys(kind, hash, name, last4, created_s, uuid, owner_id, scopes) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  statement.bind(static_cast<int64_t>(kind)).bind_blob(hash_of(session, key.text));
  statement.bind(name).bind(key.row.last4).bind(now_s).bind(key.row.uuid).bind(owner_id).bind(scopes_text(scopes));
  if (base::Status status = statement.run(); !status) return status.error();
  key.row.id = connection.last_insert_id();
  return key;
}

base::Result<std::optional<FirstKeys>> create_first_keys(WriteSession& session, int64_t now_s) {
  // Keys that were all deleted stay deleted: AUTOINCREMENT remembers that there were some.
  base::Result<int64_t> ever =
      session.connection().integer("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'keys'");
  if (!ever) return std::move(ever).error();
  if (*ever != 0) return std::optional<FirstKeys>();
  base::Result<NewKey> api = create_key(session, KeyKind::kApi, "first", now_s);
  if (!api) return std::move(api).error();
  base::Result<NewKey> app = create_key(session, KeyKind::kApplication, "first", now_s);
  if (!app) return std::move(app).error();
  return std::optional<FirstKeys>({.api_key = api->text, .app_key = app->text});
}

base::Result<std::optional<KeyRow>> find_key(ReadSession& session, KeyKind kind, std::string_view text) {
  const std::string key = canonical(kind, text);
  if (key.empty()) return std::optional<KeyRow>();
  Statement s(session.connection(), std::string(kColumns) + "WHERE kind = ? AND hash = ?");
  s.bind(static_cast<int64_t>(kind)).bind_blob(hash_of(session, key));
  std::optional<KeyRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<std::vector<KeyRow>> list_keys(ReadSession& session, KeyKind kind) {
  Statement s(session.connection(), std::string(kColumns) + "WHERE kind = ? ORDER BY id");
  s.bind(static_cast<int64_t>(kind));
  return rows_of(s);
}

base::Result<std::vector<KeyRow>> list_keys_of(ReadSession& session, int64_t owner_id) {
  Statement s(session.connection(), std::string(kColumns) + "WHERE kind = 2 AND owner_id = ? ORDER BY id");
  s.bind(owner_id);
  return rows_of(s);
}

base::Result<KeyRow> key_named(ReadSession& session, KeyKind kind, std::string_view text) {
  int64_t id = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (code != std::errc() || end != text.data() + text.size()) id = 0;
  Statement s(session.connection(), std::string(kColumns) + "WHERE kind = ? AND (id = ? OR uuid = ?) LIMIT 1");
  s.bind(static_cast<int64_t>(kind)).bind(id).bind(text);
  base::Result<std::vector<KeyRow>> rows = rows_of(s);
  if (!rows) return std::move(rows).error();
  if (rows->empty()) return Error(ErrorCode::kNotFound, "no such key");
  return std::move(rows->front());
}

base::Status update_key(WriteSession& session, const KeyRow& row) {
  if (base::Status fits = check(row.name, row.scopes); !fits) return fits;
  Statement s(session.connection(), "UPDATE keys SET name = ?, scopes = ? WHERE id = ?");
  if (base::Status done = s.bind(row.name).bind(scopes_text(row.scopes)).bind(row.id).run(); !done) return done;
  if (session.connection().rows_changed() == 0) return Error(ErrorCode::kNotFound, "no such key");
  return base::ok();
}

base::Status touch_key(WriteSession& session, int64_t id, int64_t now_s) {
  Statement s(session.connection(), "UPDATE keys SET used_s = max(used_s, ?) WHERE id = ?");
  return s.bind(now_s).bind(id).run();
}

base::Status delete_key(WriteSession& session, KeyKind kind, int64_t id) {
  Statement s(session.connection(), "DELETE FROM keys WHERE kind = ? AND id = ?");
  if (base::Status status = s.bind(static_cast<int64_t>(kind)).bind(id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) {
    return Error(ErrorCode::kNotFound, "no key has the id " + std::to_string(id));
  }
  return base::ok();
}

}  // namespace godseye::registry
