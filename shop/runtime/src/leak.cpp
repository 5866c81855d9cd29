#include "leak.h"

namespace vcommerce::runtime {

void Leak::tick(const Faults& faults) {
  const auto blocks = static_cast<size_t>(faults.value("leak_mb"));
  if (blocks == 0) {
    blocks_.clear();
    blocks_.shrink_to_fit();
    return;
  }
  // Value-initialised, so that the pages are really taken.
  for (size_t i = 0; i < blocks && bytes() + kBlockBytes <= kLeakBytesMax; ++i) {
    blocks_.push_back(std::make_unique<char[]>(kBlockBytes));
  }
}

}  // namespace vcommerce::runtime
