#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// Money in integers: whole units and billionths, one currency, both parts of one sign. Sums of different currencies,
// and sums that do not fit, are errors; nothing is ever rounded without being asked to.
namespace vcommerce {

namespace base = godseye::base;

struct Money {
  std::string currency;  // ISO 4217: three capital letters
  int64_t units = 0;
  int32_t nanos = 0;  // -999,999,999 to 999,999,999, never of the other sign than `units`

  bool operator==(const Money&) const = default;
};

inline constexpr int64_t kNanosPerUnit = 1'000'000'000;
// The most that one amount may be. A sum of a hundred positions of this size still fits.
inline constexpr int64_t kMoneyUnitsMax = 1'000'000'000'000;

// kInvalidArgument names `field` and what is wrong: currency, sign, size.
base::Status check_money(const Money& money, std::string_view field);
// kInvalidArgument: currencies differ. kTooLarge: beyond kMoneyUnitsMax. Both arguments passed check_money.
base::Result<Money> add(const Money& left, const Money& right);
// `count` of them. kTooLarge as above.
base::Result<Money> multiply(const Money& money, int64_t count);
// Below zero, zero, or above: -1, 0, 1.
int sign(const Money& money);
// "EUR 12.30": two places at least, more when there are more.
std::string to_text(const Money& money);
// For metrics and analytics only, where a double is what there is.
double approximate(const Money& money);

}  // namespace vcommerce
