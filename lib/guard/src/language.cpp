#include "language.h"

#include "assets.h"
#include "letter_masks.h"
#include "utf8.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include <godseye/base/assert.h>

namespace godseye::guard {

namespace {

constexpr size_t kSymbols = 27;  // letters and the word boundary
constexpr size_t kSplitMax = 512;
constexpr size_t kWordMax = 16;

bool is_lower(char c) { return static_cast<unsigned char>(c - 'a') < 26; }
constexpr std::array<uint8_t, 256> kSymbolOf = [] {
  std::array<uint8_t, 256> symbols{};
  for (uint8_t letter = 0; letter < 26; ++letter) symbols['a' + size_t{letter}] = static_cast<uint8_t>(letter + 1);
  return symbols;
}();
size_t symbol_of(char c) { return kSymbolOf[static_cast<unsigned char>(c)]; }

}  // namespace

namespace {

// Words of up to sixteen bytes as two numbers, open addressing: asked several times for every word of every text.
class ShortWords {
 public:
  static constexpr size_t kBytesMax = 16;

  void insert(std::string_view word) { slots_[place(key_of(word))] = key_of(word); }
  bool has(std::string_view word) const {
    if (word.empty() || word.size() > kBytesMax || word.back() == '\0') return false;
    return slots_[place(key_of(word))].low != 0;
  }

 private:
  static constexpr size_t kSlots = 16 * 1024;  // about three times the words of the list
  struct Key {
    uint64_t low = 0;  // 0: no word; no word has a NUL in it
    uint64_t high = 0;
  };

  template <typename T>
  static T load(std::string_view word, size_t at) {
    T value;
    std::memcpy(&value, word.data() + at, sizeof value);
    return value;
  }
  static Key key_of(std::string_view word) {
    // Loads of fixed width that overlap, the overlap shifted out: nearly every word is shorter than eight.
    const size_t size = word.size();
    if (size >= 8) return {load<uint64_t>(word, 0), size == 8 ? 0 : load<uint64_t>(word, size - 8) >> 8 * (16 - size)};
    if (size >= 4) {
      const uint64_t tail = uint64_t{load<uint32_t>(word, size - 4)} >> 8 * (8 - size);
      return {load<uint32_t>(word, 0) | tail << 32, 0};
    }
    uint64_t low = 0;
    for (size_t i = size; i-- > 0;) low = low << 8 | static_cast<unsigned char>(word[i]);
    return {low, 0};
  }
  size_t place(const Key& key) const {
    uint64_t hash = (key.low ^ key.high * 0x9E3779B97F4A7C15ull) * 0xD6E8FEB86659FD93ull;
    hash ^= hash >> 32;
    size_t at = hash % kSlots;
    while (slots_[at].low != 0 && (slots_[at].low != key.low || slots_[at].high != key.high)) at = (at + 1) % kSlots;
    return at;
  }

  std::vector<Key> slots_ = std::vector<Key>(kSlots);
};

}  // namespace

struct Language::Impl {
  ShortWords words;
  std::array<std::array<float, kSymbols>, kSymbols> pair{};
};

// Pair probabilities from the word list, a word at rank r counting 1 / (r + 20): no second file to keep in step.
Language::Language() {
  auto* impl = new Impl;
  std::string_view rest = assets::words();
  std::array<std::array<double, kSymbols>, kSymbols> counts{};
  for (auto& row : counts) row.fill(1e-4);
  for (size_t rank = 0; !rest.empty(); ++rank) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (word.empty()) continue;
    GE_ASSERT(word.size() <= ShortWords::kBytesMax, "rules/words.txt has words of up to sixteen letters");
    impl->words.insert(word);
    size_t previous = 0;
    for (const char c : word) {
      counts[previous][symbol_of(c)] += 1.0 / static_cast<double>(rank + 20);
      previous = symbol_of(c);
    }
    counts[previous][0] += 1.0 / static_cast<double>(rank + 20);
  }
  for (size_t a = 0; a < kSymbols; ++a) {
    double sum = 0;
    for (const double count : counts[a]) sum += count;
    for (size_t b = 0; b < kSymbols; ++b) impl->pair[a][b] = static_cast<float>(std::log(counts[a][b] / sum));
  }
  impl_ = impl;
}

const Language& Language::shipped() {
  static const Language language;  // its tables are never freed
  return language;
}

bool Language::is_word(std::string_view word) const { return impl_->words.has(word); }

namespace {

// The words of up to Language::kLookedAt bytes as runs of bits: letters, and apostrophes before a letter.
class WordRuns {
 public:
  explicit WordRuns(std::string_view text) : size_(text.size()) {
    uint64_t apostrophes = 0;
    for (size_t at = 0; at < size_; at += 8) {
      const uint64_t bytes = eight_bytes(text, at);
      words_[at / 64] |= uint64_t{lower_bits(bytes)} << at % 64;
      apostrophes |= equal_bits(bytes, '\'');
    }
    if (apostrophes == 0) return;
    for (size_t at = text.find('\''); at < size_ - 1; at = text.find('\'', at + 1)) {
      if (is_lower(text[at + 1])) words_[at / 64] |= uint64_t{1} << at % 64;
    }
  }
  // The first position from `at` on that is in a word, or the size of the text.
  size_t begin_from(size_t at) const { return next(at, 0); }
  // The first from `at` on that is in none.
  size_t end_from(size_t at) const { return next(at, ~uint64_t{0}); }

