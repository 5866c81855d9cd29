#include "comparison.h"

#include <cmath>

namespace godseye::lang {

bool read_comparison(Cursor& cursor, std::string_view expected, Comparator& comparator, double& threshold) {
  const char first = cursor.peek();
  const bool equal = cursor.peek_raw(1) == '=';
  if (first == '<') {
    comparator = equal ? Comparator::kLessEqual : Comparator::kLess;
  } else if (first == '>') {
    comparator = equal ? Comparator::kGreaterEqual : Comparator::kGreater;
  } else if (first == '=' && equal) {
    comparator = Comparator::kEqual;
  } else if (first == '!' && equal) {
    comparator = Comparator::kNotEqual;
  } else {
    return cursor.fail(expected);
  }
  cursor.accept(first);
  if (equal) cursor.accept('=');
  const bool negative = cursor.accept('-');
  const auto number = cursor.number();
  if (cursor.failed()) return false;
  if (!number) return cursor.fail("a number as threshold");
  threshold = negative ? -*number : *number;
  return true;
}

std::string_view comparator_text(Comparator comparator) {
  switch (comparator) {
    case Comparator::kLess:
      return "<";
    case Comparator::kLessEqual:
      return "<=";
    case Comparator::kGreater:
      return ">";
    case Comparator::kGreaterEqual:
      return ">=";
    case Comparator::kEqual:
      return "==";
    case Comparator::kNotEqual:
      return "!=";
  }
  return ">";
}

bool compare(double value, Comparator comparator, double threshold) {
  if (std::isnan(value)) return false;
  switch (comparator) {
    case Comparator::kLess:
      return value < threshold;
    case Comparator::kLessEqual:
      return value <= threshold;
    case Comparator::kGreater:
      return value > threshold;
    case Comparator::kGreaterEqual:
      return value >= threshold;
    case Comparator::kEqual:
      return value == threshold;
    case Comparator::kNotEqual:
      return value != threshold;
  }
  return false;
}

}  // namespace godseye::lang
