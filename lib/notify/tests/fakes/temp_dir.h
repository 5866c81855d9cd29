#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

namespace godseye::notify {

// A fresh directory under the system's temporary one, removed at the end.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "godseye-notify-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path file(const std::string& name = "registry.sqlite") const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace godseye::notify
