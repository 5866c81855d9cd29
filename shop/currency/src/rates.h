#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

#include <vcommerce/runtime/money.h>

// Rates and what follows from them. Pure: a table is read once and never changes.
namespace vcommerce::currency {

inline constexpr size_t kCurrenciesMax = 200;
inline constexpr size_t kRatesBytesMax = 64 << 10;
// One unit of the base is at most a billion of anything.
inline constexpr int64_t kRateMax = 1'000'000'000;

class RateTable {
 public:
  // Lines `CODE decimal`; `#` begins a comment. kInvalidArgument names the line: a code that is not three capital
  // letters or is there twice, a rate that is not a decimal above 0 and at most kRateMax with at most nine digits after
  // the point; no base (its rate must be 1), too many, too long.
  static base::Result<RateTable> parse(std::string_view text, std::string_view base_currency);

  const std::string& base_currency() const { return base_; }
  // Of one unit of the base, in 10^-9.
  const std::map<std::string, int64_t, std::less<>>& rates() const { return rates_; }

  // Exact: amount × rate(to) ÷ rate(from) in whole numbers of 128 bits, rounded once, to the digits that `to` has, half
  // away from zero. kInvalidArgument names what is wrong: `amount.currency_code` or `to_currency` is not in the table,
  // or the result is beyond what money can be. Requires: `amount` is checked().
  base::Result<runtime::Money> convert(const runtime::Money& amount, std::string_view to) const;

 private:
  std::string base_;
  std::map<std::string, int64_t, std::less<>> rates_;
};

// 1170400000 → "1.1704".
std::string rate_text(int64_t nanos);

}  // namespace vcommerce::currency
