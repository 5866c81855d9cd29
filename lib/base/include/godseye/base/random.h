#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

// Repeatable randomness: one 64-bit state (SplitMix64), the same numbers on every machine and with every standard
// library, whose own distributions differ. For simulations, made-up data, samples and ids; not for secrets. A copy goes
// on independently. Not for several threads at once.
namespace godseye::base {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t mixed = (state_ += 0x9e3779b97f4a7c15ull);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
    return mixed ^ (mixed >> 31);
  }
  // At least 0, below 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return uniform() < probability; }
  // Below `count`, which is at least 1. The bias of the remainder is below 2^-32 for counts up to 2^32.
  size_t below(size_t count) { return static_cast<size_t>(next() % count); }
  // Mean 0, standard deviation 1 (Box and Muller, one of the pair).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  uint64_t state_;
};

}  // namespace godseye::base
