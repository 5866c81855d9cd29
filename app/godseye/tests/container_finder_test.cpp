#include "container_finder.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace godseye::app {
namespace {

const std::string kId = "3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860";

TEST(ContainerFinder, ReadsTheNamesThatRuntimesWrite) {
  EXPECT_EQ(container_of_cgroup("13:name=systemd:/docker/" + kId + "\n0::/docker/" + kId + "\n"), kId);
  EXPECT_EQ(
      container_of_cgroup("0::/kubepods.slice/kubepods-pod2d3da189_6407_48e3_9ab6_78188d75e609.slice/cri-containerd-" +
                          kId + ".scope\n"),
      kId);
  EXPECT_EQ(
      container_of_cgroup("11:freezer:/ecs/55091c13-b8cf-4801-b527-f4601742204d/432624d2150b349fe35ba397284dea78-2916"),
      "432624d2150b349fe35ba397284dea78-2916");
  EXPECT_EQ(container_of_cgroup("1:name=systemd:/ecs/34dc0b5e626f2c5c4c5170e34b10e765-1234567890"),
            "34dc0b5e626f2c5c4c5170e34b10e765-1234567890");
  EXPECT_EQ(container_of_cgroup("0::/34dc0b5e-626f-2c5c-4c51-70e34b10e765"), "34dc0b5e-626f-2c5c-4c51-70e34b10e765");
  for (const char* none : {"", "0::/\n", "0::/user.slice/user-1000.slice/session-2.scope", "0::/../..", "abcdef"}) {
    EXPECT_EQ(container_of_cgroup(none), "") << none;
  }
  EXPECT_EQ(container_of_cgroup(kId + "ff"), "") << "longer than a name";
}

TEST(ContainerFinder, KnowsProcessesAndCgroupsAndForgetsThem) {
  std::string pattern = (std::filesystem::temp_directory_path() / "godseye-cgroup-XXXXXX").string();
  const std::filesystem::path root = ::mkdtemp(pattern.data());
  std::filesystem::create_directories(root / "proc/42");
  std::ofstream(root / "proc/42/cgroup") << "0::/docker/" << kId << "\n";
  const std::filesystem::path group = root / ("cgroup/system.slice/docker-" + kId + ".scope");
  std::filesystem::create_directories(group);
  base::TickTime now{};
  const base::Clock clock{.wall = [] { return base::WallTime{}; }, .tick = [&] { return now; }};
  ContainerFinder finder(clock, (root / "proc").string(), (root / "cgroup").string());
  EXPECT_EQ(finder.of_process(42), kId);
  EXPECT_EQ(finder.of_process(43), "");
  EXPECT_EQ(finder.of_process(-1), "");
  struct stat facts{};
  ASSERT_EQ(::stat(group.c_str(), &facts), 0);
  EXPECT_EQ(finder.of_inode(facts.st_ino), kId);
  EXPECT_EQ(finder.of_inode(1), "");
  std::filesystem::remove(root / "proc/42/cgroup");
  EXPECT_EQ(finder.of_process(42), kId) << "kept";
  now += std::chrono::seconds(31);
  EXPECT_EQ(finder.of_process(42), "") << "the number may be another process by now";
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace godseye::app
