#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// One run of a small program on bytes that nobody trusts: the bytes as a sealed memory file on its standard input, a
// short answer on its standard output, nothing else inherited (no environment, no descriptor, standard error to
// /dev/null, signals at their defaults). Killed at the deadline; gone when `run_child` returns.
namespace godseye::sandbox {

struct ChildRun {
  std::string answer;      // at most `answer_bytes_max`
  bool timed_out = false;  // killed at the deadline
  int exit_code = -1;      // of a child that ended by itself
  int signal = 0;          // that ended it; 9 when it timed out
};

// `arguments[0]` is the program's path. Blocks until the child is gone. Errors: it could not be started (kNotFound
// names the program, kIo).
base::Result<ChildRun> run_child(const std::vector<std::string>& arguments, std::string_view input,
                                 size_t answer_bytes_max, std::chrono::steady_clock::time_point deadline);

}  // namespace godseye::sandbox
