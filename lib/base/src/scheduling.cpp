#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>

#include <godseye/base/scheduling.h>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace godseye::base {
namespace {

constexpr std::chrono::nanoseconds kShortTurn{100'000};  // the kernel's least
constexpr std::chrono::nanoseconds kBackgroundTurn{500'000};
constexpr int kNicest = 19;

// The kernel's `struct sched_attr`, first version; the C library's headers do not have it.
struct Attributes {
  uint32_t size = sizeof(Attributes);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;  // of ordinary policies: the length of a turn in nanoseconds
  uint64_t deadline = 0;
  uint64_t period = 0;
};
static_assert(sizeof(Attributes) == 48);

void set(int policy, std::chrono::nanoseconds turn, int nice_steps) {
  const int nice = std::min(getpriority(PRIO_PROCESS, 0) + nice_steps, kNicest);
  Attributes attributes;
  attributes.policy = static_cast<uint32_t>(policy);
  attributes.nice = nice;
  attributes.runtime = static_cast<uint64_t>(turn.count());
  if (syscall(SYS_sched_setattr, 0, &attributes, 0) == 0) return;
  // An older kernel, or a sandbox without the call: what is left of the wish.
  (void)setpriority(PRIO_PROCESS, 0, nice);
}

}  // namespace

void take_short_turns() { set(SCHED_OTHER, kShortTurn, 0); }

void give_way(int nice_steps) { set(SCHED_BATCH, kBackgroundTurn, nice_steps); }

std::optional<std::chrono::nanoseconds> waited_for_processor(pid_t thread) {
  std::ifstream in("/proc/self/task/" + std::to_string(thread) + "/schedstat");
  int64_t ran = 0;
  int64_t waited = 0;
  if (!(in >> ran >> waited)) return std::nullopt;
  return std::chrono::nanoseconds(waited);
}

}  // namespace godseye::base
