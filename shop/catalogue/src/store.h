#pragma once

#include "product.h"
#include "sql.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

// What the catalogue keeps: products, their stock and the reservations of orders, in a database (sql.h). It is filled
// from `seed` at the first start; a later start with other seed data brings texts and prices up to date and leaves the
// stock of sizes that exist alone. A database that is away at the start is no error: `expire` fills it when it comes.
//
// Stock is taken by one statement per line that fails when not enough is left, all lines in one transaction: two orders
// cannot get the same piece, whichever threads or processes they come from. What is done to one key is done by one at a
// time. Rows are written in one order everywhere (stock by product and size, then products), so that no two
// transactions wait for each other. Threads: any. Every function may answer kIo, kNoSpace, kTimeout and kUnavailable:
// the database is locked or away.
namespace vcommerce::catalogue {

inline constexpr std::chrono::minutes kReservationLasts{15};
inline constexpr std::chrono::hours kReservationKept{24 * 7};  // after it ended: a repeated call is still understood
inline constexpr int32_t kQuantityMax = 999;
inline constexpr size_t kLinesMax = 100;
inline constexpr int32_t kStockMax = 1'000'000;
inline constexpr size_t kChangedMax = 10'000;
inline constexpr std::chrono::minutes kForgetEvery{1};

struct StockLine {
  std::string product_id;
  std::string size;  // empty, or a colour of the product: any size
  int32_t quantity = 0;

  bool operator==(const StockLine&) const = default;
};

enum class ReservationState : uint8_t { kHeld = 1, kCommitted = 2, kReleased = 3, kExpired = 4 };  // on disk

struct Reservation {
  std::string key;
  ReservationState state = ReservationState::kHeld;
  std::vector<StockLine> lines;  // with the sizes that were taken
};

// Either a reservation, or why there is none: not enough stock, or the key has ended. Not an error of anybody's.
struct ReservationAnswer {
  Reservation reservation;
  std::string refusal;
};

struct ProductIds {
  std::vector<std::string> ids;
  int64_t total = 0;  // of all pages
};

// What a change did: which products other processes and caches have to hear about.
struct Changed {
  bool everything = false;  // more than kChangedMax since it was last asked
  std::set<std::string> ids;
};

class Store {
 public:
  struct Hooks {
    std::function<void(std::string_view operation, double seconds)> queried;
    std::function<void(std::string_view operation)> failed;  // no connection
    std::function<void()> before_query;  // its time counts as the query's: where a fault makes the database slow
  };

  static base::Result<std::unique_ptr<Store>> open(std::unique_ptr<SqlPool> pool, std::vector<Product> seed,
                                                   base::Clock clock, Hooks hooks = {});

  // kNotFound.
  base::Result<Product> get(const std::string& id);
  // Ids above `after`, in order. Empty category: all.
  base::Result<ProductIds> list(std::string_view category, bool in_stock_only, std::string_view after, int limit);
  // In the order of ids.
  base::Result<std::vector<Product>> all();
  // Changes when somebody, in any process, brought texts and prices up to date. Costs one small query.
  base::Result<std::string> edition();

  // Requires: lines were checked (1 to kLinesMax, quantity 1 to kQuantityMax). kNotFound: product; kInvalidArgument: a
  // size that it does not have; kAlreadyExists: the key stands for other lines.
  base::Result<ReservationAnswer> reserve(const std::string& key, const std::vector<StockLine>& lines);
  // kNotFound: no such reservation.
  base::Result<ReservationAnswer> commit(const std::string& key);
  // A key that nobody reserved is remembered as released.
  base::Result<ReservationAnswer> release(const std::string& key);

  // Adds to the stock, once for a key. kTooLarge beyond kStockMax.
  base::Status receive(const std::string& key, const std::vector<StockLine>& lines);
  base::Status set_price(const std::string& id, const Price& price);

  // Gives back what ran out, and forgets what ended long ago (once in kForgetEvery). Returns how many reservations
  // expired.
  base::Result<int64_t> expire();
  // Fills up products of which less than a tenth is left. Returns how many.
  base::Result<int64_t> restock();

  // What changed since the last call.
  Changed take_changed();

  // One use of a database: measures from before the wait for it to the end.
  class Timing {
   public:
    Timing(const Store& store, std::string_view operation);
    ~Timing();
    Timing(const Timing&) = delete;
    Timing& operator=(const Timing&) = delete;

   private:
    const Store& store_;
    const std::string_view operation_;
    const base::TickTime began_;
  };

 private:
  class Query;

  Store(std::unique_ptr<SqlPool> pool, std::vector<Product> seed, base::Clock clock, Hooks hooks)
      : pool_(std::move(pool)), clock_(std::move(clock)), hooks_(std::move(hooks)), seed_(std::move(seed)) {}
  // Makes the tables and fills them, once.
  base::Status prepare();
  base::Status fill(SqlSession& sql) GE_REQUIRES(prepare_mutex_);
  int64_t now_ms() const { return base::unix_millis(clock_.wall()); }

  base::Result<std::vector<std::string>> due(SqlSession& sql) const;
  base::Result<int64_t> expire_due(SqlSession& sql);
  base::Status forget_old(SqlSession& sql) const;
  void changed(const std::vector<StockLine>& lines);
  void changed(const std::string& id);

  const std::unique_ptr<SqlPool> pool_;
  const base::Clock clock_;
  const Hooks hooks_;
  std::atomic<bool> prepared_ = false;
  base::Mutex prepare_mutex_;
  std::vector<Product> seed_ GE_GUARDED_BY(prepare_mutex_);  // until it is in the database
  std::atomic<int64_t> forget_next_ms_ = 0;
  base::Mutex changed_mutex_;
  Changed changed_ GE_GUARDED_BY(changed_mutex_);
};

}  // namespace vcommerce::catalogue
