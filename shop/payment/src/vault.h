#pragma once

#include "card.h"

#include <memory>
#include <string>

#include <vcommerce/orders/sqlite.h>

// Keeps cards sealed (XSalsa20-Poly1305, a key of its own in `<directory>/vault.key`, mode 0600) under random tokens,
// so that an order that was accepted can be paid after a restart and no other service ever stores a number. CVCs are
// not kept at all. What is older than `kCardsKept` is deleted. Threads: any.
namespace vcommerce::payment {

struct SavedCard {
  std::string token;
  std::string brand;
  std::string last_four;
};

class Vault {
 public:
  static constexpr std::chrono::hours kCardsKept{24};
  static constexpr int64_t kCardsMax = 100'000;

  // Errors name the file. A key file of another size is kCorrupt: it is never replaced, what it sealed would be lost.
  static base::Result<std::unique_ptr<Vault>> open(const std::string& directory);

  // kQueueFull beyond kCardsMax.
  base::Result<SavedCard> save(const ValidCard& card, base::WallTime now);
  // kNotFound: no such token, or too old. kCorrupt: sealed with another key.
  base::Result<ValidCard> find(const std::string& token, base::WallTime now);
  // A fingerprint of the card under the vault's key: the same for the same number, and nothing without the key.
  std::string card_fingerprint(const ValidCard& card) const;

 private:
  Vault(std::unique_ptr<Database> database, std::string key) : database_(std::move(database)), key_(std::move(key)) {}
  std::string seal(const std::string& plain) const;
  base::Result<std::string> unseal(const std::string& sealed) const;
  // Once a minute, and whenever the vault is full.
  base::Status forget_old_locked(base::WallTime now);

  std::unique_ptr<Database> database_;
  std::string key_;
  // Under the database's mutex. Counting them anew for each card would read all of them.
  int64_t cards_ = 0;
  base::WallTime next_clean_{};
};

}  // namespace vcommerce::payment
