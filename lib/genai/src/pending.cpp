#include <godseye/genai/answers.h>
#include <godseye/genai/embeddings.h>
#include <godseye/genai/error.h>
#include <godseye/genai/requests.h>
#include <godseye/genai/stream.h>

// Doors whose rooms are not furnished yet. Removed function by function as the codecs land.
namespace godseye::genai {
namespace {
base::Error pending() { return {base::ErrorCode::kUnimplemented, "this codec is not there yet"}; }
}  // namespace

RateLimits read_rate_limits(const std::function<std::string_view(std::string_view)>&, std::chrono::sys_seconds) {
  return {};
}
std::vector<std::pair<std::string, std::string>> rate_limit_headers(Family, const RateLimits&,
                                                                    std::chrono::sys_seconds) {
  return {};
}

base::Result<EmbeddingRequest> parse_embedding_request(const Call&, std::string_view) { return pending(); }
base::Result<std::string> write_embedding_request(Dialect, const EmbeddingRequest&, std::vector<std::string>*) {
  return pending();
}
base::Result<EmbeddingAnswer> parse_embedding_answer(const Call&, std::string_view) { return pending(); }
base::Result<std::string> write_embedding_answer(const Call&, const EmbeddingRequest&, const EmbeddingAnswer&) {
  return pending();
}
base::Result<std::vector<ModelInfo>> parse_models(Family, std::string_view) { return pending(); }
std::string write_models(Family, const std::vector<ModelInfo>&) { return {}; }
std::string write_model(Family, const ModelInfo&) { return {}; }

}  // namespace godseye::genai
