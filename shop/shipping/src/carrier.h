#pragma once

#include <chrono>
#include <string_view>

#include <godseye/base/result.h>

#include <vcommerce/runtime/context.h>

namespace vcommerce::shipping {

// The carriers' computers, as far away as they are in life: a call takes time, sometimes too long, sometimes fails.
// What they answer is what this service knows anyway; that they answer is what it waits for. Threads: any; blocks.
class Carrier {
 public:
  Carrier(runtime::Context& context, std::chrono::milliseconds latency) : context_(context), latency_(latency) {}

  // `operation`: "quote", "announce", "track", "cancel". `express` decides whose computer is asked. kUnavailable: it
  // failed
  // (`failure` is the switch that makes it), or took longer than kTimeout.
  base::Status call(std::string_view operation, bool express, std::string_view failure);

  static constexpr std::chrono::milliseconds kTimeout{1'500};

 private:
  runtime::Context& context_;
  std::chrono::milliseconds latency_;
};

}  // namespace vcommerce::shipping
