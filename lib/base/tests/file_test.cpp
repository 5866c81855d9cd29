#include <filesystem>
#include <fstream>
#include <sstream>

#include <godseye/base/file.h>
#include <godseye/base/spawn.h>
#include <godseye/base/temp_dir.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace godseye::base {
namespace {

std::string text_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

TEST(FileDescriptor, ClosesWithItsOwnerAndNotBefore) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  FileDescriptor reading(ends[0]);
  {
    FileDescriptor first(ends[1]);
    const FileDescriptor second(std::move(first));
    EXPECT_FALSE(first);
    EXPECT_NE(::fcntl(ends[1], F_GETFD), -1);
  }
  EXPECT_EQ(::fcntl(ends[1], F_GETFD), -1);
  reading.reset();
  EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1);
}

TEST(ReplaceFile, LeavesTheNewContentAloneAndPrivate) {
  const TempDir folder;
  const std::string path = folder.file("prices.json");
  ASSERT_TRUE(replace_file(path, std::string(1 << 20, 'a')));
  ASSERT_TRUE(replace_file(path, "b"));
  EXPECT_EQ(text_of(path), "b");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(ReplaceFile, KeepsTheOldContentWhenItFails) {
  const TempDir folder;
  const std::string path = folder.file("kept");
  ASSERT_TRUE(replace_file(path, "old"));
  std::filesystem::create_directory(path + ".new");
  const Status failed = replace_file(path, "new");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message().find(path), std::string::npos);
  EXPECT_EQ(text_of(path), "old");
}

TEST(Spawn, ConnectsTheStreamsAndHidesTheEnvironment) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const Result<pid_t> child = spawn({"/usr/bin/env"}, {.output = writing.get(), .silent = true, .environment = false});
  ASSERT_TRUE(child);
  writing.reset();
  char buffer[64];
  EXPECT_EQ(::read(reading.get(), buffer, sizeof buffer), 0);
  int status = -1;
  ASSERT_EQ(::waitpid(*child, &status, 0), *child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(Spawn, NamesAProgramThatIsNotThere) {
  const Result<pid_t> child = spawn({"/nowhere/program"}, {});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(child.error().message(), "/nowhere/program is not there");
}

}  // namespace
}  // namespace godseye::base
