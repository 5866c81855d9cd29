#pragma once

#include <vcommerce/runtime/service.h>

// `adservice`: advertisements that fit the page they stand on (proto/vcommerce/v1/ad.proto). Keeps nothing on disk.
namespace vcommerce::ads {

runtime::ServiceInfo info();

}  // namespace vcommerce::ads
