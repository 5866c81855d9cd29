#include "connection.h"

#include <cerrno>

#include <godseye/registry/provider_keys.h>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
// Of a shorter key four characters are too much to show.
constexpr size_t kShownBytesMin = 12;
constexpr size_t kNameBytesMax = 200;

constexpr std::string_view kSelect =
    "SELECT id, provider, name, last4, created_s, expires_s, disabled FROM provider_keys ";

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string about(const ProviderKeyRow& row) {
  return "provider_key:" + std::to_string(row.id) + ":" + row.provider + ":" + std::to_string(row.expires_s);
}

ProviderKeyRow row_of(const Statement& s) {
  return {.id = s.integer(0),
          .provider = s.text(1),
          .name = s.text(2),
          .last4 = s.text(3),
          .created_s = s.integer(4),
          .expires_s = s.integer(5),
          .disabled = s.integer(6) != 0};
}

Error unknown(int64_t id) { return {ErrorCode::kNotFound, "no provider key has the id " + std::to_string(id)}; }

Status check(const ProviderKeyRow& row, std::string_view text) {
  if (row.provider.empty() || row.provider.size() > 64 ||
      row.provider.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos) {
    return Error(ErrorCode::kInvalidArgument, "provider: expected a name of a-z, 0-9, _ and -, at most 64 characters");
  }
  if (row.name.size() > kNameBytesMax) return Error(ErrorCode::kInvalidArgument, "name: at most 200 bytes are taken");
  if (text.empty() || text.size() > kProviderKeyBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "key: expected 1 to " + std::to_string(kProviderKeyBytesMax) +
                                                  " bytes, got " + std::to_string(text.size()));
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      return Error(ErrorCode::kInvalidArgument, "key: has a blank or another character that no header can carry");
    }
  }
  return base::ok();
}

Status write_new(const std::string& path, std::string_view bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return base::errno_error("creating " + path, errno);
  const bool written =
      ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(fd) == 0;
  const int reason = errno;
  ::close(fd);
  if (written) return base::ok();
  ::unlink(path.c_str());
  return base::errno_error("writing " + path, reason);
}

}  // namespace

base::Result<std::shared_ptr<const KeyVault>> KeyVault::parse(std::string_view hex) {
  std::shared_ptr<KeyVault> vault(new KeyVault());
  size_t size = 0;
  const char* end = nullptr;
  if (hex.size() != 2 * kKeyBytes ||
      sodium_hex2bin(vault->key_.data(), kKeyBytes, hex.data(), hex.size(), nullptr, &size, &end) != 0 ||
      size != kKeyBytes || end != hex.data() + hex.size()) {
    return Error(ErrorCode::kInvalidArgument, "the key of the provider keys: expected 64 hexadecimal digits, got " +
                                                  std::to_string(hex.size()) +
                                                  " characters (openssl rand -hex 32 makes one)");
  }
  return std::shared_ptr<const KeyVault>(std::move(vault));
}

base::Result<std::shared_ptr<const KeyVault>> KeyVault::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    unsigned char key[kKeyBytes];
    randombytes_buf(key, sizeof key);
    char hex[2 * kKeyBytes + 1];
    sodium_bin2hex(hex, sizeof hex, key, sizeof key);
    if (Status made = write_new(path, std::string(hex) + "\n"); !made) return std::move(made).error();
    auto vault = parse(hex);
    sodium_memzero(key, sizeof key);
    sodium_memzero(hex, sizeof hex);
    return vault;
  }
  if (fd < 0) return base::errno_error("opening " + path, errno);
  struct stat info{};
  std::string text(2 * kKeyBytes + 2, '\0');
  const bool known = ::fstat(fd, &info) == 0;
  const ssize_t size = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (!known || size < 0) return base::errno_error("reading " + path, errno);
  if ((info.st_mode & 0077) != 0) {
    return Error(ErrorCode::kPermissionDenied, path +
                                                   " can be read by others; chmod 600 it, and renew the keys in it "
                                                   "if somebody may have");
  }
  text.resize(static_cast<size_t>(size));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  auto vault = parse(text);
  sodium_memzero(text.data(), text.size());
  if (!vault) return std::move(vault).error().within(path);
  return vault;
}

KeyVault::~KeyVault() { sodium_memzero(key_.data(), key_.size()); }

