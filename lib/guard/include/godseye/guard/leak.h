#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

// What an answer gives away: a canary (a secret marker that somebody put into a system prompt and that must never come
// out) or a passage of the system prompt's instructions. Facts that the prompt gives to be passed on (prices, opening
// hours, how returns work) are no secret: a run counts by its words in sentences that order the assistant, name its
// role or speak of secrets (src/instructions.h). In a language that is not known every sentence counts.
//
// Words are compared case-folded, without punctuation; canaries also through separators ("k-7 f 2" is "k7f2"), reversed
// and in base64 or hexadecimal. Pure, any thread, linear in both texts; any bytes are allowed.
namespace godseye::guard {

// A run with fewer shared words of instructions than this is how people talk, not a leak.
inline constexpr size_t kLeakWordsMin = 8;
// Canaries shorter than this (letters and digits) meet by chance and are ignored.
inline constexpr size_t kCanaryCharactersMin = 6;
inline constexpr size_t kLeakTextBytesMax = 1u << 20;  // of either text; bytes past this are not looked at
inline constexpr size_t kLeakPassagesMax = 100;

struct LeakedPassage {
  size_t start = 0;  // bytes of the answer
  size_t end = 0;
  size_t words = 0;
};

struct LeakReport {
  bool leaked = false;                  // a canary came out, or `passages` is not empty
  std::vector<size_t> canaries;         // indexes of those that came out
  size_t longest_run = 0;               // words shared in a row, of the longest run (also below kLeakWordsMin)
  double overlap = 0;                   // share of the prompt's words that stand in `passages`, 0-1
  std::vector<LeakedPassage> passages;  // runs with at least kLeakWordsMin words of instructions, by start
  size_t quoted_facts = 0;              // runs as long that only tell facts: no leak
};

LeakReport find_leaks(std::string_view answer, std::string_view system_prompt,
                      const std::vector<std::string_view>& canaries = {});

}  // namespace godseye::guard
