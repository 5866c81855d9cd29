#pragma once

#include <vcommerce/runtime/service.h>

// The web shop: pages and JSON over HTTP, gRPC to every other service (shop/frontend/README.md). Its gRPC port carries
// health and switches alone; pages are on `http-listen`.
namespace vcommerce::frontend {

runtime::ServiceInfo info();

}  // namespace vcommerce::frontend
