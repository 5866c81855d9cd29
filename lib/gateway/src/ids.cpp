#include "ids.h"

#include <random>

#include <godseye/base/random.h>

namespace godseye::gateway {

namespace {

base::Random& generator() {
  thread_local base::Random mine([] {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) ^ device();
  }());
  return mine;
}

}  // namespace

uint64_t new_span_id() {
  const uint64_t id = generator().next() >> 1;
  return id == 0 ? 1 : id;
}

std::string new_call_id(base::WallTime now) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto ms = static_cast<uint64_t>(base::unix_millis(now));
  const uint64_t high = (ms << 16) | 0x7000 | (generator().next() & 0x0FFF);
  const uint64_t low = (generator().next() >> 2) | (uint64_t{2} << 62);
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    const uint64_t word = i < 16 ? high : low;
    out += kDigits[(word >> (60 - 4 * (i % 16))) & 15];
  }
  return out;
}

}  // namespace godseye::gateway
