#pragma once

#include <chrono>
#include <optional>

#include <sys/types.h>

// What a thread tells the scheduler about its work, where many threads share few processors. All of it is a wish: no
// privilege is needed, and a kernel that does not know it (custom turns need Linux 6.12) goes on as before.
namespace godseye::base {

// Somebody waits for what this thread does, and it does little at a time: its turns are 0.1 ms, so that a thread that
// wakes up gets the processor from one in the middle of a longer turn. Its share of the processor stays the same.
void take_short_turns();

// Nobody waits for what this thread does: it does not take the processor from others by waking up, hands it over after
// 0.5 ms when others want it, and is `nice_steps` (0 to 19) nicer than it was. At 10 steps it gets a tenth of what
// others get while they want everything, and all that they leave. Threads that it starts from now on inherit it.
void give_way(int nice_steps);

// How long a thread of this process has stood in the queue for a processor, in all. Empty: there is no such thread, or
// the kernel does not say. Some 5 us.
std::optional<std::chrono::nanoseconds> waited_for_processor(pid_t thread);

}  // namespace godseye::base
