#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Rude or harmful answers: insults and contempt aimed at the reader, threats, slurs, encouragement of self-harm,
// instructions for weapons or poisons, obscenity. A lexicon with the grammar around it decides: "you are an idiot" is
// an insult, "the idiot's guide to tax" and "kill the process" are not. English first; the coarse words of German,
// French, Spanish, Italian, Portuguese and Dutch are known too. Sarcasm without a coarse word is not seen.
//
// Pure functions, any thread, linear time, any bytes.
namespace godseye::guard {

inline constexpr double kToxicScore = 0.5;                 // at or above: counted as toxic
inline constexpr size_t kToxicityTextBytesMax = 1u << 20;  // bytes past this are not looked at
inline constexpr size_t kToxicityHitsMax = 64;             // reported; the rest only counts

enum class ToxicityKind : uint8_t { kInsult, kThreat, kSlur, kSelfHarm, kHarmful, kObscene, kContempt };
// "insult", "threat", "slur", "self_harm", "harmful", "obscene", "contempt".
std::string_view toxicity_kind_name(ToxicityKind kind);

struct ToxicityHit {
  ToxicityKind kind = ToxicityKind::kInsult;
  size_t start = 0;  // bytes of the text as it came in
  size_t end = 0;
  double weight = 0;  // 0 to 1: what this hit alone would score
};

struct Toxicity {
  double score = 0;  // 0 to 1
  std::vector<ToxicityHit> hits;
};

Toxicity inspect_toxicity(std::string_view text);
// The score alone.
double score_toxicity(std::string_view text);

}  // namespace godseye::guard
