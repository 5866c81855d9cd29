#pragma once

#include <cstdint>
#include <string>

#include <godseye/genai/chat.h>
#include <godseye/simulator/behaviour.h>
#include <godseye/simulator/faults.h>

// What the simulated model says. It knows nothing by itself: it chooses among the sentences and products that the
// conversation holds (system prompt, documents, tool results, what was said before) by the words they share with the
// question, names products with their id and price as they stand there, calls offered tools that fit, and fills a JSON
// Schema when one is given. Then the behaviour's defects are put in.
//
// Pure and deterministic: the same request, behaviour and seed give the same answer. Time is linear in the conversation
// times the words of the question.
namespace godseye::simulator {

struct AnswerPlan {
  Behaviour behaviour;
  FaultSet faults;  // say, answer_tokens, malformed_tool
  uint64_t seed = 0;
};

// One choice: reasoning (when the request wants to see it), then tool calls or a text. Stop sequences and the request's
// token limit are applied; `finish` says which ended it. A blocked answer (behaviour.safety) has no parts and
// kContentFilter.
genai::Choice compose(const genai::ChatRequest& request, const AnswerPlan& plan);

// The same for every request with the same content and seed; faults and time take no part in it.
uint64_t seed_of(const genai::ChatRequest& request, uint64_t seed);

}  // namespace godseye::simulator
