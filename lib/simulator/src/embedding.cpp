#include "text.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include <godseye/base/hash.h>
#include <godseye/simulator/embedding.h>

namespace godseye::simulator {

namespace {

constexpr double kWordWeight = 0.8;
constexpr uint64_t kSeed = 0x656d626564;  // never changes: stored vectors must stay comparable

using Counts = std::unordered_map<uint64_t, uint32_t>;

void add_scaled(const Counts& counts, double weight, std::vector<double>& into) {
  double square = 0;
  for (const auto& [hash, count] : counts) square += count;
  if (square == 0) return;
  const double scale = weight / std::sqrt(square);
  for (const auto& [hash, count] : counts) {
    into[hash % into.size()] += (hash >> 63 ? -scale : scale) * std::sqrt(count);
  }
}

}  // namespace

std::vector<float> embed(std::string_view text, size_t size) {
  size = std::clamp<size_t>(size, 1, kEmbeddingSizeMax);
  Counts words;
  Counts trigrams;
  for (const std::string& word : all_words(text.substr(0, kEmbeddingTextBytesMax))) {
    ++words[base::hash64(stem(word), kSeed)];
    const std::string framed = " " + word + " ";
    for (size_t i = 0; i + 3 <= framed.size(); ++i)
      ++trigrams[base::hash64(std::string_view(framed).substr(i, 3), kSeed + 1)];
  }
  std::vector<double> sum(size);
  add_scaled(words, kWordWeight, sum);
  add_scaled(trigrams, 1 - kWordWeight, sum);
  double square = 0;
  for (const double value : sum) square += value * value;
  std::vector<float> vector(size);
  if (square < 1e-12) {
    vector[0] = 1;
    return vector;
  }
  const double scale = 1 / std::sqrt(square);
  for (size_t i = 0; i < size; ++i) vector[i] = static_cast<float>(sum[i] * scale);
  return vector;
}

}  // namespace godseye::simulator
