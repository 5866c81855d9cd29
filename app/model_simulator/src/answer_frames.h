#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/genai/chat.h>
#include <godseye/genai/route.h>
#include <godseye/genai/stream.h>

// An answer as the steps of its stream. Pure.
namespace godseye::model_simulator {

// `text` in pieces of about one token: a word with the blanks before it, long words cut, never inside a character.
std::vector<std::string_view> token_pieces(std::string_view text);

// One step: what it adds to the stream, and whether it is a token (those are paced and counted by faults).
struct Step {
  genai::Delta delta;
  bool is_token = false;
};

// Start, then choice after choice, then usage. Views point into `answer`.
std::vector<Step> steps_of(const genai::ChatAnswer& answer);

}  // namespace godseye::model_simulator
