#pragma once

#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/genai/chat.h>
#include <godseye/genai/requests.h>
#include <godseye/genai/route.h>

// Whole answers (not streamed), status 2xx. `read_answer` is the gateway's look at bytes that it forwards;
// `parse_answer` and `write_answer` translate through the common form. Errors are in error.h, streams in stream.h.
// Limits and failures as in requests.h. Pure, any thread.
namespace godseye::genai {

struct AnswerText {
  Origin origin = Origin::kAssistant;  // kAssistant, kReasoning, kToolArguments
  std::string_view text;
  uint32_t begin = 0;  // the JSON string in the body, with its quotes: replace_texts() takes it
  uint32_t end = 0;
  bool is_json = false;  // the place holds a JSON object, not a string: Replacement::is_json
  uint32_t choice = 0;
  std::string_view name;  // kToolArguments: the function
};

// Views point into the body or into `decoded`.
struct AnswerFacts {
  std::string_view id;
  std::string_view model;
  FinishReason finish = FinishReason::kNone;  // of the first choice
  Usage usage;
  uint32_t choices = 0;
  uint32_t tool_calls = 0;
  std::vector<AnswerText> texts;
  std::forward_list<std::string> decoded;
};

// Chat, embeddings (usage and model only), count tokens (usage.input only).
base::Result<AnswerFacts> read_answer(const Call& call, std::string_view body);

base::Result<ChatAnswer> parse_answer(Dialect dialect, std::string_view body);
// `dialect` as for write_request, and kOpenAiCompletions, kOllamaGenerate. Missing ids of answer and tool calls are
// made up from `answer.id` and their position, so that the same answer gives the same bytes.
base::Result<std::string> write_answer(Dialect dialect, const ChatAnswer& answer,
                                       std::vector<std::string>* dropped = nullptr);

// Tokens of a count-tokens answer, and the body that says so (kGemini, kAnthropic).
base::Result<int64_t> parse_token_count(Dialect dialect, std::string_view body);
std::string write_token_count(Dialect dialect, int64_t tokens);

}  // namespace godseye::genai
