#pragma once

#include "gateway.h"

#include <memory>
#include <string>

#include <vcommerce/orders/sqlite.h>

// The gateway's side: a book of authorisations that survives a kill. A key has one authorisation for ever; a key that
// was voided before it arrived is refused when it does. Threads: any.
namespace vcommerce::payment {

class Bank {
 public:
  static base::Result<std::unique_ptr<Bank>> open(const std::string& path, base::Clock clock);

  // Known test numbers decline: …0002 "card_declined", …9995 "insufficient_funds", …0069 "expired_card"; so does
  // everything when `decline` holds a reason. kAlreadyExists: the key with another amount.
  base::Result<Authorization> authorize(const std::string& key, const Money& amount, const ValidCard& card,
                                        std::string_view decline = {});
  base::Result<Authorization> state(const std::string& key);
  base::Result<Authorization> void_authorization(const std::string& key);
  // kPermissionDenied: not authorised, or more than is left.
  base::Result<Authorization> refund(const std::string& key, const std::string& refund_key, const Money& amount);
  // Authorised and not voided: what tests count.
  base::Result<int64_t> authorized();

 private:
  Bank(std::unique_ptr<Database> database, base::Clock clock)
      : database_(std::move(database)), clock_(std::move(clock)) {}
  base::Result<Authorization> find_locked(const std::string& key);
  base::Status put_locked(const std::string& key, const Authorization& authorization);
  base::Result<Authorization> authorize_written(const std::string& key, const Money& amount, const ValidCard& card,
                                                std::string_view decline);
  base::Result<Authorization> state_written(const std::string& key);
  base::Result<Authorization> void_written(const std::string& key);
  base::Result<Authorization> refund_written(const std::string& key, const std::string& refund_key,
                                             const Money& amount);
  base::Result<Authorization> on_disk(base::Result<Authorization> answer);

  std::unique_ptr<Database> database_;
  base::Clock clock_;
};

}  // namespace vcommerce::payment
