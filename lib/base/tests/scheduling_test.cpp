#include <algorithm>
#include <cerrno>
#include <thread>

#include <godseye/base/scheduling.h>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace godseye::base {
namespace {

// Of the calling thread.
int nice_now() {
  errno = 0;
  return getpriority(PRIO_PROCESS, 0);
}

TEST(Scheduling, GivingWayIsOfOneThreadAndOfThoseItStarts) {
  const int before = nice_now();
  std::thread([&] {
    give_way(3);
    EXPECT_EQ(nice_now(), std::min(before + 3, 19));
    EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
    std::thread([&] { EXPECT_EQ(nice_now(), std::min(before + 3, 19)); }).join();
    give_way(100);
    EXPECT_EQ(nice_now(), 19);
  }).join();
  EXPECT_EQ(nice_now(), before);
}

TEST(Scheduling, ShortTurnsLeaveTheShareAsItIs) {
  const int before = nice_now();
  std::thread([&] {
    take_short_turns();
    EXPECT_EQ(nice_now(), before);
    EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
  }).join();
}

TEST(Scheduling, ATimeInTheQueueIsOfAThreadThatIsThere) {
  EXPECT_FALSE(waited_for_processor(-1));
  if (const auto waited = waited_for_processor(gettid())) EXPECT_GE(waited->count(), 0);
}

}  // namespace
}  // namespace godseye::base
