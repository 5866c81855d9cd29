#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// `Error` is what every failed `Result` carries: a code that a caller can act on, and a sentence for a person that
// names the thing that failed. Codes are append-only; `api` alone maps them to HTTP.
namespace godseye::base {

enum class ErrorCode : uint16_t {
  kInvalidArgument = 1,   // the input is wrong and will stay wrong
  kNotFound = 2,          //
  kAlreadyExists = 3,     //
  kUnauthenticated = 4,   // no credentials, or unknown ones
  kPermissionDenied = 5,  //
  kTooLarge = 6,          // a documented limit on size or count was passed
  kUnavailable = 7,       // a neighbour is absent; the same call may work later
  kTimeout = 8,           // the deadline passed; the work may or may not have happened
  kQueueFull = 9,         // refused because of load; retry later
  kIo = 10,               // the operating system refused (text holds strerror)
  kCorrupt = 11,          // stored bytes are not what was written
  kCancelled = 12,        // shutting down
  kInternal = 13,         // an outside library failed in a way we do not understand
  kUnimplemented = 14,    // understood and not supported
  kNoSpace = 15,          // disk full or a configured disk limit reached
};

// Snake-case name of `code`, stable: "invalid_argument". Used in logs and metrics.
std::string_view error_code_name(ErrorCode code);

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // True if the same call may succeed later without a change of its input.
  bool retryable() const;
  // Adds context on the way up: `Error{"no such table"}.within("reading series")` reads "reading series: no such
  // table".
  Error within(std::string_view context) &&;

 private:
  ErrorCode code_;
  std::string message_;
};

// `Error{kIo}` with strerror(errno_value) appended to `what`: "opening /x: No such file or directory". ENOSPC and
// EDQUOT become kNoSpace, so that "disk full" is told apart wherever it happens.
Error errno_error(std::string_view what, int errno_value);

}  // namespace godseye::base
