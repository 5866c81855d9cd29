#pragma once

#include "text/amounts.h"
#include "text/words.h"

#include <string_view>
#include <vector>

// What in an answer can be checked by looking it up: numbers. Words of which another one would be wrong are in
// text/lexicon.h.
namespace godseye::guard::answer {

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
