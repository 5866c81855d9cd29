#pragma once

#include <memory>
#include <optional>
#include <string>

#include <vcommerce/orders/sqlite.h>
#include <vcommerce/runtime/money.h>

// What is known of each charge, on disk before the gateway is asked and again when it has answered: after a kill
// between the two the charge is found as `kPending` and its state is asked for. Threads: any; what belongs together per
// key is the caller's to serialise (KeyGate).
namespace vcommerce::payment {

using runtime::Money;

// Stored as numbers: never renumber.
enum class ChargeState : uint8_t { kPending = 1, kCharged = 2, kDeclined = 3, kVoided = 4 };

struct Charge {
  std::string key;
  std::string body;  // fingerprint of what was asked; empty: voided before it was asked
  ChargeState state = ChargeState::kPending;
  Money amount;
  Money refunded;
  std::string card_token;
  std::string brand;
  std::string last_four;
  std::string transaction_id;
  std::string reason;  // of a refusal
};

struct Refund {
  std::string key;
  std::string charge_key;
  Money amount;
  bool done = false;
};

class Ledger {
 public:
  static base::Result<std::unique_ptr<Ledger>> open(const std::string& path);

  base::Result<std::optional<Charge>> find(const std::string& key);
  // Inserts or replaces.
  base::Status put(const Charge& charge, int64_t now_ms, Sync sync);
  base::Result<std::optional<Refund>> find_refund(const std::string& key);
  // `refund` and what it does to its charge, both or neither.
  base::Status put(const Refund& refund, const Charge& charge, int64_t now_ms);
  base::Result<int64_t> pending();

 private:
  explicit Ledger(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  base::Status put_locked(const Charge& charge, int64_t now_ms);
  base::Status put_both(const Refund& refund, const Charge& charge, int64_t now_ms);

  std::unique_ptr<Database> database_;
};

}  // namespace vcommerce::payment
