#include "parcel_book.h"

namespace vcommerce::shipping {
namespace {

constexpr char kSchema[] =
    "CREATE TABLE IF NOT EXISTS parcel("
    " key TEXT PRIMARY KEY, tracking TEXT UNIQUE, request TEXT NOT NULL, at INTEGER NOT NULL, zone INTEGER NOT NULL,"
    " speed INTEGER NOT NULL, country TEXT NOT NULL, cents INTEGER NOT NULL, cancelled INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS parcel_at ON parcel(at);";

constexpr char kByKey[] =
    "SELECT at, zone, speed, country, cents, cancelled, tracking, request FROM parcel WHERE key = ?";
constexpr char kByTracking[] =
    "SELECT at, zone, speed, country, cents, cancelled, tracking, request FROM parcel WHERE tracking = ?";

// A number that is taken is drawn again; with 10^11 of them, this often is never.
constexpr int kDrawsMax = 8;

base::Error not_found(std::string_view what) {
  return {base::ErrorCode::kNotFound, "no parcel has this " + std::string(what)};
}

}  // namespace

base::Result<std::unique_ptr<ParcelBook>> ParcelBook::open(const std::string& path, std::function<uint64_t()> serial) {
  auto database = Database::open(path, kSchema, Sync::kProcess);
  if (!database) return std::move(database).error();
  return std::unique_ptr<ParcelBook>(new ParcelBook(*std::move(database), std::move(serial)));
}

base::Result<std::optional<Parcel>> ParcelBook::find(const char* sql, const std::string& value, std::string* request) {
  Statement row(*database_, sql);
  row.bind(value);
  if (!row.step()) {
    if (!row.status()) return row.status().error();
    return std::optional<Parcel>();
  }
  Parcel parcel{.cents = row.integer(4)};
  parcel.shipped = {.at_unix_s = row.integer(0),
                    .zone = static_cast<Zone>(row.integer(1)),
                    .speed = static_cast<Speed>(row.integer(2)),
                    .country = row.text(3),
                    .tracking = row.text(6),
                    .cancelled_unix_s = row.integer(5)};
  parcel.refused = parcel.shipped.tracking.empty();
  if (request != nullptr) *request = row.text(7);
  return std::optional<Parcel>(std::move(parcel));
}

base::Result<Parcel> ParcelBook::ship(const std::string& key, const std::string& request, Parcel parcel) {
  base::MutexLock lock(database_->mutex());
  std::string known_request;
  auto known = find(kByKey, key, &known_request);
  if (!known) return std::move(known).error();
  if (*known) {
    if (!(*known)->refused && known_request != request) {
      return base::Error(base::ErrorCode::kAlreadyExists, "idempotency_key: was used with another request");
    }
    return **known;
  }
  for (int draw = 1;; ++draw) {
    parcel.shipped.tracking = tracking_number(serial_() % kTrackingSerials);
    Statement insert(*database_, "INSERT INTO parcel VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0)");
    insert.bind(key).bind(parcel.shipped.tracking).bind(request).bind(parcel.shipped.at_unix_s);
    insert.bind(static_cast<int64_t>(parcel.shipped.zone)).bind(static_cast<int64_t>(parcel.shipped.speed));
    insert.bind(parcel.shipped.country).bind(parcel.cents);
    const base::Status done = insert.run();
    if (done) return parcel;
    if (done.error().code() != base::ErrorCode::kAlreadyExists || draw == kDrawsMax) return done.error();
  }
}

base::Result<Parcel> ParcelBook::by_tracking(const std::string& tracking) {
  base::MutexLock lock(database_->mutex());
  auto found = find(kByTracking, tracking, nullptr);
  if (!found) return std::move(found).error();
  if (!*found) return not_found("tracking_id");
  return **found;
}

base::Result<Parcel> ParcelBook::by_key(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  auto found = find(kByKey, key, nullptr);
  if (!found) return std::move(found).error();
  if (!*found || (*found)->refused) return not_found("idempotency_key");
  return **found;
}

base::Result<Parcel> ParcelBook::cancel(const std::string& key, int64_t now_unix_s) {
  base::MutexLock lock(database_->mutex());
  auto found = find(kByKey, key, nullptr);
  if (!found) return std::move(found).error();
  if (!*found) {
    Statement insert(*database_, "INSERT INTO parcel VALUES(?, NULL, '', ?, 0, 0, '', 0, ?)");
    insert.bind(key).bind(now_unix_s).bind(now_unix_s);
    if (base::Status done = insert.run(); !done) return std::move(done).error();
    return not_found("idempotency_key, and none will");
  }
  Parcel parcel = **found;
  if (parcel.refused) return not_found("idempotency_key, and none will");
  if (parcel.shipped.cancelled_unix_s != 0) return parcel;
  Statement update(*database_, "UPDATE parcel SET cancelled = ? WHERE key = ?");
  update.bind(now_unix_s).bind(key);
  if (base::Status done = update.run(); !done) return std::move(done).error();
  parcel.shipped.cancelled_unix_s = now_unix_s;
  return parcel;
}

base::Status ParcelBook::forget_before(int64_t unix_s) {
  base::MutexLock lock(database_->mutex());
  Statement remove(*database_, "DELETE FROM parcel WHERE at < ?");
  remove.bind(unix_s);
  return remove.run();
}

}  // namespace vcommerce::shipping
