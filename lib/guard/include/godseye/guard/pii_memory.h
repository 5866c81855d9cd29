#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/guard/pii.h>

// Personal data of texts that several stages look at. A prompt is searched when it arrives, again for the record of the
// call, again when its span is masked, and once more in every later call of the conversation, which repeats it; the
// memory answers all but the first from what was found then.
//
// It keeps no text: 128 bits of hash, keyed by a number drawn at the start of the process, and the places of what was
// found. Bounds: kTextsMax texts, the newer one in place of the older one at the same slot; texts with more than
// kKeptEntitiesMax entities or shorter than kTextBytesMin are searched each time. At most 5 MB, 0.4 MB when little is
// found.
//
// Threads: any number at once; a lock is held for a copy of a few bytes, never during a search.
namespace godseye::guard {

class PiiMemory {
 public:
  static constexpr size_t kTextsMax = 8192;
  static constexpr size_t kKeptEntitiesMax = 16;
  static constexpr size_t kTextBytesMin = 24;  // shorter: the search is as cheap as the memory

  // The one that gateway, pipeline and store of a process share.
  static PiiMemory& shared();

  PiiMemory();
  PiiMemory(const PiiMemory&) = delete;
  PiiMemory& operator=(const PiiMemory&) = delete;

  // What find_pii(text) returns.
  std::vector<PiiEntity> find(std::string_view text);

  uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }          // answered from memory
  uint64_t searches() const { return searches_.load(std::memory_order_relaxed); }  // of texts long enough to remember

 private:
  static constexpr size_t kLocks = 64;

  struct Slot {
    uint64_t key = 0;
    uint64_t check = 0;
    std::vector<PiiEntity> entities;
  };
  // Slots i, i + kLocks, ... belong to one lock.
  struct Part {
    base::Mutex mutex;
    std::vector<Slot> slots GE_GUARDED_BY(mutex);
  };

  uint64_t seed_ = 0;
  std::array<Part, kLocks> parts_;
  std::atomic<uint64_t> hits_ = 0;
  std::atomic<uint64_t> searches_ = 0;
};

}  // namespace godseye::guard
