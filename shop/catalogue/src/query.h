#pragma once

#include "product.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// From what a person types to what the index is asked. Pure.
namespace vcommerce::catalogue {

inline constexpr size_t kQueryBytesMax = 512;
inline constexpr size_t kQueryWordsMax = 12;
inline constexpr size_t kWordBytesMax = 40;

// Lower-case words of `text`: letters and digits, all bytes beyond ASCII as they are, `'` within a word left out. At
// most kQueryWordsMax of kWordBytesMax; anything else separates. Words that say nothing ("the", "for") are left out
// unless nothing else is there.
std::vector<std::string> query_words(std::string_view text);

// The words of the catalogue, and the nearest of them to a word that is not among them.
class Vocabulary {
 public:
  void add(const Product& product);
  // In the catalogue, the beginning of a word there (from 3 letters), or another word for one ("trainers").
  bool knows(std::string_view word) const;
  // The nearest word: one letter added, left out, changed or two swapped; from 7 letters on two such. Of several the
  // one that more products have. Empty: none is near. Words of fewer than 4 letters are left alone.
  std::string nearest(std::string_view word) const;
  // The most common kinds, for whoever found nothing.
  std::vector<std::string> kinds(size_t count) const;
  size_t size() const { return words_.size(); }

 private:
  void add_text(std::string_view text, uint32_t weight);

  std::unordered_map<std::string, uint32_t> words_;
  std::unordered_map<std::string, uint32_t> kinds_;
};

// Edits between two words (insert, delete, change, swap of neighbours), or `limit + 1` when there are more than that.
int edit_distance(std::string_view a, std::string_view b, int limit);

// Other words for `word` that the catalogue uses: "sweater" → "jumper". Empty: none.
std::vector<std::string_view> synonyms(std::string_view word);

// An FTS5 expression in which all words (`any`: at least one) have to be found. Each is quoted: no word can be an
// operator. The last may be the beginning of a word. Requires: words come from query_words; not empty.
std::string match_expression(const std::vector<std::string>& words, bool any);

}  // namespace vcommerce::catalogue
