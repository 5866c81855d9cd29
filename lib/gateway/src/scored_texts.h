#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <godseye/guard/inject.h>

// Which texts were scored and how high: a conversation sends all of its earlier turns with every call, and those need
// no second look. Only texts that this gateway scored itself are known, so that nobody can slip an attack past it in a
// made-up history. Bounded: kSlots entries of 8 bytes; a new text replaces the one in its slot. Texts are told apart by
// 64 bits of SipHash under a key drawn at start, which nobody outside can aim at.
// Threads: any; nothing locks.
namespace godseye::gateway {

class ScoredTexts {
 public:
  static constexpr size_t kSlots = 1u << 17;

  ScoredTexts();
  // 0–1 to within 0.0001; nothing when it is not known (any more).
  std::optional<double> find(guard::Source source, std::string_view text) const;
  void put(guard::Source source, std::string_view text, double score);

 private:
  uint64_t hash(guard::Source source, std::string_view text) const;

  std::array<unsigned char, 16> key_{};
  std::vector<std::atomic<uint64_t>> slots_;  // 48 bits of the hash, 16 of the score; 0: empty
};

}  // namespace godseye::gateway
