#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <godseye/guard/tokens.h>

// What a text is made of, as byte-pair tokenizers see it before they look anything up. The estimate is a weighted sum.
namespace godseye::guard::answer {

enum PieceKind : uint8_t {
  kKnownWords,       // words of rules/words.txt, letters A to Z alone
  kOtherWords,       // other words of such letters
  kOtherLetters,     // their letters beyond the fourth
  kLongLetters,      // their letters beyond the ninth
  kCapitalWords,     // words with a capital, known or not
  kMixedCase,        // a capital after a small letter: "camelCase"
  kDigits,           // digits
  kDigitGroups,      // groups of up to three
  kSigns,            // runs of signs
  kSignExtras,       // signs of a run beyond the first
  kLineBreaks,       // runs of white space with a line feed
  kSpaces,           // white space beyond one space before a word
  kAccentedWords,    // words with letters of Latin beyond ASCII
  kAccentedLetters,  // all letters of such words beyond the third
  kCyrillic,         // letters of Greek and Cyrillic words
  kHan,              // Chinese characters
  kKana,             // Japanese kana and Korean syllables
  kOtherScripts,     // letters of any other script
  kSymbols,          // other characters beyond ASCII: quotes, dashes, arrows
  kEmoji,            // characters beyond the basic plane
  kBadBytes,         // bytes that are no UTF-8
  kPieceKinds,
};

using PieceCounts = std::array<double, kPieceKinds>;

PieceCounts count_pieces(std::string_view text);

}  // namespace godseye::guard::answer
