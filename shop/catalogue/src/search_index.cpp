#include "search_index.h"

namespace vcommerce::catalogue {

namespace {

constexpr const char* kSchema =
    "CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, name, brand, kind, tags, description, "
    "tokenize='porter unicode61 remove_diacritics 2', prefix='3')";

}  // namespace

base::Result<std::shared_ptr<SearchIndex>> SearchIndex::build(const std::vector<Product>& products) {
  base::Result<std::unique_ptr<Database>> database = Database::open(":memory:", kSchema);
  if (!database) return std::move(database).error();
  std::shared_ptr<SearchIndex> index(new SearchIndex(*std::move(database)));
  base::MutexLock lock(index->database_->mutex());
  Transaction transaction(*index->database_);
  if (!transaction.status()) return transaction.status().error();
  for (const Product& product : products) {
    index->vocabulary_.add(product);
    if (base::Status added = index->add(product); !added) return std::move(added).error();
  }
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  return index;
}

base::Status SearchIndex::add(const Product& product) {
  std::string words;
  for (const std::string& tag : product.tags) words += tag + " ";
  for (const Colour& colour : product.colours) words += colour.name + " ";
  words += product.category + " " + product.material;
  Statement text(*database_, "INSERT INTO texts VALUES(?,?,?,?,?,?)");
  text.bind(product.id).bind(product.name).bind(product.brand).bind(product.kind).bind(words).bind(product.description);
  return text.run();
}

base::Result<std::vector<std::string>> SearchIndex::match(const std::string& expression, int limit) {
  base::MutexLock lock(database_->mutex());
  // A word in the name counts most, then the kind, the brand, tags, and last the description.
  Statement rows(*database_,
                 "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 0, 10, 5, 8, 4, 1), id LIMIT ?");
  rows.bind(expression).bind(limit);
  std::vector<std::string> ids;
  while (rows.step()) ids.push_back(rows.text(0));
  if (!rows.status()) return rows.status().error();
  return ids;
}

}  // namespace vcommerce::catalogue
