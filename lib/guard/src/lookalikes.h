#pragma once

// Characters that stand in for ASCII. Written for this project from the shapes of the letters; sorted by code point.
namespace godseye::guard {

// The ASCII text that `c` is always read as (ligatures, dotless i, small capitals, dashes, quotes), or nullptr.
const char* always_ascii(char32_t c);

// The ASCII letter that `c`, a lower-case letter of another script, looks like, or 0. Only for words that mix scripts.
char looks_like(char32_t c);

}  // namespace godseye::guard
