#pragma once

#include "text/words.h"

#include <vector>

// Which sentences of a system prompt are orders to the assistant (its role, rules, what to keep secret), and which only
// tell it facts that it is there to pass on: prices, opening hours, how returns work.
namespace godseye::guard {

// For each sentence of `prompt`. Where the language is not one of the seven that text/lexicon.h knows, or too little is
// said to tell, every sentence counts as an order: what is not understood is not given away.
std::vector<bool> instruction_sentences(const text::Words& prompt);

}  // namespace godseye::guard
