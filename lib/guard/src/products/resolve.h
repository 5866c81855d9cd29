#pragma once

#include "products/index.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

// From words to the product that they mean: candidates by rare tokens, then a look at each of the best.
namespace godseye::guard::products {

inline constexpr size_t kMentionWordsMax = 12;
inline constexpr size_t kTiesMax = 64;  // products that fit a mention equally well

struct Resolution {
  bool valid = false;
  ProductMatch match = ProductMatch::kNone;
  uint32_t product = kNone;  // the nearest one; kNone if none is near
  double similarity = 0;
  std::vector<uint32_t>
      ties;               // products that fit equally well, `product` included; price and stock of any may be meant
  bool ties_cut = false;  // there were more
};

// Words [first, last) of `words`, at most kMentionWordsMax.
Resolution resolve(const Index& index, const text::Words& words, size_t first, size_t last);

// The token of a word: as written, without a plural ending, or (when `near` is given) one letter away.
uint32_t token_of(const Index& index, const text::Words& words, size_t word, bool* near);

// Cosine of hashed character trigrams of two texts, spaces left out; 0 to 1.
double trigram_cosine(std::string_view a, std::string_view b);

}  // namespace godseye::guard::products
