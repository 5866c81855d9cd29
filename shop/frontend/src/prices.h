#pragma once

#include "ports.h"

#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/money.h>

// Prices in the customer's currency, by the rates of currencyservice and with its rounding, so that what a page shows
// is what checkout charges. Pure.
namespace vcommerce::frontend {

class Prices {
 public:
  Prices() = default;  // knows no rate: nothing can be converted
  // Rates that are not decimals above zero are left out.
  explicit Prices(const Rates& rates);

  bool knows(std::string_view currency) const { return rates_.contains(currency); }
  std::vector<std::string> currencies() const;
  // Exact, rounded once to the digits of `to`, half away from zero. kInvalidArgument: `currency: "XYZ" is not one of
  // ours`; kTooLarge. Of the same currency: as it is, rounded.
  base::Result<Money> in(const Money& money, std::string_view to) const;

 private:
  std::map<std::string, int64_t, std::less<>> rates_;  // of one of the base, in 10^-9
};

// "€12.30", "$12.30", "¥1,250", "12.30 CHF": as people write it.
std::string shown(const Money& money);
// "12.30": for forms and JSON.
std::string decimal(const Money& money);

}  // namespace vcommerce::frontend
