#include "store.h"

#include "store_query.h"

#include <vcommerce/orders/checks.h>

namespace vcommerce::catalogue {

using base::Error;
using base::ErrorCode;

namespace {

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS products(id TEXT PRIMARY KEY, name TEXT NOT NULL, brand TEXT NOT NULL, category TEXT NOT NULL,
  kind TEXT NOT NULL, description TEXT NOT NULL, units INTEGER NOT NULL, nanos INTEGER NOT NULL,
  weight_grams INTEGER NOT NULL, material TEXT NOT NULL, care TEXT NOT NULL, tags TEXT NOT NULL, colours TEXT NOT NULL,
  pairs_with TEXT NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS products_by_category ON products(category, id);
CREATE TABLE IF NOT EXISTS stock(product_id TEXT NOT NULL, size TEXT NOT NULL, position INTEGER NOT NULL,
  available INTEGER NOT NULL CHECK(available >= 0), filled INTEGER NOT NULL, PRIMARY KEY(product_id, size)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reservations(key TEXT PRIMARY KEY, state INTEGER NOT NULL, changed_ms INTEGER NOT NULL,
  fingerprint TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reservations_by_age ON reservations(state, changed_ms);
CREATE TABLE IF NOT EXISTS reservation_lines(key TEXT NOT NULL, line INTEGER NOT NULL, product_id TEXT NOT NULL,
  size TEXT NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY(key, line)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries(key TEXT PRIMARY KEY, received_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5(id UNINDEXED, name, brand, kind, tags, description,
  tokenize='porter unicode61 remove_diacritics 2', prefix='3');
)";

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

std::vector<Colour> colours_of(std::string_view text) {
  const std::vector<std::string> list = parts(text);
  std::vector<Colour> colours;
  for (size_t i = 0; i + 1 < list.size(); i += 2) colours.push_back({list[i], list[i + 1]});
  return colours;
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

}  // namespace

base::Result<std::unique_ptr<Store>> Store::open(const std::string& path, const std::vector<Product>& seed,
                                                 base::Clock clock, Hooks hooks) {
  base::Result<std::unique_ptr<Database>> database = Database::open(path, kSchema);
  if (!database) return std::move(database).error();
  std::unique_ptr<Store> store(new Store(*std::move(database), std::move(clock), std::move(hooks)));
  if (base::Status seeded = store->seed(seed); !seeded) return std::move(seeded).error().within("filling " + path);
  return store;
}

base::Status Store::seed(const std::vector<Product>& products) {
  const std::string current = fingerprint_of(products);
  Query query(*this, "seed");
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status();
  {
    Statement known(*database_, "SELECT value FROM meta WHERE name = 'seed'");
    if (known.step() && known.text(0) == current) return base::ok();
    if (!known.status()) return known.status();
  }
  for (const Product& product : products) {
    if (base::Status written = write_product(product); !written) return written;
  }
  Statement remember(*database_, "INSERT OR REPLACE INTO meta VALUES('seed', ?)");
  if (base::Status done = remember.bind(current).run(); !done) return done;
  return transaction.commit();
}

base::Status Store::write_product(const Product& product) {
  Statement row(*database_,
                "INSERT INTO products VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,1) ON CONFLICT(id) DO UPDATE SET "
                "name=excluded.name, brand=excluded.brand, category=excluded.category, kind=excluded.kind, "
                "description=excluded.description, units=excluded.units, nanos=excluded.nanos, "
                "weight_grams=excluded.weight_grams, material=excluded.material, care=excluded.care, "
                "tags=excluded.tags, colours=excluded.colours, pairs_with=excluded.pairs_with, version=version+1");
  row.bind(product.id).bind(product.name).bind(product.brand).bind(product.category).bind(product.kind);
  row.bind(product.description).bind(product.price.units).bind(int64_t{product.price.nanos});
  row.bind(int64_t{product.weight_grams}).bind(product.material).bind(product.care).bind(joined(product.tags));
  row.bind(joined_colours(product.colours)).bind(joined(product.pairs_with));
  if (base::Status done = row.run(); !done) return done;
  for (size_t i = 0; i < product.sizes.size(); ++i) {
    Statement stock(*database_,
                    "INSERT INTO stock VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET position=excluded.position");
    stock.bind(product.id).bind(product.sizes[i].size).bind(static_cast<int64_t>(i));
    stock.bind(int64_t{product.sizes[i].available}).bind(int64_t{product.sizes[i].available});
    if (base::Status done = stock.run(); !done) return done;
  }
  Statement forget(*database_, "DELETE FROM texts WHERE id = ?");
  if (base::Status done = forget.bind(product.id).run(); !done) return done;
  std::string words;
  for (const std::string& tag : product.tags) words += tag + " ";
  for (const Colour& colour : product.colours) words += colour.name + " ";
  words += product.category + " " + product.material;
  Statement text(*database_, "INSERT INTO texts VALUES(?,?,?,?,?,?)");
  text.bind(product.id).bind(product.name).bind(product.brand).bind(product.kind).bind(words).bind(product.description);
  return text.run();
}

base::Result<Product> Store::read(const std::string& id) {
  Statement row(*database_,
                "SELECT id,name,brand,category,kind,description,units,nanos,weight_grams,material,care,tags,colours,"
                "pairs_with,version FROM products WHERE id = ?");
  row.bind(id);
  if (!row.step()) {
    if (!row.status()) return row.status().error();
    return Error(ErrorCode::kNotFound, "no product has this id");
  }
  Product product;
  product.id = row.text(0);
  product.name = row.text(1);
  product.brand = row.text(2);
  product.category = row.text(3);
  product.kind = row.text(4);
  product.description = row.text(5);
  product.price = {row.integer(6), static_cast<int32_t>(row.integer(7))};
  product.weight_grams = static_cast<int32_t>(row.integer(8));
  product.material = row.text(9);
  product.care = row.text(10);
  product.tags = parts(row.text(11));
  product.colours = colours_of(row.text(12));
  product.pairs_with = parts(row.text(13));
  product.version = row.integer(14);
  Statement stock(*database_, "SELECT size, available FROM stock WHERE product_id = ? ORDER BY position");
  stock.bind(id);
  while (stock.step()) product.sizes.push_back({stock.text(0), static_cast<int32_t>(stock.integer(1))});
  if (!stock.status()) return stock.status().error();
  return product;
}

base::Result<Product> Store::get(const std::string& id) {
  Query query(*this, "get");
  return read(id);
}

base::Result<ProductIds> Store::list(std::string_view category, bool in_stock_only, std::string_view after, int limit) {
  Query query(*this, "list");
  constexpr std::string_view kWhere =
      "(?1 = '' OR category = ?1) AND (?2 = 0 OR EXISTS(SELECT 1 FROM stock WHERE product_id = id AND available > 0))";
  ProductIds found;
  Statement count(*database_, std::string("SELECT count(*) FROM products WHERE ").append(kWhere));
  count.bind(category).bind(int64_t{in_stock_only});
  if (count.step()) found.total = count.integer(0);
  if (!count.status()) return count.status().error();
  Statement rows(
      *database_,
      std::string("SELECT id FROM products WHERE ").append(kWhere).append(" AND id > ?3 ORDER BY id LIMIT ?4"));
  rows.bind(category).bind(int64_t{in_stock_only}).bind(after).bind(int64_t{limit});
  while (rows.step()) found.ids.push_back(rows.text(0));
  if (!rows.status()) return rows.status().error();
  return found;
}

base::Result<std::vector<std::string>> Store::match(const std::string& expression, int limit) {
  Query query(*this, "search");
  // A word in the name counts most, then the kind, the brand, tags, and last the description.
  Statement rows(*database_,
                 "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 0, 10, 5, 8, 4, 1), id LIMIT ?");
  rows.bind(expression).bind(int64_t{limit});
  std::vector<std::string> ids;
  while (rows.step()) ids.push_back(rows.text(0));
  if (!rows.status()) return rows.status().error();
  return ids;
}

base::Status Store::for_each(const std::function<void(const Product&)>& visit) {
  base::Result<ProductIds> all = list("", false, "", -1);
  if (!all) return std::move(all).error();
  for (const std::string& id : all->ids) {
    const base::Result<Product> product = get(id);
    if (!product) return product.error();
    visit(*product);
  }
  return base::ok();
}

base::Status Store::set_price(const std::string& id, const Price& price) {
  Query query(*this, "set_price");
  Statement update(*database_, "UPDATE products SET units = ?, nanos = ?, version = version + 1 WHERE id = ?");
  if (base::Status done = update.bind(price.units).bind(int64_t{price.nanos}).bind(id).run(); !done) return done;
  if (database_->rows_changed() == 0) return Error(ErrorCode::kNotFound, "no product has this id");
  changed(id);
  return base::ok();
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
