#pragma once

#include <vcommerce/orders/sqlite.h>

// What a commit has survived when it returns. In the write-ahead log a commit costs one write; the wait for the disk on
// top of it is what an order should only pay where a loss of power would cost somebody money.
//
// Whatever was committed before in the same file is on the disk too after a commit with kPowerLoss: the log is written
// in order.
namespace vcommerce {

enum class Lasts : uint8_t {
  kKill,       // the death of any process, at any moment
  kPowerLoss,  // of the machine as well
};

// Of all commits from now on. Not within a transaction.
inline base::Status set_lasts(Database& database, Lasts lasts) {
  return database.execute(lasts == Lasts::kPowerLoss ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

// While it lives, commits last as said; then kKill again. Its owner holds the database's mutex for as long.
class OnDisk {
 public:
  explicit OnDisk(Database& database, Lasts lasts = Lasts::kPowerLoss) : database_(database), lasts_(lasts) {
    // It cannot fail but for want of memory, and then so does the commit.
    if (lasts_ == Lasts::kPowerLoss) (void)set_lasts(database_, lasts_).has_value();
  }
  ~OnDisk() {
    if (lasts_ == Lasts::kPowerLoss) (void)set_lasts(database_, Lasts::kKill).has_value();
  }
  OnDisk(const OnDisk&) = delete;
  OnDisk& operator=(const OnDisk&) = delete;

 private:
  Database& database_;
  Lasts lasts_;
};

}  // namespace vcommerce
