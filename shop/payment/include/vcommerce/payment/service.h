#pragma once

#include <vcommerce/runtime/service.h>

namespace vcommerce::payment {

// paymentservice, and the payment gateway that it asks: the bank's side, a process of its own that can fail. README.md
// says what they do and what they can be told.
runtime::ServiceInfo info();
runtime::ServiceInfo gateway_info();

}  // namespace vcommerce::payment
