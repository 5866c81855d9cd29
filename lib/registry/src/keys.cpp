#include "connection.h"

#include <godseye/registry/keys.h>

#include <sodium.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr size_t kNameBytesMax = 200;

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

std::string hash_of(const Connection& connection, std::string_view text) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(
      reinterpret_cast<unsigned char*>(hash.data()), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
      text.size(), reinterpret_cast<const unsigned char*>(connection.key_secret.data()), connection.key_secret.size());
  return hash;
}

KeyRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .kind = static_cast<KeyKind>(s.integer(1)),
          .name = s.text(2),
          .last4 = s.text(3),
          .created_s = s.integer(4)};
}

}  // namespace

base::Result<NewKey> create_key(WriteSession& session, KeyKind kind, std::string_view name, int64_t now_s) {
  Connection& connection = session.connection();
  if (name.size() > kNameBytesMax) return Error(ErrorCode::kInvalidArgument, "the name of a key has at most 200 bytes");
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM keys");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kKeysMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " keys already; delete some");
  }
  NewKey key;
  key.text = random_key(kind);
  key.row = {
      .kind = kind, .name = std::string(name), .last4 = key.text.substr(key.text.size() - 4), .created_s = now_s};
  Statement statement(connection, "INSERT INTO keys(kind, hash, name, last4, created_s) VALUES (?, ?, ?, ?, ?)");
  statement.bind(static_cast<int64_t>(kind)).bind_blob(hash_of(connection, key.text));
  if (base::Status status = statement.bind(name).bind(key.row.last4).bind(now_s).run(); !status) return status.error();
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
  Statement s(session.connection(), "SELECT id, kind, name, last4, created_s FROM keys WHERE kind = ? AND hash = ?");
  s.bind(static_cast<int64_t>(kind)).bind_blob(hash_of(session.connection(), key));
  std::optional<KeyRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<std::vector<KeyRow>> list_keys(ReadSession& session, KeyKind kind) {
  Statement s(session.connection(), "SELECT id, kind, name, last4, created_s FROM keys WHERE kind = ? ORDER BY id");
  s.bind(static_cast<int64_t>(kind));
  std::vector<KeyRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
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
