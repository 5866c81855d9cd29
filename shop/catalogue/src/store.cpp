#include "store.h"

#include "store_query.h"

#include <map>

#include <vcommerce/orders/checks.h>

namespace vcommerce::catalogue {

using base::Error;
using base::ErrorCode;

namespace {

// Lists in one column. The separator cannot be part of a text that somebody types.
constexpr char kSeparator = '\x1f';

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& one : list) out += (out.empty() ? "" : std::string(1, kSeparator)) + one;
  return out;
}

std::vector<std::string> parts(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(kSeparator), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string joined_colours(const std::vector<Colour>& colours) {
  std::vector<std::string> list;
  for (const Colour& colour : colours) {
    list.push_back(colour.name);
    list.push_back(colour.rgb);
  }
  return joined(list);
}

// Tells data of one build from another's.
std::string fingerprint_of(const std::vector<Product>& products) {
  std::string all;
  for (const Product& product : products) {
    all += product.id + product.name + product.brand + product.description + product.material + product.care +
           joined(product.tags) + joined(product.pairs_with) + joined_colours(product.colours) +
           std::to_string(product.price.units) + "." + std::to_string(product.price.nanos) + "/" +
           std::to_string(product.weight_grams);
    for (const SizeStock& size : product.sizes) all += "/" + size.size;
  }
  return fingerprint(all);
}

// A product from a row of kProductColumns, without its sizes.
constexpr std::string_view kProductColumns =
    "id,name,brand,category,kind,description,units,nanos,weight_grams,material,care,tags,colours,pairs_with,version";

Product product_of(Rows& rows, size_t row) {
  Product product;
  product.id = std::move(rows.text(row, 0));
  product.name = std::move(rows.text(row, 1));
  product.brand = std::move(rows.text(row, 2));
  product.category = std::move(rows.text(row, 3));
  product.kind = std::move(rows.text(row, 4));
  product.description = std::move(rows.text(row, 5));
  product.price = {rows.integer(row, 6), static_cast<int32_t>(rows.integer(row, 7))};
  product.weight_grams = static_cast<int32_t>(rows.integer(row, 8));
  product.material = std::move(rows.text(row, 9));
  product.care = std::move(rows.text(row, 10));
  product.tags = parts(rows.text(row, 11));
  product.colours = colours_of(rows.text(row, 12));
  product.pairs_with = parts(rows.text(row, 13));
  product.version = rows.integer(row, 14);
  return product;
}

base::Status status_of(base::Result<Rows> done) {
  if (!done) return std::move(done).error();
  return base::ok();
}

base::Status write_product(SqlSession& sql, const Product& product) {
  return status_of(sql.run(
      "INSERT INTO products VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,1) ON CONFLICT(id) DO UPDATE SET "
      "name=excluded.name, brand=excluded.brand, category=excluded.category, kind=excluded.kind, "
      "description=excluded.description, units=excluded.units, nanos=excluded.nanos, "
      "weight_grams=excluded.weight_grams, material=excluded.material, care=excluded.care, "
      "tags=excluded.tags, colours=excluded.colours, pairs_with=excluded.pairs_with, version=products.version+1",
      {product.id, product.name, product.brand, product.category, product.kind, product.description,
       product.price.units, int64_t{product.price.nanos}, int64_t{product.weight_grams}, product.material, product.care,
       joined(product.tags), joined_colours(product.colours), joined(product.pairs_with)}));
}

}  // namespace

std::vector<Colour> colours_of(std::string_view text) {
  const std::vector<std::string> list = parts(text);
  std::vector<Colour> colours;
  for (size_t i = 0; i + 1 < list.size(); i += 2) colours.push_back({list[i], list[i + 1]});
  return colours;
}

Store::Timing::Timing(const Store& store, std::string_view operation)
    : store_(store), operation_(operation), began_(store.clock_.tick()) {
  if (store.hooks_.before_query) store.hooks_.before_query();
}

Store::Timing::~Timing() {
  if (!store_.hooks_.queried) return;
  store_.hooks_.queried(operation_, std::chrono::duration<double>(store_.clock_.tick() - began_).count());
}

base::Result<std::unique_ptr<Store>> Store::open(std::unique_ptr<SqlPool> pool, std::vector<Product> seed,
                                                 base::Clock clock, Hooks hooks) {
  std::unique_ptr<Store> store(new Store(std::move(pool), std::move(seed), std::move(clock), std::move(hooks)));
  const base::Status prepared = store->prepare();
  if (!prepared && prepared.error().code() != ErrorCode::kUnavailable &&
      prepared.error().code() != ErrorCode::kTimeout) {
    return base::Error(prepared.error()).within("filling " + store->pool_->name());
  }
  return store;
}

base::Status Store::prepare() {
  base::MutexLock lock(prepare_mutex_);
  if (prepared_) return base::ok();
  const Timing timing(*this, "seed");
  base::Result<SqlPool::Lease> lease = pool_->take();
  if (!lease) {
    if (hooks_.failed) hooks_.failed("seed");
    return std::move(lease).error();
  }
  if (base::Status made = (**lease).make_tables(); !made) return made;
  if (base::Status filled = fill(**lease); !filled) return filled;
  seed_ = {};
  prepared_ = true;
  return base::ok();
}

