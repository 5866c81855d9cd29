#include "catalogue.h"

#include "generator.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>
#include <unordered_map>

#include <vcommerce/orders/checks.h>

namespace vcommerce::catalogue {

using base::Error;
using base::ErrorCode;

namespace {

constexpr size_t kSuggestions = 6;

Error wrong_token() { return {ErrorCode::kInvalidArgument, "page_token: not one of an answer to this request"}; }

// What tells one search from another: every part with its length, so that no text can be two requests.
std::string key_of(const SearchRequest& request) {
  std::string key;
  const auto add = [&key](std::string_view part) { key += std::to_string(part.size()) + ":" + std::string(part); };
  add(request.query);
  for (const auto* list :
       {&request.categories, &request.brands, &request.colours, &request.sizes, &request.price_bands}) {
    key += std::to_string(list->size()) + "/";
    for (const std::string& one : *list) add(one);
  }
  key += std::to_string(static_cast<int>(request.order)) + (request.in_stock_only ? "+" : "-");
  return key;
}

// "48.9f3c…": where the page begins, and the search that it belongs to.
std::string token_of(size_t offset, const std::string& key) { return std::to_string(offset) + "." + fingerprint(key); }

base::Result<size_t> offset_of(const std::string& token, const std::string& key) {
  if (token.empty()) return size_t{0};
  size_t offset = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), offset);
  if (code != std::errc() || token_of(offset, key) != token) return wrong_token();
  return offset;
}

bool one_of(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

template <typename List, typename Member>
bool any_of(const std::vector<std::string>& wanted, const List& list, Member member) {
  return wanted.empty() ||
         std::any_of(list.begin(), list.end(), [&](const auto& one) { return one_of(wanted, one.*member); });
}

bool passes(const Product& product, const SearchRequest& request) {
  return one_of(request.categories, product.category) && one_of(request.brands, product.brand) &&
         one_of(request.price_bands, price_band(product.price)) &&
         any_of(request.colours, product.colours, &Colour::name) &&
         any_of(request.sizes, product.sizes, &SizeStock::size) && (!request.in_stock_only || product.in_stock());
}

class FacetCounts {
 public:
  void add(const Product& product) {
    ++counts_[0][product.category];
    ++counts_[1][product.brand];
    for (const Colour& colour : product.colours) ++counts_[2][colour.name];
    for (const SizeStock& size : product.sizes) ++counts_[3][size.size];
    ++counts_[4][std::string(price_band(product.price))];
  }
  std::vector<Facet> facets() const {
    constexpr std::string_view kNames[] = {"category", "brand", "colour", "size", "price"};
    std::vector<Facet> facets;
    for (size_t i = 0; i < std::size(kNames); ++i) {
      Facet facet{std::string(kNames[i]), {}};
      for (const auto& [value, count] : counts_[i]) facet.values.push_back({value, count});
      const bool prices = i == 4;
      std::sort(facet.values.begin(), facet.values.end(), [prices](const FacetValue& a, const FacetValue& b) {
        if (prices) return lower_bound(a.value) < lower_bound(b.value);
        return a.count != b.count ? a.count > b.count : a.value < b.value;
      });
      if (facet.values.size() > kFacetValuesMax) facet.values.resize(kFacetValuesMax);
      facets.push_back(std::move(facet));
    }
    return facets;
  }

 private:
  static int lower_bound(const std::string& band) {
    int bound = 0;
    (void)std::from_chars(band.data(), band.data() + band.size(), bound);
    return bound;
  }

  std::map<std::string, int32_t> counts_[5];
};

std::string words_joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void sort_by(Order order, std::vector<ProductPtr>& products) {
  // Ties by name, then id: a page must not depend on how the index found them.
  const auto by = [&products](auto key) {
    std::sort(products.begin(), products.end(), [&key](const ProductPtr& a, const ProductPtr& b) {
      if (const int order = key(*a, *b); order != 0) return order < 0;
      return std::tie(a->name, a->id) < std::tie(b->name, b->id);
    });
  };
  const auto price = [](const Product& a, const Product& b) { return a.price < b.price ? -1 : int{b.price < a.price}; };
  if (order == Order::kPriceAscending) by(price);
  if (order == Order::kPriceDescending) by([&](const Product& a, const Product& b) { return price(b, a); });
  if (order == Order::kName) by([](const Product&, const Product&) { return 0; });
}

}  // namespace

