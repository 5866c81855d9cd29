#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Is what the answer says in the context it was given? Exact about what can be checked by reading: numbers, prices,
// percentages, dates, names, discounts, policies. Sentences are compared by their rare words; a sentence that says the
// same with the opposite sign ("is not waterproof") counts as contradicting.
//
// Not a model of meaning: a paraphrase without common words looks unsupported, a wrong statement made of the context's
// own words looks supported. docs/guard.md has the measured limits.
//
// Pure functions, any thread, time linear in the texts (bounded by kGroundingTextBytesMax each), any bytes.
namespace godseye::guard {

inline constexpr size_t kGroundingTextBytesMax = 1u << 20;  // of answer and of context: bytes past this are not read
inline constexpr size_t kUnsupportedMax = 100;              // reported; `claims` and `supported` count all
inline constexpr double kUngroundedScore = 0.5;             // below: `ungrounded`

enum class ClaimKind : uint8_t { kNumber, kPrice, kName, kDiscount, kPolicy, kStatement, kContradiction };
// "number", "price", "name", "discount", "policy", "statement", "contradiction".
std::string_view claim_kind_name(ClaimKind kind);

struct UnsupportedClaim {
  ClaimKind kind = ClaimKind::kStatement;
  size_t start = 0;  // bytes of the answer
  size_t end = 0;
};

struct Grounding {
  bool measured = false;    // false without context or answer: then score is 1 and nothing is flagged
  bool ungrounded = false;  // score below kUngroundedScore, or a discount, policy or price that the context lacks
  double score = 1;         // 0 to 1
  double similarity = 0;    // 0 to 1: cosine of hashed words and character trigrams of answer and context
  uint32_t claims = 0;      // numbers, prices, names, discounts, policies and statements that were looked up
  uint32_t supported = 0;
  std::vector<UnsupportedClaim> unsupported;  // by start
};

// `question` counts as a source for names and numbers that the answer merely repeats.
Grounding score_grounding(std::string_view answer, std::string_view context, std::string_view question = {});

}  // namespace godseye::guard