 private:
  size_t next(size_t at, uint64_t flip) const {
    if (at >= size_) return size_;
    size_t block = at / 64;
    uint64_t bits = (words_[block] ^ flip) >> at % 64 << at % 64;
    while (bits == 0) {
      if (++block * 64 >= size_) return size_;
      bits = words_[block] ^ flip;
    }
    return std::min(size_, block * 64 + static_cast<size_t>(std::countr_zero(bits)));
  }

  std::array<uint64_t, Language::kLookedAt / 64> words_{};
  const size_t size_;
};

}  // namespace

Language::Rate Language::word_rate(std::string_view text) const {
  text = text.substr(0, kLookedAt);
  const WordRuns runs(text);
  Rate rate;
  size_t known = 0;
  for (size_t i = runs.begin_from(0); i < text.size();) {
    const size_t end = runs.end_from(i);
    if (text[i] == '\'') ++i;  // no word begins with it
    const std::string_view word = text.substr(i, end - i);
    rate.letters += word.size();
    if (word.size() <= kWordMax) {
      bool is_known = is_word(word);
      if (!is_known) {
        const size_t apostrophe = word.find('\'');
        is_known = apostrophe != std::string_view::npos && is_word(word.substr(0, apostrophe));
      }
      known += is_known ? word.size() : 0;
    }
    i = runs.begin_from(end);
  }
  rate.known = known;
  if (rate.letters > 0) rate.words = static_cast<double>(known) / static_cast<double>(rate.letters);
  return rate;
}

double Language::pair_score(std::string_view text) const {
  text = text.substr(0, kLookedAt);
  double sum = 0;
  size_t pairs = 0;
  size_t previous = 0;
  for (const char c : text) {
    const size_t symbol = symbol_of(c);
    if (symbol != 0 || previous != 0) {
      sum += impl_->pair[previous][symbol];
      ++pairs;
    }
    previous = symbol;
  }
  return pairs == 0 ? -9 : sum / static_cast<double>(pairs);
}

Language::Pairs Language::count_pairs(std::string_view text) const {
  std::array<uint32_t, kSymbols * kSymbols> seen{};
  Pairs out;
  size_t previous = 0;
  for (const char c : text.substr(0, kLookedAt)) {
    const size_t symbol = symbol_of(c);
    if (symbol != 0 || previous != 0) {
      ++seen[previous * kSymbols + symbol];
      ++out.pairs;
    }
    previous = symbol;
  }
  for (size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != 0)
      out.counts.push_back({static_cast<uint8_t>(i / kSymbols), static_cast<uint8_t>(i % kSymbols), seen[i]});
  }
  return out;
}

double Language::shifted_pair_score(const Pairs& pairs, int shift) const {
  if (pairs.pairs == 0) return -9;
  std::array<uint8_t, kSymbols> to{};
  for (size_t i = 1; i < kSymbols; ++i) to[i] = static_cast<uint8_t>(1 + (i - 1 + static_cast<size_t>(shift)) % 26);
  double sum = 0;
  for (const Pairs::Count& one : pairs.counts)
    sum += static_cast<double>(impl_->pair[to[one.first]][to[one.second]]) * one.count;
  return sum / static_cast<double>(pairs.pairs);
}

std::string Language::split_words(std::string_view letters) const {
  const std::string_view head = letters.substr(0, kSplitMax);
  // best[i]: highest sum of squared word lengths over the first i letters; unknown letters pass at a loss.
  std::vector<int> best(head.size() + 1, -1'000'000);
  std::vector<uint8_t> step(head.size() + 1, 1);
  std::vector<int> covered(head.size() + 1, 0);
  best[0] = 0;
  for (size_t i = 0; i < head.size(); ++i) {
    if (best[i] - 4 > best[i + 1]) {
      best[i + 1] = best[i] - 4;
      step[i + 1] = 1;
      covered[i + 1] = covered[i];
    }
    for (size_t n = 1; n <= kWordMax && i + n <= head.size(); ++n) {
      const int score = best[i] + static_cast<int>(n * n) - 2;
      if (score > best[i + n] && is_word(head.substr(i, n))) {
        best[i + n] = score;
        step[i + n] = static_cast<uint8_t>(n);
        covered[i + n] = covered[i] + static_cast<int>(n);
      }
    }
  }
  if (covered[head.size()] * 10 < static_cast<int>(head.size()) * 8) return {};
  std::vector<std::string_view> parts;
  for (size_t i = head.size(); i > 0; i -= step[i]) parts.push_back(head.substr(i - step[i], step[i]));
  std::string out;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (!out.empty()) out += ' ';
    out += *part;
  }
  out += letters.substr(head.size());
  return out;
}

double readable_rate(std::string_view text) {
  size_t good = 0;
  size_t all = 0;
  for (size_t i = 0; i < text.size();) {
    const utf8::Decoded decoded = utf8::decode(text, i);
    if (!decoded.valid) return 0;
    const char32_t c = decoded.code_point;
    i += decoded.length;
    ++all;
    if (c == '\n' || c == '\t' || c == '\r' || (c >= 0x20 && c < 0x7F) || (c >= 0xC0 && c < 0xE000 && c != 0xFFFD))
      ++good;
  }
  return all == 0 ? 0 : static_cast<double>(good) / static_cast<double>(all);
}

}  // namespace godseye::guard
