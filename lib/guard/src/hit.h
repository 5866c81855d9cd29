#pragma once

#include "atoms.h"

#include <cstddef>
#include <cstdint>

namespace godseye::guard {

// A pattern's match in a text.
struct Hit {
  uint32_t end = 0;  // one past the last byte of the match
  Atom atom = kAtomCount;
};

inline constexpr size_t kHitsMax = 8192;  // per scan; further matches are dropped

}  // namespace godseye::guard
