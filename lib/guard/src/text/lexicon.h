#pragma once

#include <cstdint>

// The word lists that the scorers of answers ask for at every word, in one table: one look-up when the text is cut
// says all of them.
namespace godseye::guard::text {

enum WordClass : uint32_t {
  kStopWord = 1u << 0,  // a function word of one of seven languages
  kNegator = 1u << 1,   // not, never, without
  kDiscountWord = 1u << 2,
  kPolicyWord = 1u << 3,    // refund, warranty, return
  kExactWord = 1u << 4,     // days, months, colours, materials: another one in their place is wrong
  kCourtesyWord = 1u << 5,  // talk around the answer, which no context has to support
  kFreebie = 1u << 6,       // what is given "free"
  kNumberName = 1u << 7,    // "zero" to "twelve"
  kStrongInsult = 1u << 8,  // coarse whoever is meant
  kInsult = 1u << 9,        // when aimed at somebody
  kSlur = 1u << 10,
  kObscene = 1u << 11,
  kTongue = 1u << 16,  // and the six bits above: frequent words of one language that the others do not have
};
inline constexpr int kTongues = 7;  // English, German, French, Spanish, Italian, Portuguese, Dutch

// Bits of WordClass for a word by the hash of its normalised form; 0 for most.
uint32_t word_classes(uint64_t hash);

}  // namespace godseye::guard::text
