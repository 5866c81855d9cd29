#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// Hash to number, open addressing, built once and then only read. Keys are hashes already: two different strings with
// one 64-bit hash are taken for equal, which in a catalogue of millions happens with a chance of one in millions.
namespace godseye::guard::text {

class FlatMap {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  void reserve(size_t count) {
    size_t slots = 16;
    while (slots < count * 2) slots *= 2;
    if (slots > slots_.size()) rehash(slots);
  }

  // The value stored under `key`; `value` is stored first when there is none.
  uint32_t insert(uint64_t key, uint32_t value) {
    if ((size_ + 1) * 2 > slots_.size()) rehash(slots_.empty() ? 16 : slots_.size() * 2);
    Slot& slot = slots_[place(key)];
    if (slot.value == kNone) {
      slot = {key, value};
      ++size_;
    }
    return slot.value;
  }
  void assign(uint64_t key, uint32_t value) {
    insert(key, value);
    slots_[place(key)].value = value;
  }

  // kNone when there is none.
  uint32_t find(uint64_t key) const { return slots_.empty() ? kNone : slots_[place(key)].value; }
  size_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t value = kNone;
  };

  size_t place(uint64_t key) const {
    const size_t mask = slots_.size() - 1;
    size_t at = (key ^ (key >> 32)) & mask;
    while (slots_[at].value != kNone && slots_[at].key != key) at = (at + 1) & mask;
    return at;
  }
  void rehash(size_t slots) {
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(slots, {});
    for (const Slot& slot : old) {
      if (slot.value != kNone) slots_[place(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace godseye::guard::text
