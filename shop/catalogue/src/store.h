#pragma once

#include "product.h"

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

#include <vcommerce/orders/sqlite.h>

// What the catalogue keeps: products, their stock and the reservations of orders, in one SQLite file. The file is made
// from `seed` at the first start; a later start with other seed data brings texts and prices up to date and leaves the
// stock of sizes that exist alone.
//
// Stock is taken by one statement per line that fails when not enough is left, all lines in one transaction: two orders
// cannot get the same piece, whichever threads or processes they come from.
// Threads: any; one at a time inside. Every function may answer kIo, kNoSpace, kUnavailable (the file is locked).
namespace vcommerce::catalogue {

inline constexpr std::chrono::minutes kReservationLasts{15};
inline constexpr std::chrono::hours kReservationKept{24 * 7};  // after it ended: a repeated call is still understood
inline constexpr int32_t kQuantityMax = 999;
inline constexpr size_t kLinesMax = 100;
inline constexpr int32_t kStockMax = 1'000'000;
inline constexpr size_t kChangedMax = 10'000;

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
    std::function<void()> before_query;  // its time counts as the query's: where a fault makes the database slow
  };

  // `path`: ":memory:" keeps nothing.
  static base::Result<std::unique_ptr<Store>> open(const std::string& path, const std::vector<Product>& seed,
                                                   base::Clock clock, Hooks hooks = {});

  // kNotFound.
  base::Result<Product> get(const std::string& id);
  // Ids above `after`, in order. Empty category: all.
  base::Result<ProductIds> list(std::string_view category, bool in_stock_only, std::string_view after, int limit);
  // Ids of the products that match an FTS5 expression, best first.
  base::Result<std::vector<std::string>> match(const std::string& expression, int limit);
  // One product after the other, in the order of ids.
  base::Status for_each(const std::function<void(const Product&)>& visit);

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

  // Gives back what ran out, and forgets what ended long ago. Returns how many reservations expired.
  base::Result<int64_t> expire();
  // Fills up products of which less than a tenth is left. Returns how many.
  base::Result<int64_t> restock();

  // What changed since the last call.
  Changed take_changed();

 private:
  class Query;

  Store(std::unique_ptr<Database> database, base::Clock clock, Hooks hooks)
      : database_(std::move(database)), clock_(std::move(clock)), hooks_(std::move(hooks)) {}
  base::Status seed(const std::vector<Product>& products);
  base::Status write_product(const Product& product);
  base::Result<Product> read(const std::string& id);
  int64_t now_ms() const { return base::unix_millis(clock_.wall()); }

  base::Result<std::string> size_for(const StockLine& line);
  // The lines with their sizes, or a refusal that names what is short.
  base::Status take(std::vector<StockLine>& lines, std::string& refusal);
  base::Status put_back(const std::vector<StockLine>& lines);
  base::Status expire_due();
  base::Result<Reservation> reservation(const std::string& key, std::string* fingerprint);
  base::Status write_reservation(const Reservation& reservation, const std::string& fingerprint);
  base::Status set_state(const std::string& key, ReservationState state);
  void changed(const std::string& id);

  const std::unique_ptr<Database> database_;
  const base::Clock clock_;
  const Hooks hooks_;
  base::Mutex changed_mutex_;
  Changed changed_ GE_GUARDED_BY(changed_mutex_);
};

}  // namespace vcommerce::catalogue
