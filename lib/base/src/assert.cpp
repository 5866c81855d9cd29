#include <cstdio>
#include <cstdlib>

#include <godseye/base/assert.h>

namespace godseye::base {

void assertion_failed(const char* file, int line, const char* condition, const char* why) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s: %s\n", file, line, condition, why);
  std::abort();
}

}  // namespace godseye::base
