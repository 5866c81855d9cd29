#include "known_ids.h"

#include <algorithm>

namespace godseye::pipeline {
namespace {

constexpr size_t kTableLeast = 64;
// 0 marks a free place.
uint64_t stored(uint64_t key) { return key == 0 ? 1 : key; }

}  // namespace

KnownIds::KnownIds(size_t keys_max) : shard_max_(std::max<size_t>(1, keys_max / kShards)) {}

size_t KnownIds::Shard::place(uint64_t key) const {
  const size_t mask = table.size() - 1;
  size_t at = key & mask;
  while (table[at] != 0 && table[at] != key) at = (at + 1) & mask;
  return at;
}

void KnownIds::Shard::grow() {
  std::vector<uint64_t> old = std::move(table);
  table.assign(std::max(kTableLeast, old.size() * 2), 0);
  for (const uint64_t key : old) {
    if (key != 0) table[place(key)] = key;
  }
}

// Moves what comes after the gap back, so that no search ends early.
bool KnownIds::Shard::erase(uint64_t key) {
  if (table.empty()) return false;
  size_t gap = place(key);
  if (table[gap] != key) return false;
  const size_t mask = table.size() - 1;
  for (size_t at = (gap + 1) & mask; table[at] != 0; at = (at + 1) & mask) {
    const size_t home = table[at] & mask;
    if (((at - home) & mask) < ((at - gap) & mask)) continue;
    table[gap] = table[at];
    gap = at;
  }
  table[gap] = 0;
  --used;
  return true;
}

bool KnownIds::insert(uint64_t raw) {
  const uint64_t key = stored(raw);
  Shard& s = shard(key);
  base::MutexLock lock(s.mutex);
  if (s.table.empty()) s.grow();
  if (s.table[s.place(key)] == key) return false;
  if (s.ring.size() < shard_max_) {
    s.ring.push_back(key);
  } else {
    s.erase(s.ring[s.oldest]);
    s.ring[s.oldest] = key;
    s.oldest = (s.oldest + 1) % s.ring.size();
  }
  if ((s.used + 1) * 2 > s.table.size()) s.grow();
  s.table[s.place(key)] = key;
  ++s.used;
  return true;
}

void KnownIds::erase(uint64_t raw) {
  const uint64_t key = stored(raw);
  Shard& s = shard(key);
  base::MutexLock lock(s.mutex);
  s.erase(key);
}

size_t KnownIds::size() const {
  size_t out = 0;
  for (const Shard& s : shards_) {
    base::MutexLock lock(s.mutex);
    out += s.used;
  }
  return out;
}

}  // namespace godseye::pipeline
