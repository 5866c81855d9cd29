#pragma once

#include <cstdint>

#include <godseye/signal/span.h>

// What a call used, in the sense of `signal::LlmSpan`: `input` and `output` are totals, everything else is a part of
// one of them and is never added again. Each dialect counts differently (Anthropic's input_tokens leaves out the cache,
// Gemini's candidatesTokenCount leaves out thoughts); readers bring all to this form, writers bring it back.
namespace godseye::genai {

using signal::kNoTokens;

struct Usage {
  int64_t input = kNoTokens;           // includes cache reads and writes, and tool results fed back by the server
  int64_t output = kNoTokens;          // includes reasoning
  int64_t total = kNoTokens;           // as reported, else input + output
  int64_t cache_read = kNoTokens;      // part of input
  int64_t cache_write = kNoTokens;     // part of input, all lives
  int64_t cache_write_1h = kNoTokens;  // part of cache_write
  int64_t reasoning = kNoTokens;       // part of output

  bool known() const { return input >= 0 || output >= 0; }
  // input + output if total was not said; kNoTokens if neither is known.
  int64_t sum() const;
  bool operator==(const Usage&) const = default;
};

}  // namespace godseye::genai
