#include "vault.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include <godseye/base/file.h>

#include <sodium.h>
#include <sys/stat.h>
#include <vcommerce/orders/checks.h>

namespace vcommerce::payment {

using base::Error;
using base::ErrorCode;

namespace {

constexpr std::chrono::minutes kCleanInterval{1};

constexpr char kSchema[] =
    "CREATE TABLE IF NOT EXISTS card(token TEXT PRIMARY KEY, sealed TEXT NOT NULL, saved_ms INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS card_saved ON card(saved_ms);";

const unsigned char* bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

base::Result<std::string> read_or_make_key(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) {
    std::string key(crypto_secretbox_KEYBYTES, '\0');
    randombytes_buf(key.data(), key.size());
    if (base::Status written = base::replace_file(path, key); !written) return std::move(written).error();
    return key;
  }
  std::ifstream file(path, std::ios::binary);
  std::string key{std::istreambuf_iterator<char>(file), {}};
  if (key.size() != crypto_secretbox_KEYBYTES) return Error(ErrorCode::kCorrupt, path + " is not a key of the vault");
  return key;
}

// Number, month, year and brand's digits as "4111…|12|2031".
std::string packed(const ValidCard& card) {
  return card.number + "|" + std::to_string(card.month) + "|" + std::to_string(card.year);
}

base::Result<ValidCard> unpacked(const std::string& text) {
  const size_t first = text.find('|');
  const size_t second = text.find('|', first + 1);
  if (first == std::string::npos || second == std::string::npos) return Error(ErrorCode::kCorrupt, "a sealed card");
  ValidCard card{.number = text.substr(0, first)};
  std::from_chars(text.data() + first + 1, text.data() + second, card.month);
  std::from_chars(text.data() + second + 1, text.data() + text.size(), card.year);
  card.brand = card_brand(card.number);
  return card;
}

}  // namespace

base::Result<std::unique_ptr<Vault>> Vault::open(const std::string& directory) {
  if (sodium_init() < 0) return Error(ErrorCode::kInternal, "libsodium does not start");
  base::Result<std::string> key = read_or_make_key(directory + "/vault.key");
  if (!key) return std::move(key).error();
  // A card that a loss of power takes was not charged: its order is cancelled.
  base::Result<std::unique_ptr<Database>> database =
      Database::open(directory + "/cards.sqlite", kSchema, Sync::kProcess);
  if (!database) return std::move(database).error();
  return std::unique_ptr<Vault>(new Vault(*std::move(database), *std::move(key)));
}

std::string Vault::seal(const std::string& plain) const {
  std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size(), '\0');
  randombytes_buf(sealed.data(), crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(bytes(sealed) + crypto_secretbox_NONCEBYTES, bytes(plain), plain.size(), bytes(sealed),
                        bytes(key_));
  std::string text(sealed.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes(sealed), sealed.size());
  text.pop_back();  // the NUL that libsodium writes
  return text;
}

base::Result<std::string> Vault::unseal(const std::string& text) const {
  std::string sealed(text.size() / 2, '\0');
  size_t length = 0;
  sodium_hex2bin(bytes(sealed), sealed.size(), text.data(), text.size(), nullptr, &length, nullptr);
  constexpr size_t kOverhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (length < kOverhead) return Error(ErrorCode::kCorrupt, "a sealed card is cut short");
  std::string plain(length - kOverhead, '\0');
  if (crypto_secretbox_open_easy(bytes(plain), bytes(sealed) + crypto_secretbox_NONCEBYTES,
                                 length - crypto_secretbox_NONCEBYTES, bytes(sealed), bytes(key_)) != 0) {
    return Error(ErrorCode::kCorrupt, "a card was sealed with another key");
  }
  return plain;
}

base::Result<SavedCard> Vault::save(const ValidCard& card, base::WallTime now) {
  const SavedCard saved{random_id("card_"), std::string(card.brand), card.last_four()};
  base::MutexLock lock(database_->mutex());
  if (base::Status cleaned = forget_old_locked(now); !cleaned) return std::move(cleaned).error();
  if (cards_ >= kCardsMax) return Error(ErrorCode::kQueueFull, "the vault holds as many cards as it may");
  Statement insert(*database_, "INSERT INTO card VALUES(?, ?, ?)");
  insert.bind(saved.token).bind(seal(packed(card))).bind(base::unix_millis(now));
  if (base::Status inserted = insert.run(); !inserted) return std::move(inserted).error();
  ++cards_;
  return saved;
}

base::Status Vault::forget_old_locked(base::WallTime now) {
  if (cards_ < kCardsMax && now < next_clean_) return base::ok();
  next_clean_ = now + kCleanInterval;
  Statement forget(*database_, "DELETE FROM card WHERE saved_ms < ?");
  if (base::Status cleaned = forget.bind(base::unix_millis(now - kCardsKept)).run(); !cleaned) return cleaned;
  Statement count(*database_, "SELECT count(*) FROM card");
  cards_ = count.step() ? count.integer(0) : 0;
  return count.status();
}

base::Result<ValidCard> Vault::find(const std::string& token, base::WallTime now) {
  std::string sealed;
  {
    base::MutexLock lock(database_->mutex());
    Statement select(*database_, "SELECT sealed FROM card WHERE token = ? AND saved_ms >= ?");
    select.bind(token).bind(base::unix_millis(now - kCardsKept));
    if (select.step()) sealed = select.text(0);
    if (!select.status()) return select.status().error();
  }
  if (sealed.empty()) return Error(ErrorCode::kNotFound, "card_token: unknown, or older than a day");
  return unseal(sealed).and_then(unpacked);
}

std::string Vault::card_fingerprint(const ValidCard& card) const {
  std::string hash(16, '\0');
  crypto_generichash(bytes(hash), hash.size(), bytes(card.number), card.number.size(), bytes(key_), key_.size());
  return hash;
}

}  // namespace vcommerce::payment
