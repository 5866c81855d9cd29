#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// Amounts of money, exact: whole units and nanos (10^-9) of the same sign, never a floating-point number. What does not
// fit is an error, not a wrong sum. Pure; threads: any. `money_proto.h` turns it into vcommerce.v1.Money and back.
namespace vcommerce::runtime {

inline constexpr int32_t kNanosPerUnit = 1'000'000'000;
// About what every currency of the world together is worth, with room to multiply.
inline constexpr int64_t kUnitsMax = 1'000'000'000'000'000;

struct Money {
  std::string currency;  // ISO 4217, "EUR"
  int64_t units = 0;
  int32_t nanos = 0;

  bool operator==(const Money&) const = default;
  bool negative() const { return units < 0 || nanos < 0; }
  bool zero() const { return units == 0 && nanos == 0; }
};

// kInvalidArgument names the member that is wrong: code not three capital letters, nanos beyond ±999,999,999, unlike
// signs, units beyond ±kUnitsMax.
base::Result<Money> checked(Money money);

// kInvalidArgument: two currencies, or a result beyond kUnitsMax.
base::Result<Money> add(const Money& left, const Money& right);
base::Result<Money> multiply(const Money& money, int64_t times);
// Of one currency. Requires: they have the same.
std::strong_ordering compare(const Money& left, const Money& right);
// How many digits people write after the point: 2, 0 for JPY and such, 3 for KWD and such (ISO 4217).
int minor_digits(std::string_view currency);
// Rounded to those digits, half away from zero.
Money rounded(Money money);
// "12.30 EUR", "1250 JPY": rounded.
std::string text(const Money& money);
// For gauges and statistics, never for sums: units and nanos as a number.
double approximate(const Money& money);

}  // namespace vcommerce::runtime
