#include "card.h"

#include <algorithm>
#include <array>

namespace vcommerce::payment {

using base::Error;
using base::ErrorCode;

namespace {

constexpr size_t kTypedMax = 40;  // nineteen digits and something between each two
constexpr int kYearsAheadMax = 20;

// First digits from `low` to `high` (as many as `low` has), and the lengths that the brand issues. Earlier rows win.
struct Range {
  int low;
  int high;
  size_t length_min;
  size_t length_max;
  std::string_view brand;
};
constexpr std::array kRanges{
    Range{34, 34, 15, 15, "amex"},         Range{37, 37, 15, 15, "amex"},       Range{300, 305, 14, 19, "diners"},
    Range{36, 36, 14, 19, "diners"},       Range{38, 39, 16, 19, "diners"},     Range{3528, 3589, 16, 19, "jcb"},
    Range{4, 4, 13, 19, "visa"},           Range{51, 55, 16, 16, "mastercard"}, Range{2221, 2720, 16, 16, "mastercard"},
    Range{6011, 6011, 16, 19, "discover"}, Range{644, 649, 16, 19, "discover"}, Range{65, 65, 16, 19, "discover"},
    Range{62, 62, 16, 19, "unionpay"},     Range{50, 50, 12, 19, "maestro"},    Range{56, 58, 12, 19, "maestro"},
    Range{63, 63, 12, 19, "maestro"},      Range{67, 67, 12, 19, "maestro"}};

const Range* range_of(std::string_view digits) {
  for (const Range& range : kRanges) {
    const size_t places = std::to_string(range.low).size();
    if (digits.size() < places) continue;
    int first = 0;
    for (size_t i = 0; i < places; ++i) first = first * 10 + (digits[i] - '0');
    if (first >= range.low && first <= range.high) return &range;
  }
  return nullptr;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

Error wrong(std::string_view field, std::string_view what) {
  return {ErrorCode::kInvalidArgument, "card." + std::string(field) + ": " + std::string(what)};
}

base::Result<std::string> digits_of(std::string_view typed) {
  if (typed.empty()) return wrong("number", "is missing");
  if (typed.size() > kTypedMax) return wrong("number", "is too long");
  std::string digits;
  for (const char c : typed) {
    if (digit(c)) {
      digits += c;
    } else if (c != ' ' && c != '-') {
      return wrong("number", "may hold digits, spaces and hyphens only");
    }
  }
  if (digits.size() < 12 || digits.size() > 19) return wrong("number", "has 12 to 19 digits");
  return digits;
}

}  // namespace

std::string_view card_brand(std::string_view digits) {
  const Range* range = range_of(digits);
  return range == nullptr ? std::string_view() : range->brand;
}

bool luhn_valid(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  for (size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    const int value = (digits[i] - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return !digits.empty() && sum % 10 == 0;
}

bool expired(int month, int year, base::WallTime now) {
  // Twelve hours after midnight UTC the month has ended everywhere.
  const auto here = std::chrono::floor<std::chrono::days>(now - std::chrono::hours(12));
  const std::chrono::year_month_day date(here);
  const int this_year = static_cast<int>(date.year());
  return year < this_year || (year == this_year && month < static_cast<int>(static_cast<unsigned>(date.month())));
}

base::Result<ValidCard> check_card(const Card& card, base::WallTime now) {
  base::Result<std::string> digits = digits_of(card.number);
  if (!digits) return std::move(digits).error();
  const Range* range = range_of(*digits);
  if (range == nullptr) return wrong("number", "is of no brand that we take");
  const bool visa_length =
      range->brand != "visa" || digits->size() == 13 || digits->size() == 16 || digits->size() == 19;
  if (digits->size() < range->length_min || digits->size() > range->length_max || !visa_length) {
    return wrong("number", "has the wrong length for its brand");
  }
  if (!luhn_valid(*digits)) return wrong("number", "has a wrong check digit: a digit was mistyped");
  if (card.month < 1 || card.month > 12) return wrong("expiration_month", "is 1 to 12");
  if (card.year < 2000 || card.year > 9999) return wrong("expiration_year", "has four digits");
  if (expired(card.month, card.year, now)) return wrong("expiration_year", "the card has expired");
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  if (card.year > static_cast<int>(today.year()) + kYearsAheadMax) return wrong("expiration_year", "is too far ahead");
  const size_t cvc_digits = range->brand == "amex" ? 4 : 3;
  if (card.cvc.size() != cvc_digits || !std::all_of(card.cvc.begin(), card.cvc.end(), digit)) {
    return wrong("cvc", "has " + std::to_string(cvc_digits) + " digits");
  }
  return ValidCard{.number = *std::move(digits), .month = card.month, .year = card.year, .brand = range->brand};
}

}  // namespace vcommerce::payment
