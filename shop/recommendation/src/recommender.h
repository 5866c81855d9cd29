#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <godseye/base/mutex.h>

// What else could please. Two sources: what is bought together (the orders that were reported, and the hints that the
// catalogue begins with) and what is alike (kind, tags, brand, colours, price). Never what is in the cart or looked at,
// never what is sold out. Pure but for its lock; integer scores, the same on every machine.
namespace vcommerce::recommendation {

inline constexpr size_t kPairsMax = 200'000;         // beyond it, new pairs are not learned
inline constexpr size_t kOrdersRemembered = 20'000;  // ids, so that an order counts once
inline constexpr int kScoreMax = 1000;

// What is known of a product here.
struct Item {
  std::string id;
  std::string name;
  std::string brand;
  std::string category;
  std::string kind;
  std::vector<std::string> tags;  // sorted, with the colours
  std::vector<std::string> pairs_with;
  int64_t price_cents = 0;
  bool in_stock = true;
};

// All products at one moment; never changes.
class Assortment {
 public:
  explicit Assortment(std::vector<Item> items);
  const Item* find(const std::string& id) const;
  const std::vector<Item>& items() const { return items_; }

 private:
  std::vector<Item> items_;
  std::unordered_map<std::string, size_t> index_;
};

enum class Reason : uint8_t { kBoughtTogether, kSimilar, kPopular };
std::string_view reason_name(Reason reason);

struct Recommendation {
  std::string id;
  std::string name;
  Reason reason = Reason::kPopular;
  int score = 0;  // 0–kScoreMax

  bool operator==(const Recommendation&) const = default;
};

// How alike two products are, 0–kScoreMax; 0 for one and the same.
int similarity(const Item& a, const Item& b);

// What was bought with what. Threads: any.
class CoPurchases {
 public:
  // False: this order was counted before. Products are counted once each, however many of them were bought.
  bool record(const std::string& order_id, const std::vector<std::string>& product_ids);
  // How often `other` was in an order with `id`.
  std::map<std::string, uint32_t> with(const std::string& id) const;
  uint32_t sold(const std::string& id) const;
  // Changes with every order that one of `ids` is in.
  uint64_t sold_together(const std::vector<std::string>& ids) const;
  size_t pairs() const;

 private:
  mutable godseye::base::Mutex mutex_;
  std::unordered_map<std::string, std::map<std::string, uint32_t>> together_ GE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, uint32_t> sold_ GE_GUARDED_BY(mutex_);
  size_t pairs_ GE_GUARDED_BY(mutex_) = 0;
  std::unordered_set<std::string> orders_ GE_GUARDED_BY(mutex_);
  std::deque<std::string> order_of_orders_ GE_GUARDED_BY(mutex_);
};

struct Question {
  std::vector<std::string> looked_at;
  std::vector<std::string> in_cart;
  std::string category;  // empty: all
  size_t count = 5;
};

// Best first; ids that the assortment does not have are as if they were not asked. Looks at the cart too when there is
// nothing else. Fewer than `count` only when nothing more fits.
std::vector<Recommendation> recommend(const Assortment& assortment, const CoPurchases& purchases,
                                      const Question& question);

}  // namespace vcommerce::recommendation
