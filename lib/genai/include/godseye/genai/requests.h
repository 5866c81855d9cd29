#pragma once

#include <cstdint>
#include <forward_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/genai/chat.h>
#include <godseye/genai/route.h>

// Request bodies. Two ways to look at one:
//
// - `read_request` is the hot path of a gateway: who, which model, does it stream, every text that the model will see
// with
//   its origin and its place in the body, every image. It makes no copy of a text without escapes. It sees more than a
//   translation understands: the strings of unknown kinds of content come as kOther, a name given twice is visited
//   twice, so that nothing reaches a model past the guards because two parsers disagree.
// - `parse_request` / `write_request` translate through the common form.
//
// Limits: kBodyBytesMax, kJsonDepthMax, kJsonItemsMax; past one: kTooLarge. Not JSON, not UTF-8, or a field of the
// wrong type that decides the meaning: kInvalidArgument, with a sentence to show to the client. Pure, any thread.
namespace godseye::genai {

inline constexpr size_t kBodyBytesMax = size_t{64} << 20;
inline constexpr size_t kJsonDepthMax = 128;
inline constexpr size_t kJsonItemsMax = 1'000'000;  // values and names, not counting lists of plain numbers

// Where a text comes from, as far as the protocol says.
enum class Origin : uint8_t {
  kSystem,          // system and developer messages, instructions
  kUser,            //
  kAssistant,       // earlier answers
  kReasoning,       // earlier thoughts
  kDocument,        // retrieved or attached text: document and search-result blocks, file search results
  kToolResult,      // what a tool gave back
  kToolArguments,   // what the model asked a tool, in earlier turns
  kToolDefinition,  // descriptions of tools
  kOther            // a string in content that we do not know
};
std::string_view origin_name(Origin origin);  // "system", "user", …, "tool_result": for tags

struct RequestText {
  Origin origin = Origin::kUser;
  std::string_view text;  // decoded; points into the body or into the RequestFacts
  uint32_t begin = 0;     // the JSON string in the body, [begin, end) with its quotes
  uint32_t end = 0;
  uint32_t message = 0;   // index of the message, content or item it belongs to; system fields: 0
  std::string_view name;  // tool or document name if said
};

struct RequestImage {
  Origin origin = Origin::kUser;
  std::string_view media_type;  // "image/png", also "application/pdf", "audio/wav"; empty: not said
  std::string_view base64;      // empty: by address
  std::string_view url;         // never "data:"
  uint32_t begin = 0;           // the JSON string that holds data or address, with its quotes
  uint32_t end = 0;
  uint32_t message = 0;
};

// Views point into the body given to read_request, which must outlive this, or into `decoded`.
struct RequestFacts {
  std::string_view model;  // from the body; else Call::model (a copy is kept)
  bool stream = false;     // by body, path and default together
  bool stream_usage = false;
  std::string_view user;                                                // `user`; Anthropic metadata.user_id
  std::string_view safety_identifier;                                   // OpenAI
  std::vector<std::pair<std::string_view, std::string_view>> metadata;  // string values of `metadata` / `labels`
  std::optional<int64_t> max_output_tokens;
  uint32_t messages = 0;
  uint32_t tools = 0;
  std::vector<RequestText> texts;  // in the order of the conversation; system first where the dialect has it apart
  std::vector<RequestImage> images;
  std::forward_list<std::string> decoded;
};

// Any operation with a JSON body: chat, embeddings (texts are kUser), count tokens. For kOther the body may be
// anything; what can be found is found, and a body that is not JSON gives empty facts.
base::Result<RequestFacts> read_request(const Call& call, std::string_view body);

// A text to put in place of a JSON string of the body.
struct Replacement {
  uint32_t begin = 0;  // as RequestText has them
  uint32_t end = 0;
  std::string text;      // not yet escaped
  bool is_json = false;  // `text` is JSON and goes in as it is
};
// The body with each string replaced and all other bytes as they were. Requires: ranges from this body, no overlaps;
// any order.
std::string replace_texts(std::string_view body, std::span<const Replacement> replacements);
// The body with `model` set to another name (same-dialect routing to another model); nothing when it is not in the
// body.
std::optional<std::string> replace_model(std::string_view body, std::string_view model);
// OpenAI chat stream request with stream_options.include_usage true, so that the provider reports usage. The gateway
// then drops the extra chunk (`Delta::usage_only`) if the client had not asked for it. Nothing if it is there already.
std::optional<std::string> with_stream_usage(std::string_view body);

// Operation kChat or kCountTokens of `call`; `model` and `stream` as in RequestFacts.
base::Result<ChatRequest> parse_request(const Call& call, std::string_view body);
// The body for `dialect` (kOpenAiChat, kOpenAiResponses, kGemini, kAnthropic, kOllamaChat; others are kUnimplemented).
// What the dialect has no word for is added to `dropped` if given. `max_tokens_default` is written where the dialect
// demands a limit (Anthropic) and the request has none.
base::Result<std::string> write_request(Dialect dialect, const ChatRequest& request,
                                        std::vector<std::string>* dropped = nullptr,
                                        Operation operation = Operation::kChat);
inline constexpr int64_t kAnthropicMaxTokensDefault = 4096;

}  // namespace godseye::genai
