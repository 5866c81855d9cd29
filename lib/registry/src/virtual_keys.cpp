#include "connection.h"

#include <godseye/registry/blocks.h>
#include <godseye/registry/virtual_keys.h>

#include <sodium.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr size_t kNameBytesMax = 200;
constexpr size_t kIdBytes = 6;
constexpr size_t kSecretBytes = 20;

constexpr std::string_view kSelect =
    "SELECT id, hash, name, user, providers, models, author, created_s, expires_s, disabled FROM virtual_keys ";

std::string hex_of(const std::string& bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  text.pop_back();
  return text;
}

std::string random_digits(size_t bytes) {
  std::string random(bytes, '\0');
  randombytes_buf(random.data(), random.size());
  return hex_of(random);
}

// Names hold no line breaks, so one a line.
std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += item + "\n";
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> items;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    items.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return items;
}

VirtualKeyRow row_of(const Statement& s) {
  return {.id = s.text(0),
          .hash = s.text(1),
          .name = s.text(2),
          .user = s.text(3),
          .providers = split(s.text(4)),
          .models = split(s.text(5)),
          .author = s.text(6),
          .created_s = s.integer(7),
          .expires_s = s.integer(8),
          .disabled = s.integer(9) != 0};
}

bool plain(const std::string& text, size_t bytes_max) {
  if (text.size() > bytes_max) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

Status check(const VirtualKeyRow& row) {
  if (!plain(row.name, kNameBytesMax) || row.name.empty()) {
    return Error(ErrorCode::kInvalidArgument, "name: expected 1 to 200 bytes without control characters");
  }
  if (!plain(row.user, kNameBytesMax)) return Error(ErrorCode::kInvalidArgument, "user: at most 200 bytes are taken");
  for (const auto* list : {&row.providers, &row.models}) {
    const std::string what = list == &row.providers ? "providers" : "models";
    if (list->size() > kVirtualKeyListMax) {
      return Error(ErrorCode::kInvalidArgument,
                   what + ": at most " + std::to_string(kVirtualKeyListMax) + " are taken");
    }
    for (const std::string& item : *list) {
      if (item.empty() || !plain(item, kNameBytesMax)) {
        return Error(ErrorCode::kInvalidArgument, what + ": expected names of 1 to 200 bytes");
      }
    }
  }
  return base::ok();
}

Error unknown(std::string_view id) {
  return {ErrorCode::kNotFound, "no virtual key has the id " + std::string(id.substr(0, 64))};
}

Status touch(WriteSession& session) {
  base::Result<int64_t> revision = next_gateway_revision(session);
  if (!revision) return std::move(revision).error();
  return base::ok();
}

}  // namespace

base::Result<std::string> create_virtual_key(WriteSession& session, VirtualKeyRow& row) {
  if (Status status = check(row); !status) return std::move(status).error();
  Connection& connection = session.connection();
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM virtual_keys");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kVirtualKeysMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " virtual keys already; delete some");
  }
  const std::string digits = random_digits(kIdBytes);
  const std::string text = "gsk-" + digits + "-" + random_digits(kSecretBytes);
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  row.id = "vk_" + digits;
  row.hash = hex_of(hash);
  Statement s(connection,
              "INSERT INTO virtual_keys(id, hash, name, user, providers, models, author, created_s, expires_s, "
              "disabled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.id).bind(row.hash).bind(row.name).bind(row.user).bind(joined(row.providers)).bind(joined(row.models));
  s.bind(row.author).bind(row.created_s).bind(row.expires_s).bind(int64_t{row.disabled});
  if (Status status = s.run(); !status) return std::move(status).error();
  if (Status status = touch(session); !status) return std::move(status).error();
  return text;
}

base::Result<std::vector<VirtualKeyRow>> list_virtual_keys(ReadSession& session) {
  Statement s(session.connection(), std::string(kSelect) + "ORDER BY number DESC");
  std::vector<VirtualKeyRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<std::optional<VirtualKeyRow>> find_virtual_key(ReadSession& session, std::string_view id) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE id = ?");
  s.bind(id);
  std::optional<VirtualKeyRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

Status update_virtual_key(WriteSession& session, const VirtualKeyRow& row) {
  if (Status status = check(row); !status) return status;
  Statement s(session.connection(),
              "UPDATE virtual_keys SET name = ?, user = ?, providers = ?, models = ?, expires_s = ?, disabled = ? "
              "WHERE id = ?");
  s.bind(row.name).bind(row.user).bind(joined(row.providers)).bind(joined(row.models)).bind(row.expires_s);
  if (Status status = s.bind(int64_t{row.disabled}).bind(row.id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) return unknown(row.id);
  return touch(session);
}

Status delete_virtual_key(WriteSession& session, std::string_view id) {
  Statement s(session.connection(), "DELETE FROM virtual_keys WHERE id = ?");
  if (Status status = s.bind(id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) return unknown(id);
  return touch(session);
}

}  // namespace godseye::registry
