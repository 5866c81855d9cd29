#include <algorithm>

#include <godseye/base/hash.h>
#include <godseye/base/random.h>
#include <godseye/guard/tokens.h>
#include <godseye/simulator/usage.h>

namespace godseye::simulator {

namespace {

using genai::Part;
using genai::PartKind;

constexpr uint64_t kTokensPerMessage = 4;
constexpr uint64_t kTokensPerAnswerStart = 3;
constexpr uint64_t kTokensPerTool = 8;
constexpr uint64_t kReasoningTokensMin = 64;
constexpr uint64_t kReasoningTokensSpread = 448;

uint64_t count(std::string_view text, guard::TokenFamily family) { return guard::estimate_tokens(text, family); }

uint64_t count_part(const Part& part, guard::TokenFamily family) {
  uint64_t tokens = count(part.text, family) + count(part.name, family);
  if (part.kind == PartKind::kMedia) tokens += kTokensPerPicture;
  for (const Part& inner : part.content) tokens += count_part(inner, family);
  return tokens;
}

uint64_t count_message(const genai::Message& message, guard::TokenFamily family) {
  uint64_t tokens = kTokensPerMessage;
  for (const Part& part : message.parts) tokens += count_part(part, family);
  return tokens;
}

uint64_t count_tools(const genai::ChatRequest& request, guard::TokenFamily family) {
  uint64_t tokens = count(request.output.schema, family);
  for (const genai::Tool& tool : request.tools) {
    tokens +=
        kTokensPerTool + count(tool.name, family) + count(tool.description, family) + count(tool.parameters, family);
  }
  return tokens;
}

uint64_t hash_of(const genai::Message& message, uint64_t before) {
  uint64_t hash = before ^ static_cast<uint64_t>(message.role);
  for (const Part& part : message.parts) {
    hash = base::hash64(part.text, hash);
    hash = base::hash64(part.data, hash);
    hash = base::hash64(part.name, hash);
  }
  return hash;
}

bool turned_off(const genai::Reasoning& reasoning) {
  return reasoning.effort == "none" || reasoning.budget_tokens == std::optional<int64_t>(0);
}

}  // namespace

uint64_t count_prompt(const genai::ChatRequest& request) {
  const guard::TokenFamily family = guard::token_family(request.model);
  uint64_t tokens = kTokensPerAnswerStart + count_tools(request, family);
  for (const genai::Message& message : request.messages) tokens += count_message(message, family);
  return tokens;
}

uint64_t count_texts(const std::vector<std::string>& texts, std::string_view model) {
  uint64_t tokens = 0;
  for (const std::string& text : texts) tokens += guard::estimate_tokens(text, model);
  return tokens;
}

uint64_t count_answer(const std::vector<genai::Choice>& choices, std::string_view model) {
  const guard::TokenFamily family = guard::token_family(model);
  uint64_t tokens = 0;
  for (const genai::Choice& choice : choices) {
    for (const Part& part : choice.parts) {
      if (part.kind != PartKind::kReasoning) tokens += count(part.text, family) + count(part.name, family);
    }
  }
  return tokens;
}

uint64_t PrefixCache::seen(std::string_view key, const genai::ChatRequest& request, base::TickTime now) {
  const guard::TokenFamily family = guard::token_family(request.model);
  uint64_t hash = base::hash64(key, base::hash64(plain_name(request.model)));
  for (const genai::Tool& tool : request.tools) hash = base::hash64(tool.parameters, base::hash64(tool.name, hash));
  uint64_t tokens = count_tools(request, family);
  uint64_t cached = 0;
  base::MutexLock lock(mutex_);
  if (prefixes_.size() + request.messages.size() > kPrefixesMax) prefixes_.clear();
  bool shared = true;
  for (const genai::Message& message : request.messages) {
    hash = hash_of(message, hash);
    tokens += count_message(message, family);
    if (prefixes_.size() >= kPrefixesMax) break;
    const auto [entry, fresh] = prefixes_.try_emplace(hash, now);
    shared = shared && !fresh && now - entry->second < kPrefixLife;
    if (shared) cached = tokens;
    entry->second = now;
  }
  cached -= cached % kCachedTokensStep;
  return cached >= kCachedTokensMin ? cached : 0;
}

genai::Usage usage_of(const genai::ChatRequest& request, const std::vector<genai::Choice>& choices,
                      const FaultSet& faults, uint64_t cached, uint64_t seed) {
  genai::Usage usage;
  if (faults.is_on(Fault::kNoUsage)) return usage;
  const auto ordered = [&faults](Fault fault, uint64_t counted) {
    return static_cast<int64_t>(faults.value_or(fault, static_cast<double>(counted)));
  };
  const bool reasons = traits_of(request.model).reasons && !turned_off(request.reasoning);
  const bool asked = request.reasoning.budget_tokens.value_or(0) > 0;
  uint64_t reasoning =
      reasons || asked ? kReasoningTokensMin + base::Random(seed + 1).below(kReasoningTokensSpread) : 0;
  if (asked) reasoning = std::min(reasoning, static_cast<uint64_t>(*request.reasoning.budget_tokens));
  usage.input = ordered(Fault::kInputTokens, count_prompt(request));
  const int64_t thought = ordered(Fault::kReasoningTokens, reasoning);
  usage.output = ordered(Fault::kOutputTokens, count_answer(choices, request.model) + static_cast<uint64_t>(thought));
  usage.total = usage.input + usage.output;
  usage.cache_read = std::min(ordered(Fault::kCachedTokens, cached), usage.input);
  if (usage.cache_read == 0 && !faults.has(Fault::kCachedTokens)) usage.cache_read = genai::kNoTokens;
  if (thought > 0 || faults.has(Fault::kReasoningTokens)) usage.reasoning = std::min(thought, usage.output);
  return usage;
}

}  // namespace godseye::simulator
