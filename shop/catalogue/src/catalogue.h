#pragma once

#include "product.h"
#include "search_index.h"
#include "store.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

#include <vcommerce/cache/lru_cache.h>

// The catalogue as its callers see it: products by id, lists, searches with facets, and stock. Between it and the store
// lie two bounded caches, of products and of what searches found, and the index of searches; a change made here is seen
// by the next call, one made by another process on the same database within kProductsLast (texts: by the next
// `maintain`). With the database away, what is cached is still answered, all else is kUnavailable. Threads: any.
namespace vcommerce::catalogue {

inline constexpr size_t kProductsCached = 2'000;
inline constexpr std::chrono::seconds kProductsLast{30};
inline constexpr size_t kSearchesCached = 500;
inline constexpr std::chrono::seconds kSearchesLast{10};
inline constexpr int kSearchHitsMax = 2'000;
inline constexpr int kFacetValuesMax = 60;
inline constexpr size_t kReadAllFrom = 32;  // so many products that are not cached: all are read at once

using ProductPtr = std::shared_ptr<const Product>;

enum class Order : uint8_t { kRelevance, kPriceAscending, kPriceDescending, kName };

struct SearchRequest {
  std::string query;  // at most kQueryBytesMax
  std::vector<std::string> categories, brands, colours, sizes, price_bands;
  bool in_stock_only = false;
  Order order = Order::kRelevance;
  int page_size = 24;      // at least 1
  std::string page_token;  // of the answer before, with the same of everything above
};

struct FacetValue {
  std::string value;
  int32_t count = 0;

  bool operator==(const FacetValue&) const = default;
};

struct Facet {
  std::string name;
  std::vector<FacetValue> values;  // most frequent first; prices by price
};

struct SearchAnswer {
  std::vector<ProductPtr> products;
  std::string next_page_token;
  int64_t total = 0;
  std::vector<Facet> facets;
  std::string corrected_query;
  bool relaxed = false;
  std::vector<std::string> suggestions;
};

struct ListAnswer {
  std::vector<ProductPtr> products;
  std::string next_page_token;
  int64_t total = 0;
};

class Catalogue {
 public:
  // Reads all products once, for searches; when the database is away, the first `maintain` that reaches it does.
  static base::Result<std::unique_ptr<Catalogue>> open(std::unique_ptr<Store> store, base::Clock clock);

  // kNotFound.
  base::Result<ProductPtr> get(const std::string& id);
  // kInvalidArgument: page_token is not one of ours.
  base::Result<ListAnswer> list(std::string_view category, bool in_stock_only, int page_size,
                                const std::string& page_token);
  base::Result<SearchAnswer> search(const SearchRequest& request);

  // As in `Store`.
  base::Result<ReservationAnswer> reserve(const std::string& key, const std::vector<StockLine>& lines);
  base::Result<ReservationAnswer> commit(const std::string& key);
  base::Result<ReservationAnswer> release(const std::string& key);
  base::Status receive(const std::string& key, const std::vector<StockLine>& lines);
  base::Status set_price(const std::string& id, const Price& price);

  // Expiry, new texts and, if `restock`, deliveries from the warehouse. Once a second, from one thread. What changed
  // since the last call, by this process.
  base::Result<Changed> maintain(bool restock);
  // The database was reached since the start.
  bool ready() { return index() != nullptr; }
  // Look-ups in both caches since the last call.
  cache::HitCounts take_hits() {
    const cache::HitCounts products = products_.hits().take();
    const cache::HitCounts searches = searches_.hits().take();
    return {products.hits + searches.hits, products.misses + searches.misses};
  }

 private:
  // What a search found, all pages.
  struct Found {
    std::vector<std::string> ids;
    std::vector<Facet> facets;
    std::string corrected_query;
    bool relaxed = false;
    std::vector<std::string> suggestions;
  };

  Catalogue(std::unique_ptr<Store> store, const base::Clock& clock)
      : store_(std::move(store)),
        products_(kProductsCached, kProductsLast, clock),
        searches_(kSearchesCached, kSearchesLast, clock) {}
  base::Result<std::shared_ptr<const Found>> find(const SearchRequest& request, const std::string& key);
  base::Result<std::vector<std::string>> candidates(const SearchRequest& request, Found& found);
  base::Result<std::vector<std::string>> match(SearchIndex& index, const std::string& expression);
  // Reads the products again when their texts are others than the index's.
  base::Status follow();
  std::shared_ptr<SearchIndex> index() {
    base::MutexLock lock(index_mutex_);
    return index_;
  }
  // Those of `ids` that are there, in their order.
  base::Result<std::vector<ProductPtr>> several(const std::vector<std::string>& ids);
  void forget(const std::vector<StockLine>& lines);

  const std::unique_ptr<Store> store_;
  base::Mutex index_mutex_;
  std::shared_ptr<SearchIndex> index_ GE_GUARDED_BY(index_mutex_);
  std::string edition_;  // of the index; of `open` and `maintain` alone
  cache::LruCache<Product> products_;
  cache::LruCache<Found> searches_;
};

}  // namespace vcommerce::catalogue
