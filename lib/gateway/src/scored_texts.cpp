#include "scored_texts.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <sodium.h>

namespace godseye::gateway {

namespace {
constexpr uint64_t kScoreBits = 0xffff;
constexpr double kScoreSteps = 65534;  // stored from 1 on, so that no entry is 0
}  // namespace

ScoredTexts::ScoredTexts() : slots_(kSlots) { randombytes_buf(key_.data(), key_.size()); }

uint64_t ScoredTexts::hash(guard::Source source, std::string_view text) const {
  static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == sizeof(uint64_t));
  std::array<unsigned char, 16> key = key_;
  key[0] ^= static_cast<unsigned char>(source);  // the same words from another source are another text
  uint64_t out = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&out), reinterpret_cast<const unsigned char*>(text.data()),
                   text.size(), key.data());
  return out;
}

std::optional<double> ScoredTexts::find(guard::Source source, std::string_view text) const {
  const uint64_t wanted = hash(source, text);
  const uint64_t entry = slots_[wanted % kSlots].load(std::memory_order_relaxed);
  if (entry == 0 || (entry | kScoreBits) != (wanted | kScoreBits)) return std::nullopt;
  return static_cast<double>((entry & kScoreBits) - 1) / kScoreSteps;
}

void ScoredTexts::put(guard::Source source, std::string_view text, double score) {
  const uint64_t wanted = hash(source, text);
  const auto steps = static_cast<uint64_t>(std::ceil(std::clamp(score, 0.0, 1.0) * kScoreSteps)) + 1;
  slots_[wanted % kSlots].store((wanted & ~kScoreBits) | steps, std::memory_order_relaxed);
}

}  // namespace godseye::gateway
