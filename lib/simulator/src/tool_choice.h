#pragma once

#include "context.h"

#include <string>
#include <vector>

#include <godseye/base/random.h>
#include <godseye/genai/chat.h>

// Which of the offered tools a model would call for this question, and with what. A tool is scored by the words that
// its name (twice), description and parameters share with the question; one whose result already answers is not called
// again. Further tools join in when they explain words of the question that the first does not.
namespace godseye::simulator {

inline constexpr size_t kToolCallsMax = 4;

// Parts of kToolCall; empty when the answer is a text.
std::vector<genai::Part> choose_tools(const genai::ChatRequest& request, const Context& context, base::Random& random);

}  // namespace godseye::simulator
