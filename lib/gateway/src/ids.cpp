#include "ids.h"

#include <random>

namespace godseye::gateway {

namespace {

// splitmix64
struct Generator {
  uint64_t state;
  Generator() {
    std::random_device device;
    state = (static_cast<uint64_t>(device()) << 32) ^ device();
  }
  uint64_t next() {
    uint64_t z = (state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
};

Generator& generator() {
  thread_local Generator mine;
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
