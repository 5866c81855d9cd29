#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <godseye/base/hash.h>

// Numbers distinct texts in order of first use, from 1 on; the empty text is 0. Open addressing over XXH3: this runs
// for every text of every span. The texts must outlive the table. Not thread-safe.
namespace godseye::store {

class WordTable {
 public:
  struct Word {
    std::string_view text;
    uint64_t hash;
  };

  WordTable() : slots_(kSlotsMin, 0) {}

  uint32_t number(std::string_view text) {
    if (text.empty()) return 0;
    const uint64_t hash = base::hash64(text);
    size_t slot = hash & (slots_.size() - 1);
    for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
      const Word& word = words_[slots_[slot] - 1];
      if (word.hash == hash && word.text == text) return slots_[slot];
    }
    words_.push_back({text, hash});
    bytes_ += text.size();
    slots_[slot] = static_cast<uint32_t>(words_.size());
    if (words_.size() * 2 > slots_.size()) grow();
    return static_cast<uint32_t>(words_.size());
  }
  // The word of number n is at n - 1.
  const std::vector<Word>& words() const { return words_; }
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kSlotsMin = 256;

  void grow() {
    std::vector<uint32_t> slots(slots_.size() * 2, 0);
    for (size_t i = 0; i < words_.size(); ++i) {
      size_t slot = words_[i].hash & (slots.size() - 1);
      while (slots[slot] != 0) slot = (slot + 1) & (slots.size() - 1);
      slots[slot] = static_cast<uint32_t>(i + 1);
    }
    slots_ = std::move(slots);
  }

  std::vector<uint32_t> slots_;  // number of the word, 0: free; a power of two of them
  std::vector<Word> words_;
  size_t bytes_ = 0;
};

}  // namespace godseye::store
