#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <godseye/base/random.h>

namespace godseye::guard::train {

// The same seed gives the same corpus and the same model everywhere.
class Random : public base::Random {
 public:
  using base::Random::Random;
  std::size_t below(std::size_t n) { return n == 0 ? 0 : base::Random::below(n); }
  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
};

}  // namespace godseye::guard::train
