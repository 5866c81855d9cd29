#include "answer/tongue.h"

#include <algorithm>
#include <array>

namespace godseye::guard::answer {

namespace {

constexpr size_t kWordsLookedAt = 400;
constexpr size_t kHitsMin = 3;

}  // namespace

Tongue guess_tongue(const text::Words& words) {
  std::array<size_t, text::kTongues> hits{};
  for (size_t i = 0; i < std::min(words.size(), kWordsLookedAt); ++i) {
    const uint32_t tongues = words[i].classes / text::kTongue;
    if (tongues == 0) continue;
    for (size_t k = 0; k < hits.size(); ++k) hits[k] += (tongues >> k) & 1;
  }
  const auto best = std::max_element(hits.begin(), hits.end());
  if (*best < kHitsMin) return Tongue::kUnknown;
  // Related languages share words: the best must be clearly so.
  for (auto other = hits.begin(); other != hits.end(); ++other) {
    if (other != best && *other * 3 > *best * 2) return Tongue::kUnknown;
  }
  return static_cast<Tongue>(1 + (best - hits.begin()));
}

}  // namespace godseye::guard::answer
