#include "answer/tongue.h"

#include "text/word_set.h"

#include <algorithm>
#include <array>

namespace godseye::guard::answer {

namespace {

// Frequent words that the other languages here do not have.
const std::array<text::WordSet, 7>& function_words() {
  static const std::array<text::WordSet, 7> sets = {
      text::WordSet("the and of to is for with you your it are can this that from not have be we our at by if"),
      text::WordSet(
          "der die das und ist nicht mit fur sie ihre auf den ein eine bei oder werden wird zu im aus von kann"),
      text::WordSet("le les et est vous votre pour dans avec une du pas sur au aux ou nous ne sont il des ce"),
      text::WordSet("el los las y es para con una por del su en usted puede no se al lo esta son pero"),
      text::WordSet("il gli e per con una del della non si puo sono che di nel alla dei delle anche"),
      text::WordSet("o os as e para com uma nao por do da voce pode seu sua em no na dos das ao"),
      text::WordSet("het een en van niet met voor je uw op zijn kan wordt dat te bij deze naar ook")};
  return sets;
}

constexpr size_t kWordsLookedAt = 400;
constexpr size_t kHitsMin = 3;

}  // namespace

Tongue guess_tongue(const text::Words& words) {
  std::array<size_t, 7> hits{};
  for (size_t i = 0; i < std::min(words.size(), kWordsLookedAt); ++i) {
    for (size_t k = 0; k < hits.size(); ++k) hits[k] += function_words()[k].has(words[i]);
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
