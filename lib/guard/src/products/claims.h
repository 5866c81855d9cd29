#pragma once

#include "products/mentions.h"

#include <optional>
#include <vector>

// What an answer says of the products it names: prices and stock, each given to the mention it is about.
namespace godseye::guard::products {

struct SaidPrice {
  double value = 0;
  bool about = false;    // "around", "just under"
  bool whole = false;    // written without cents
  bool dollar = false;   // a bare "$": any dollar
  std::string currency;  // ISO 4217; empty with `dollar`
};

struct SaidStock {
  bool in_stock = true;
  std::optional<int64_t> left;  // "only 3 left"
};

struct Said {
  std::optional<SaidPrice> price;
  std::optional<SaidStock> stock;
};

// One entry a mention, in the same order.
std::vector<Said> read_claims(const text::Words& words, const std::vector<Mention>& mentions);

// Whether `said` can be the price of `product`; true when the two cannot be compared (no price, other currency).
bool price_agrees(const SaidPrice& said, const Product& product);
bool stock_agrees(const SaidStock& said, const Product& product);

}  // namespace godseye::guard::products
