#include "ad_book.h"

#include <algorithm>

namespace vcommerce::ads {

using godseye::base::MutexLock;

std::vector<std::string> ad_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss")) word.pop_back();
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      word += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) {
      word += c;
    } else {
      end_word();
    }
  }
  end_word();
  return words;
}

int fit(const Campaign& campaign, const std::vector<std::string>& words, std::string_view category) {
  int points = !category.empty() && campaign.category == category ? 5 : 0;
  std::string_view rest = campaign.words;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    if (std::find(words.begin(), words.end(), rest.substr(0, end)) != words.end()) points += 10;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return points;
}

std::vector<Placement> AdBook::choose(const std::vector<std::string>& words, std::string_view category, size_t count) {
  std::vector<std::string> known;
  for (const std::string& text : words) {
    for (std::string& word : ad_words(text)) known.push_back(std::move(word));
  }
  struct Candidate {
    const Campaign* campaign;
    int points;
    size_t place;
  };
  std::vector<Candidate> candidates;
  MutexLock lock(mutex_);
  const size_t all = campaigns_.size();
  const size_t first = all == 0 ? 0 : turn_++ % all;
  for (size_t i = 0; i < all; ++i) {
    candidates.push_back({&campaigns_[i], fit(campaigns_[i], known, category), (i + all - first) % all});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.points != b.points ? a.points > b.points : a.place < b.place;
  });
  std::vector<Placement> chosen;
  for (const Candidate& candidate : candidates) {
    if (chosen.size() == count) break;
    chosen.push_back({make_id_(), candidate.campaign, candidate.points > 0});
    showings_.push_front({chosen.back().id, false, false});
    index_[chosen.back().id] = showings_.begin();
  }
  while (showings_.size() > kPlacementsMax) {
    index_.erase(showings_.back().id);
    showings_.pop_back();
  }
  return chosen;
}

Counted AdBook::count(const std::string& placement, bool Showing::* what) {
  MutexLock lock(mutex_);
  const auto found = index_.find(placement);
  if (found == index_.end()) return Counted::kUnknown;
  bool& flag = (*found->second).*what;
  if (flag) return Counted::kAgain;
  flag = true;
  return Counted::kYes;
}

size_t AdBook::placements() const {
  MutexLock lock(mutex_);
  return showings_.size();
}

}  // namespace vcommerce::ads
