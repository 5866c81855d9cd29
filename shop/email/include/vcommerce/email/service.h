#pragma once

#include <vcommerce/runtime/service.h>

namespace vcommerce::email {

// emailservice, and the local mailbox that it sends to unless told otherwise. README.md says what they do and what they
// can be told.
runtime::ServiceInfo info();
runtime::ServiceInfo mailbox_info();

}  // namespace vcommerce::email
