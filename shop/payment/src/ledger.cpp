#include "ledger.h"

namespace vcommerce::payment {

namespace {

constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS charge(
  key TEXT PRIMARY KEY, body TEXT NOT NULL, state INTEGER NOT NULL, currency TEXT NOT NULL, units INTEGER NOT NULL,
  nanos INTEGER NOT NULL, refunded_units INTEGER NOT NULL, refunded_nanos INTEGER NOT NULL, card_token TEXT NOT NULL,
  brand TEXT NOT NULL, last_four TEXT NOT NULL, transaction_id TEXT NOT NULL, reason TEXT NOT NULL,
  changed_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS charge_pending ON charge(state) WHERE state = 1;
CREATE TABLE IF NOT EXISTS refund(
  key TEXT PRIMARY KEY, charge_key TEXT NOT NULL, currency TEXT NOT NULL, units INTEGER NOT NULL, nanos INTEGER NOT NULL,
  done INTEGER NOT NULL);
)";

}  // namespace

base::Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path) {
  base::Result<std::unique_ptr<Database>> database = Database::open(path, kSchema, Sync::kProcess);
  if (!database) return std::move(database).error();
  return std::unique_ptr<Ledger>(new Ledger(*std::move(database)));
}

base::Result<std::optional<Charge>> Ledger::find(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_,
                   "SELECT body, state, currency, units, nanos, refunded_units, refunded_nanos, card_token, brand, "
                   "last_four, transaction_id, reason FROM charge WHERE key = ?");
  select.bind(key);
  if (!select.step()) {
    if (!select.status()) return select.status().error();
    return std::optional<Charge>();
  }
  Charge charge{.key = key, .body = select.text(0), .state = static_cast<ChargeState>(select.integer(1))};
  charge.amount = {select.text(2), select.integer(3), static_cast<int32_t>(select.integer(4))};
  charge.refunded = {select.text(2), select.integer(5), static_cast<int32_t>(select.integer(6))};
  charge.card_token = select.text(7);
  charge.brand = select.text(8);
  charge.last_four = select.text(9);
  charge.transaction_id = select.text(10);
  charge.reason = select.text(11);
  return std::optional<Charge>(std::move(charge));
}

base::Status Ledger::put_locked(const Charge& charge, int64_t now_ms) {
  Statement insert(*database_, "INSERT OR REPLACE INTO charge VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(charge.key).bind(charge.body).bind(static_cast<int64_t>(charge.state));
  insert.bind(charge.amount.currency).bind(charge.amount.units).bind(charge.amount.nanos);
  insert.bind(charge.refunded.units).bind(charge.refunded.nanos);
  insert.bind(charge.card_token).bind(charge.brand).bind(charge.last_four).bind(charge.transaction_id);
  insert.bind(charge.reason).bind(now_ms);
  return insert.run();
}

base::Status Ledger::put(const Charge& charge, int64_t now_ms, Sync sync) {
  {
    base::MutexLock lock(database_->mutex());
    if (base::Status written = put_locked(charge, now_ms); !written) return written;
  }
  return sync == Sync::kPower ? database_->wait_for_disk() : base::ok();
}

base::Result<std::optional<Refund>> Ledger::find_refund(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT charge_key, currency, units, nanos, done FROM refund WHERE key = ?");
  select.bind(key);
  if (!select.step()) {
    if (!select.status()) return select.status().error();
    return std::optional<Refund>();
  }
  const Money amount{select.text(1), select.integer(2), static_cast<int32_t>(select.integer(3))};
  return std::optional(Refund{key, select.text(0), amount, select.integer(4) != 0});
}

base::Status Ledger::put(const Refund& refund, const Charge& charge, int64_t now_ms) {
  if (base::Status written = put_both(refund, charge, now_ms); !written) return written;
  return database_->wait_for_disk();
}

base::Status Ledger::put_both(const Refund& refund, const Charge& charge, int64_t now_ms) {
  base::MutexLock lock(database_->mutex());
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status();
  Statement insert(*database_, "INSERT OR REPLACE INTO refund VALUES(?, ?, ?, ?, ?, ?)");
  insert.bind(refund.key).bind(refund.charge_key).bind(refund.amount.currency).bind(refund.amount.units);
  insert.bind(refund.amount.nanos).bind(refund.done ? 1 : 0);
  if (base::Status written = insert.run(); !written) return written;
  if (base::Status written = put_locked(charge, now_ms); !written) return written;
  return transaction.commit();
}

base::Result<int64_t> Ledger::pending() {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT count(*) FROM charge WHERE state = 1");
  const int64_t count = select.step() ? select.integer(0) : 0;
  if (!select.status()) return select.status().error();
  return count;
}

}  // namespace vcommerce::payment
