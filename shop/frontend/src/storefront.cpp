#include "storefront.h"

#include <algorithm>
#include <array>

namespace vcommerce::frontend {
namespace {

constexpr std::array<const char*, 5> kCategories{"apparel", "shoes", "accessories", "home", "beauty"};
constexpr int kFeaturedOfEach = 2;
constexpr int kRecommendedMax = 5;
constexpr size_t kWordsMax = 16;
constexpr size_t kWordBytesMax = 64;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty() && words.size() < kWordsMax) {
    const size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!word.empty() && word.size() <= kWordBytesMax) words.emplace_back(word);
  }
  return words;
}

int available_of(const Product& product, const std::string& size) {
  for (const SizeStock& one : product.sizes) {
    if (one.size == size || (size.empty() && product.sizes.size() == 1)) return one.available;
  }
  return 0;
}

}  // namespace

int pieces(const std::vector<CartItem>& items) {
  int count = 0;
  for (const CartItem& item : items) count += item.quantity;
  return count;
}

const Quote* CartView::sent_by(std::string_view speed) const {
  const auto found = std::ranges::find(quotes, speed, &Quote::speed);
  if (found != quotes.end()) return &*found;
  return quotes.empty() ? nullptr : &quotes.front();
}

std::optional<Money> CartView::total(std::string_view speed) const {
  const Quote* quote = sent_by(speed);
  if (quote == nullptr) return std::nullopt;
  auto sum = runtime::add(items_total, quote->cost);
  if (!sum) return std::nullopt;
  return *std::move(sum);
}

Storefront::Storefront(Backends backends, const base::Clock& clock)
    : backends_(std::move(backends)), prices_(clock, kRatesKept), featured_(clock, kFeaturedKept) {}

std::shared_ptr<const Prices> Storefront::prices() {
  auto known = prices_.get([this]() -> std::optional<Prices> {
    const auto rates = backends_.currencies->rates();
    if (!rates) return std::nullopt;
    return Prices(*rates);
  });
  return known ? known : no_prices_;
}

Tile Storefront::tile(Product product, const Visit& visit, const Prices& prices) const {
  auto price = prices.in(product.price, visit.currency);
  Money shown = price ? *std::move(price) : product.price;
  return {.product = std::move(product), .price = std::move(shown)};
}

std::vector<Tile> Storefront::tiles(std::vector<Product> products, const Visit& visit) {
  const auto known = prices();
  std::vector<Tile> out;
  out.reserve(products.size());
  for (Product& product : products) out.push_back(tile(std::move(product), visit, *known));
  return out;
}

std::shared_ptr<const std::vector<Product>> Storefront::featured() {
  return featured_.get([this]() -> std::optional<std::vector<Product>> {
    std::vector<Product> products;
    for (const char* category : kCategories) {
      Search search{.in_stock_only = true, .page_size = kFeaturedOfEach};
      search.filters["category"] = {category};
      auto found = backends_.catalogue->search(search);
      if (!found) break;
      std::ranges::move(found->products, std::back_inserter(products));
    }
    if (products.empty()) return std::nullopt;
    return products;
  });
}

std::optional<Ad> Storefront::ad(std::vector<std::string> words, const std::string& category) {
  auto chosen = backends_.ads->choose(words, category);
  if (!chosen || chosen->empty()) return std::nullopt;
  return std::move(chosen->front());
}

CartNow Storefront::cart_now(const Visit& visit) {
  if (visit.new_session) return std::vector<CartItem>();
  auto items = backends_.carts->get(visit.cart());
  if (!items) return std::nullopt;
  return *std::move(items);
}

base::Result<std::vector<Tile>> Storefront::recommended(const Visit& visit, const std::vector<std::string>& looked_at,
                                                        const CartNow& cart, int max) {
  std::vector<std::string> in_cart;
  if (cart) {
    for (const CartItem& item : *cart) in_cart.push_back(item.product_id);
  }
  auto ids = backends_.recommendations->list(looked_at, in_cart, max);
  if (!ids) return std::move(ids).error();
  if (ids->empty()) return std::vector<Tile>();
  auto products = backends_.catalogue->products(*ids);
  if (!products) return std::move(products).error();
  return tiles(*std::move(products), visit);
}

base::Result<HomeView> Storefront::home(const Visit& visit, const CartNow& cart) {
  const auto products = featured();
  if (!products) return base::Error(base::ErrorCode::kUnavailable, "the catalogue does not answer");
  HomeView view{.featured = tiles(*products, visit)};
  if (auto more = recommended(visit, {}, cart, kRecommendedMax)) view.recommended = *std::move(more);
  view.ad = ad({}, "");
  return view;
}

