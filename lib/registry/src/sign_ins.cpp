#include "connection.h"

#include <godseye/registry/sign_ins.h>

#include <sodium.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr size_t kTokenBytes = 32;
constexpr size_t kAgentBytesMax = 200;
constexpr std::string_view kColumns = "SELECT id, user_id, created_s, seen_s, expires_s, address, agent FROM sign_ins ";

std::string hexadecimal(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  text.pop_back();
  return text;
}

std::string blake(std::string_view text, std::string_view key) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(key.data()), key.size());
  return hash;
}

SignInRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .user_id = s.integer(1),
          .created_s = s.integer(2),
          .seen_s = s.integer(3),
          .expires_s = s.integer(4),
          .address = s.text(5),
          .agent = s.text(6)};
}

}  // namespace

base::Result<NewSignIn> create_sign_in(WriteSession& session, SignInRow row, int64_t idle_s) {
  Connection& connection = session.connection();
  Statement ended(connection, "DELETE FROM sign_ins WHERE expires_s <= ?1 OR seen_s + ?2 <= ?1");
  if (Status done = ended.bind(row.created_s).bind(idle_s).run(); !done) return std::move(done).error();
  Statement crowd(connection,
                  "DELETE FROM sign_ins WHERE user_id = ?1 AND id NOT IN (SELECT id FROM sign_ins WHERE user_id = ?1 "
                  "ORDER BY seen_s DESC, id DESC LIMIT ?2)");
  if (Status done = crowd.bind(row.user_id).bind(kSignInsPerUserMax - 1).run(); !done) return std::move(done).error();
  NewSignIn made;
  std::string bytes(kTokenBytes, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  made.token = hexadecimal(bytes);
  row.seen_s = row.created_s;
  if (row.agent.size() > kAgentBytesMax) row.agent.resize(kAgentBytesMax);
  Statement s(connection,
              "INSERT INTO sign_ins(hash, user_id, created_s, seen_s, expires_s, address, agent) "
              "VALUES (?, ?, ?, ?, ?, ?, ?)");
  s.bind_blob(blake(made.token, session.key_secret())).bind(row.user_id).bind(row.created_s).bind(row.seen_s);
  if (Status done = s.bind(row.expires_s).bind(row.address).bind(row.agent).run(); !done) return done.error();
  row.id = connection.last_insert_id();
  made.row = std::move(row);
  return made;
}

base::Result<std::optional<SignInRow>> find_sign_in(ReadSession& session, std::string_view token, int64_t now_s,
                                                    int64_t idle_s) {
  std::optional<SignInRow> row;
  if (token.size() != kTokenBytes * 2) return row;
  Statement s(session.connection(), std::string(kColumns) + "WHERE hash = ?1 AND expires_s > ?2 AND seen_s + ?3 > ?2");
  s.bind_blob(blake(token, session.key_secret())).bind(now_s).bind(idle_s);
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

Status touch_sign_in(WriteSession& session, int64_t id, int64_t now_s) {
  Statement s(session.connection(), "UPDATE sign_ins SET seen_s = max(seen_s, ?) WHERE id = ?");
  return s.bind(now_s).bind(id).run();
}

base::Result<std::vector<SignInRow>> list_sign_ins(ReadSession& session, int64_t user_id, int64_t now_s,
                                                   int64_t idle_s) {
  Statement s(session.connection(), std::string(kColumns) +
                                        "WHERE user_id = ?1 AND expires_s > ?2 AND seen_s + ?3 > ?2 "
                                        "ORDER BY seen_s DESC, id DESC");
  s.bind(user_id).bind(now_s).bind(idle_s);
  std::vector<SignInRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

Status delete_sign_in(WriteSession& session, int64_t user_id, int64_t id) {
  Statement s(session.connection(), "DELETE FROM sign_ins WHERE user_id = ? AND id = ?");
  if (Status done = s.bind(user_id).bind(id).run(); !done) return done;
  if (session.connection().rows_changed() == 0) return Error(ErrorCode::kNotFound, "no such session");
  return base::ok();
}

base::Result<size_t> delete_sign_ins(WriteSession& session, int64_t user_id, int64_t keep_id) {
  Statement s(session.connection(), "DELETE FROM sign_ins WHERE user_id = ? AND id != ?");
  if (Status done = s.bind(user_id).bind(keep_id).run(); !done) return std::move(done).error();
  return static_cast<size_t>(session.connection().rows_changed());
}

std::string csrf_token(std::string_view sign_in_token) {
  return hexadecimal(blake(sign_in_token, "godseye: proof that a page of ours asks"));
}

}  // namespace godseye::registry
