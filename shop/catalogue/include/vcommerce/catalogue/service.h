#pragma once

#include <vcommerce/runtime/service.h>

// `productcatalogservice`: what the shop has, what it costs, how much of it is left; searches, pictures, stock for
// orders (proto/vcommerce/v1/product_catalog.proto). Keeps a SQLite file; tells Godseye what is sold.
namespace vcommerce::catalogue {

runtime::ServiceInfo info();

}  // namespace vcommerce::catalogue
