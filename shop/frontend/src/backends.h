#pragma once

#include "ports.h"

#include <memory>

#include <vcommerce/runtime/context.h>

// The other services over gRPC: one file each. `context` must outlive them.
namespace vcommerce::frontend {

std::unique_ptr<Catalogue> catalogue_backend(runtime::Context& context);
std::unique_ptr<Recommendations> recommendations_backend(runtime::Context& context);
std::unique_ptr<Ads> ads_backend(runtime::Context& context);
std::unique_ptr<Currencies> currencies_backend(runtime::Context& context);
std::unique_ptr<Carts> carts_backend(runtime::Context& context);
std::unique_ptr<Shipping> shipping_backend(runtime::Context& context);
std::unique_ptr<Checkout> checkout_backend(runtime::Context& context);

Backends grpc_backends(runtime::Context& context);

}  // namespace vcommerce::frontend