base::Result<SearchView> Storefront::search(const Visit& visit, const Search& search) {
  auto found = backends_.catalogue->search(search);
  if (!found) return std::move(found).error();
  SearchView view{.found = *std::move(found)};
  view.tiles = tiles(std::move(view.found.products), visit);
  return view;
}

std::optional<Ad> Storefront::ad_beside(const Search& search) {
  const auto category = search.filters.find("category");
  return ad(words_of(search.text), category == search.filters.end() || category->second.size() != 1
                                       ? std::string()
                                       : category->second.front());
}

base::Result<Tile> Storefront::tile_of(const Visit& visit, const std::string& id) {
  auto product = backends_.catalogue->product(id);
  if (!product) return std::move(product).error();
  return tile(*std::move(product), visit, *prices());
}

base::Result<ProductView> Storefront::product(const Visit& visit, const std::string& id, const CartNow& cart) {
  auto product = backends_.catalogue->product(id);
  if (!product) return std::move(product).error();
  ProductView view{.tile = tile(*std::move(product), visit, *prices())};
  if (auto more = recommended(visit, {id}, cart, kRecommendedMax)) view.recommended = *std::move(more);
  view.ad = ad(words_of(view.tile.product.name), view.tile.product.category);
  return view;
}

base::Status Storefront::has(const std::string& id) {
  auto product = backends_.catalogue->product(id);
  if (!product) return std::move(product).error();
  return base::ok();
}

base::Result<CartView> Storefront::cart(const Visit& visit, const std::string& country) {
  auto items = backends_.carts->get(visit.cart());
  if (!items) return std::move(items).error();
  CartView view{.items_total = {.currency = visit.currency}};
  std::vector<std::string> ids;
  for (const CartItem& item : *items) ids.push_back(item.product_id);
  std::map<std::string, Product> products;
  if (!ids.empty()) {
    auto known = backends_.catalogue->products(ids);
    if (!known) return std::move(known).error();
    for (Product& product : *known) products.emplace(product.id, std::move(product));
  }
  const auto rates = prices();
  for (CartItem& item : *items) {
    CartLine line{.item = std::move(item)};
    view.count += line.item.quantity;
    if (const auto found = products.find(line.item.product_id); found != products.end()) {
      const Tile one = tile(found->second, visit, *rates);
      line.product = one.product;
      line.price = one.price;
      line.available = available_of(one.product, line.item.size);
      if (auto total = runtime::multiply(one.price, line.item.quantity)) line.total = *std::move(total);
      // Without rates prices are in the catalogue's currency, and so is their sum.
      if (view.items_total.zero()) view.items_total.currency = one.price.currency;
      if (auto sum = runtime::add(view.items_total, line.total)) view.items_total = *std::move(sum);
    }
    view.complete = view.complete && line.product && line.available >= line.item.quantity;
    view.lines.push_back(std::move(line));
  }
  if (!country.empty() && !view.lines.empty()) quote(visit, country, view);
  return view;
}

void Storefront::quote(const Visit& visit, const std::string& country, CartView& view) {
  std::vector<ShippedItem> items;
  for (const CartLine& line : view.lines) {
    if (!line.product) continue;
    items.push_back({line.item.product_id, line.item.quantity, line.product->weight_grams});
  }
  auto quotes = backends_.shipping->quotes(country, items);
  if (!quotes) return;
  const auto rates = prices();
  for (Quote& one : *quotes) {
    if (auto cost = rates->in(one.cost, visit.currency)) one.cost = *std::move(cost);
    view.quotes.push_back(std::move(one));
  }
}

base::Result<int> Storefront::add(const Visit& visit, const CartItem& item) {
  const auto items = backends_.carts->add(visit.cart(), item);
  if (!items) return items.error();
  return pieces(*items);
}

base::Result<int> Storefront::set(const Visit& visit, const CartItem& item) {
  auto items = backends_.carts->get(visit.cart());
  if (!items) return std::move(items).error();
  int now = 0;
  for (const CartItem& one : *items) {
    if (one.product_id == item.product_id && one.size == item.size) now = one.quantity;
  }
  CartItem change = item;
  if (item.quantity > now) {
    change.quantity = item.quantity - now;
    items = backends_.carts->add(visit.cart(), change);
  } else if (item.quantity < now) {
    change.quantity = item.quantity == 0 ? 0 : now - item.quantity;
    items = backends_.carts->remove(visit.cart(), change);
  }
  if (!items) return std::move(items).error();
  return pieces(*items);
}

base::Result<OrderView> Storefront::order(const Visit& visit, const std::string& id) {
  auto order = backends_.checkout->order(id, visit.cart());
  if (!order) return std::move(order).error();
  OrderView view{.order = *std::move(order)};
  if (!view.order.tracking_id.empty()) {
    if (auto parcel = backends_.shipping->track(view.order.tracking_id)) view.parcel = *std::move(parcel);
  }
  return view;
}

}  // namespace vcommerce::frontend
