#include <algorithm>
#include <cmath>

#include <vcommerce/orders/money.h>

namespace vcommerce {

using base::Error;
using base::ErrorCode;

namespace {

// 10^12 units in nanos is 10^21: past int64, far inside 128 bits.
using Wide = __int128;

Wide wide(const Money& money) { return static_cast<Wide>(money.units) * kNanosPerUnit + money.nanos; }

base::Result<Money> narrow(Wide nanos, const std::string& currency) {
  const Wide limit = static_cast<Wide>(kMoneyUnitsMax) * kNanosPerUnit;
  if (nanos > limit || nanos < -limit) {
    return Error(ErrorCode::kTooLarge, "the amount is beyond " + std::to_string(kMoneyUnitsMax) + " " + currency);
  }
  return Money{currency, static_cast<int64_t>(nanos / kNanosPerUnit), static_cast<int32_t>(nanos % kNanosPerUnit)};
}

Error wrong(std::string_view field, std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": " + std::string(what)};
}

}  // namespace

base::Status check_money(const Money& money, std::string_view field) {
  if (money.currency.size() != 3 ||
      !std::all_of(money.currency.begin(), money.currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return wrong(field, "currency_code is three capital letters, such as EUR");
  }
  if (money.nanos <= -kNanosPerUnit || money.nanos >= kNanosPerUnit) return wrong(field, "nanos is below a unit");
  if ((money.units > 0 && money.nanos < 0) || (money.units < 0 && money.nanos > 0)) {
    return wrong(field, "units and nanos have one sign");
  }
  if (money.units > kMoneyUnitsMax || money.units < -kMoneyUnitsMax) return wrong(field, "the amount is too large");
  return base::ok();
}

base::Result<Money> add(const Money& left, const Money& right) {
  if (left.currency != right.currency) {
    return Error(ErrorCode::kInvalidArgument, "adding " + right.currency + " to " + left.currency);
  }
  return narrow(wide(left) + wide(right), left.currency);
}

base::Result<Money> multiply(const Money& money, int64_t count) {
  // |amount| < 2^73 at most and a count of 2^53 still fit into 127 bits.
  constexpr int64_t kCountMax = int64_t{1} << 53;
  if (count > kCountMax || count < -kCountMax) return Error(ErrorCode::kTooLarge, "the count is too large");
  return narrow(wide(money) * count, money.currency);
}

int sign(const Money& money) {
  const Wide nanos = wide(money);
  return nanos > 0 ? 1 : nanos < 0 ? -1 : 0;
}

std::string to_text(const Money& money) {
  std::string fraction = std::to_string(kNanosPerUnit + std::abs(static_cast<int64_t>(money.nanos))).substr(1);
  while (fraction.size() > 2 && fraction.back() == '0') fraction.pop_back();
  const std::string minus = sign(money) < 0 ? "-" : "";
  const std::string units = std::to_string(money.units);
  return money.currency + " " + minus + (units[0] == '-' ? units.substr(1) : units) + "." + fraction;
}

double approximate(const Money& money) {
  return static_cast<double>(money.units) + static_cast<double>(money.nanos) / static_cast<double>(kNanosPerUnit);
}

}  // namespace vcommerce
