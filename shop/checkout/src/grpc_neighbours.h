#pragma once

#include "neighbours.h"

#include <memory>

#include <vcommerce/runtime/context.h>

namespace vcommerce::checkout {

// The other services over gRPC. `context` outlives it.
std::unique_ptr<Neighbours> grpc_neighbours(runtime::Context& context);

}  // namespace vcommerce::checkout
