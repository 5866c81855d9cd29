#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include <godseye/base/assert.h>

// `Slab<T>` holds many objects under small numbers that stay valid until released. Memory comes and goes in chunks: a
// chunk without a live object is freed, so a burst of a million contexts does not stay.
namespace godseye::pipeline {

template <typename T>
class Slab {
 public:
  static constexpr uint32_t kChunk = 1024;

  T& operator[](uint32_t i) { return chunks_[i / kChunk]->items[i % kChunk]; }
  const T& operator[](uint32_t i) const { return chunks_[i / kChunk]->items[i % kChunk]; }
  size_t size() const { return size_; }

  // The number of a fresh T{}. The lowest free one, so that long-lived objects gather in the first chunks.
  uint32_t allocate() {
    while (first_free_ < chunks_.size() && chunks_[first_free_] && chunks_[first_free_]->live == kChunk) ++first_free_;
    if (first_free_ == chunks_.size()) chunks_.emplace_back();
    std::unique_ptr<Chunk>& chunk = chunks_[first_free_];
    if (!chunk) chunk = std::make_unique<Chunk>();
    size_t word = 0;
    while (chunk->used[word] == ~uint64_t{0}) ++word;
    const auto bit = static_cast<uint32_t>(std::countr_one(chunk->used[word]));
    chunk->used[word] |= uint64_t{1} << bit;
    ++chunk->live;
    ++size_;
    return static_cast<uint32_t>(first_free_ * kChunk + word * 64 + bit);
  }

  void release(uint32_t i) {
    std::unique_ptr<Chunk>& chunk = chunks_[i / kChunk];
    chunk->items[i % kChunk] = T{};
    chunk->used[i % kChunk / 64] &= ~(uint64_t{1} << i % 64);
    --size_;
    if (--chunk->live == 0) chunk.reset();
    if (i / kChunk < first_free_) first_free_ = i / kChunk;
  }

  // f(number, object) for each live object; f may not allocate or release.
  template <typename F>
  void for_each(F&& f) {
    for (size_t c = 0; c < chunks_.size(); ++c) {
      if (!chunks_[c]) continue;
      for (size_t word = 0; word < kChunk / 64; ++word) {
        for (uint64_t bits = chunks_[c]->used[word]; bits != 0; bits &= bits - 1) {
          const size_t i = word * 64 + static_cast<size_t>(std::countr_zero(bits));
          f(static_cast<uint32_t>(c * kChunk + i), chunks_[c]->items[i]);
        }
      }
    }
  }

 private:
  struct Chunk {
    std::array<T, kChunk> items{};
    std::array<uint64_t, kChunk / 64> used{};
    uint32_t live = 0;
  };
  std::vector<std::unique_ptr<Chunk>> chunks_;
  size_t first_free_ = 0;
  size_t size_ = 0;
};

}  // namespace godseye::pipeline
