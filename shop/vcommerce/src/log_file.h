#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

namespace vcommerce {

// Lines in a file that does not grow for ever: before it would pass `bytes_max` it becomes FILE.1, FILE.1 becomes
// FILE.2 and so on, and what would be FILE.<files_max> is gone: files_max files in all. One thread.
class LogFile {
 public:
  struct Limits {
    uint64_t bytes_max = 16 << 20;  // of one file; a single line may be longer than that
    int files_max = 4;              // at least 1
  };

  // Begins a new file: the one that is there becomes FILE.1. kIo names the file.
  static base::Result<LogFile> open(std::string path, Limits limits);
  LogFile(LogFile&& other) noexcept;
  LogFile& operator=(LogFile&&) = delete;
  ~LogFile();

  // Requires: whole lines. What the disk does not take is counted and not kept.
  void write(std::string_view lines);
  uint64_t lines_lost() const { return lines_lost_; }

 private:
  LogFile(std::string path, Limits limits) : path_(std::move(path)), limits_(limits) {}
  base::Status begin();
  void begin_again();
  void put(std::string_view lines);

  std::string path_;
  Limits limits_;
  int descriptor_ = -1;
  uint64_t bytes_ = 0;
  uint64_t lines_lost_ = 0;
};

// What one process prints, cut into lines: lines of several processes then never mix within one.
class LineGatherer {
 public:
  static constexpr size_t kLineBytesMax = 64 << 10;  // a longer one is cut

  // Writes the lines that `bytes` completes.
  void add(std::string_view bytes, LogFile& to);
  // The end of the process: what is left is a line.
  void end(LogFile& to);

 private:
  std::string partial_;
};

}  // namespace vcommerce
