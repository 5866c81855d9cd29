#pragma once

#include <chrono>
#include <string_view>

#include <godseye/base/error.h>

#include <vcommerce/runtime/adapter.h>
#include <vcommerce/runtime/money_proto.h>

// For backend_*.cpp alone: deadlines, and a gRPC status as our error. What a service says about the customer's input or
// situation is kept, as it is for people; of everything else only that it failed. Names of fields lose what the
// services' messages wrap around them ("item.quantity" → "quantity").
namespace vcommerce::frontend {

inline constexpr std::chrono::milliseconds kNeededWait{2'000};  // what a page cannot do without
inline constexpr std::chrono::milliseconds kOptionalWait{400};  // what it can
inline constexpr std::chrono::milliseconds kPlaceOrderWait{12'000};

base::Error error_of(const grpc::Status& status, std::string_view service);
// Zero in no currency when it is not good money.
runtime::Money money_of(const v1::Money& money);

}  // namespace vcommerce::frontend
