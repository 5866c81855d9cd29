#pragma once

#include "product.h"

#include <cstdint>
#include <vector>

// The products of the shop, combined from `words.h` by a seeded generator in integer arithmetic: the same list on every
// machine. Ids are stable as long as the kinds keep their codes and `kProductsPerKind` only grows.
namespace vcommerce::catalogue {

inline constexpr int kProductsPerKind = 12;

// All products, ordered by id; no two ids and no two names are equal.
std::vector<Product> generate_products();

// Products of the season before, which the shop no longer has: what a search index shows that nobody brought up to
// date. None has an id or a name of `generate_products`.
std::vector<Product> retired_products();

// splitmix64. `below(n)` is in [0, n); n > 0.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t bound) { return next() % bound; }

 private:
  uint64_t state_;
};

// FNV-1a, for seeds out of names.
uint64_t seed_of(std::string_view text);

}  // namespace vcommerce::catalogue
