#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace godseye::guard::pii {

// A fixed set of words, written as " one two three ". Nearly every word of a text is in no list, and a table of lengths
// by first byte says so without looking at the list.
class WordList {
 public:
  constexpr explicit WordList(std::string_view spaced) : spaced_(spaced) {
    size_t begin = 0;
    for (size_t i = 0; i <= spaced.size(); ++i) {
      if (i < spaced.size() && spaced[i] != ' ') continue;
      if (i > begin) lengths_[static_cast<uint8_t>(spaced[begin])] |= bit(i - begin);
      begin = i + 1;
    }
  }

  constexpr bool has(std::string_view word) const {
    if (word.empty() || (lengths_[static_cast<uint8_t>(word.front())] & bit(word.size())) == 0) return false;
    for (size_t at = spaced_.find(word); at != std::string_view::npos; at = spaced_.find(word, at + 1)) {
      const bool begins = at == 0 || spaced_[at - 1] == ' ';
      const bool ends = at + word.size() == spaced_.size() || spaced_[at + word.size()] == ' ';
      if (begins && ends) return true;
    }
    return false;
  }

 private:
  static constexpr uint32_t bit(size_t length) { return uint32_t{1} << (length < 31 ? length : 31); }

  std::string_view spaced_;
  std::array<uint32_t, 256> lengths_{};
};

}  // namespace godseye::guard::pii
