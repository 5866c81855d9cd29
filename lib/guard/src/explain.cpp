#include "utf8.h"

#include <godseye/guard/explain.h>

namespace godseye::guard {
namespace {

constexpr size_t kShortBytes = 16;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// One past the end of the sentence that begins at `at`: a line feed, or a full stop before white space.
size_t sentence_end(std::string_view text, size_t at) {
  for (size_t i = at; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    const bool stop = text[i] == '.' || text[i] == '!' || text[i] == '?';
    if (stop && (i + 1 == text.size() || is_space(text[i + 1]))) return i + 1;
    // Ideographic full stop, and the fullwidth exclamation and question marks.
    if (text.substr(i, 3) == "\xE3\x80\x82" || text.substr(i, 3) == "\xEF\xBC\x81" ||
        text.substr(i, 3) == "\xEF\xBC\x9F")
      return i + 3;
  }
  return text.size();
}

}  // namespace

std::vector<Passage> explain(const InjectScorer& scorer, std::string_view text, Source source) {
  text = text.substr(0, utf8::floor_boundary(text, kExplainBytesMax));
  std::vector<Passage> out;
  size_t sentences = 0;
  for (size_t at = 0; at < text.size() && sentences < kPassagesMax;) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const size_t end = sentence_end(text, at);
    ++sentences;
    InjectScore score = scorer.score(text.substr(at, end - at), source);
    // A word or two say too little: a greeting in a rare language scores like anything that was never seen.
    const double least = end - at < kShortBytes ? kRefuseScore : kSuspiciousScore;
    if (score.score >= least) out.push_back({at, end, score.score, std::move(score.reasons)});
    at = end;
  }
  if (out.empty() && sentences > 0) {
    InjectScore whole = scorer.score(text, source);
    if (whole.score >= kSuspiciousScore) out.push_back({0, text.size(), whole.score, std::move(whole.reasons)});
  }
  return out;
}

}  // namespace godseye::guard
