#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// Which protocol a call speaks, from its request line alone. `recognise` is the first thing a gateway or simulator does
// with a request; `request_path` is its inverse for a provider of another protocol.
//
//   Result<Call> call = recognise("POST", "/v1beta/models/gemini-2.5-flash:streamGenerateContent", "alt=sse");
//   // dialect kGemini, operation kChat, model "gemini-2.5-flash", streams by path, framing kSse
//
// Pure functions of their arguments; a path is outside input and never trusted: dot segments, control characters and
// broken percent escapes are errors.
namespace godseye::genai {

// Who speaks like this; decides error objects, header names and where a model list is.
enum class Family : uint8_t { kUnknown, kOpenAi, kGemini, kAnthropic, kOllama };

// The form of request and answer bodies. kOpenAi and kOllama stand for what the family has besides chat: embeddings,
// models and everything forwarded without being understood.
enum class Dialect : uint8_t {
  kUnknown,
  kOpenAiChat,         // POST /v1/chat/completions
  kOpenAiCompletions,  // POST /v1/completions
  kOpenAiResponses,    // POST /v1/responses
  kOpenAi,             // /v1/embeddings, /v1/models, /v1/…
  kGemini,             // /v1beta/models/{model}:verb and Vertex paths
  kAnthropic,          // /v1/messages…
  kOllamaChat,         // POST /api/chat
  kOllamaGenerate,     // POST /api/generate
  kOllama              // /api/embed, /api/tags, /api/…
};

enum class Operation : uint8_t {
  kOther,        // known family, not understood: forward as it is
  kChat,         // a prompt to be answered, in any dialect
  kEmbed,        // embeddings
  kCountTokens,  // Gemini countTokens, Anthropic count_tokens
  kModels,       // list of models
  kModel         // one model
};

// How a streamed answer is cut into JSON documents.
enum class Framing : uint8_t { kWhole, kSse, kNdjson, kJsonArray };

struct Call {
  Dialect dialect = Dialect::kUnknown;
  Family family = Family::kUnknown;
  Operation operation = Operation::kOther;
  std::string model;  // from the path, percent-decoded, without "models/"; empty: it is in the body
  std::string verb;   // Gemini: "generateContent", "batchEmbedContents", …; Ollama: "embed", "embeddings"; else empty
  std::string deployment_prefix;     // path before "models/…" or the API's own part: "/v1beta/projects/p/locations/l/…"
  bool vertex = false;               // a Vertex path
  bool azure = false;                // an Azure deployment path; `model` is the deployment
  bool streams_by_path = false;      // Gemini: the path decides; else the body's `stream` does
  bool streams_unless_told = false;  // Ollama: a missing `stream` means true
  Framing framing = Framing::kWhole;  // of the answer if it streams
};

inline constexpr size_t kPathBytesMax = 2048;
inline constexpr size_t kModelBytesMax = 256;

// `path` without query, as it came (percent escapes and all); `query` without '?'. "/v1" is optional before OpenAI's
// paths. kNotFound: no protocol of ours; kInvalidArgument: a path nobody may send; kTooLarge: over kPathBytesMax. A
// known path with a method that it does not have gives kOther.
// GET /v1/models is OpenAI's, Anthropic's and, with newer clients, Google's: `hint` decides (family_by_headers).
base::Result<Call> recognise(std::string_view method, std::string_view path, std::string_view query,
                             Family hint = Family::kUnknown);

// What the client's headers say about its protocol: kGemini (x-goog-api-key, x-goog-api-client), kAnthropic
// (anthropic-version), else kUnknown. `header` gives the value for a lower-case name, empty if absent.
Family family_by_headers(const std::function<std::string_view(std::string_view)>& header);

// Path (with query where needed) at which a provider takes this operation: request_path(kGemini, kChat,
// "gemini-2.5-pro", true) is "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse". The model is
// percent-encoded. Empty for what a dialect lacks.
std::string request_path(Dialect dialect, Operation operation, std::string_view model, bool stream);

Family family_of(Dialect dialect);
// How `dialect` streams when asked at request_path().
Framing framing_of(Dialect dialect);
// "application/json", "text/event-stream", "application/x-ndjson".
std::string_view content_type(Framing framing);
// "openai", "gemini", "anthropic", "ollama", ""; and back. Stable: metric tags and settings hold them.
std::string_view family_name(Family family);
Family family(std::string_view name);
// "openai_chat", "openai_responses", …: for tags.
std::string_view dialect_name(Dialect dialect);

}  // namespace godseye::genai
