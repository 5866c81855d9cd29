#include "rates.h"

#include <algorithm>

#include <godseye/base/log.h>

namespace vcommerce::currency {
namespace {

using runtime::kNanosPerUnit;
using runtime::Money;
using Wide = __int128;

base::Error wrong(std::string text) { return {base::ErrorCode::kInvalidArgument, std::move(text)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "1.1704" → 1,170,400,000; 0 for what is not such a number.
int64_t decimal_nanos(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view units = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (units.empty() || units.size() > 10 || fraction.size() > 9 ||
      (point != std::string_view::npos && fraction.empty())) {
    return 0;
  }
  int64_t value = 0;
  for (const std::string_view part : {units, fraction}) {
    for (const char c : part) {
      if (!is_digit(c)) return 0;
      value = value * 10 + (c - '0');
    }
  }
  for (size_t i = fraction.size(); i < 9; ++i) value *= 10;
  return value <= kRateMax * kNanosPerUnit ? value : 0;
}

bool is_code(std::string_view code) {
  return code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

base::Result<RateTable> RateTable::parse(std::string_view text, std::string_view base_currency) {
  if (text.size() > kRatesBytesMax) return wrong("rates: longer than 64 KiB");
  RateTable table;
  table.base_ = base_currency;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    const std::string where = "rates: line " + std::to_string(number) + ": ";
    const size_t space = line.find(' ');
    const std::string_view code = line.substr(0, space);
    if (!is_code(code)) return wrong(where + base::quoted(code, 16) + " is not three capital letters");
    const int64_t rate = space == std::string_view::npos ? 0 : decimal_nanos(trimmed(line.substr(space)));
    if (rate == 0) return wrong(where + "the rate of " + std::string(code) + " is not a decimal above 0 to 10^9");
    if (!table.rates_.emplace(code, rate).second) return wrong(where + std::string(code) + " is there twice");
    if (table.rates_.size() > kCurrenciesMax) return wrong("rates: more than " + std::to_string(kCurrenciesMax));
  }
  const auto found = table.rates_.find(base_currency);
  if (found == table.rates_.end() || found->second != kNanosPerUnit) {
    return wrong("rates: the rate of the base " + std::string(base_currency) + " is not 1");
  }
  return table;
}

base::Result<Money> RateTable::convert(const Money& amount, std::string_view to) const {
  const auto from_rate = rates_.find(amount.currency);
  if (from_rate == rates_.end())
    return wrong("amount.currency_code: " + base::quoted(amount.currency, 16) + " is not known");
  const auto to_rate = rates_.find(to);
  if (to_rate == rates_.end()) return wrong("to_currency: " + base::quoted(to, 16) + " is not known");
  const auto too_large = [] { return wrong("amount: the result is beyond what money can be here (10^15)"); };

  const Wide nanos = Wide{amount.units} * kNanosPerUnit + amount.nanos;
  Wide product = 0;
  if (__builtin_mul_overflow(nanos, Wide{to_rate->second}, &product)) return too_large();
  // One division, so that it is rounded once: to steps of the target's smallest coin.
  int64_t step = kNanosPerUnit;
  for (int i = runtime::minor_digits(to); i > 0; --i) step /= 10;
  const Wide divisor = Wide{from_rate->second} * step;
  Wide steps = product / divisor;
  const Wide rest = product % divisor;
  if ((rest < 0 ? -rest : rest) * 2 >= divisor) steps += product < 0 ? -1 : 1;
  constexpr Wide kMax = Wide{runtime::kUnitsMax} * kNanosPerUnit;
  const Wide result = steps * step;
  if (result > kMax || result < -kMax) return too_large();
  return Money{.currency = std::string(to),
               .units = static_cast<int64_t>(result / kNanosPerUnit),
               .nanos = static_cast<int32_t>(result % kNanosPerUnit)};
}

std::string rate_text(int64_t nanos) {
  std::string text = std::to_string(nanos / kNanosPerUnit);
  std::string fraction = std::to_string(nanos % kNanosPerUnit);
  fraction.insert(0, 9 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fraction.empty() ? text : text + '.' + fraction;
}

}  // namespace vcommerce::currency
