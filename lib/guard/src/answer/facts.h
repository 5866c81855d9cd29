#pragma once

#include "text/amounts.h"
#include "text/word_set.h"
#include "text/words.h"

#include <string_view>
#include <vector>

// What in an answer can be checked by looking it up: numbers, and words of which another one would be wrong.
namespace godseye::guard::answer {

const text::WordSet& negators();
const text::WordSet& discount_words();
const text::WordSet& policy_words();
// Words of which one in place of another makes a statement wrong: days, months, colours, materials.
const text::WordSet& exact_words();
// Talk around the answer, which no context has to support.
const text::WordSet& courtesy_words();
// What is given "free".
const text::WordSet& freebies();

// "two" to "twelve" as numbers; -1 when `norm` names none.
int named_number(std::string_view norm);

// Numbers that an answer may repeat.
class Numbers {
 public:
  void add(const text::Words& words);
  // After the last `add`, before the first question.
  void sort();
  bool has(double value) const;
  // "Two of them come to 178": a sum of money times a small number that was named as well.
  bool has_multiple(double value) const;

 private:
  struct Number {
    double value = 0;
    text::Unit unit = text::Unit::kNone;
  };
  std::vector<Number> all_;
};

}  // namespace godseye::guard::answer
