#include "plain_words.h"

#include "letter_masks.h"

#include <bit>
#include <charconv>

#include <godseye/base/assert.h>

namespace godseye::guard {

namespace {

constexpr uint64_t kToLower = 0x2020202020202020ull;

uint64_t letters_of(std::string_view text, size_t at, size_t size) {
  const uint64_t bytes = eight_bytes(text, at);
  return size == 8 ? bytes : bytes & ((uint64_t{1} << 8 * size) - 1);
}

// Bit i: byte at + i is a letter, a digit or an underscore. `at` is inside the text.
uint64_t word_bits(std::string_view text, size_t at) {
  uint64_t bits = 0;
  for (size_t i = 0; i < 64 && at + i < text.size(); i += 8) {
    const uint64_t bytes = eight_bytes(text, at + i);
    const unsigned eight =
        range_bits(bytes | kToLower, 'a', 'z') | range_bits(bytes, '0', '9') | equal_bits(bytes, '_');
    bits |= uint64_t{eight} << i;
  }
  return bits;
}

}  // namespace

PlainWords::PlainWords(std::string_view list) {
  size_t taken = 0;
  while (!list.empty()) {
    const size_t space = list.find(' ');
    const size_t end = list.find('\n');
    GE_ASSERT(space <= kPlainWordMax && end != std::string_view::npos, "the build wrote the list");
    unsigned atom = kAtomCount;
    std::from_chars(list.data() + space + 1, list.data() + end, atom);
    GE_ASSERT(atom < kAtomCount, "the build wrote the list");
    const uint64_t word = letters_of(list, 0, space);
    Slot& slot = slots_[place(word)];
    taken += slot.word == 0;
    GE_ASSERT(taken * 2 < kSlots, "kSlots is more than twice the words of rules/patterns.txt");
    slot.word = word;
    slot.atoms |= uint64_t{1} << atom;
    list.remove_prefix(end + 1);
  }
}

size_t PlainWords::place(uint64_t word) const {
  size_t at = (word * 0x9E3779B97F4A7C15ull) >> (64 - std::countr_zero(kSlots));
  while (slots_[at].word != 0 && slots_[at].word != word) at = (at + 1) % kSlots;
  return at;
}

void PlainWords::scan(std::string_view text, size_t most, std::vector<Hit>& hits) const {
  const size_t full = hits.size() + most;
  const auto look_up = [&](size_t begin, size_t end) {
    if (end - begin > kPlainWordMax) return;
    const uint64_t word = letters_of(text, begin, end - begin);
    uint64_t atoms = slots_[place(word)].atoms;
    for (; atoms != 0 && hits.size() < full; atoms &= atoms - 1) {
      hits.push_back({static_cast<uint32_t>(end), static_cast<Atom>(std::countr_zero(atoms))});
    }
  };
  constexpr size_t kNone = ~size_t{0};
  size_t begin = kNone;  // of the word that goes on
  for (size_t at = 0; at < text.size() && hits.size() < full; at += 64) {
    const uint64_t bits = word_bits(text, at);
    // Where a word begins or has ended.
    uint64_t edges = bits ^ (bits << 1 | uint64_t{begin != kNone});
    for (; edges != 0; edges &= edges - 1) {
      const size_t edge = at + static_cast<size_t>(std::countr_zero(edges));
      if (begin == kNone) {
        begin = edge;
      } else {
        look_up(begin, edge);
        begin = kNone;
      }
    }
  }
  // Past the end of the text all bits are zero: a word is open only where the text ends with a block.
  if (begin != kNone && hits.size() < full) look_up(begin, text.size());
}

}  // namespace godseye::guard
