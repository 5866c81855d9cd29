#include <algorithm>

#include <godseye/base/assert.h>
#include <godseye/base/log.h>

#include <vcommerce/runtime/money.h>

namespace vcommerce::runtime {
namespace {

using Wide = __int128;  // 10^15 units are 10^24 nanos

constexpr std::string_view kNoMinor[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                                         "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::string_view kThreeMinor[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

Wide nanos_of(const Money& money) { return Wide{money.units} * kNanosPerUnit + money.nanos; }

base::Error wrong(std::string text) { return {base::ErrorCode::kInvalidArgument, std::move(text)}; }

Money from_nanos(std::string currency, Wide nanos) {
  return {std::move(currency), static_cast<int64_t>(nanos / kNanosPerUnit),
          static_cast<int32_t>(nanos % kNanosPerUnit)};
}

base::Result<Money> bounded(const std::string& currency, Wide nanos) {
  constexpr Wide kMax = Wide{kUnitsMax} * kNanosPerUnit;
  if (nanos > kMax || nanos < -kMax) return wrong("amount: is beyond what money can be here (10^15)");
  return from_nanos(currency, nanos);
}

}  // namespace

base::Result<Money> checked(Money money) {
  if (money.currency.size() != 3 || !std::ranges::all_of(money.currency, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return wrong("currency_code: " + base::quoted(money.currency, 16) + " is not three capital letters");
  }
  if (money.units > kUnitsMax || money.units < -kUnitsMax) return wrong("units: beyond 10^15");
  if (money.nanos >= kNanosPerUnit || money.nanos <= -kNanosPerUnit) return wrong("nanos: beyond 999,999,999");
  if ((money.units > 0 && money.nanos < 0) || (money.units < 0 && money.nanos > 0)) {
    return wrong("nanos: its sign is not that of units");
  }
  return money;
}

base::Result<Money> add(const Money& left, const Money& right) {
  if (left.currency != right.currency) {
    return wrong("currency_code: " + left.currency + " and " + right.currency + " cannot be added");
  }
  return bounded(left.currency, nanos_of(left) + nanos_of(right));
}

base::Result<Money> multiply(const Money& money, int64_t times) {
  Wide product = 0;
  if (__builtin_mul_overflow(nanos_of(money), Wide{times}, &product)) {
    return wrong("amount: is beyond what money can be here (10^15)");
  }
  return bounded(money.currency, product);
}

std::strong_ordering compare(const Money& left, const Money& right) {
  GE_ASSERT(left.currency == right.currency, "two currencies are compared by nobody");
  const Wide a = nanos_of(left);
  const Wide b = nanos_of(right);
  return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

int minor_digits(std::string_view currency) {
  if (std::ranges::find(kNoMinor, currency) != std::end(kNoMinor)) return 0;
  return std::ranges::find(kThreeMinor, currency) != std::end(kThreeMinor) ? 3 : 2;
}

Money rounded(Money money) {
  int64_t step = kNanosPerUnit;
  for (int i = minor_digits(money.currency); i > 0; --i) step /= 10;
  const Wide nanos = nanos_of(money);
  const Wide half = nanos < 0 ? -step / 2 : step / 2;
  return from_nanos(std::move(money.currency), (nanos + half) / step * step);
}

std::string text(const Money& money) {
  const Money shown = rounded(money);
  const int digits = minor_digits(shown.currency);
  std::string out = shown.negative() ? "-" : "";
  out += std::to_string(shown.units < 0 ? -shown.units : shown.units);
  if (digits > 0) {
    std::string nanos = std::to_string(shown.nanos < 0 ? -shown.nanos : shown.nanos);
    nanos.insert(0, 9 - nanos.size(), '0');
    out += '.' + nanos.substr(0, static_cast<size_t>(digits));
  }
  return out + ' ' + shown.currency;
}

double approximate(const Money& money) { return static_cast<double>(money.units) + money.nanos / 1e9; }

}  // namespace vcommerce::runtime
