#pragma once

#include "gateway.h"
#include "ledger.h"
#include "vault.h"
#include "velocity.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <vcommerce/orders/key_gate.h>

// Charging once. A charge is written down as pending, judged, asked of the gateway, and its answer written down;
// whatever dies in between, the same key leads to the same single charge:
//   - the answer was written: it is given again;
//   - it was not: the gateway is asked for the state of the key, and only when it has never heard of it, to authorise.
// After a time-out nothing is authorised a second time within the call: the state is asked for a few times, and if that
// fails too the charge stays pending and the caller is told so (kUnavailable).
//
// Errors: kInvalidArgument names the field; kAlreadyExists: the key with another body; kPermissionDenied: a rule
// forbids it (a refund of more than was charged); kUnavailable: not known, ask again. No text holds a digit of a card
// but the last four. Threads: any.
namespace vcommerce::payment {

// What happens is told here, for metrics and logs. Threads: any.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void fraud_checked(std::chrono::nanoseconds took, std::string_view verdict) = 0;
  // `outcome`: "ok", "declined", "timeout", "unavailable", "error".
  virtual void gateway_called(std::string_view call, std::chrono::nanoseconds took, std::string_view outcome) = 0;
  // Once for each charge that ended now, not when it is only told again.
  virtual void charged(const Charge& charge) = 0;
  virtual void failed(std::string_view type) = 0;
  // Before the fraud check: a fault switch may make it slow.
  virtual void before_fraud_check() {}
};

struct ChargeRequest {
  std::string key;
  Money amount;
  std::string card_token;
  std::string user;  // or session; may be empty
};

class Payments {
 public:
  struct Config {
    std::string directory;
    VelocityLimits velocity;
    std::chrono::milliseconds busy_wait{3000};  // for another call with the same key
    int state_questions = 3;                    // after a time-out
    int64_t units_max = 1'000'000;              // of one charge
  };
  // `gateway` and `observer` outlive it. Errors name the file.
  static base::Result<std::unique_ptr<Payments>> open(Config config, Gateway& gateway, Observer& observer,
                                                      base::Clock clock);

  base::Result<SavedCard> save_card(const Card& card);
  base::Result<Charge> charge(const ChargeRequest& request);
  // kNotFound: neither charged nor voided.
  base::Result<Charge> find(const std::string& key);
  // Afterwards the key is not charged, and never will be.
  base::Result<Charge> void_charge(const std::string& key);
  base::Result<Charge> refund(const std::string& refund_key, const std::string& charge_key, const Money& amount);
  base::Result<int64_t> pending() { return ledger_->pending(); }

 private:
  Payments(Config config, Gateway& gateway, Observer& observer, base::Clock clock, std::unique_ptr<Ledger> ledger,
           std::unique_ptr<Vault> vault);
  base::Result<Charge> start(const ChargeRequest& request, const std::string& body);
  base::Result<Charge> resume(Charge charge, const std::string& user);
  base::Result<Charge> judge_and_authorize(Charge charge, const ValidCard& card, const std::string& user);
  base::Result<Charge> ask_state(Charge charge);
  base::Result<Charge> settle(Charge charge, const Authorization& answer);
  base::Result<Charge> decline(Charge charge, std::string_view reason);
  template <typename Call>
  base::Result<Authorization> measured(std::string_view name, Call call);
  int64_t now_ms() const { return base::unix_millis(clock_.wall()); }

  Config config_;
  Gateway& gateway_;
  Observer& observer_;
  base::Clock clock_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Vault> vault_;
  VelocityCheck velocity_;
  KeyGate gate_;
};

}  // namespace vcommerce::payment
