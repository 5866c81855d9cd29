#include <random>
#include <utility>

#include <godseye/base/hash.h>
#include <godseye/guard/pii_memory.h>

namespace godseye::guard {

PiiMemory& PiiMemory::shared() {
  static auto* memory = new PiiMemory;  // never destroyed: threads may still ask while statics go
  return *memory;
}

PiiMemory::PiiMemory() {
  std::random_device device;
  seed_ = static_cast<uint64_t>(device()) << 32 | device();
  for (Part& part : parts_) {
    base::MutexLock lock(part.mutex);
    part.slots.resize(kTextsMax / kLocks);
  }
}

std::vector<PiiEntity> PiiMemory::find(std::string_view text) {
  if (text.size() < kTextBytesMin) return find_pii(text);
  // A key of zero is an empty slot.
  const uint64_t key = base::hash64(text, seed_) | 1;
  const uint64_t check = base::hash64(text, ~seed_ * 0x9E3779B97F4A7C15ull);
  Part& part = parts_[check % kLocks];
  const size_t at = check / kLocks % (kTextsMax / kLocks);
  {
    base::MutexLock lock(part.mutex);
    const Slot& slot = part.slots[at];
    if (slot.key == key && slot.check == check) {
      hits_.fetch_add(1, std::memory_order_relaxed);
      return slot.entities;
    }
  }
  searches_.fetch_add(1, std::memory_order_relaxed);
  std::vector<PiiEntity> found = find_pii(text);
  if (found.size() > kKeptEntitiesMax) return found;
  Slot slot{.key = key, .check = check, .entities = found};
  base::MutexLock lock(part.mutex);
  std::swap(part.slots[at], slot);  // the older one is freed after the lock
  return found;
}

}  // namespace godseye::guard
