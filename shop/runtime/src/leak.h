#pragma once

#include <memory>
#include <vector>

#include <vcommerce/runtime/faults.h>

namespace vcommerce::runtime {

// What the switch `leak_mb` took: more each second while it is on, nothing once it is off. One thread.
class Leak {
 public:
  void tick(const Faults& faults);
  size_t bytes() const { return blocks_.size() * kBlockBytes; }

  static constexpr size_t kBlockBytes = size_t{1} << 20;

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
};

}  // namespace vcommerce::runtime
