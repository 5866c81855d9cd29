#pragma once

#include <godseye/base/result.h>

#include <vcommerce/runtime/money.h>
#include <vcommerce/v1/common.pb.h>

// Money over the wire. (Includes generated code: for adapters alone.)
namespace vcommerce::runtime {

// As checked(): what comes from outside is either good money or an error that names the member.
base::Result<Money> from_proto(const v1::Money& money);
v1::Money to_proto(const Money& money);

}  // namespace vcommerce::runtime
