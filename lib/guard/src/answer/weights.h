#pragma once

#include <array>

#include <godseye/guard/quality.h>

// The quality combination: logit = bias - sum of weight * (1 - part). Written by `godseye-guard-answers fit`
// (docs/guard.md); no weight is below 0, so that a worse part never makes a better score. The weights of length,
// product ids, readability, civility and engagement were set by hand: too few labelled rows speak of them.
namespace godseye::guard::answer {

inline constexpr double kQualityBias = 3.70;
inline constexpr std::array<double, kQualityParts> kQualityWeights = {
    6.90,  // relevance
    2.72,  // coherence
    5.18,  // repetition
    4.52,  // refusal
    7.60,  // truncation
    3.00,  // length
    6.72,  // grounding
    1.00,  // product_ids
    3.00,  // readability
    6.00,  // civility
    2.00,  // engagement
};

}  // namespace godseye::guard::answer
