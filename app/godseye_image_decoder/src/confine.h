#pragma once

#include <cstdint>

// The process shuts itself in, for good, before it looks at a byte that it does not trust.
namespace godseye::image_decoder {

struct Confinement {
  uint64_t memory_bytes = 0;  // address space, everything that is mapped already included
  uint64_t cpu_seconds = 0;
};

// Open before `confine`: what `peak_memory_bytes` reads later. -1 when it cannot be opened; then the peak is 0.
int open_own_status();

// Address space, CPU time, no file growth, no new descriptors, no processes, no core; no new privileges; ends with its
// parent. Then the filter: memory without execution, `write` to standard output, `pread64` of `status_descriptor`,
// `exit`. Anything else ends the process with SIGSYS. False when the system refuses any of it.
bool confine(const Confinement& how, int status_descriptor);

// The largest resident set so far.
uint64_t peak_memory_bytes(int status_descriptor);

}  // namespace godseye::image_decoder
