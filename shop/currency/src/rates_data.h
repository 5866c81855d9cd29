#pragma once

#include <string_view>

namespace vcommerce::currency {

// shop/currency/data/rates.txt, as the build found it.
extern const std::string_view kRatesData;

}  // namespace vcommerce::currency
