#pragma once

#include "products/index.h"
#include "products/resolve.h"

#include <cstdint>
#include <vector>

// Where an answer names products, and which.
namespace godseye::guard::products {

struct Mention {
  uint32_t first = 0;  // words [first, last)
  uint32_t last = 0;
  bool valid = false;
  ProductMatch match = ProductMatch::kNone;
  double similarity = 0;
  uint32_t nearest = kNone;
  std::vector<uint32_t> products;  // what it may mean, the likeliest first; empty when there is no such product
  bool products_cut = false;
};

// By first word, never overlapping, at most kMentionsMax; `more` is set when there were more.
std::vector<Mention> find_mentions(const Index& index, const text::Words& words, bool& more);

}  // namespace godseye::guard::products
