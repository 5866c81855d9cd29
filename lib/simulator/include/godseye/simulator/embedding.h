#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

// Embeddings without a model: words (0.8 of the weight) and character trigrams of the text, each hashed to a place and
// a sign, weighted by the root of how often they occur, scaled to length 1. The same text gives the same vector on
// every machine; texts that share words lie near each other (cosine), texts that share none are about orthogonal. Case
// and punctuation do not count.
//
// Pure, any thread; linear in the text up to kEmbeddingTextBytesMax (what follows is not looked at).
namespace godseye::simulator {

inline constexpr size_t kEmbeddingTextBytesMax = 256u << 10;
inline constexpr size_t kEmbeddingSizeMax = 8192;

// `size` from 1 to kEmbeddingSizeMax. An empty text gives (1, 0, 0, …).
std::vector<float> embed(std::string_view text, size_t size);

}  // namespace godseye::simulator
