#include "linear.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace godseye::guard {

namespace {

// The bytes that may end a sentence.
constexpr std::array<bool, 256> kMayEnd = [] {
  std::array<bool, 256> may{};
  for (const unsigned char c : {'\n', '.', '!', '?', '\x82'}) may[c] = true;
  return may;
}();

}  // namespace

void split_sentences(std::string_view text, std::vector<Range>& out) {
  out.clear();
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t limit = std::min(text.size(), begin + kSentenceBytesMax);
    while (i < limit && !kMayEnd[static_cast<unsigned char>(text[i])]) ++i;
    if (i >= text.size()) break;
    const char c = text[i];
    const bool stop = c == '\n' || ((c == '.' || c == '!' || c == '?') && i + 1 < text.size() &&
                                    (text[i + 1] == ' ' || text[i + 1] == '"'));
    // Ideographic full stop, and fullwidth marks that folding leaves.
    const bool wide_stop = static_cast<unsigned char>(c) == 0x82 && i >= 2 && text.substr(i - 2, 3) == "\xE3\x80\x82";
    size_t cut = 0;
    if (stop || wide_stop) {
      cut = i + 1;
    } else if (i - begin >= kSentenceBytesMax) {
      const size_t space = text.substr(begin + 1, i - begin).rfind(' ');
      cut = space != std::string_view::npos ? begin + 1 + space + 1 : i + 1;
    }
    if (cut > begin + 1) {
      out.push_back({begin, cut});
      begin = cut;
    }
  }
  if (begin < text.size() || out.empty()) out.push_back({begin, text.size()});
}

std::vector<Range> windows_of(const std::vector<Range>& sentences) {
  std::vector<Range> windows;
  if (sentences.empty()) return windows;
  if (sentences.size() <= kWindowSentences) return {{sentences.front().begin, sentences.back().end}};
  for (size_t i = 0; i + kWindowSentences <= sentences.size(); ++i) {
    windows.push_back({sentences[i].begin, sentences[i + kWindowSentences - 1].end});
  }
  return windows;
}

namespace {

constexpr int32_t kCharInt = static_cast<int32_t>(kCharValue);
constexpr int32_t kWordInt = static_cast<int32_t>(kWordValue);
constexpr int32_t kClassInt = static_cast<int32_t>(kClassValue);
static_assert(kCharInt == kCharValue && kWordInt == kWordValue && kClassInt == kClassValue);

// Sums over a sentence. Weights and values are whole numbers: so are the sums, and their order does not matter.
struct Sum {
  int32_t whole = 0;
  int32_t window = 0;
  int32_t norm = 0;  // of the squared values
};

struct Scratch {
  std::string buffer;
  std::vector<Range> sentences;
  std::vector<Sum> sums;
};

// The features by sentence: each kind comes by position, so a finger on the sentence moves along.
void sum_sentences(const int8_t* weights, std::string_view text, std::span<const Hit> hits, Scratch& scratch) {
  split_sentences(text, scratch.sentences);
  const std::vector<Range>& sentences = scratch.sentences;
  scratch.sums.assign(sentences.size(), Sum());
  const auto add = [&](Sum& sum, uint32_t bucket, int32_t value) {
    const int8_t* pair = weights + 2 * static_cast<size_t>(bucket);
    sum.whole += value * pair[0];
    sum.window += value * pair[1];
    sum.norm += value * value;
  };
  // What stands past the end belongs to the last one.
  const auto end_of = [&](size_t s) { return s + 1 < sentences.size() ? sentences[s].end : std::string_view::npos; };
  const size_t size = pad_ngrams(text, scratch.buffer);
  const char* bytes = scratch.buffer.data();
  for (size_t s = 0, i = 0; s < sentences.size(); ++s) {
    Sum sum;
    const size_t last = std::min(size - 1, s + 1 < sentences.size() ? sentences[s].end + 1 : size - 1);
    for (; i < last; ++i) {
      char_ngrams_at(bytes + i, [&](uint32_t bucket) { add(sum, bucket, kCharInt); });
    }
    scratch.sums[s] = sum;
  }
  size_t at_word = 0;
  walk_words(scratch.buffer, size, [&](size_t at, uint32_t bucket) {
    while (at >= end_of(at_word)) ++at_word;
    add(scratch.sums[at_word], bucket, kWordInt);
  });
  size_t at_class = 0;
  walk_classes(hits, [&](size_t at, uint32_t bucket) {
    while (at >= end_of(at_class)) ++at_class;
    add(scratch.sums[at_class], bucket, kClassInt);
  });
}

}  // namespace

LinearScores linear_scores(const LinearModel& model, std::string_view text, std::span<const Hit> hits) {
  thread_local Scratch scratch;
  sum_sentences(model.weights.data(), text, hits, scratch);
  const std::vector<Sum>& sums = scratch.sums;
  Sum all;
  for (const Sum& sum : sums) {
    all.whole += sum.whole;
    all.norm += sum.norm;
  }
  LinearScores scores;
  scores.whole = model.whole_bias + model.whole_scale * static_cast<float>(all.whole) /
                                        std::sqrt(std::max(static_cast<float>(all.norm), 1.0f));
  const size_t width = std::min(kWindowSentences, sums.size());
  scores.window_max = -100;
  double total = 0;
  for (size_t i = 0; i + width <= sums.size(); ++i) {
    Sum window;
    for (size_t k = i; k < i + width; ++k) {
      window.window += sums[k].window;
      window.norm += sums[k].norm;
    }
    const float logit = model.window_bias + model.window_scale * static_cast<float>(window.window) /
                                                std::sqrt(std::max(static_cast<float>(window.norm), 1.0f));
    total += logit;
    ++scores.windows;
    if (logit > scores.window_max) {
      scores.window_max = logit;
      scores.best = {scratch.sentences[i].begin, scratch.sentences[i + width - 1].end};
    }
  }
  scores.window_mean = static_cast<float>(total / std::max(1u, scores.windows));
  return scores;
}

}  // namespace godseye::guard
