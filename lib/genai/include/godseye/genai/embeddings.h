#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/genai/chat.h>
#include <godseye/genai/route.h>

// Embeddings between OpenAI, Gemini (embedContent, batchEmbedContents, Vertex predict) and Ollama (embed, embeddings).
// Limits and failures as in requests.h. Pure, any thread.
namespace godseye::genai {

inline constexpr size_t kEmbeddingInputsMax = 4096;

struct EmbeddingRequest {
  std::string model;
  std::vector<std::string> inputs;
  std::vector<std::vector<int64_t>> tokens;  // OpenAI: inputs as token ids, instead of `inputs`
  std::optional<int64_t> dimensions;
  bool base64 = false;    // OpenAI encoding_format
  std::string task_type;  // Gemini: "RETRIEVAL_QUERY", …
  std::string title;      // Gemini
  std::string user;
  bool single = false;  // asked for one, not a list: embedContent, /api/embeddings
  std::vector<std::string> dropped;
  bool operator==(const EmbeddingRequest&) const = default;
};

struct EmbeddingAnswer {
  std::string model;
  std::vector<std::vector<float>> vectors;
  Usage usage;
  bool operator==(const EmbeddingAnswer&) const = default;
};

base::Result<EmbeddingRequest> parse_embedding_request(const Call& call, std::string_view body);
// To be sent to request_path(…, kEmbed, …). Token inputs cannot leave OpenAI: kUnimplemented.
base::Result<std::string> write_embedding_request(Dialect dialect, const EmbeddingRequest& request,
                                                  std::vector<std::string>* dropped = nullptr);
base::Result<EmbeddingAnswer> parse_embedding_answer(const Call& call, std::string_view body);
// In the form that `call` and its request asked for (single or list, floats or base64).
base::Result<std::string> write_embedding_answer(const Call& call, const EmbeddingRequest& request,
                                                 const EmbeddingAnswer& answer);

struct ModelInfo {
  std::string id;     // without "models/"
  std::string name;   // for people; may be empty
  std::string owner;  // OpenAI owned_by
  int64_t created_s = 0;
  int64_t input_tokens_max = 0;  // 0: not said
  int64_t output_tokens_max = 0;
  bool embeds = false;  // Gemini: supportedGenerationMethods says embedContent
  bool operator==(const ModelInfo&) const = default;
};

base::Result<std::vector<ModelInfo>> parse_models(Family family, std::string_view body);
// The family's list; `write_model` one entry as GET of a single model gives it.
std::string write_models(Family family, const std::vector<ModelInfo>& models);
std::string write_model(Family family, const ModelInfo& model);

}  // namespace godseye::genai
