#include "usage.h"

#include <algorithm>

namespace godseye::genai {
namespace {

// Far above any model, far below where sums overflow.
constexpr int64_t kTokensMax = int64_t{1} << 50;

int64_t tokens(Json value) {
  const std::optional<int64_t> n = value.integer();
  return n && *n >= 0 ? std::min(*n, kTokensMax) : kNoTokens;
}

void take(Json value, int64_t& into) {
  if (const int64_t n = tokens(value); n >= 0) into = n;
}

int64_t add(int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : a + b; }
int64_t known(int64_t n) { return std::max<int64_t>(n, 0); }

}  // namespace

void settle(Usage& usage) {
  const auto limit = [](int64_t& part, int64_t whole) {
    if (whole >= 0) part = std::min(part, whole);
  };
  limit(usage.cache_read, usage.input);
  if (usage.input >= 0) limit(usage.cache_write, usage.input - known(usage.cache_read));
  limit(usage.cache_write_1h, usage.cache_write);
  limit(usage.reasoning, usage.output);
  if (usage.total < 0) usage.total = usage.sum();
}

void take_openai_usage(Json usage, Usage& into) {
  if (!usage.is_object()) return;
  take(usage["prompt_tokens"], into.input);
  take(usage["input_tokens"], into.input);
  take(usage["completion_tokens"], into.output);
  take(usage["output_tokens"], into.output);
  take(usage["total_tokens"], into.total);
  for (const std::string_view name : {"prompt_tokens_details", "input_tokens_details"}) {
    take(usage[name]["cached_tokens"], into.cache_read);
    take(usage[name]["cache_write_tokens"], into.cache_write);
  }
  for (const std::string_view name : {"completion_tokens_details", "output_tokens_details"}) {
    take(usage[name]["reasoning_tokens"], into.reasoning);
  }
  settle(into);
}

void take_ollama_usage(Json root, Usage& into) {
  take(root["prompt_eval_count"], into.input);
  take(root["eval_count"], into.output);
  if (into.known()) into.total = known(into.input) + known(into.output);
}

void AnthropicCounters::take(Json usage) {
  genai::take(usage["input_tokens"], input);
  genai::take(usage["cache_creation_input_tokens"], write);
  genai::take(usage["cache_read_input_tokens"], read);
  genai::take(usage["cache_creation"]["ephemeral_5m_input_tokens"], write_5m);
  genai::take(usage["cache_creation"]["ephemeral_1h_input_tokens"], write_1h);
  genai::take(usage["output_tokens"], output);
  genai::take(usage["output_tokens_details"]["thinking_tokens"], thinking);
}

Usage AnthropicCounters::usage() const {
  Usage out;
  const int64_t written = write >= 0 ? write : add(write_5m, write_1h);
  out.input = add(add(input, written), read);
  out.output = output;
  out.cache_read = read;
  out.cache_write = written;
  out.cache_write_1h = write_1h;
  out.reasoning = thinking;
  settle(out);
  return out;
}

void GeminiCounters::take(Json metadata) {
  const auto last = [&](std::string_view name, int64_t& into) {
    const int64_t n = tokens(metadata.either(name));
    if (n > 0 || (n == 0 && into < 0)) into = n;
  };
  last("promptTokenCount", prompt);
  last("cachedContentTokenCount", cached);
  last("candidatesTokenCount", candidates);
  last("thoughtsTokenCount", thoughts);
  last("toolUsePromptTokenCount", tool_use);
  last("totalTokenCount", total);
}

Usage GeminiCounters::usage() const {
  Usage out;
  out.input = add(prompt, tool_use);
  out.output = add(candidates, thoughts);
  // Counters of zero are left out: an answer without a visible token still has an output.
  if (out.output < 0 && out.input >= 0) out.output = total >= 0 ? std::max<int64_t>(0, total - out.input) : 0;
  out.cache_read = cached;
  out.reasoning = thoughts;
  out.total = total;
  settle(out);
  return out;
}

void write_chat_usage(JsonWriter& w, const Usage& usage) {
  w.open('{').field("prompt_tokens", known(usage.input)).field("completion_tokens", known(usage.output));
  w.field("total_tokens", known(usage.sum()));
  w.object("prompt_tokens_details").field("cached_tokens", known(usage.cache_read));
  if (usage.cache_write >= 0) w.field("cache_write_tokens", usage.cache_write);
  w.close('}').object("completion_tokens_details").field("reasoning_tokens", known(usage.reasoning)).close('}');
  w.close('}');
}

void write_responses_usage(JsonWriter& w, const Usage& usage) {
  w.open('{').field("input_tokens", known(usage.input)).object("input_tokens_details");
  w.field("cached_tokens", known(usage.cache_read));
  if (usage.cache_write >= 0) w.field("cache_write_tokens", usage.cache_write);
  w.close('}').field("output_tokens", known(usage.output)).object("output_tokens_details");
  w.field("reasoning_tokens", known(usage.reasoning)).close('}');
  w.field("total_tokens", known(usage.sum())).close('}');
}

void write_anthropic_usage(JsonWriter& w, const Usage& usage) {
  const int64_t read = known(usage.cache_read), written = known(usage.cache_write);
  w.open('{').field("input_tokens", std::max<int64_t>(0, known(usage.input) - read - written));
  w.field("cache_creation_input_tokens", written).field("cache_read_input_tokens", read);
  if (usage.cache_write_1h >= 0) {
    w.object("cache_creation").field("ephemeral_5m_input_tokens", written - usage.cache_write_1h);
    w.field("ephemeral_1h_input_tokens", usage.cache_write_1h).close('}');
  }
  w.field("output_tokens", known(usage.output));
  if (usage.reasoning >= 0) w.object("output_tokens_details").field("thinking_tokens", usage.reasoning).close('}');
  w.close('}');
}

void write_gemini_usage(JsonWriter& w, const Usage& usage) {
  // Zeroes are left out, as Google does.
  const auto count = [&](std::string_view name, int64_t n) {
    if (n > 0) w.field(name, n);
  };
  w.open('{');
  count("promptTokenCount", usage.input);
  count("cachedContentTokenCount", usage.cache_read);
  count("candidatesTokenCount", known(usage.output) - known(usage.reasoning));
  count("thoughtsTokenCount", usage.reasoning);
  count("totalTokenCount", usage.sum());
  w.close('}');
}

}  // namespace godseye::genai
