#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// How good an answer reads, 0 to 1, without asking a model: named parts, each 0 (bad) to 1 (good), and one logistic
// combination of them whose weights were fitted on the tuning half of data/answers.jsonl and on generated answers.
// A part that cannot be measured (no context, no history, no clicks) takes no part in the combination.
//
// What it cannot see: whether an answer that reads well, fits the question and repeats the context's numbers is right.
// Threads: pure functions, any thread. Time is linear in the texts up to kQualityTextBytesMax each. Any bytes.
namespace godseye::guard {

inline constexpr size_t kQualityTextBytesMax = 256u << 10;  // bytes past this only count as length
inline constexpr size_t kQualityProductIdsMax = 32;

enum class QualityPart : uint8_t {
  kRelevance,    // shares rare words with the question (or with what the context says about it)
  kCoherence,    // sentences belong together and read as language
  kRepetition,   // 1: nothing said twice
  kRefusal,      // 1: does not refuse, apologise or claim to know nothing
  kTruncation,   // 1: ends where a text ends
  kLength,       // 1: as long as this service's answers are; needs `history`
  kGrounding,    // score_grounding of grounding.h; needs a context
  kProductIds,   // share of the product ids named that the context or question has; needs both
  kReadability,  // sentence and word length within what people read
  kCivility,     // 1 - score_toxicity of toxicity.h
  kEngagement,   // clicks on what was shown; needs `engagement`
};
inline constexpr size_t kQualityParts = 11;
// "relevance", "coherence", "repetition", "refusal", "truncation", "length", "grounding", "product_ids", "readability",
// "civility", "engagement".
std::string_view quality_part_name(QualityPart part);

// Length of a service's answers so far: mean and spread of log(1 + words), Welford's sums. A plain value that the
// caller keeps per service (and model), saves and merges as it likes; not thread-safe.
struct LengthHistory {
  double count = 0;
  double mean = 0;  // of log(1 + words)
  double m2 = 0;    // sum of squared deviations

  // Old answers count less: at most kMemory answers' worth of weight is kept.
  static constexpr double kMemory = 2000;
  void observe(std::string_view answer);
  // The same for an answer that was scored: `QualityScore::answer_words`.
  void observe_words(size_t words);
  // Standard deviations from the mean; 0 while fewer than kEnough answers were seen.
  static constexpr double kEnough = 20;
  double deviation(std::string_view answer) const;
  double deviation_words(size_t words) const;
};

// What a user did with the answer, when events say so.
struct Engagement {
  uint32_t shown = 0;    // links or products offered
  uint32_t clicked = 0;  // of those
  bool converted = false;
  int rating = 0;  // -1 thumbs down, 0 none, 1 thumbs up
};

// The part kEngagement alone: 0 to 1.
double engagement_score(const Engagement& engagement);

struct QualityInput {
  std::string_view question;
  std::string_view context;  // what the model was given to answer from; may be empty
  std::string_view answer;
  std::string_view finish_reason;          // the provider's word ("stop", "length", "MAX_TOKENS"); may be empty
  const LengthHistory* history = nullptr;  // not changed; call `observe` after scoring
  const Engagement* engagement = nullptr;
};

struct QualityScore {
  double score = 1;  // 0 to 1; an empty answer scores 0
  struct Part {
    double value = 1;
    bool measured = false;
  };
  std::array<Part, kQualityParts> parts;
  // Names of the parts that cost the most, worst first; empty for a good answer.
  std::vector<std::string_view> reasons;
  double toxicity = 0;                   // score_toxicity of the answer
  bool ungrounded = false;               // of grounding.h
  double similarity = 0;                 // of grounding.h: 0 unless kGrounding was measured. No second score_grounding
  size_t answer_words = 0;               // what LengthHistory::observe_words takes
  std::vector<std::string> product_ids;  // as written in the answer, each once

  const Part& part(QualityPart which) const { return parts[static_cast<size_t>(which)]; }
};

QualityScore score_quality(const QualityInput& input);

// Product ids, SKUs and model numbers in a text, as written, in order, each once; at most kQualityProductIdsMax.
std::vector<std::string> extract_product_ids(std::string_view text);

}  // namespace godseye::guard
