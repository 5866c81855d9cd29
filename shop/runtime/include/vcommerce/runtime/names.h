#pragma once

// The libraries that the shop builds on, by their short names. Of the others it uses lib/sqlite alone.
namespace godseye::base {}
namespace godseye::sdk {}

namespace vcommerce {

namespace base = godseye::base;
namespace sdk = godseye::sdk;

}  // namespace vcommerce
