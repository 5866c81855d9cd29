#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <godseye/base/assert.h>

// A fresh directory of this process alone, gone with this object and everything in it. For tests, benches and
// rehearsals. Its path is short, since it may hold a Unix socket (108 bytes). Without one there is nothing to go on
// with: it aborts.
namespace godseye::base {

class TempDir {
 public:
  TempDir() {
    const char* made = ::mkdtemp(path_.data());
    GE_ASSERT(made != nullptr, "/tmp can be written to");
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // The path of something in it.
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_ = "/tmp/godseye-XXXXXX";
};

}  // namespace godseye::base
