#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// `IndexTable` finds slab numbers by hash: open addressing with linear probing, eight bytes a slot, at most half full.
// It knows no keys; the caller compares. Erasing moves later entries back, so there are no tombstones; the table
// shrinks when it is mostly empty.
namespace godseye::pipeline {

class IndexTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The number for which `equal(number)` holds among those inserted with `hash`, or kNone.
  template <typename Equal>
  uint32_t find(uint64_t hash, Equal&& equal) const {
    if (slots_.empty()) return kNone;
    const uint32_t print = fingerprint(hash);
    for (size_t at = print & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.number == kNone) return kNone;
      if (slot.print == print && equal(slot.number)) return slot.number;
    }
  }

  // Requires: `number` is not in the table.
  void insert(uint64_t hash, uint32_t number) {
    if (2 * (size_ + 1) > slots_.size()) resize(slots_.empty() ? 64 : 2 * slots_.size());
    place({fingerprint(hash), number});
    ++size_;
  }

  // Requires: `number` was inserted with `hash`.
  void erase(uint64_t hash, uint32_t number) {
    size_t hole = fingerprint(hash) & mask();
    while (slots_[hole].number != number) hole = (hole + 1) & mask();
    for (size_t at = (hole + 1) & mask(); slots_[at].number != kNone; at = (at + 1) & mask()) {
      // An entry may fill the hole unless its home lies cyclically in (hole, at].
      const size_t home = slots_[at].print & mask();
      if (((at - home) & mask()) >= ((at - hole) & mask())) {
        slots_[hole] = slots_[at];
        hole = at;
      }
    }
    slots_[hole] = {};
    --size_;
    if (slots_.size() > 64 && 16 * size_ < slots_.size()) resize(slots_.size() / 4);
  }

  size_t size() const { return size_; }

 private:
  struct Slot {
    uint32_t print = 0;
    uint32_t number = kNone;
  };
  static uint32_t fingerprint(uint64_t hash) { return static_cast<uint32_t>(hash ^ hash >> 32); }
  size_t mask() const { return slots_.size() - 1; }
  void place(Slot slot) {
    size_t at = slot.print & mask();
    while (slots_[at].number != kNone) at = (at + 1) & mask();
    slots_[at] = slot;
  }
  void resize(size_t capacity) {
    std::vector<Slot> old(capacity);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number != kNone) place(slot);
    }
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace godseye::pipeline
