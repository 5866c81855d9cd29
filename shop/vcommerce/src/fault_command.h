#pragma once

#include <chrono>
#include <string>

#include <vcommerce/runtime/names.h>

// `vcommerce fault`: sets, clears and lists the switches of a running service.
namespace vcommerce {

struct FaultCommand {
  std::string address;  // "127.0.0.1:7105"
  std::string key;
  std::string name;  // empty: list them
  double value = 0;
  bool clear = false;  // `name`, or all without a name
  std::chrono::seconds lasts{60};
  bool json = false;
};

// Prints the service's switches afterwards. The exit code: 0, or 1 with a line on standard error.
int run_fault_command(const FaultCommand& command);

}  // namespace vcommerce
