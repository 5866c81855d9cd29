#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

// `SpellingCache` maps what a client wrote (name and tag list, byte for byte) to the context it means: the one lookup
// of the steady state. One context may have several spellings (tags in another order). The whole spelling is compared,
// so a hash made to collide finds nothing wrong.
namespace godseye::pipeline {

class SpellingCache {
 public:
  struct Entry {
    uint64_t hash = 0;
    std::unique_ptr<char[]> bytes;  // null: an empty slot
    uint32_t name_bytes = 0;
    uint32_t tag_bytes = 0;
    uint32_t context = 0;
    int32_t seen = 0;  // the bucket of the last use
  };

  Entry* find(uint64_t hash, std::string_view name, std::string_view tags) {
    if (slots_.empty()) return nullptr;
    for (size_t at = hash & mask();; at = (at + 1) & mask()) {
      Entry& entry = slots_[at];
      if (!entry.bytes) return nullptr;
      if (entry.hash == hash && entry.name_bytes == name.size() && entry.tag_bytes == tags.size() &&
          name == std::string_view(entry.bytes.get(), name.size()) &&
          tags == std::string_view(entry.bytes.get() + name.size(), tags.size())) {
        return &entry;
      }
    }
  }

  // Requires: find() says null.
  void insert(uint64_t hash, std::string_view name, std::string_view tags, uint32_t context, int32_t seen) {
    if (2 * (size_ + 1) > slots_.size())
      rebuild(slots_.empty() ? 64 : 2 * slots_.size(), [](const Entry&) { return true; });
    Entry entry;
    entry.hash = hash;
    entry.bytes = std::make_unique_for_overwrite<char[]>(name.size() + tags.size());
    if (!name.empty()) std::memcpy(entry.bytes.get(), name.data(), name.size());
    if (!tags.empty()) std::memcpy(entry.bytes.get() + name.size(), tags.data(), tags.size());
    entry.name_bytes = static_cast<uint32_t>(name.size());
    entry.tag_bytes = static_cast<uint32_t>(tags.size());
    entry.context = context;
    entry.seen = seen;
    place(std::move(entry));
    ++size_;
  }

  template <typename F>
  void for_each(F&& f) {
    for (Entry& entry : slots_) {
      if (entry.bytes) f(entry);
    }
  }

  // Forgets every entry that `keep` refuses; the table shrinks to what is left.
  template <typename Keep>
  void retain(Keep&& keep) {
    size_t kept = 0;
    for (const Entry& entry : slots_) kept += entry.bytes && keep(entry);
    if (kept == size_) return;
    size_t capacity = 64;
    while (capacity < 3 * kept) capacity *= 2;  // room for half as many again before it grows
    rebuild(capacity, keep);
    size_ = kept;
  }

  size_t size() const { return size_; }

 private:
  size_t mask() const { return slots_.size() - 1; }
  void place(Entry&& entry) {
    size_t at = entry.hash & mask();
    while (slots_[at].bytes) at = (at + 1) & mask();
    slots_[at] = std::move(entry);
  }
  template <typename Keep>
  void rebuild(size_t capacity, Keep&& keep) {
    std::vector<Entry> old(capacity);
    old.swap(slots_);
    for (Entry& entry : old) {
      if (entry.bytes && keep(entry)) place(std::move(entry));
    }
  }

  std::vector<Entry> slots_;
  size_t size_ = 0;
};

}  // namespace godseye::pipeline
