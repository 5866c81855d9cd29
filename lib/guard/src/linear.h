#pragma once

#include "matcher.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The linear model: hashed character 2-5-grams, word 1-3-grams and sequences of word classes, with two heads, one
// trained on whole texts and one on windows of three sentences. Trainer and scorer share `walk_ngrams`, so that a
// feature is the same thing in both.
namespace godseye::guard {

inline constexpr int kBucketBits = 19;
inline constexpr size_t kBuckets = size_t{1} << kBucketBits;
inline constexpr float kCharValue = 1.0f;
inline constexpr float kWordValue = 2.0f;
inline constexpr float kClassValue = 3.0f;
inline constexpr size_t kWindowSentences = 3;
inline constexpr size_t kSentenceBytesMax = 240;  // longer ones are cut: pages without full stops have windows too

inline uint32_t bucket_of(uint64_t key) {
  return static_cast<uint32_t>((key * 0x9E3779B97F4A7C15ull) >> (64 - kBucketBits));
}

// The text as its n-grams are read: a blank before and after it, every digit as 0, padding for whole words of memory.
// Returns the size without the padding.
inline size_t pad_ngrams(std::string_view text, std::string& buffer) {
  constexpr size_t kPadding = 9;
  buffer.resize(text.size() + 1 + kPadding);
  char* to = buffer.data();
  *to++ = ' ';
  for (const char c : text) *to++ = c >= '0' && c <= '9' ? '0' : c == '\n' ? ' ' : c;
  std::memset(to, ' ', kPadding);
  return text.size() + 2;
}

// The position in the text that an n-gram beginning at `i` of the padded text belongs to.
inline size_t ngram_position(size_t i) { return i == 0 ? 0 : i - 1; }

// Calls f(bucket) for the character n-grams that begin at `bytes`, a place in the padded text.
template <typename F>
inline void char_ngrams_at(const char* bytes, F f) {
  constexpr uint64_t kMasks[] = {0, 0, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF};
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  for (uint64_t n = 2; n <= 5; ++n) f(bucket_of(((word & kMasks[n]) ^ (n << 56)) * 0xD6E8FEB86659FD93ull));
  if ((word & 0xFF) >= 0xE0) f(bucket_of(((word & kMasks[6]) ^ (uint64_t{6} << 56)) * 0xD6E8FEB86659FD93ull));
}

inline constexpr std::array<bool, 256> kNgramWord = [] {
  std::array<bool, 256> in{};
  for (size_t c = 0; c < in.size(); ++c) in[c] = c >= 0x80 || (c >= 'a' && c <= 'z') || c == '0';
  return in;
}();

// Calls f(position, bucket) for the word 1-3-grams of the padded text, by position.
template <typename F>
void walk_words(std::string_view padded, size_t size, F f) {
  uint64_t before = 0;
  uint64_t before2 = 0;
  const auto in_word = [&](size_t k) { return kNgramWord[static_cast<unsigned char>(padded[k])]; };
  for (size_t i = 1; i < size;) {
    if (!in_word(i)) {
      ++i;
      continue;
    }
    uint64_t word = 0x100001B3;
    const size_t begin = i;
    for (; i < size && in_word(i); ++i) word = (word ^ static_cast<unsigned char>(padded[i])) * 0x100000001B3ull;
    word ^= word >> 29;
    f(begin - 1, bucket_of(word ^ 0xA1));
    if (before != 0) f(begin - 1, bucket_of(word * 31 + before * 0x9E3779B1ull));
    if (before2 != 0) f(begin - 1, bucket_of(word * 31 + before * 0x9E3779B1ull + before2 * 0x85EBCA77C2B2AE63ull));
    before2 = before;
    before = word;
  }
}

// Calls f(position, bucket) for the sequences of word classes, by position.
template <typename F>
void walk_classes(std::span<const Hit> hits, F f) {
  for (size_t k = 0; k < hits.size(); ++k) {
    const size_t at = hits[k].end == 0 ? 0 : hits[k].end - 1;
    const auto gap = [&](size_t j) -> uint64_t {
      return hits[k].end - hits[j].end > 30 ? 2 : hits[k].end - hits[j].end > 0 ? 1 : 0;
    };
    const uint64_t own = hits[k].atom + 1u;
    f(at, bucket_of((own << 8) ^ 0xC1A55000000000ull));
    for (size_t j = k; j-- > 0 && k - j <= 3 && hits[k].end - hits[j].end <= 80;) {
      const uint64_t pair = (own << 8) | ((hits[j].atom + 1u) << 16) | (gap(j) << 24);
      f(at, bucket_of(pair ^ 0xC1A55100000000ull));
      if (j > 0 && k - j <= 2 && hits[k].end - hits[j - 1].end <= 120) {
        f(at, bucket_of(pair ^ ((hits[j - 1].atom + 1ull) << 28) ^ 0xC1A55200000000ull));
      }
    }
  }
}

// Calls f(position, bucket, value) for every feature of `text` (a view); position is a byte offset in `text`.
template <typename F>
void walk_ngrams(std::string_view text, std::span<const Hit> hits, std::string& buffer, F f) {
  const size_t size = pad_ngrams(text, buffer);
  for (size_t i = 0; i + 2 <= size; ++i) {
    char_ngrams_at(buffer.data() + i, [&](uint32_t bucket) { f(ngram_position(i), bucket, kCharValue); });
  }
  walk_words(buffer, size, [&](size_t at, uint32_t bucket) { f(at, bucket, kWordValue); });
  walk_classes(hits, [&](size_t at, uint32_t bucket) { f(at, bucket, kClassValue); });
}

struct Range {
  size_t begin = 0;
  size_t end = 0;
};

// Sentences of a view: cut after . ! ? and line feeds, and every kSentenceBytesMax bytes at a space.
void split_sentences(std::string_view text, std::vector<Range>& out);

// Windows of kWindowSentences sentences, stride one; the whole text when it has no more sentences than that.
std::vector<Range> windows_of(const std::vector<Range>& sentences);

// Weights of the two heads side by side: they are asked for together.
struct LinearModel {
  std::span<const int8_t> weights;  // 2 * kBuckets: whole, window, whole, window, ...
  float whole_scale = 0;
  float window_scale = 0;
  float whole_bias = 0;
  float window_bias = 0;
};

struct LinearScores {
  float whole = 0;  // logits
  float window_max = 0;
  float window_mean = 0;
  Range best;  // the window of window_max
  uint32_t windows = 0;
};

LinearScores linear_scores(const LinearModel& model, std::string_view text, std::span<const Hit> hits);

}  // namespace godseye::guard
