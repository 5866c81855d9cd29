#pragma once

#include "atoms.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The multi-pattern matcher: all patterns of rules/patterns.txt in one pass over a folded text. Vectorscan stays in
// matcher.cpp.
namespace godseye::guard {

struct Hit {
  uint32_t end = 0;  // one past the last byte of the match
  Atom atom = kAtomCount;
};

inline constexpr size_t kHitsMax = 8192;  // per scan; further matches are dropped

class Matcher {
 public:
  // Chooses the database for this processor; aborts if the program's own data is damaged.
  static const Matcher& shipped();

  // Replaces `hits` by the matches in `text`, ordered by end; the same atom ending at the same byte appears once.
  void scan(std::string_view text, std::vector<Hit>& hits) const;

 private:
  Matcher();
  void* database_ = nullptr;
};

}  // namespace godseye::guard
