#include "answer/phrases.h"

#include <algorithm>

namespace godseye::guard::answer {

PhraseSet::PhraseSet(std::string_view lines) {
  uint32_t number = 0;
  for (size_t at = 0; at < lines.size(); ++number) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    std::string_view line = lines.substr(at, end - at);
    at = end + 1;
    std::vector<uint64_t> phrase;
    while (!line.empty()) {
      const size_t space = std::min(line.find(' '), line.size());
      const std::string_view word = line.substr(0, space);
      line.remove_prefix(std::min(space + 1, line.size()));
      if (word.empty()) continue;
      phrase.push_back(word == "*" ? kAny : word == "..." ? kSome : text::word_hash(word));
    }
    if (phrase.empty()) continue;
    by_first_.emplace_back(phrase.front(), static_cast<uint32_t>(phrases_.size()));
    phrases_.push_back(std::move(phrase));
    lines_.push_back(number);
  }
  std::sort(by_first_.begin(), by_first_.end());
  for (size_t i = by_first_.size(); i-- > 0;) first_.assign(by_first_[i].first, static_cast<uint32_t>(i));
}

size_t PhraseSet::match(const text::Words& words, size_t at, const std::vector<uint64_t>& phrase, size_t part) const {
  for (; part < phrase.size(); ++part, ++at) {
    if (phrase[part] == kSome) {
      for (size_t skip = 0; skip <= 3; ++skip) {
        if (const size_t end = match(words, at + skip, phrase, part + 1)) return end;
      }
      return 0;
    }
    if (at >= words.size()) return 0;
    // A phrase does not reach over the end of a sentence.
    if (part > 0 && words[at].gap >= text::Gap::kSentence) return 0;
    if (phrase[part] != kAny && phrase[part] != words[at].hash) return 0;
  }
  return at;
}

std::vector<PhraseSet::Hit> PhraseSet::find(const text::Words& words) const {
  std::vector<Hit> hits;
  for (size_t i = 0; i < words.size(); ++i) {
    size_t at = first_.find(words[i].hash);
    if (at == text::FlatMap::kNone) continue;
    Hit best;
    for (; at < by_first_.size() && by_first_[at].first == words[i].hash; ++at) {
      const uint32_t one = by_first_[at].second;
      const size_t end = match(words, i, phrases_[one], 0);
      if (end > best.last) best = {static_cast<uint32_t>(i), static_cast<uint32_t>(end), lines_[one]};
    }
    if (best.last > i) hits.push_back(best);
  }
  return hits;
}

}  // namespace godseye::guard::answer
