#pragma once

#include <vcommerce/runtime/service.h>

namespace vcommerce::checkout {

// The service as the program lists it; README.md says what it does and what it can be told.
runtime::ServiceInfo info();

}  // namespace vcommerce::checkout
