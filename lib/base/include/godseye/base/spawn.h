#pragma once

#include <string>
#include <vector>

#include <godseye/base/result.h>

#include <sys/types.h>

// Starts a program with posix_spawn, never by a fork of a process that has threads.
namespace godseye::base {

// What the child finds at its standard descriptors; every other descriptor is closed in it.
struct ChildStreams {
  int input = -1;           // of this process; -1: nothing to read
  int output = -1;          // of this process; -1: to standard error
  int error = -1;           // of this process; -1: to this process's standard error
  bool silent = false;      // standard error goes nowhere instead
  bool environment = true;  // this process's; false: none
};

// `arguments[0]` is the program's path. Signals are at their defaults, none is blocked. The child is the caller's to
// wait for. kNotFound when the program is not there, else kIo; both name it.
Result<pid_t> spawn(const std::vector<std::string>& arguments, const ChildStreams& streams);

}  // namespace godseye::base
