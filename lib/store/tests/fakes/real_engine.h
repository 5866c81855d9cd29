#pragma once

#include <cstdio>
#include <filesystem>
#include <string>

#include <sys/types.h>
#include <unistd.h>

// Where the tests that need the real engine find it: the child program of this build, which knows how to look for the
// library. Without a library those tests skip and say so.
namespace godseye::store::testing {

inline std::string store_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string() + "/bin/godseye-store";
}

// Empty when the engine is there; else why not.
inline std::string engine_missing() {
  if (!std::filesystem::exists(store_program())) return store_program() + " is not built";
  const std::string command = store_program() + " --find-engine 2>&1";
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "cannot run " + command;
  char buffer[512];
  for (size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  return ::pclose(pipe) == 0 ? "" : output;
}

#define GE_NEEDS_ENGINE()                                                        \
  if (const std::string missing = testing::engine_missing(); !missing.empty()) { \
    GTEST_SKIP() << "the embedded engine is not installed: " << missing;         \
  }

// A directory that is gone with this object. Short: it will hold a Unix socket.
class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/ge-store-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace godseye::store::testing
