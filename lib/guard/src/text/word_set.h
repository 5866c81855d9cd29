#pragma once

#include "text/flat_map.h"
#include "text/words.h"

#include <algorithm>
#include <string_view>

// A set of words, written in the source as one string with spaces between them.
namespace godseye::guard::text {

class WordSet {
 public:
  explicit WordSet(std::string_view list) {
    for (size_t at = 0; at < list.size();) {
      const size_t end = std::min(list.find(' ', at), list.size());
      if (end > at) map_.insert(word_hash(list.substr(at, end - at)), 1);
      at = end + 1;
    }
  }
  bool has(const Word& word) const { return map_.find(word.hash) != FlatMap::kNone; }
  bool has(std::string_view norm) const { return map_.find(word_hash(norm)) != FlatMap::kNone; }

 private:
  FlatMap map_;
};

}  // namespace godseye::guard::text
