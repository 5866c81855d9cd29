#pragma once

#include <vcommerce/runtime/service.h>

// Converts amounts between currencies, exactly (shop/currency/README.md).
namespace vcommerce::currency {

runtime::ServiceInfo info();

}  // namespace vcommerce::currency