std::string KeyVault::seal(std::string_view text, std::string_view what) const {
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  randombytes_buf(sealed.data(), kNonceBytes);
  unsigned long long size = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed) + kNonceBytes, &size, bytes_of(text), text.size(),
                                             bytes_of(what), what.size(), nullptr, bytes_of(sealed), key_.data());
  return sealed;
}

base::Result<std::string> KeyVault::open_sealed(std::string_view sealed, std::string_view what) const {
  const Error corrupt(ErrorCode::kCorrupt,
                      std::string(what) +
                          " does not open: it was stored under another key (the file provider.key, or "
                          "GODSEYE_SECRET_KEY) or is damaged; store the key anew");
  if (sealed.size() < kNonceBytes + kTagBytes) return corrupt;
  std::string text(sealed.size() - kNonceBytes - kTagBytes, '\0');
  unsigned long long size = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(text), &size, nullptr, bytes_of(sealed) + kNonceBytes,
                                                 sealed.size() - kNonceBytes, bytes_of(what), what.size(),
                                                 bytes_of(sealed), key_.data()) != 0) {
    return corrupt;
  }
  return text;
}

Status add_provider_key(WriteSession& session, const KeyVault& vault, ProviderKeyRow& row, std::string_view text) {
  if (Status status = check(row, text); !status) return status;
  Connection& connection = session.connection();
  base::Result<int64_t> count = connection.integer("SELECT count(*) FROM provider_keys");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kProviderKeysMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " provider keys already; delete some");
  }
  row.last4 = text.size() < kShownBytesMin ? "" : std::string(text.substr(text.size() - 4));
  Statement s(connection,
              "INSERT INTO provider_keys(provider, name, last4, sealed, created_s, expires_s, disabled) "
              "VALUES (?, ?, ?, x'', ?, ?, ?)");
  s.bind(row.provider).bind(row.name).bind(row.last4).bind(row.created_s).bind(row.expires_s);
  if (Status status = s.bind(int64_t{row.disabled}).run(); !status) return status;
  row.id = connection.last_insert_id();
  // Sealed with its id, which only the insert knew.
  Statement seal(connection, "UPDATE provider_keys SET sealed = ? WHERE id = ?");
  return seal.bind_blob(vault.seal(text, about(row))).bind(row.id).run();
}

base::Result<std::vector<ProviderKeyRow>> list_provider_keys(ReadSession& session) {
  Statement s(session.connection(), std::string(kSelect) + "ORDER BY provider, id DESC");
  std::vector<ProviderKeyRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<std::optional<ProviderKeyRow>> find_provider_key(ReadSession& session, int64_t id) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE id = ?");
  s.bind(id);
  std::optional<ProviderKeyRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

Status set_provider_key_disabled(WriteSession& session, int64_t id, bool disabled) {
  Statement s(session.connection(), "UPDATE provider_keys SET disabled = ? WHERE id = ?");
  if (Status status = s.bind(int64_t{disabled}).bind(id).run(); !status) return status;
  return session.connection().rows_changed() == 0 ? Status(unknown(id)) : base::ok();
}

Status delete_provider_key(WriteSession& session, int64_t id) {
  Statement s(session.connection(), "DELETE FROM provider_keys WHERE id = ?");
  if (Status status = s.bind(id).run(); !status) return status;
  return session.connection().rows_changed() == 0 ? Status(unknown(id)) : base::ok();
}

base::Result<std::optional<ProviderKeyText>> provider_key_text(ReadSession& session, const KeyVault& vault,
                                                               std::string_view provider, int64_t now_s) {
  Statement s(session.connection(),
              "SELECT id, provider, name, last4, created_s, expires_s, disabled, sealed FROM provider_keys WHERE "
              "provider = ? AND disabled = 0 AND (expires_s = 0 OR expires_s > ?) ORDER BY id DESC LIMIT 1");
  s.bind(provider).bind(now_s);
  std::optional<ProviderKeyText> found;
  if (s.step()) {
    found = ProviderKeyText{.row = row_of(s), .text = {}};
    base::Result<std::string> text = vault.open_sealed(s.text(7), about(found->row));
    if (!text) return std::move(text).error();
    found->text = *std::move(text);
  }
  if (!s.status()) return s.status().error();
  return found;
}

}  // namespace godseye::registry
