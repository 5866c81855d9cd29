#pragma once

#include "text/amounts.h"
#include "text/flat_map.h"
#include "text/words.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <godseye/guard/grounding.h>

// An answer held against its context and question, word by word: what grounding reports and what quality reads.
namespace godseye::guard::answer {

// The stems of a text and how each was said: plainly, or after "not".
class Stems {
 public:
  explicit Stems(const text::Words& words);
  bool has(const text::Word& word) const { return map_.find(word.stem) != text::FlatMap::kNone; }
  // Whether the stem stands only behind negations, or never does.
  bool only_negated(const text::Word& word) const { return flags(word) == kNegated; }
  bool never_negated(const text::Word& word) const { return flags(word) == kPlain; }

 private:
  static constexpr uint32_t kPlain = 1;
  static constexpr uint32_t kNegated = 2;
  uint32_t flags(const text::Word& word) const {
    const uint32_t found = map_.find(word.stem);
    return found == text::FlatMap::kNone ? 0 : found;
  }
  text::FlatMap map_;
};

// Answer, context and question, cut once for everything that is asked about them. The texts must outlive it.
struct Texts {
  Texts(std::string_view answer, std::string_view context, std::string_view question);

  text::Words said;
  text::Words given;
  text::Words asked;
  Stems in_given;
  Stems in_asked;
  std::vector<bool> courtesy;  // of each sentence of `said`: is_courtesy
};

// For each word of a text whether a negation reaches it ("not", "never", "without" and up to three words with meaning).
std::vector<bool> negated_words(const text::Words& words);

// Greetings, thanks and offers of help: said around an answer, no part of what it states.
bool is_courtesy(const text::Words& words, const text::Sentence& sentence);

struct Evidence {
  Grounding grounding;
  double support = 0;         // share of the answer's meaningful words that the context or question has
  double question_share = 0;  // share of the question's meaningful words that the answer has
  double weakest = 1;         // support of the least supported sentence
  uint32_t unsupported_numbers = 0;
  uint32_t supported_numbers = 0;
  uint32_t contradictions = 0;
  uint32_t foreign_sentences = 0;  // statements without a word of context or question
  uint32_t statements = 0;
  // Answer and context are in two languages: only numbers were compared, the shares above say nothing.
  bool other_language = false;
};

// Any of the texts may be empty; without context the grounding stays unmeasured, the rest is against the question.
Evidence gather_evidence(const Texts& texts);

}  // namespace godseye::guard::answer
