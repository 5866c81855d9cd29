#pragma once

#include "hit.h"
#include "plain_words.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The multi-pattern matcher: all patterns of rules/patterns.txt in one pass over a folded text, and one more for those
// that are a short word (plain_words.h). Vectorscan stays in matcher.cpp.
namespace godseye::guard {

class Matcher {
 public:
  // Chooses the database for this processor; aborts if the program's own data is damaged.
  static const Matcher& shipped();

  // Replaces `hits` by the matches in `text`, ordered by end; the same atom ending at the same byte appears once.
  void scan(std::string_view text, std::vector<Hit>& hits) const;

 private:
  Matcher();
  PlainWords words_;
  void* database_ = nullptr;
};

}  // namespace godseye::guard
