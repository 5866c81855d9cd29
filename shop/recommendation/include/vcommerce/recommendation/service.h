#pragma once

#include <vcommerce/runtime/service.h>

// `recommendationservice`: what else could please (proto/vcommerce/v1/recommendation.proto). Reads the products from
// productcatalogservice every half minute; what orders taught it lives in memory and begins anew with the process.
namespace vcommerce::recommendation {

runtime::ServiceInfo info();

}  // namespace vcommerce::recommendation
