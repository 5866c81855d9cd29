#pragma once

#include "card.h"

#include <string>

#include <vcommerce/runtime/money.h>

// What paymentservice asks of a payment gateway. One key is one authorisation, for ever.
namespace vcommerce::payment {

using runtime::Money;

struct Authorization {
  enum class State : uint8_t { kAuthorized = 1, kDeclined = 2, kVoided = 3 };
  State state = State::kDeclined;
  std::string transaction_id;
  std::string decline_reason;
  Money amount;
  Money refunded;
};

// Every call has a deadline of the adapter's. kTimeout and kUnavailable: whether it was done is not known. Threads:
// any.
class Gateway {
 public:
  virtual ~Gateway() = default;
  virtual base::Result<Authorization> authorize(const std::string& key, const Money& amount, const ValidCard& card) = 0;
  // kNotFound: no request with this key arrived.
  virtual base::Result<Authorization> state(const std::string& key) = 0;
  virtual base::Result<Authorization> void_authorization(const std::string& key) = 0;
  virtual base::Result<Authorization> refund(const std::string& key, const std::string& refund_key,
                                             const Money& amount) = 0;
};

}  // namespace vcommerce::payment
