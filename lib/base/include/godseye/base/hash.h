#pragma once

#include <cstdint>
#include <string_view>

namespace godseye::base {

// XXH3, 64 bit. The value is stored on disk (series ids): it must never change for the same bytes and seed.
uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

}  // namespace godseye::base
