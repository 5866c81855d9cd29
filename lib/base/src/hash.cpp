#include <godseye/base/hash.h>

// The functions themselves rather than calls of the shared library: most keys are words of a few bytes.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace godseye::base {

uint64_t hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace godseye::base
