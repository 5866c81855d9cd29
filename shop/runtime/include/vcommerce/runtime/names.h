#pragma once

// The two libraries that the shop builds on, by their short names. It uses no other library of the server.
namespace godseye::base {}
namespace godseye::sdk {}

namespace vcommerce {

namespace base = godseye::base;
namespace sdk = godseye::sdk;

}  // namespace vcommerce
