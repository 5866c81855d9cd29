#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Encodings that hide text from a reader. Each function looks for runs of one encoding in `text`, replaces those whose
// decoded form reads as language, and returns the bits of what it found (views.h); `text` is unchanged when it is 0.
namespace godseye::guard {

// Case matters here: on the text as it came (base64, hex, URL, escapes, character codes, Morse).
uint32_t decode_runs(std::string& text);

// On folded text (spacing, leetspeak, alphabet shifts, reversal).
uint32_t unscramble(std::string& text);

}  // namespace godseye::guard
