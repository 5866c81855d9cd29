#pragma once

#include "linear.h"
#include "rules.h"
#include "views.h"

#include <array>
#include <string>

// What the combiner sees of one view. The order is part of the trained model: append only, then train again.
namespace godseye::guard {

enum Feature : size_t {
  kFeatureBias,
  kFeatureWhole,  // logits, clipped to +-8, divided by 4
  kFeatureWindowMax,
  kFeatureWindowMean,
  kFeatureWholeHigh,  // what is above zero
  kFeatureWindowHigh,
  kFeatureAgree,  // both logits high: the smaller one above zero
  kFeatureInnocent,
  kFeatureFamilyMax,
  kFeatureFamilyCount,
  kFeatureFamilyAndWindow,
  kFeatureLength,  // log of bytes
  kFeatureShort,
  kFeatureUpper,
  kFeatureQuestions,
  kFeatureNonAscii,
  kFeatureDigits,
  kFeatureSymbols,
  kFeatureLines,
  kFeatureDisguised,
  kFeatureWindows,                                          // log of their number: the highest of many is higher
  kFeatureFamilies,                                         // kFamilyCount strengths
  kFeatureAtoms = kFeatureFamilies + kFamilyCount,          // kAtomCount: 1 if present, up to 2 for several
  kFeatureDisguises = kFeatureAtoms + kAtomCount,           // kDisguiseCount bits
  kFeatureHonestRole = kFeatureDisguises + kDisguiseCount,  // a persona, and nothing that an attack would need
  kFeatureLongHigh,  // the whole logit above zero, of texts longer than a screen: their length alone adds up
  kFeatureCount,
};

using Features = std::array<float, kFeatureCount>;

// Sign that a weight must have (+1, -1, or 0 for any): evidence of an attack never lowers the score.
int required_sign(size_t feature);
std::string feature_name(size_t feature);

Features features_of(const View& view, const FoldFacts& facts, const RuleFacts& rules, const LinearScores& linear);

}  // namespace godseye::guard
