#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What a span says about a call of a language model, an agent's step, a tool or a retrieval: the LLM Observability side
// of `Span::set_llm`. Plain data.
namespace godseye::sdk {

enum class LlmKind : uint8_t { kLlm, kWorkflow, kAgent, kTool, kTask, kEmbedding, kRetrieval };

struct LlmMessage {
  std::string role;  // "system", "user", "assistant", "tool"
  std::string content;
};

struct LlmDocument {
  std::string text;
  std::string id;
  std::string name;
  double score = 0;  // 0–1, of the retrieval
};

inline constexpr int64_t kNotCounted = -1;

struct LlmData {
  LlmKind kind = LlmKind::kLlm;
  std::string model_name;      // as asked for; kLlm and kEmbedding
  std::string response_model;  // as answered, when it says so
  std::string model_provider;  // "google", "openai", "anthropic", "ollama"
  std::string prompt_id;

  // Messages of kLlm; a value of everything else; documents are the output of kRetrieval, or the input of kEmbedding.
  std::vector<LlmMessage> input_messages;
  std::vector<LlmMessage> output_messages;
  std::string input_value;
  std::string output_value;
  std::vector<LlmDocument> documents;
  std::vector<std::pair<std::string, std::string>> metadata;

  int64_t input_tokens = kNotCounted;       // with those read from a cache
  int64_t output_tokens = kNotCounted;      // with those spent on reasoning
  int64_t cache_read_tokens = kNotCounted;  // of the input
  int64_t reasoning_tokens = kNotCounted;   // of the output
  double time_to_first_token_s = -1;
  std::string finish_reason;
  // `x-godseye-call-id` of a gateway's answer: the call is then counted once, by the gateway.
  std::string call_id;
};

}  // namespace godseye::sdk
