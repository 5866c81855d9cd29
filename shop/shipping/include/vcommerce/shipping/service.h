#pragma once

#include <vcommerce/runtime/service.h>

// Quotes, parcels and where they are (shop/shipping/README.md).
namespace vcommerce::shipping {

runtime::ServiceInfo info();

}  // namespace vcommerce::shipping
