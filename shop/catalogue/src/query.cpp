#include "query.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vcommerce::catalogue {
namespace {

constexpr size_t kPrefixMin = 3;
constexpr size_t kCorrectedMin = 4;
constexpr size_t kTwoEditsMin = 7;
constexpr uint32_t kTextWeight = 1;
constexpr uint32_t kNameWeight = 20;

bool is_stop_word(std::string_view word) {
  constexpr std::string_view kWords[] = {
      "a",   "an",     "the",   "and",  "or",   "for",  "with", "of",   "in",   "on",   "to",  "is",     "are",
      "i",   "me",     "my",    "you",  "your", "do",   "have", "need", "want", "some", "any", "show",   "find",
      "buy", "please", "under", "over", "that", "this", "it",   "from", "at",   "by",   "as",  "looking"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

struct Synonym {
  std::string_view word;
  std::string_view others;  // separated by '|'
};

constexpr Synonym kSynonyms[] = {
    {"sweater", "jumper|sweatshirt"},
    {"sweaters", "jumper|sweatshirt"},
    {"pullover", "jumper"},
    {"pants", "trousers"},
    {"slacks", "trousers"},
    {"trainers", "sneakers"},
    {"runners", "sneakers"},
    {"tshirt", "t-shirt|tee"},
    {"tshirts", "t-shirt|tee"},
    {"purse", "crossbody|tote"},
    {"handbag", "crossbody|tote"},
    {"bag", "backpack|tote|crossbody"},
    {"bags", "backpack|tote|crossbody"},
    {"rucksack", "backpack"},
    {"shades", "sunglasses"},
    {"eyeglasses", "sunglasses"},
    {"jewelry", "necklace|earrings"},
    {"jewellery", "necklace|earrings"},
    {"moisturizer", "moisturiser|cream"},
    {"blanket", "throw"},
    {"pillow", "cushion"},
    {"bedding", "linen"},
    {"sheets", "linen"},
    {"cup", "mug"},
    {"carpet", "rug"},
    {"pot", "planter"},
    {"fragrance", "perfume"},
    {"cologne", "perfume"},
    {"sunblock", "sunscreen"},
    {"beanie", "hat"},
    {"cap", "hat"},
    {"pumps", "heels"},
    {"boots", "boot"},
    {"shoes", "sneakers|loafers|sandals|heels"},
    {"parka", "coat"},
    {"anorak", "jacket|coat"},
    {"red", "cherry|burgundy|rust"},
    {"blue", "indigo|petrol|sky|ink"},
    {"green", "olive|sage|forest"},
    {"grey", "charcoal|stone"},
    {"gray", "charcoal|stone|grey"},
    {"pink", "blush|rose|coral"},
    {"purple", "plum|lilac"},
    {"yellow", "mustard|butter"},
    {"brown", "chestnut|cognac|camel"},
    {"beige", "ecru|oat|camel"},
    {"orange", "rust|terracotta|coral"},
    {"navy", "ink"},
    {"cream", "ecru"},
    {"lamp", "lamp"},
};

std::string fts_quoted(std::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c != '"' && c != '\0') out += c;
  }
  return out + "\"";
}

}  // namespace

std::vector<std::string> query_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && words.size() < kQueryWordsMax) words.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= 'A' && c <= 'Z') {
      word += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80) {
      word += c;
    } else if (c != '\'' || word.empty()) {
      end_word();
    }
    if (word.size() >= kWordBytesMax) end_word();
  }
  end_word();
  std::vector<std::string> telling;
  for (const std::string& one : words) {
    if (!is_stop_word(one)) telling.push_back(one);
  }
  return telling.empty() ? words : telling;
}

std::vector<std::string_view> synonyms(std::string_view word) {
  std::vector<std::string_view> found;
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.word != word) continue;
    std::string_view others = synonym.others;
    while (!others.empty()) {
      const size_t end = std::min(others.find('|'), others.size());
      found.push_back(others.substr(0, end));
      others.remove_prefix(std::min(end + 1, others.size()));
    }
  }
  return found;
}

std::string match_expression(const std::vector<std::string>& words, bool any) {
  std::string expression;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) expression += any ? " OR " : " AND ";
    expression += "(" + fts_quoted(words[i]);
    if (i + 1 == words.size() && words[i].size() >= kPrefixMin) expression += "*";
    for (const std::string_view other : synonyms(words[i])) expression += " OR " + fts_quoted(other);
    expression += ")";
  }
  return expression;
}

void Vocabulary::add_text(std::string_view text, uint32_t weight) {
  std::string word;
  const auto end_word = [&] {
    if (word.size() > 1 && word.size() <= kWordBytesMax) words_[word] += weight;
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= 'A' && c <= 'Z') {
      word += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80) {
      word += c;
    } else if (c != '\'' || word.empty()) {
      end_word();
    }
  }
  end_word();
}

void Vocabulary::add(const Product& product) {
  add_text(product.name, kNameWeight);
  add_text(product.brand, kNameWeight);
  add_text(product.kind, kNameWeight);
  add_text(product.category, kNameWeight);
  add_text(product.material, kNameWeight);
  for (const std::string& tag : product.tags) add_text(tag, kNameWeight);
  for (const Colour& colour : product.colours) add_text(colour.name, kNameWeight);
  add_text(product.description, kTextWeight);
  ++kinds_[product.kind];
}

bool Vocabulary::knows(std::string_view word) const {
  if (words_.contains(std::string(word)) || !synonyms(word).empty()) return true;
  // The index knows words by their stems: a plural of a known word is known.
  for (const std::string_view ending : {"s", "es"}) {
    if (word.ends_with(ending) && words_.contains(std::string(word.substr(0, word.size() - ending.size()))))
      return true;
  }
  if (word.size() < kPrefixMin) return false;
  return std::any_of(words_.begin(), words_.end(), [&](const auto& known) { return known.first.starts_with(word); });
}

std::string Vocabulary::nearest(std::string_view word) const {
  if (word.size() < kCorrectedMin || word.size() > kWordBytesMax) return {};
  const int limit = word.size() >= kTwoEditsMin ? 2 : 1;
  std::string best;
  int best_distance = limit + 1;
  uint32_t best_weight = 0;
  const auto consider = [&](const std::string& candidate, uint32_t weight) {
    const int distance = edit_distance(word, candidate, limit);
    if (distance > limit) return;
    const bool better = distance < best_distance || (distance == best_distance && weight > best_weight) ||
                        (distance == best_distance && weight == best_weight && candidate < best);
    if (!better) return;
    best = candidate;
    best_distance = distance;
    best_weight = weight;
  };
  for (const auto& [known, weight] : words_) consider(known, weight);
  for (const Synonym& synonym : kSynonyms) consider(std::string(synonym.word), kNameWeight);
  return best;
}

std::vector<std::string> Vocabulary::kinds(size_t count) const {
  std::vector<std::pair<std::string, uint32_t>> all(kinds_.begin(), kinds_.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(count, all.size()); ++i) names.push_back(all[i].first);
  return names;
}

int edit_distance(std::string_view a, std::string_view b, int limit) {
  const auto length = [](std::string_view text) { return static_cast<int>(text.size()); };
  if (std::abs(length(a) - length(b)) > limit) return limit + 1;
  if (a.size() > kWordBytesMax || b.size() > kWordBytesMax) return limit + 1;
  std::array<std::array<int, kWordBytesMax + 1>, 3> rows{};
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& above_that = rows[(i + 1) % 3];
    row[0] = static_cast<int>(i);
    int least = row[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      const int change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], above_that[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

}  // namespace vcommerce::catalogue
