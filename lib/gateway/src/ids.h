#pragma once

#include <cstdint>
#include <string>

#include <godseye/base/clock.h>

// Numbers for spans and calls. Not secrets: fast, unique enough, seeded once for each thread by the system.
namespace godseye::gateway {

// Never 0, below 2^63.
uint64_t new_span_id();
// UUID version 7: time in front, so that ids sort by age.
std::string new_call_id(base::WallTime now);

}  // namespace godseye::gateway
