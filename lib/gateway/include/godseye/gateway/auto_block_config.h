#pragma once

#include <chrono>
#include <cstdint>

// When repeated attacks become a block, and for how long: the part of the settings that `AutoBlocker` (auto_block.h)
// works by. Plain values; the defaults are those of the contract.
namespace godseye::gateway {

struct AutoBlockConfig {
  bool enabled = true;
  bool shadow = false;
  uint32_t refused_count = 3;  // this many are enough
  std::chrono::seconds refused_window{600};
  uint32_t suspicious_max = 5;  // one more blocks
  std::chrono::seconds suspicious_window{60};
  uint32_t hostile_uploads_max = 3;  // one more blocks
  std::chrono::seconds hostile_uploads_window{600};
  std::chrono::seconds duration{3600};            // of the first block
  std::chrono::seconds duration_max{7 * 86'400};  // doubling ends here
  std::chrono::seconds remember{86'400};          // a block that begins later after the last one's end is a first again

  bool operator==(const AutoBlockConfig&) const = default;
};
// A window keeps the times of so many messages at most; thresholds may not pass it.
inline constexpr uint32_t kAutoBlockCountMax = 64;

}  // namespace godseye::gateway
