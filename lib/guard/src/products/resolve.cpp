#include "products/resolve.h"

#include "language.h"
#include "text/word_set.h"

#include <algorithm>
#include <bitset>
#include <cmath>

namespace godseye::guard::products {

namespace {

constexpr size_t kPostingsMax = 4096;  // of one token that are walked
constexpr size_t kBestMax = 8;         // candidates that are looked at closely
constexpr double kCoverageMin = 0.87;
constexpr double kCosineMin = 0.72;
constexpr double kNearPenalty = 0.9;

struct Wanted {
  uint32_t token = kNone;
  float weight = 0;
  bool near = false;
  bool model = false;
  size_t word = 0;
};

struct Candidate {
  uint32_t product = 0;
  float weight = 0;
};

std::vector<Wanted> wanted_tokens(const Index& index, const text::Words& words, size_t first, size_t last) {
  std::vector<Wanted> wanted;
  for (size_t i = first; i < last && wanted.size() < kMentionWordsMax; ++i) {
    Wanted one;
    one.word = i;
    one.token = token_of(index, words, i, &one.near);
    if (one.token == kNone && words[i].is(text::Word::kStop)) continue;
    one.model = words[i].is(text::Word::kDigit);
    if (one.token != kNone) {
      one.weight = index.tokens[one.token].weight;
    } else {
      // A common word that no product has may be mere praise; a strange one is a name.
      one.weight = index.unknown_weight() * (Language::shipped().is_word(words.norm(i)) ? 0.5f : 1.0f);
    }
    wanted.push_back(one);
  }
  return wanted;
}

// Adds the weight of `token` to the candidates that have it; both are sorted by product.
void add_weight(const Index& index, const Wanted& wanted, std::vector<Candidate>& candidates) {
  const Token& token = index.tokens[wanted.token];
  const uint32_t* at = index.postings.data() + token.postings_at;
  const uint32_t* end = at + token.count;
  for (Candidate& candidate : candidates) {
    // Few candidates in a long list: leap; otherwise step.
    if (token.count > candidates.size() * 16) {
      at = std::lower_bound(at, end, candidate.product);
    } else {
      while (at != end && *at < candidate.product) ++at;
    }
    if (at == end) return;
    if (*at == candidate.product) candidate.weight += wanted.weight;
  }
}

// The products that have the `base` token, with the weight of what they share with the mention; the best ones first.
void gather(const Index& index, const std::vector<Wanted>& wanted, size_t base, std::vector<Candidate>& best) {
  const Token& token = index.tokens[wanted[base].token];
  const size_t count = std::min<size_t>(token.count, kPostingsMax);
  std::vector<Candidate> candidates(count);
  for (size_t i = 0; i < count; ++i)
    candidates[i] = {index.postings[token.postings_at + i * token.count / count], wanted[base].weight};
  for (size_t k = 0; k < wanted.size(); ++k) {
    if (k != base && wanted[k].token != kNone) add_weight(index, wanted[k], candidates);
  }
  const auto heavier = [&](const Candidate& a, const Candidate& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    return index.name_tokens[a.product] < index.name_tokens[b.product];
  };
  const size_t keep = std::min(candidates.size(), kTiesMax);
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(keep), candidates.end(), heavier);
  best.insert(best.end(), candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(keep));
}

// Where every word of the mention is frequent, a sample of one list may miss the product that has them all: leap
// through all lists together instead. At most kTiesMax products, at most kLeapsMax leaps.
void gather_all(const Index& index, const std::vector<Wanted>& wanted, std::vector<Candidate>& best) {
  constexpr size_t kLeapsMax = 20'000;
  struct List {
    const uint32_t* at;
    const uint32_t* end;
  };
  std::vector<List> lists;
  float weight = 0;
  for (const Wanted& one : wanted) {
    if (one.token == kNone) continue;
    const Token& token = index.tokens[one.token];
    const uint32_t* begin = index.postings.data() + token.postings_at;
    lists.push_back({begin, begin + token.count});
    weight += one.weight;
  }
  std::sort(lists.begin(), lists.end(), [](const List& a, const List& b) { return a.end - a.at < b.end - b.at; });
  size_t found = 0;
  for (size_t leaps = 0; leaps < kLeapsMax && found < kTiesMax && lists[0].at != lists[0].end; ++leaps) {
    uint32_t wants = *lists[0].at;
    bool all = true;
    for (size_t k = 1; k < lists.size() && all; ++k) {
      lists[k].at = std::lower_bound(lists[k].at, lists[k].end, wants);
      if (lists[k].at == lists[k].end) return;
      all = *lists[k].at == wants;
      if (!all) wants = *lists[k].at;
    }
    if (all) {
      best.push_back({wants, weight});
      ++found;
      ++lists[0].at;
    } else {
      lists[0].at = std::lower_bound(lists[0].at, lists[0].end, wants);
    }
  }
}

bool has_token(const Index& index, uint32_t product, uint32_t token) {
  const auto* begin = index.product_token.data() + index.product_at[product];
  const auto* end = index.product_token.data() + index.product_at[product + 1];
  return std::find(begin, end, token) != end;
}

// Said of any product, so that a name without them is no other product's.
const text::WordSet& praise() {
  static const text::WordSet set(
      "new best great popular beautiful stylish lovely amazing perfect favorite favourite original latest set pack "
      "edition model version size small medium large");
  return set;
}

struct Fit {
  double coverage = 0;
  bool model_conflict = false;
  bool all_spelt = true;  // what did not match is a misspelling of a word of the name
  bool stranger = false;  // has a word of other products' names that this one lacks
  bool any_near = false;
};

// The nearest spelling of `norm` among the words of a product.
bool misspells(const Index& index, uint32_t product, std::string_view norm) {
  if (norm.size() < 4) return false;
  const int limit = norm.size() >= 7 ? 2 : 1;
  for (uint32_t at = index.product_at[product]; at < index.product_at[product + 1]; ++at) {
    const Token& token = index.tokens[index.product_token[at]];
    if (token.is(Token::kModel) || token.text_size < 4) continue;
    if (spelling_distance(norm, index.text(token), limit) <= limit) return true;
  }
  return false;
}

std::string joined(const text::Words& words, size_t first, size_t last) {
  std::string out;
  for (size_t i = first; i < last; ++i) out += words.norm(i);
  return out;
}

std::string joined_name(const Index& index, uint32_t product) {
  std::string out;
  for (size_t i = 0; i < index.name_tokens[product]; ++i)
    out += index.text(index.tokens[index.product_token[index.product_at[product] + i]]);
  return out;
}

// A compound written in one word or in two: "desklamp" of a Desk Lamp.
bool within_name(const Index& index, uint32_t product, std::string_view norm) {
  return norm.size() >= 5 && joined_name(index, product).find(norm) != std::string::npos;
}

Fit fit(const Index& index, const text::Words& words, const std::vector<Wanted>& wanted, uint32_t product) {
  Fit out;
  double all = 0;
  double matched = 0;
  for (const Wanted& one : wanted) {
    all += one.weight;
    if (one.token != kNone && has_token(index, product, one.token)) {
      matched += one.weight * (one.near ? kNearPenalty : 1.0);
      out.any_near = out.any_near || one.near;
      continue;
    }
    if (one.model) {
      out.model_conflict = true;
      continue;
    }
    // A word that other products have is that word and no slip of the pen.
    const bool slip = (one.token == kNone || one.near) && misspells(index, product, words.norm(one.word));
    if (slip) {
      matched += one.weight * kNearPenalty;
      out.any_near = true;
    } else if (one.token != kNone && index.tokens[one.token].is(Token::kInName) && !praise().has(words[one.word])) {
      out.stranger = true;
    } else if (one.token != kNone || !within_name(index, product, words.norm(one.word))) {
      out.all_spelt = false;
    }
  }
  out.coverage = all > 0 ? matched / all : 0;
  return out;
}

// Enough to go by: a model number, or two words of the name, or a word that few products share.
bool distinctive(const Index& index, const std::vector<Wanted>& wanted, uint32_t product) {
  size_t matched = 0;
  for (const Wanted& one : wanted) {
    if (one.token == kNone || !has_token(index, product, one.token)) continue;
    ++matched;
    if (index.tokens[one.token].is(Token::kModel) || index.tokens[one.token].count <= 2) return true;
  }
  return matched >= 2;
}

}  // namespace

