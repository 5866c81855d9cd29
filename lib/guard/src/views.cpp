#include "views.h"

#include "decode.h"
#include "utf8.h"

#include <bit>
#include <utility>

namespace godseye::guard {

namespace {

uint32_t disguises_of(const FoldFacts& facts) {
  uint32_t bits = 0;
  if (facts.tags > 0 || facts.selectors >= 4) bits |= kTagged;
  if (facts.invisibles > 0 || facts.bidi_overrides > 0 || facts.controls > 0) bits |= kInvisible;
  if (facts.mixed_words > 0 || facts.styled >= 4) bits |= kLookalike;
  return bits;
}

// Folds `raw`, undoes letter-level disguises, and adds what differs from the views so far.
void add_views(std::string_view raw, uint32_t disguises, Views& out) {
  std::string folded;
  FoldFacts facts;
  fold(raw, folded, facts);
  if (out.views.empty()) out.facts = facts;
  disguises |= disguises_of(facts);
  const auto add = [&](std::string_view text, uint32_t bits) {
    std::string collapsed = collapse_space(text.substr(0, utf8::floor_boundary(text, kViewBytesMax)));
    for (const View& view : out.views) {
      if (view.text == collapsed) return;
    }
    if (out.views.size() < kViewsMax) out.views.push_back({std::move(collapsed), bits});
  };
  add(folded, disguises);
  std::string plain = std::move(folded);
  if (const uint32_t bits = unscramble(plain)) add(plain, disguises | bits);
}

}  // namespace

std::string_view disguise_name(uint32_t bit) {
  constexpr std::string_view kNames[kDisguiseCount] = {"base64",   "hex",     "url",       "escapes",
                                                       "codes",    "spacing", "leet",      "rotated",
                                                       "reversed", "tags",    "invisible", "lookalike"};
  const int index = std::countr_zero(bit);
  return index < kDisguiseCount ? kNames[index] : "none";
}

Views make_views(std::string_view text) {
  text = text.substr(0, utf8::floor_boundary(text, kViewBytesMax));
  Views out;
  add_views(text, 0, out);
  std::string decoded(text);
  if (const uint32_t bits = decode_runs(decoded)) add_views(decoded, bits, out);
  return out;
}

}  // namespace godseye::guard
