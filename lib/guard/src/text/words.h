#pragma once

#include "text/lexicon.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// A text cut into words and sentences, as the scorers of answers read it: words in lower case without diacritics, with
// their place in the original bytes and what stands between them. One pass, any bytes; invalid ones separate words.
namespace godseye::guard::text {

// What stands before a word, the strongest if several.
enum class Gap : uint8_t {
  kTight,     // a sign without white space: "LS4-PSX", "and/or"; or nothing (scripts without spaces)
  kSpace,     // white space alone
  kSign,      // comma, dash, quote, bracket and the like
  kSentence,  // the end of a sentence
  kLine,      // a new line, list item or paragraph
};

struct Word {
  enum Flag : uint8_t {
    kCapital = 1,  // begins with a capital letter
    kUpper = 2,    // two letters or more, all capitals
    kDigit = 4,    // has a digit
    kLetter = 8,   // has a letter
    kStop = 16,    // a function word of one of seven languages
    kScript = 32,  // one character of a script without spaces
    kHyphen = 64,  // joined to the word before by '-', '_' or a non-breaking hyphen
  };
  uint32_t start = 0;  // bytes of the text
  uint32_t end = 0;
  uint32_t norm_at = 0;
  uint8_t norm_size = 0;
  uint8_t flags = 0;
  Gap gap = Gap::kLine;
  uint32_t sentence = 0;
  uint32_t classes = 0;  // bits of WordClass
  uint64_t hash = 0;     // of the normalised word
  uint64_t stem = 0;     // of its stem

  bool is(Flag flag) const { return (flags & flag) != 0; }
  bool in(WordClass which) const { return (classes & which) != 0; }
  // Letters that carry meaning: no function word, no bare number, longer than a letter.
  bool content() const { return is(kLetter) && !is(kStop) && (norm_size > 1 || is(kScript)); }
};

struct Sentence {
  uint32_t first = 0;  // words [first, last)
  uint32_t last = 0;
  uint32_t start = 0;  // bytes [start, end), the closing sign included
  uint32_t end = 0;
  char close = 0;  // '.', '!', '?', ':' or 0 when it just stops
};

class Words {
 public:
  static constexpr size_t kWordsMax = 200'000;  // the rest of a longer text is not read
  static constexpr size_t kNormBytesMax = 48;   // of one word; longer ones are cut

  // Cuts `text`, which must outlive this object unless only hashes are read.
  explicit Words(std::string_view text);

  const std::vector<Word>& all() const { return words_; }
  size_t size() const { return words_.size(); }
  const Word& operator[](size_t i) const { return words_[i]; }
  const std::vector<Sentence>& sentences() const { return sentences_; }
  std::string_view text() const { return text_; }
  std::string_view norm(const Word& word) const {
    return std::string_view(norms_).substr(word.norm_at, word.norm_size);
  }
  std::string_view norm(size_t i) const { return norm(words_[i]); }
  std::string_view written(const Word& word) const { return text_.substr(word.start, word.end - word.start); }

 private:
  friend class Cutter;
  std::string_view text_;
  std::string norms_;
  std::vector<Word> words_;
  std::vector<Sentence> sentences_;
};

uint64_t word_hash(std::string_view norm);
// The word without common endings, cut to six letters: "delivered" and "deliveries" meet.
// A beginning of `norm`.
std::string_view stem_of(std::string_view norm);

}  // namespace godseye::guard::text
