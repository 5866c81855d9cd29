#pragma once

#include "control_command.h"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

// `godseye import-history FILE…`: points of the past into a running server, part by part (docs/formats/history.md). A
// part that got no answer is sent again, a file that was loaded before stores nothing.
namespace godseye::app {

struct ImportOptions {
  std::vector<std::string> files;  // "-": standard input
  std::string format;              // ndjson, csv; empty: by the file's name
  int64_t patience_s = 60;         // how long a server that is away is asked again
};

// Exit code: 0; 1 some lines were bad, or the server refuses; 2 it cannot be reached, or a file cannot be read.
int run_import(const ControlTarget& target, const ImportOptions& options, std::istream& in, std::ostream& out,
               std::ostream& errors);

// Cuts a file into the bodies of requests. Pure but for the stream.
class HistoryCutter {
 public:
  static constexpr size_t kLinesMax = 10'000;
  static constexpr size_t kBytesMax = 4u << 20;
  static constexpr size_t kLineBytesMax = 1u << 20;  // of a longer one the server sees the beginning, and refuses it

  HistoryCutter(std::istream& in, bool csv);

  // The next body; false at the end.
  bool next();
  const std::string& body() const { return body_; }
  uint64_t first_line() const { return first_line_; }  // number in the file of the body's first line after a CSV head
  uint64_t bytes() const { return bytes_; }            // read so far

 private:
  bool read_line();

  std::istream& in_;
  std::string head_;
  std::string line_;
  bool line_waits_ = false;
  std::string body_;
  uint64_t first_line_ = 1;
  uint64_t next_line_ = 1;
  uint64_t bytes_ = 0;
};

}  // namespace godseye::app