double trigram_cosine(std::string_view a, std::string_view b) {
  constexpr size_t kBuckets = 256;
  constexpr size_t kBytesMax = 200;
  std::array<std::array<float, kBuckets>, 2> counts{};
  for (size_t side = 0; side < 2; ++side) {
    const std::string_view text = (side == 0 ? a : b).substr(0, kBytesMax);
    uint32_t window = '^';
    for (size_t i = 0; i <= text.size(); ++i) {
      const auto c = i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>('$');
      window = ((window << 8) | c) & 0xFFFFFF;
      if (i > 0) ++counts[side][(window * 2654435761u) >> 24];
    }
  }
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    dot += static_cast<double>(counts[0][i]) * counts[1][i];
    aa += static_cast<double>(counts[0][i]) * counts[0][i];
    bb += static_cast<double>(counts[1][i]) * counts[1][i];
  }
  return aa > 0 && bb > 0 ? dot / std::sqrt(aa * bb) : 0;
}

uint32_t token_of(const Index& index, const text::Words& words, size_t word, bool* near) {
  uint32_t found = index.token(words[word].hash);
  if (found != kNone) return found;
  const std::string_view norm = words.norm(word);
  if (words[word].is(text::Word::kDigit)) return kNone;
  if (norm.size() > 3 && norm.back() == 's') found = index.token(text::word_hash(norm.substr(0, norm.size() - 1)));
  if (found == kNone && norm.size() > 4 && norm.ends_with("es"))
    found = index.token(text::word_hash(norm.substr(0, norm.size() - 2)));
  if (found != kNone || near == nullptr) return found;
  // A common word is spelt as it was meant.
  if (words[word].is(text::Word::kStop) || Language::shipped().is_word(norm)) return kNone;
  found = index.near_token(norm);
  *near = found != kNone;
  return found;
}

