#include "answer/facts.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace godseye::guard::answer {

int named_number(std::string_view norm) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
  const auto found = std::find(kNames.begin(), kNames.end(), norm);
  return found == kNames.end() ? -1 : static_cast<int>(found - kNames.begin());
}

void Numbers::add(const text::Words& words) {
  for (const text::Amount& amount : text::find_amounts(words.text())) all_.push_back({amount.value, amount.unit});
  for (const text::Word& word : words.all()) {
    if (!word.in(text::kNumberName)) continue;
    const int value = named_number(words.norm(word));
    if (value >= 0) all_.push_back({static_cast<double>(value), text::Unit::kNone});
  }
}

void Numbers::sort() {
  std::sort(all_.begin(), all_.end(), [](const Number& a, const Number& b) { return a.value < b.value; });
}

bool Numbers::has(double value) const {
  const auto at = std::lower_bound(all_.begin(), all_.end(), value - 1e-6,
                                   [](const Number& number, double wanted) { return number.value < wanted; });
  return at != all_.end() && at->value <= value + 1e-6;
}

bool Numbers::has_multiple(double value) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Number& number) {
    if (number.unit != text::Unit::kMoney || number.value <= 0) return false;
    const double times = value / number.value;
    return times > 1.5 && times < 20.5 && std::fabs(times - std::round(times)) < 1e-9 && has(std::round(times));
  });
}

}  // namespace godseye::guard::answer
