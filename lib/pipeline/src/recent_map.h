#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace godseye::pipeline {

// A map that holds at most about `max` entries and forgets those that were not touched for longest: two generations,
// the older one dropped when the younger is half full. Not thread-safe. Keys are hashes.
template <typename Value>
class RecentMap {
 public:
  explicit RecentMap(size_t max) : half_(max < 2 ? 1 : max / 2) {}

  // Null when unknown. Valid until the next call.
  Value* find(uint64_t key) {
    if (const auto at = young_.find(key); at != young_.end()) return &at->second;
    const auto at = old_.find(key);
    if (at == old_.end()) return nullptr;
    Value value = std::move(at->second);
    old_.erase(at);
    return &place(key, std::move(value));
  }
  Value& operator[](uint64_t key) {
    if (Value* known = find(key)) return *known;
    return place(key, Value());
  }
  void erase(uint64_t key) {
    young_.erase(key);
    old_.erase(key);
  }
  void clear() {
    young_.clear();
    old_.clear();
  }
  size_t size() const { return young_.size() + old_.size(); }

 private:
  Value& place(uint64_t key, Value value) {
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
    }
    return young_.insert_or_assign(key, std::move(value)).first->second;
  }

  const size_t half_;
  std::unordered_map<uint64_t, Value> young_;
  std::unordered_map<uint64_t, Value> old_;
};

}  // namespace godseye::pipeline
