#include "prices.h"

#include <godseye/base/log.h>

namespace vcommerce::frontend {
namespace {

__extension__ typedef __int128 Wide;

// "1.1704" → 1170400000; 0: not a decimal above zero with at most nine digits on both sides.
int64_t nanos_of(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view units = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (units.empty() || units.size() > 9 || fraction.size() > 9) return 0;
  int64_t value = 0;
  for (const std::string_view part : {units, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return 0;
      value = value * 10 + (c - '0');
    }
  }
  for (size_t i = fraction.size(); i < 9; ++i) value *= 10;
  return value;
}

std::string_view symbol(std::string_view currency) {
  if (currency == "EUR") return "€";
  if (currency == "USD") return "$";
  if (currency == "GBP") return "£";
  if (currency == "JPY") return "¥";
  if (currency == "INR") return "₹";
  if (currency == "KRW") return "₩";
  return {};
}

}  // namespace

Prices::Prices(const Rates& rates) {
  for (const auto& [code, text] : rates.of) {
    if (const int64_t rate = nanos_of(text); rate > 0) rates_.emplace(code, rate);
  }
}

std::vector<std::string> Prices::currencies() const {
  std::vector<std::string> out;
  for (const auto& [code, rate] : rates_) out.push_back(code);
  return out;
}

base::Result<Money> Prices::in(const Money& money, std::string_view to) const {
  if (money.currency == to) return runtime::rounded(money);
  const auto from_rate = rates_.find(money.currency);
  const auto to_rate = rates_.find(to);
  if (from_rate == rates_.end() || to_rate == rates_.end()) {
    return base::Error(
        base::ErrorCode::kInvalidArgument,
        "currency: " + base::quoted(from_rate == rates_.end() ? money.currency : to, 16) + " is not one of ours");
  }
  const Wide nanos = Wide{money.units} * runtime::kNanosPerUnit + money.nanos;
  Wide product = 0;
  int64_t step = runtime::kNanosPerUnit;
  for (int i = runtime::minor_digits(to); i > 0; --i) step /= 10;
  const bool over = __builtin_mul_overflow(nanos, Wide{to_rate->second}, &product);
  const Wide divisor = Wide{from_rate->second} * step;
  Wide steps = over ? 0 : product / divisor;
  const Wide rest = over ? 0 : product % divisor;
  if ((rest < 0 ? -rest : rest) * 2 >= divisor) steps += product < 0 ? -1 : 1;
  const Wide result = steps * step;
  constexpr Wide kMax = Wide{runtime::kUnitsMax} * runtime::kNanosPerUnit;
  if (over || result > kMax || result < -kMax) return base::Error(base::ErrorCode::kTooLarge, "amount: too large");
  return Money{.currency = std::string(to),
               .units = static_cast<int64_t>(result / runtime::kNanosPerUnit),
               .nanos = static_cast<int32_t>(result % runtime::kNanosPerUnit)};
}

std::string decimal(const Money& money) {
  const std::string text = runtime::text(money);
  return text.substr(0, text.find(' '));
}

std::string shown(const Money& money) {
  std::string digits = decimal(money);
  const size_t point = digits.find('.');
  const size_t begin = digits.starts_with('-') ? 1 : 0;
  for (size_t at = point == std::string::npos ? digits.size() : point; at > begin + 3;) digits.insert(at -= 3, ",");
  const std::string_view sign = symbol(money.currency);
  if (sign.empty()) return digits + ' ' + money.currency;
  return digits.insert(begin, sign);
}

}  // namespace vcommerce::frontend
