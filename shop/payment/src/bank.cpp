#include "bank.h"

#include <vcommerce/orders/checks.h>

namespace vcommerce::payment {

using base::Error;
using base::ErrorCode;
using State = Authorization::State;

namespace {

constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS authorization(
  key TEXT PRIMARY KEY, state INTEGER NOT NULL, transaction_id TEXT NOT NULL, reason TEXT NOT NULL,
  currency TEXT NOT NULL, units INTEGER NOT NULL, nanos INTEGER NOT NULL, refunded_units INTEGER NOT NULL,
  refunded_nanos INTEGER NOT NULL, changed_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refund(key TEXT PRIMARY KEY, authorization_key TEXT NOT NULL);
)";

std::string_view reason_of(const ValidCard& card) {
  const std::string last = card.last_four();
  return last == "0002"   ? "card_declined"
         : last == "9995" ? "insufficient_funds"
         : last == "0069" ? "expired_card"
                          : "";
}

}  // namespace

base::Result<std::unique_ptr<Bank>> Bank::open(const std::string& path, base::Clock clock) {
  base::Result<std::unique_ptr<Database>> database = Database::open(path, kSchema, Sync::kProcess);
  if (!database) return std::move(database).error();
  return std::unique_ptr<Bank>(new Bank(*std::move(database), std::move(clock)));
}

base::Result<Authorization> Bank::find_locked(const std::string& key) {
  Statement select(*database_,
                   "SELECT state, transaction_id, reason, currency, units, nanos, refunded_units, refunded_nanos FROM "
                   "authorization WHERE key = ?");
  select.bind(key);
  if (!select.step()) {
    if (!select.status()) return select.status().error();
    return Error(ErrorCode::kNotFound, "key: no request with it arrived");
  }
  Authorization found{static_cast<State>(select.integer(0)), select.text(1), select.text(2), {}, {}};
  found.amount = {select.text(3), select.integer(4), static_cast<int32_t>(select.integer(5))};
  found.refunded = {select.text(3), select.integer(6), static_cast<int32_t>(select.integer(7))};
  return found;
}

base::Status Bank::put_locked(const std::string& key, const Authorization& authorization) {
  Statement insert(*database_, "INSERT OR REPLACE INTO authorization VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(key).bind(static_cast<int64_t>(authorization.state)).bind(authorization.transaction_id);
  insert.bind(authorization.decline_reason).bind(authorization.amount.currency).bind(authorization.amount.units);
  insert.bind(authorization.amount.nanos).bind(authorization.refunded.units).bind(authorization.refunded.nanos);
  insert.bind(base::unix_millis(clock_.wall()));
  return insert.run();
}

// What the bank answers has happened, whatever fails: also what another call wrote that is still waiting for the disk.
base::Result<Authorization> Bank::on_disk(base::Result<Authorization> answer) {
  if (!answer) return answer;
  if (base::Status waited = database_->wait_for_disk(); !waited) return std::move(waited).error();
  return answer;
}

base::Result<Authorization> Bank::authorize(const std::string& key, const Money& amount, const ValidCard& card,
                                            std::string_view decline) {
  return on_disk(authorize_written(key, amount, card, decline));
}
base::Result<Authorization> Bank::state(const std::string& key) { return on_disk(state_written(key)); }
base::Result<Authorization> Bank::void_authorization(const std::string& key) { return on_disk(void_written(key)); }
base::Result<Authorization> Bank::refund(const std::string& key, const std::string& refund_key, const Money& amount) {
  return on_disk(refund_written(key, refund_key, amount));
}

base::Result<Authorization> Bank::authorize_written(const std::string& key, const Money& amount, const ValidCard& card,
                                                    std::string_view decline) {
  base::MutexLock lock(database_->mutex());
  base::Result<Authorization> known = find_locked(key);
  if (known) {
    if (known->state != State::kVoided && known->amount != amount) {
      return Error(ErrorCode::kAlreadyExists, "key: was used for another amount");
    }
    return known;
  }
  if (known.error().code() != ErrorCode::kNotFound) return known;
  if (decline.empty()) decline = reason_of(card);
  if (decline.empty() && expired(card.month, card.year, clock_.wall())) decline = "expired_card";
  Authorization made{.state = decline.empty() ? State::kAuthorized : State::kDeclined,
                     .transaction_id = random_id("txn_"),
                     .decline_reason = std::string(decline),
                     .amount = amount,
                     .refunded = {amount.currency, 0, 0}};
  if (base::Status written = put_locked(key, made); !written) return std::move(written).error();
  return made;
}

base::Result<Authorization> Bank::state_written(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  return find_locked(key);
}

base::Result<Authorization> Bank::void_written(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  base::Result<Authorization> known = find_locked(key);
  if (!known && known.error().code() != ErrorCode::kNotFound) return known;
  Authorization authorization = known ? *std::move(known) : Authorization{.decline_reason = "voided"};
  if (known && authorization.state == State::kDeclined) return authorization;
  authorization.state = State::kVoided;
  if (base::Status written = put_locked(key, authorization); !written) return std::move(written).error();
  return authorization;
}

base::Result<Authorization> Bank::refund_written(const std::string& key, const std::string& refund_key,
                                                 const Money& amount) {
  base::MutexLock lock(database_->mutex());
  base::Result<Authorization> known = find_locked(key);
  if (!known) return known;
  Statement before(*database_, "SELECT authorization_key FROM refund WHERE key = ?");
  before.bind(refund_key);
  if (before.step()) return known;
  if (!before.status()) return before.status().error();
  if (known->state != State::kAuthorized) return Error(ErrorCode::kPermissionDenied, "key: is not authorised");
  base::Result<Money> together = runtime::add(known->refunded, amount);
  if (!together) return std::move(together).error();
  if (runtime::compare(*together, known->amount) > 0) {
    return Error(ErrorCode::kPermissionDenied, "amount: more than is left of the charge");
  }
  known->refunded = *std::move(together);
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status().error();
  Statement insert(*database_, "INSERT INTO refund VALUES(?, ?)");
  insert.bind(refund_key).bind(key);
  if (base::Status written = insert.run(); !written) return std::move(written).error();
  if (base::Status written = put_locked(key, *known); !written) return std::move(written).error();
  if (base::Status written = transaction.commit(); !written) return std::move(written).error();
  return known;
}

base::Result<int64_t> Bank::authorized() {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT count(*) FROM authorization WHERE state = 1");
  const int64_t count = select.step() ? select.integer(0) : 0;
  if (!select.status()) return select.status().error();
  return count;
}

}  // namespace vcommerce::payment
