#pragma once

#include "text/words.h"

#include <cstdint>

namespace godseye::guard::answer {

// Which language a text is in, by its function words: enough to see that an answer and its context are in two.
enum class Tongue : uint8_t { kUnknown, kEnglish, kGerman, kFrench, kSpanish, kItalian, kPortuguese, kDutch };

// kUnknown for short texts, other languages and mixtures.
Tongue guess_tongue(const text::Words& words);

}  // namespace godseye::guard::answer
