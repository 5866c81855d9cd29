#include "linear.h"

#include <algorithm>

namespace godseye::guard {

void split_sentences(std::string_view text, std::vector<Range>& out) {
  out.clear();
  size_t begin = 0;
  size_t last_space = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') last_space = i;
    const bool stop = c == '\n' || ((c == '.' || c == '!' || c == '?') && i + 1 < text.size() &&
                                    (text[i + 1] == ' ' || text[i + 1] == '"'));
    // Ideographic full stop, and fullwidth marks that folding leaves.
    const bool wide_stop = static_cast<unsigned char>(c) == 0x82 && i >= 2 && text.substr(i - 2, 3) == "\xE3\x80\x82";
    size_t cut = 0;
    if (stop || wide_stop) {
      cut = i + 1;
    } else if (i - begin >= kSentenceBytesMax) {
      cut = last_space > begin ? last_space + 1 : i + 1;
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

struct Scratch {
  std::string buffer;
  std::vector<float> window;  // sums by position, then running
  std::vector<float> norm;
  std::vector<Range> sentences;
};

}  // namespace

LinearScores linear_scores(const LinearModel& model, std::string_view text, std::span<const Hit> hits) {
  thread_local Scratch scratch;
  scratch.window.assign(text.size() + 2, 0.0f);
  scratch.norm.assign(text.size() + 2, 0.0f);
  float whole = 0;
  float norm = 0;
  const int8_t* weights = model.weights.data();
  float* window_at = scratch.window.data();
  float* norm_at = scratch.norm.data();
  walk_ngrams(text, hits, scratch.buffer, [&](size_t at, uint32_t bucket, float value) {
    const int8_t* pair = weights + 2 * static_cast<size_t>(bucket);
    whole += value * pair[0];
    window_at[at] += value * pair[1];
    norm_at[at] += value * value;
  });
  for (size_t i = 0; i < text.size() + 2; ++i) norm += norm_at[i];
  LinearScores scores;
  scores.whole = model.whole_bias + model.whole_scale * whole / std::sqrt(std::max(norm, 1.0f));
  split_sentences(text, scratch.sentences);
  // Sentence sums first: windows overlap.
  std::vector<float> sums;
  std::vector<float> norms;
  for (const Range& sentence : scratch.sentences) {
    float sum = 0;
    float square = 0;
    const size_t end = sentence.end >= text.size() ? text.size() + 2 : sentence.end;
    for (size_t i = sentence.begin; i < end; ++i) {
      sum += window_at[i];
      square += norm_at[i];
    }
    sums.push_back(sum);
    norms.push_back(square);
  }
  const size_t width = std::min(kWindowSentences, sums.size());
  scores.window_max = -100;
  double total = 0;
  for (size_t i = 0; i + width <= sums.size(); ++i) {
    float sum = 0;
    float square = 0;
    for (size_t k = i; k < i + width; ++k) {
      sum += sums[k];
      square += norms[k];
    }
    const float logit = model.window_bias + model.window_scale * sum / std::sqrt(std::max(square, 1.0f));
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