base::Result<std::unique_ptr<Catalogue>> Catalogue::open(std::unique_ptr<Store> store, base::Clock clock) {
  std::unique_ptr<Catalogue> catalogue(new Catalogue(std::move(store), clock));
  const base::Status read = catalogue->follow();
  if (!read && read.error().code() != ErrorCode::kUnavailable && read.error().code() != ErrorCode::kTimeout) {
    return base::Error(read.error()).within("reading the products");
  }
  return catalogue;
}

base::Status Catalogue::follow() {
  base::Result<std::string> edition = store_->edition();
  if (!edition) return std::move(edition).error();
  if (index() && *edition == edition_) return base::ok();
  base::Result<std::vector<Product>> products = store_->all();
  if (!products) return std::move(products).error();
  base::Result<std::shared_ptr<SearchIndex>> built = SearchIndex::build(*products);
  if (!built) return std::move(built).error();
  {
    base::MutexLock lock(index_mutex_);
    index_ = *std::move(built);
  }
  edition_ = *std::move(edition);
  products_.clear();
  searches_.clear();
  return base::ok();
}

base::Result<ProductPtr> Catalogue::get(const std::string& id) {
  if (ProductPtr cached = products_.get(id)) return cached;
  base::Result<Product> product = store_->get(id);
  if (!product) return std::move(product).error();
  auto shared = std::make_shared<const Product>(*std::move(product));
  products_.put(id, shared);
  return ProductPtr(std::move(shared));
}

base::Result<ListAnswer> Catalogue::list(std::string_view category, bool in_stock_only, int page_size,
                                         const std::string& page_token) {
  const bool fits = page_token.size() <= 64 && std::all_of(page_token.begin(), page_token.end(), [](char c) {
                      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
                    });
  if (!fits) return wrong_token();
  base::Result<ProductIds> page = store_->list(category, in_stock_only, page_token, page_size + 1);
  if (!page) return std::move(page).error();
  ListAnswer answer;
  answer.total = page->total;
  if (page->ids.size() > static_cast<size_t>(page_size)) {
    page->ids.pop_back();
    answer.next_page_token = page->ids.back();
  }
  base::Result<std::vector<ProductPtr>> products = several(page->ids);
  if (!products) return std::move(products).error();
  answer.products = *std::move(products);
  return answer;
}

base::Result<std::vector<ProductPtr>> Catalogue::several(const std::vector<std::string>& ids) {
  std::vector<ProductPtr> found(ids.size());
  size_t missing = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    found[i] = products_.get(ids[i]);
    if (!found[i]) ++missing;
  }
  std::unordered_map<std::string, ProductPtr> read;
  if (missing >= kReadAllFrom) {
    base::Result<std::vector<Product>> all = store_->all();
    if (!all) return std::move(all).error();
    for (Product& product : *all) {
      auto shared = std::make_shared<const Product>(std::move(product));
      products_.put(shared->id, shared);
      read.emplace(shared->id, std::move(shared));
    }
  }
  std::vector<ProductPtr> products;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (const auto known = read.find(ids[i]); !found[i] && known != read.end()) found[i] = known->second;
    if (!found[i] && read.empty()) {
      base::Result<ProductPtr> product = get(ids[i]);
      if (!product && product.error().code() != ErrorCode::kNotFound) return std::move(product).error();
      if (product) found[i] = *std::move(product);
    }
    if (found[i]) products.push_back(std::move(found[i]));
  }
  return products;
}

base::Result<std::vector<std::string>> Catalogue::candidates(const SearchRequest& request, Found& found) {
  std::vector<std::string> words = query_words(request.query);
  if (words.empty()) {
    base::Result<ProductIds> all = store_->list("", false, "", kSearchHitsMax);
    if (!all) return std::move(all).error();
    // Nothing to be relevant to: a mixture rather than all backpacks first.
    std::sort(all->ids.begin(), all->ids.end(),
              [](const std::string& a, const std::string& b) { return seed_of(a) < seed_of(b); });
    return std::move(all->ids);
  }
  const std::shared_ptr<SearchIndex> index = this->index();
  if (!index) return Error(ErrorCode::kUnavailable, "the products were not read yet");
  const Vocabulary& vocabulary = index->vocabulary();
  bool corrected = false;
  for (std::string& word : words) {
    if (vocabulary.knows(word)) continue;
    std::string nearest = vocabulary.nearest(word);
    if (nearest.empty()) continue;
    word = std::move(nearest);
    corrected = true;
  }
  if (corrected) found.corrected_query = words_joined(words);
  base::Result<std::vector<std::string>> ids = match(*index, match_expression(words, false));
  if (!ids || !ids->empty() || words.size() == 1) return ids;
  found.relaxed = true;
  return match(*index, match_expression(words, true));
}

