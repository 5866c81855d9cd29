#pragma once

#include "json.h"
#include "json_writer.h"

#include <godseye/genai/usage.h>

// Each dialect's counters as they come, possibly in several frames, and what they mean together (spec section 8).
namespace godseye::genai {

// OpenAI: chat, completions, responses, embeddings.
void take_openai_usage(Json usage, Usage& into);
// Ollama: the counters stand in the answer itself.
void take_ollama_usage(Json root, Usage& into);

struct AnthropicCounters {
  int64_t input = kNoTokens, write = kNoTokens, write_5m = kNoTokens, write_1h = kNoTokens, read = kNoTokens,
          output = kNoTokens, thinking = kNoTokens;
  void take(Json usage);
  Usage usage() const;
};

struct GeminiCounters {
  int64_t prompt = kNoTokens, cached = kNoTokens, candidates = kNoTokens, thoughts = kNoTokens, tool_use = kNoTokens,
          total = kNoTokens;
  // Counters that are absent or 0 stay as they were: later chunks may leave them out.
  void take(Json metadata);
  Usage usage() const;
};

// Parts are never larger than their totals, whatever came.
void settle(Usage& usage);

void write_chat_usage(JsonWriter& w, const Usage& usage);       // prompt_tokens, …
void write_responses_usage(JsonWriter& w, const Usage& usage);  // input_tokens, …
void write_anthropic_usage(JsonWriter& w, const Usage& usage);
void write_gemini_usage(JsonWriter& w, const Usage& usage);

}  // namespace godseye::genai