base::Status Store::fill(SqlSession& sql) {
  const std::string current = fingerprint_of(seed_);
  SqlTransaction transaction(sql, "seed");
  if (!transaction.status()) return transaction.status();
  base::Result<Rows> known = sql.run("SELECT value FROM meta WHERE name = 'seed'", {});
  if (!known) return std::move(known).error();
  if (!known->empty() && known->text(0, 0) == current) return base::ok();
  // In the order in which everything else writes rows.
  std::map<std::string_view, const Product*> sorted;
  std::map<std::pair<std::string_view, std::string_view>, std::pair<size_t, int32_t>> sizes;
  for (const Product& product : seed_) {
    sorted[product.id] = &product;
    for (size_t i = 0; i < product.sizes.size(); ++i) {
      sizes[{product.id, product.sizes[i].size}] = {i, product.sizes[i].available};
    }
  }
  for (const auto& [what, stock] : sizes) {
    base::Result<Rows> done = sql.run(
        "INSERT INTO stock VALUES($1,$2,$3,$4,$5) ON CONFLICT(product_id, size) DO UPDATE SET "
        "position=excluded.position",
        {what.first, what.second, static_cast<int64_t>(stock.first), int64_t{stock.second}, int64_t{stock.second}});
    if (!done) return std::move(done).error();
  }
  for (const auto& [id, product] : sorted) {
    if (base::Status done = write_product(sql, *product); !done) return done;
  }
  base::Result<Rows> remembered =
      sql.run("INSERT INTO meta VALUES('seed', $1) ON CONFLICT(name) DO UPDATE SET value = excluded.value", {current});
  if (!remembered) return std::move(remembered).error();
  return transaction.commit();
}

base::Result<Product> Store::get(const std::string& id) {
  Query query(*this, "get");
  if (!query.status()) return query.status().error();
  base::Result<Rows> rows =
      (*query).run(std::string("SELECT ").append(kProductColumns).append(" FROM products WHERE id = $1"), {id});
  if (!rows) return std::move(rows).error();
  if (rows->empty()) return Error(ErrorCode::kNotFound, "no product has this id");
  Product product = product_of(*rows, 0);
  base::Result<Rows> sizes =
      (*query).run("SELECT size, available FROM stock WHERE product_id = $1 ORDER BY position", {id});
  if (!sizes) return std::move(sizes).error();
  for (size_t i = 0; i < sizes->size(); ++i) {
    product.sizes.push_back({std::move(sizes->text(i, 0)), static_cast<int32_t>(sizes->integer(i, 1))});
  }
  return product;
}

base::Result<std::vector<Product>> Store::all() {
  Query query(*this, "all");
  if (!query.status()) return query.status().error();
  base::Result<Rows> rows =
      (*query).run(std::string("SELECT ").append(kProductColumns).append(" FROM products ORDER BY id"), {});
  if (!rows) return std::move(rows).error();
  std::vector<Product> products;
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < rows->size(); ++i) {
    products.push_back(product_of(*rows, i));
    places[products.back().id] = i;
  }
  base::Result<Rows> sizes =
      (*query).run("SELECT product_id, size, available FROM stock ORDER BY product_id, position", {});
  if (!sizes) return std::move(sizes).error();
  for (size_t i = 0; i < sizes->size(); ++i) {
    const auto place = places.find(sizes->text(i, 0));
    if (place == places.end()) continue;  // written between the two
    products[place->second].sizes.push_back({std::move(sizes->text(i, 1)), static_cast<int32_t>(sizes->integer(i, 2))});
  }
  return products;
}

base::Result<std::string> Store::edition() {
  Query query(*this, "edition");
  if (!query.status()) return query.status().error();
  base::Result<Rows> rows = (*query).run("SELECT value FROM meta WHERE name = 'seed'", {});
  if (!rows) return std::move(rows).error();
  return rows->empty() ? std::string() : std::move(rows->text(0, 0));
}

base::Result<ProductIds> Store::list(std::string_view category, bool in_stock_only, std::string_view after, int limit) {
  Query query(*this, "list");
  if (!query.status()) return query.status().error();
  constexpr std::string_view kWhere =
      "($1 = '' OR category = $1) AND ($2 = 0 OR EXISTS(SELECT 1 FROM stock WHERE product_id = id AND available > 0))";
  const int64_t in_stock = in_stock_only ? 1 : 0;
  ProductIds found;
  base::Result<Rows> count =
      (*query).run(std::string("SELECT count(*) FROM products WHERE ").append(kWhere), {category, in_stock});
  if (!count) return std::move(count).error();
  found.total = count->integer(0, 0);
  base::Result<Rows> rows = (*query).run(
      std::string("SELECT id FROM products WHERE ").append(kWhere).append(" AND id > $3 ORDER BY id LIMIT $4"),
      {category, in_stock, after, int64_t{limit}});
  if (!rows) return std::move(rows).error();
  found.ids = std::move(rows->cells);
  return found;
}

base::Status Store::set_price(const std::string& id, const Price& price) {
  Query query(*this, "set_price");
  if (!query.status()) return query.status();
  base::Result<Rows> done =
      (*query).run("UPDATE products SET units = $1, nanos = $2, version = version + 1 WHERE id = $3",
                   {price.units, int64_t{price.nanos}, id});
  if (!done) return std::move(done).error();
  if (done->changed == 0) return Error(ErrorCode::kNotFound, "no product has this id");
  changed(id);
  return base::ok();
}

void Store::changed(const std::vector<StockLine>& lines) {
  for (const StockLine& line : lines) changed(line.product_id);
}

void Store::changed(const std::string& id) {
  base::MutexLock lock(changed_mutex_);
  if (changed_.ids.size() < kChangedMax) {
    changed_.ids.insert(id);
  } else {
    changed_.everything = true;
  }
}

Changed Store::take_changed() {
  base::MutexLock lock(changed_mutex_);
  return std::exchange(changed_, {});
}

}  // namespace vcommerce::catalogue
