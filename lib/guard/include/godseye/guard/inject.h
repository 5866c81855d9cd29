#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Prompt injection and jailbreak: text in, a score with reasons out. No model call, no network, no clock.
//
// What happens to a text (docs/guard.md has the method and the measured numbers):
//   1. views: the text as a reader would see it (Unicode folded, invisible characters gone) and, when something in it
//      was disguised (base64, hex, leetspeak, spacing, ROT13, reversal), the text with the disguise undone;
//   2. rules: a multi-pattern matcher finds word classes, and combinations of classes near each other make families
//      (override, extraction, role play, forged tags, tool abuse, SQL-like, exfiltration, indirect);
//   3. a linear model on hashed character and word n-grams, for the whole text and for windows of three sentences;
//   4. one small logistic combiner, then a fixed curve from logit to score.
//
// The score is calibrated: kRefuseScore is passed by at most the documented share of harmless text.
//
// Threads: a scorer is immutable after `open`; `score` may be called from any number of threads at once. Each thread
// keeps its own scratch memory (below 1 MB). Time is linear in the text; memory is bounded by kChunkBytes.
namespace godseye::guard {

// Where the text comes from. The same words mean different things: "ignore the instructions above" in a retrieved page
// or a tool's answer is nobody's honest wish, while "act as a travel guide" is an ordinary request from a user.
enum class Source : uint8_t { kUser, kDocument, kTool };

// Parses "user", "document" or "tool"; anything else is kInvalidArgument.
base::Result<Source> parse_source(std::string_view word);

enum class Label : uint8_t { kBenign, kSuspicious, kInjection };

// "benign", "suspicious", "injection".
std::string_view label_name(Label label);

inline constexpr double kSuspiciousScore = 0.4;  // at or above: counted as suspicious
inline constexpr double kRefuseScore = 0.7;      // above: refused

// Texts longer than this are scored in overlapping pieces of this size; the highest piece decides.
inline constexpr size_t kChunkBytes = 32 * 1024;
// Bytes past this are not looked at (`InjectScore::truncated` says so).
inline constexpr size_t kTextBytesMax = 16 * 1024 * 1024;

struct InjectScore {
  double score = 0;  // 0 to 1
  Label label = Label::kBenign;
  // What made the score, strongest first: families ("override", "extraction", "jailbreak", "role_tag", "tool_abuse",
  // "sql", "exfiltration", "indirect"), disguises ("decoded:base64", "invisible:tags", ...), "model:text",
  // "model:window". Empty for a benign text without any mark.
  std::vector<std::string> reasons;
  bool truncated = false;
  double logit = 0;  // before the curve; what sessions add up and what calibration reads
};

class InjectScorer {
 public:
  // The model that ships inside the program. Never fails; built on the first call (a few milliseconds).
  static const InjectScorer& shipped();
  // Another model file, as written by the trainer; mapped, not read. kIo, kCorrupt (not a model, other version,
  // damaged).
  static base::Result<InjectScorer> open(const std::string& path);

  InjectScorer(InjectScorer&&) noexcept;
  InjectScorer& operator=(InjectScorer&&) noexcept;
  ~InjectScorer();

  // Any bytes are allowed: invalid UTF-8 and NUL are replaced, an empty text scores 0.
  InjectScore score(std::string_view text, Source source = Source::kUser) const;
  // The curve from logit to score alone; monotone.
  double score_of_logit(double logit) const;
  // Share of the training attacks that score above `score` when their kind and source were kept out of training: what a
  // threshold costs when no attacks of one's own are at hand.
  double held_out_recall(double score) const;

 private:
  struct Impl;
  explicit InjectScorer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The label that belongs to `score`.
Label label_of(double score);

}  // namespace godseye::guard
