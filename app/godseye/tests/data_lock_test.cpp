#include "data_lock.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace godseye::app {
namespace {

TEST(DataLock, LetsOneServerInAtATime) {
  char name[] = "/tmp/godseye-app-XXXXXX";
  const std::string folder = std::string(mkdtemp(name)) + "/data";
  {
    const auto first = DataLock::take(folder);
    ASSERT_TRUE(first) << first.error().message();
    const auto second = DataLock::take(folder);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), base::ErrorCode::kAlreadyExists);
    EXPECT_EQ(second.error().message(),
              "data directory " + folder + " is in use by another server (process " + std::to_string(getpid()) + ")");
  }
  EXPECT_TRUE(DataLock::take(folder));
  std::filesystem::remove_all(name);
  EXPECT_FALSE(DataLock::take("/proc/nonexistent/x"));
}

}  // namespace
}  // namespace godseye::app
