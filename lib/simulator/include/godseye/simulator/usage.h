#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/genai/chat.h>
#include <godseye/simulator/faults.h>
#include <godseye/simulator/models.h>

// How many tokens a call used, counted as docs/model-simulator.md states: the estimate of lib/guard for every text with
// the model's tokenizer family, plus 4 a message, 3 for the answer's start, the JSON of tool and output schemas, 258 a
// picture.
//
// `PrefixCache` remembers the beginnings of prompts per key, as providers' prompt caches do: what a prompt shares with
// an earlier one of the last five minutes, cut down to a multiple of 128 and only from 1,024 tokens on, is reported as
// read from the cache. It keeps at most kPrefixesMax beginnings and then forgets all. Threads: any.
namespace godseye::simulator {

inline constexpr size_t kPrefixesMax = 20'000;
inline constexpr uint64_t kCachedTokensMin = 1024;
inline constexpr uint64_t kCachedTokensStep = 128;
inline constexpr uint64_t kTokensPerPicture = 258;
inline constexpr std::chrono::minutes kPrefixLife{5};

uint64_t count_prompt(const genai::ChatRequest& request);
uint64_t count_texts(const std::vector<std::string>& texts, std::string_view model);
// Visible output: texts and arguments of all choices.
uint64_t count_answer(const std::vector<genai::Choice>& choices, std::string_view model);

class PrefixCache {
 public:
  // Tokens of the prompt read from the cache; remembers the prompt.
  uint64_t seen(std::string_view key, const genai::ChatRequest& request, base::TickTime now);

 private:
  base::Mutex mutex_;
  std::unordered_map<uint64_t, base::TickTime> prefixes_ GE_GUARDED_BY(mutex_);
};

// The counts, what the faults say instead, and reasoning for models that reason (from 64 tokens, by the seed; none when
// the request turned it off). All kNoTokens when the fault `no_usage` is on.
genai::Usage usage_of(const genai::ChatRequest& request, const std::vector<genai::Choice>& choices,
                      const FaultSet& faults, uint64_t cached, uint64_t seed);

}  // namespace godseye::simulator