Resolution resolve(const Index& index, const text::Words& words, size_t first, size_t last) {
  Resolution out;
  last = std::min(last, first + kMentionWordsMax);
  const std::vector<Wanted> wanted = wanted_tokens(index, words, first, last);
  std::vector<size_t> known;
  for (size_t k = 0; k < wanted.size(); ++k) {
    if (wanted[k].token != kNone) known.push_back(k);
  }
  if (known.empty()) return out;
  std::sort(known.begin(), known.end(), [&](size_t a, size_t b) {
    return index.tokens[wanted[a].token].count < index.tokens[wanted[b].token].count;
  });
  std::vector<Candidate> best;
  if (index.tokens[wanted[known[0]].token].count > kPostingsMax) gather_all(index, wanted, best);
  gather(index, wanted, known[0], best);
  // The rarest word may be a coincidence: give the second a chance when the first does not explain the mention.
  float all = 0;
  for (const Wanted& one : wanted) all += one.weight;
  if (known.size() > 1 && best.front().weight < 0.99f * all) gather(index, wanted, known[1], best);
  std::sort(best.begin(), best.end(), [&](const Candidate& a, const Candidate& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    if (index.name_tokens[a.product] != index.name_tokens[b.product])
      return index.name_tokens[a.product] < index.name_tokens[b.product];
    return a.product < b.product;
  });

  const std::string mention = joined(words, first, last);
  double best_rank = -1;
  for (size_t i = 0; i < std::min(best.size(), kBestMax); ++i) {
    const uint32_t product = best[i].product;
    const Fit fitted = fit(index, words, wanted, product);
    const double cosine = trigram_cosine(mention, joined_name(index, product));
    const bool conflict = fitted.model_conflict || fitted.stranger;
    const bool covered = !conflict && fitted.coverage >= kCoverageMin;
    const bool alike = !conflict && fitted.all_spelt && cosine >= kCosineMin && fitted.coverage >= 0.4;
    const bool valid = (covered || alike) && distinctive(index, wanted, product);
    const double rank = (valid ? 2 : 0) + fitted.coverage + 0.5 * cosine;
    if (rank <= best_rank) continue;
    best_rank = rank;
    out.valid = valid;
    out.match = !valid ? ProductMatch::kNone : covered ? ProductMatch::kFuzzy : ProductMatch::kEmbedding;
    out.product = product;
    out.similarity = std::min(1.0, 0.6 * fitted.coverage + 0.4 * cosine);
  }
  if (out.similarity < 0.3) out.product = kNone;
  if (!out.valid) return out;
  // Whatever else fits as well may be what was meant.
  const float weight = best.front().weight;
  for (const Candidate& candidate : best) {
    if (candidate.weight < weight * 0.999f || out.ties.size() >= kTiesMax) break;
    if (std::find(out.ties.begin(), out.ties.end(), candidate.product) == out.ties.end())
      out.ties.push_back(candidate.product);
  }
  out.ties_cut = out.ties.size() >= kTiesMax;
  if (std::find(out.ties.begin(), out.ties.end(), out.product) == out.ties.end()) out.ties.push_back(out.product);
  return out;
}

}  // namespace godseye::guard::products