base::Result<std::vector<std::string>> Catalogue::match(SearchIndex& index, const std::string& expression) {
  const Store::Timing timing(*store_, "search");
  return index.match(expression, kSearchHitsMax);
}

base::Result<std::shared_ptr<const Catalogue::Found>> Catalogue::find(const SearchRequest& request,
                                                                      const std::string& key) {
  if (auto cached = searches_.get(key)) return cached;
  auto found = std::make_shared<Found>();
  base::Result<std::vector<std::string>> ids = candidates(request, *found);
  if (!ids) return std::move(ids).error();
  std::vector<ProductPtr> kept;
  FacetCounts counts;
  base::Result<std::vector<ProductPtr>> hits = several(*ids);  // without what is gone since the index was read
  if (!hits) return std::move(hits).error();
  for (ProductPtr& product : *hits) {
    if (!passes(*product, request)) continue;
    counts.add(*product);
    kept.push_back(std::move(product));
  }
  sort_by(request.order, kept);
  for (const ProductPtr& product : kept) found->ids.push_back(product->id);
  found->facets = counts.facets();
  if (kept.empty()) {
    found->relaxed = false;
    if (const auto index = this->index()) found->suggestions = index->vocabulary().kinds(kSuggestions);
  }
  searches_.put(key, found);
  return std::shared_ptr<const Found>(std::move(found));
}

base::Result<SearchAnswer> Catalogue::search(const SearchRequest& request) {
  const std::string key = key_of(request);
  const base::Result<size_t> offset = offset_of(request.page_token, key);
  if (!offset) return offset.error();
  base::Result<std::shared_ptr<const Found>> found = find(request, key);
  if (!found) return std::move(found).error();
  const Found& all = **found;
  SearchAnswer answer{
      {}, {}, static_cast<int64_t>(all.ids.size()), all.facets, all.corrected_query, all.relaxed, all.suggestions};
  const size_t first = std::min(*offset, all.ids.size());
  const size_t end = std::min(first + static_cast<size_t>(request.page_size), all.ids.size());
  const auto at = [&all](size_t i) { return all.ids.begin() + static_cast<std::ptrdiff_t>(i); };
  base::Result<std::vector<ProductPtr>> page = several({at(first), at(end)});
  if (!page) return std::move(page).error();
  answer.products = *std::move(page);
  if (end < all.ids.size()) answer.next_page_token = token_of(end, key);
  return answer;
}

void Catalogue::forget(const std::vector<StockLine>& lines) {
  for (const StockLine& line : lines) products_.erase(line.product_id);
}

base::Result<ReservationAnswer> Catalogue::reserve(const std::string& key, const std::vector<StockLine>& lines) {
  base::Result<ReservationAnswer> answer = store_->reserve(key, lines);
  forget(lines);
  return answer;
}

base::Result<ReservationAnswer> Catalogue::commit(const std::string& key) {
  base::Result<ReservationAnswer> answer = store_->commit(key);
  if (answer) forget(answer->reservation.lines);
  return answer;
}

base::Result<ReservationAnswer> Catalogue::release(const std::string& key) {
  base::Result<ReservationAnswer> answer = store_->release(key);
  if (answer) forget(answer->reservation.lines);
  return answer;
}

base::Status Catalogue::receive(const std::string& key, const std::vector<StockLine>& lines) {
  const base::Status done = store_->receive(key, lines);
  forget(lines);
  return done;
}

base::Status Catalogue::set_price(const std::string& id, const Price& price) {
  const base::Status done = store_->set_price(id, price);
  products_.erase(id);
  searches_.clear();  // bands and orders by price
  return done;
}

base::Result<Changed> Catalogue::maintain(bool restock) {
  if (base::Result<int64_t> expired = store_->expire(); !expired) return std::move(expired).error();
  if (base::Status followed = follow(); !followed) return std::move(followed).error();
  if (restock) {
    if (base::Result<int64_t> filled = store_->restock(); !filled) return std::move(filled).error();
  }
  Changed changed = store_->take_changed();
  if (changed.everything) products_.clear();
  for (const std::string& id : changed.ids) products_.erase(id);
  return changed;
}

}  // namespace vcommerce::catalogue
