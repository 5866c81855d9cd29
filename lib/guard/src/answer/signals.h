#pragma once

#include "answer/evidence.h"
#include "text/words.h"

#include <cstddef>
#include <string_view>

#include <godseye/guard/toxicity.h>

// What an answer's own words say about it, each 0 (none) to 1 (certain). Parts of the quality score.
namespace godseye::guard::answer {

// How much of the answer declines to answer: "I'm sorry, but I can't help with that". A sentence that declines and
// others that inform make a half.
double refusal(const text::Words& words);

// Whether the text stops before it ends: by the provider's word, the last word, or signs left open.
double truncation(std::string_view text, const text::Words& words, std::string_view finish_reason);

// Words, word groups and sentences said again.
double repetition(const text::Words& words);

// Sentences so long, words so long, or letters so unlike language that nobody reads them.
double unreadable(std::string_view text, const text::Words& words);

// Talk that says nothing: share of the sentences that are made of commonplaces ("in the end it all depends", "as they
// say"), without a number. Twice the share counts as certain.
double filler(const text::Words& words);

// Sentences that take up nothing of the question, the context or the sentence before: share of the statements.
double wandering(const Texts& texts);

// inspect_toxicity of toxicity.h for a text that is cut already.
Toxicity toxicity_of(const text::Words& words);

}  // namespace godseye::guard::answer
