#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/genai/usage.h>

// The one form of a chat between dialects: what a request asks and an answer says, with the meaning but without the
// spelling of a protocol. Readers fill it (requests.h, answers.h, stream.h), writers spell it out again.
//
// What this form has no word for is lost in a translation; every reader and writer adds the name of what it dropped
// ("logit_bias", "messages.audio") to `dropped`, for the warning header of a gateway. Within one dialect a gateway
// forwards the bytes that came, so nothing is lost there.
//
// Plain data: copy and move freely. Texts are UTF-8. Texts called JSON are valid JSON.
namespace godseye::genai {

inline constexpr size_t kDroppedMax = 32;  // names kept; more are not listed

enum class Role : uint8_t { kSystem, kDeveloper, kUser, kAssistant, kTool };

enum class PartKind : uint8_t {
  kText,        // text
  kReasoning,   // text (may be empty), signature: thinking as far as the provider shows it
  kRefusal,     // text: the model declines (OpenAI)
  kMedia,       // media_type, data or url or file_id: image, audio, document
  kToolCall,    // id, name, text = arguments as a JSON object
  kToolResult,  // id, name, text = result, content = media that came with it
};

struct Part {
  PartKind kind = PartKind::kText;
  std::string text;
  std::string id;             // kToolCall, kToolResult: empty where the dialect has none (Gemini, Ollama)
  std::string name;           // kToolCall, kToolResult: the function; kMedia: file name
  std::string signature;      // opaque proof that the provider wants back (Anthropic thinking, Gemini thoughtSignature)
  std::string media_type;     // kMedia: "image/png"; empty: not said
  std::string data;           // kMedia: base64 as it came
  std::string url;            // kMedia: address, never "data:"
  std::string file_id;        // kMedia: the provider's handle of an uploaded file
  std::string detail;         // kMedia: OpenAI's "low", "high"
  bool is_json = false;       // kToolResult: `text` is a JSON value
  bool is_error = false;      // kToolResult: the tool failed
  bool redacted = false;      // kReasoning: only `signature` holds anything
  std::vector<Part> content;  // kToolResult: kMedia parts
  bool operator==(const Part&) const = default;
};

// Results of parallel calls are one kTool message with one part each, however the dialect sends them. System prompts
// are messages of kSystem at their place.
struct Message {
  Role role = Role::kUser;
  std::string name;  // OpenAI's participant name
  std::vector<Part> parts;
  bool operator==(const Message&) const = default;
};

struct Tool {
  std::string name;
  std::string description;
  std::string parameters;  // JSON Schema; empty: takes nothing
  std::optional<bool> strict;
  bool operator==(const Tool&) const = default;
};

enum class ToolChoice : uint8_t { kUnset, kAuto, kNone, kRequired, kNamed };
enum class OutputKind : uint8_t { kUnset, kText, kJson, kJsonSchema };

struct OutputFormat {
  OutputKind kind = OutputKind::kUnset;
  std::string name;    // of the schema; OpenAI needs one, "answer" is written when empty
  std::string schema;  // JSON Schema, for kJsonSchema
  std::optional<bool> strict;
  bool operator==(const OutputFormat&) const = default;
};

struct Reasoning {
  std::string effort;                    // "minimal", "low", "medium", "high", …; empty: not said
  std::optional<int64_t> budget_tokens;  // 0: off; -1: the model decides
  std::optional<bool> show;              // thoughts or their summary are wanted in the answer
  bool operator==(const Reasoning&) const = default;
};

struct ChatRequest {
  std::string model;
  std::vector<Message> messages;
  std::vector<Tool> tools;
  ToolChoice tool_choice = ToolChoice::kUnset;
  std::vector<std::string> tool_names;  // kNamed: the one; kRequired, kAuto: only these
  std::optional<bool> parallel_tools;
  OutputFormat output;
  Reasoning reasoning;
  std::optional<double> temperature, top_p, presence_penalty, frequency_penalty;
  std::optional<int64_t> top_k, max_output_tokens, seed, choices;
  std::vector<std::string> stop;
  bool stream = false;
  bool stream_usage = false;  // OpenAI chat: stream_options.include_usage; others always send usage
  std::string user;           // user, metadata.user_id, safety_identifier: whichever the dialect has
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<std::string> dropped;
  bool operator==(const ChatRequest&) const = default;
};

enum class FinishReason : uint8_t { kNone, kStop, kLength, kToolCalls, kContentFilter, kRefusal, kError, kOther };

// "stop", "length", "tool_calls", "content_filter", "refusal", "error", "other", "": for tags and LlmSpan.
std::string_view finish_reason_name(FinishReason reason);

struct Choice {
  std::vector<Part> parts;  // kText, kReasoning, kRefusal, kToolCall, kMedia; in the order they came
  FinishReason finish = FinishReason::kNone;
  std::string stop_sequence;  // the one that was met, if said
  bool operator==(const Choice&) const = default;
};

// How long the provider's engine took, as Ollama says; 0: not said.
struct EngineTimes {
  int64_t total_ns = 0, load_ns = 0, prompt_ns = 0, answer_ns = 0;
  bool operator==(const EngineTimes&) const = default;
};

struct ChatAnswer {
  std::string id;         // provider's id of the answer; empty: none (Ollama)
  std::string model;      // as answered
  int64_t created_s = 0;  // Unix time; 0: not said
  std::vector<Choice> choices;
  Usage usage;
  EngineTimes times;
  std::vector<std::string> dropped;
  bool operator==(const ChatAnswer&) const = default;
};

// All text of a choice (kText parts, joined).
std::string text_of(const Choice& choice);

// Adds a name once, up to kDroppedMax.
void add_dropped(std::vector<std::string>& dropped, std::string_view name);

}  // namespace godseye::genai
