#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <godseye/signal/span.h>

namespace godseye::ddtrace {

// Finds a text that is in the batch's arena already, so that what every span of a body repeats is kept once. A table of
// `kSlots` places, one per hash: a collision costs a second copy and nothing else.
template <size_t kSlots>
class Interner {
 public:
  signal::Text add(std::string_view text, signal::SpanBatch& batch) {
    if (text.empty()) return {};
    signal::Text& slot = slots_[hash(text) % kSlots];
    if (slot.size == text.size() && std::memcmp(batch.text.data() + slot.offset, text.data(), text.size()) == 0) {
      return slot;
    }
    slot = batch.add(text);
    return slot;
  }

 private:
  static uint64_t hash(std::string_view text) {
    uint64_t first = 0;
    uint64_t last = 0;
    const size_t size = text.size();
    if (size >= 8) {
      std::memcpy(&first, text.data(), 8);
      std::memcpy(&last, text.data() + size - 8, 8);
      if (size > 16) {
        uint64_t middle = 0;
        std::memcpy(&middle, text.data() + size / 2 - 4, 8);
        last ^= middle * 0x9E3779B97F4A7C15u;
      }
    } else {
      std::memcpy(&first, text.data(), size >= 4 ? 4 : size);
      if (size >= 4) std::memcpy(&last, text.data() + size - 4, 4);
    }
    uint64_t mixed = (first ^ (size << 56)) * 0xBF58476D1CE4E5B9u ^ last * 0x94D049BB133111EBu;
    mixed ^= mixed >> 32;
    return mixed * 0x9E3779B97F4A7C15u >> 40;
  }

  std::array<signal::Text, kSlots> slots_{};
};

}  // namespace godseye::ddtrace
