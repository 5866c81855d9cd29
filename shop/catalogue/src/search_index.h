#pragma once

#include "product.h"
#include "query.h"

#include <memory>
#include <string>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/orders/sqlite.h>

// The words of all products at one moment, for searches: an FTS5 index in memory and the vocabulary that corrects
// typing. It lives in the process whatever database the store has, so that a search finds the same with each; the
// catalogue makes a new one when the store's edition changes. About 2 MB for 600 products, made in some 50 ms. Threads:
// any; one search at a time.
namespace vcommerce::catalogue {

class SearchIndex {
 public:
  static base::Result<std::shared_ptr<SearchIndex>> build(const std::vector<Product>& products);
  // Ids of the products that match an FTS5 expression, best first.
  base::Result<std::vector<std::string>> match(const std::string& expression, int limit);
  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  explicit SearchIndex(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  base::Status add(const Product& product);

  const std::unique_ptr<Database> database_;
  Vocabulary vocabulary_;  // filled by `build` alone
};

}  // namespace vcommerce::catalogue
