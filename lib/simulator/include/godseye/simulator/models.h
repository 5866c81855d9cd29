#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// What the simulator knows of a model by its name. Any name is answered; a name of a known family gets that family's
// traits. Every name that is reported ends in `-simulated`, so that no record of an answer can be taken for a real
// model's: a request for `gemini-2.0-flash` is answered by `gemini-2.0-flash-simulated` (a request for the latter too).
//
// Pure functions, any thread.
namespace godseye::simulator {

inline constexpr std::string_view kSimulatedSuffix = "-simulated";
inline constexpr size_t kModelNameBytesMax = 256;

struct ModelTraits {
  double quality = 0.9;           // base of the quality model, 0 to 1 (behaviour.h)
  double decay_per_hour = 0;      // loss of quality per hour that the simulator runs
  double tokens_per_second = 80;  // while streaming
  double first_token_ms = 250;    // median time to the first token
  bool reasons = false;           // reports reasoning tokens
  uint32_t embedding_size = 768;  // when the request names none
  uint32_t context_tokens = 128000;
  std::string_view owner = "simulator";
};

// Longest matching prefix of the name without a path in front ("models/", "openai/").
ModelTraits traits_of(std::string_view model);

// `model` with the suffix, once; without "models/" in front; cut at kModelNameBytesMax bytes; "simulated" when empty.
std::string simulated_name(std::string_view model);
// The name without the suffix, as listed.
std::string_view plain_name(std::string_view model);

enum class ModelKind : uint8_t { kChat, kEmbedding };
struct ListedModel {
  std::string_view name;    // without the suffix
  std::string_view family;  // "openai", "gemini", "anthropic", "ollama"
  ModelKind kind;
};
// What the lists of models show.
std::span<const ListedModel> listed_models();

}  // namespace godseye::simulator
