#pragma once

#include <spdlog/spdlog.h>

// Logging is spdlog to standard error, one line an event, set up once by the program with `init_log`.
//   spdlog::info("store ready in {} ms", elapsed_ms);
// Never log prompt text, keys or payload bytes. Text from outside goes through `quoted`, so that it cannot forge a
// line.
namespace godseye::base {

// `level` is trace|debug|info|warn|error|off; unknown words mean info. Not thread-safe; call first thing in main.
void init_log(std::string_view program, std::string_view level);

// `text` in double quotes with control characters, quotes and backslashes escaped, cut at `bytes_max` (… appended).
std::string quoted(std::string_view text, size_t bytes_max = 120);

}  // namespace godseye::base
