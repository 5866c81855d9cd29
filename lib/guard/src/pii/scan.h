#pragma once

#include "pii/plain_text.h"
#include "pii/word_list.h"

#include <string>
#include <string_view>
#include <vector>

#include <godseye/guard/pii.h>

// The scanners: each looks at one position of the plain text and adds what begins there. Positions are characters of
// the plain text, not bytes of the original.
namespace godseye::guard::pii {

struct Candidate {
  PiiType type;
  size_t begin;
  size_t end;
  double confidence;
};

// What the words around a candidate say about it.
enum class Context { kNone, kFor, kAgainst };

// Looks at the words before `begin` (nearest first), then at those after `end`. Against counts only directly before the
// candidate (fillers such as "number is" between).
Context context_of(const PlainText& text, size_t begin, size_t end, const WordList& words, const WordList& against);

// Words that announce numbers which are nobody's: order, tracking, SKU, version and the like.
extern const WordList kThingWords;

// From a digit, a plus sign or an opening bracket.
void scan_number(const PlainText& text, size_t at, std::vector<Candidate>& out);
// From the first character of a word.
void scan_code(const PlainText& text, size_t at,
               std::vector<Candidate>& out);  // IBAN, keys, IPv6, passports, national ids
void scan_words(const PlainText& text, size_t at, std::vector<Candidate>& out);  // spelled numbers, names
void scan_address(const PlainText& text, size_t at, std::vector<Candidate>& out);
void scan_birth_date(const PlainText& text, size_t at, std::vector<Candidate>& out);
// From an at sign, or a word that stands for one.
void scan_email(const PlainText& text, size_t at, std::vector<Candidate>& out);

}  // namespace godseye::guard::pii
