#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/guard/inject.h>
#include <godseye/guard/quality.h>
#include <godseye/pipeline/text_policy.h>
#include <godseye/signal/span.h>

// The texts of an LLM span: what a person, a document or a tool newly said to the model, what it answered; their scores
// by lib/guard; and the texts without personal data. Pure but for the span it works on; any thread.
namespace godseye::pipeline {

// Of all texts of a span that are scored together; what is beyond is stored, masked, and not scored.
inline constexpr size_t kScoreBytesMax = 256u << 10;

struct Piece {
  guard::Source source = guard::Source::kUser;
  std::string text;
};

// What is to be scored of a span. History is not: in a conversation each call repeats what was scored before, so only
// what stands after the last answer in `input` is new.
struct LlmTexts {
  std::vector<Piece> news;
  std::string question;  // the last of them from a user
  std::string context;   // documents and tool results of the whole input
  std::string answer;
  bool user_turn = false;  // the newest message is a user's
  bool readable = true;    // false: a text was not JSON; it was taken as it is
};
LlmTexts read_texts(const signal::SpanBatch& batch, const signal::LlmSpan& llm);

// How one new piece is scored: alone, or with what its conversation remembers.
using PieceScorer = std::function<guard::InjectScore(const Piece&)>;

// What an answer is measured against; either may be null.
struct AnswerPast {
  const guard::LengthHistory* lengths = nullptr;  // of the service's answers
  const guard::Engagement* engagement = nullptr;  // with the session's answers before
};

// Fills the scores that nobody filled. Returns the words of the answer, for the history of lengths.
size_t score_texts(signal::SpanBatch& batch, signal::LlmSpan& llm, const LlmTexts& texts, bool failed,
                   const AnswerPast& past, const PieceScorer& scorer);

struct MaskResult {
  bool changed = false;
  bool readable = true;
};
// Replaces personal data in every text of `llm` (kMasked), drops the texts (kNone), or nothing (kRaw).
MaskResult apply_policy(signal::SpanBatch& batch, signal::LlmSpan& llm, StoreText mode);
// Tags and events that hold prompts or answers, as some integrations write them on APM spans. True if anything changed.
bool apply_policy(signal::SpanBatch& batch, signal::Span& span, StoreText mode);
bool apply_policy(signal::SpanBatch& batch, signal::LlmEvaluation& evaluation, StoreText mode);

}  // namespace godseye::pipeline
