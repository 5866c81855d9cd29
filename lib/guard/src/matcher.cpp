#include "matcher.h"

#include "assets.h"

#include <algorithm>
#include <cstring>

#include <godseye/base/assert.h>

#include <hs/hs_runtime.h>

namespace godseye::guard {

namespace {

constexpr size_t kAlignment = 64;

// Vectorscan wants scratch memory of one thread at a time.
class Scratch {
 public:
  explicit Scratch(const hs_database_t* database) {
    GE_ASSERT(hs_alloc_scratch(database, &scratch_) == HS_SUCCESS, "scratch memory of a few KB can be had");
  }
  ~Scratch() { hs_free_scratch(scratch_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  hs_scratch_t* get() { return scratch_; }

 private:
  hs_scratch_t* scratch_ = nullptr;
};

int on_match(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  auto& hits = *static_cast<std::vector<Hit>*>(context);
  if (hits.size() >= kHitsMax) return 1;
  hits.push_back({static_cast<uint32_t>(to), static_cast<Atom>(id)});
  return 0;
}

bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

}  // namespace

Matcher::Matcher() : words_(assets::plain_words()) {
  const auto load = [](std::string_view bytes) {
    hs_database_t* database = nullptr;
    return hs_deserialize_database(bytes.data(), bytes.size(), &database) == HS_SUCCESS ? database : nullptr;
  };
  hs_database_t* database = has_avx2() ? load(assets::rules_avx2()) : nullptr;
  if (database == nullptr) database = load(assets::rules_generic());
  GE_ASSERT(database != nullptr, "the build compiled the rules for this architecture");
  database_ = database;
}

const Matcher& Matcher::shipped() {
  static const Matcher* matcher = new Matcher;  // never destroyed: threads may still scan while statics go
  return *matcher;
}

void Matcher::scan(std::string_view text, std::vector<Hit>& hits) const {
  hits.clear();
  if (text.empty()) return;
  const auto* database = static_cast<const hs_database_t*>(database_);
  thread_local Scratch scratch(database);
  // Vectorscan 5.4.9 drops a match of a very short pattern in a few texts, depending on where the text lies in memory.
  // From a fixed alignment the same text gives the same matches.
  thread_local std::vector<char> aligned;
  if (aligned.size() < text.size() + 2 * kAlignment) aligned.resize(text.size() + 2 * kAlignment);
  const auto address = reinterpret_cast<uintptr_t>(aligned.data());
  char* bytes = aligned.data() + (kAlignment - address % kAlignment) % kAlignment;
  std::memcpy(bytes, text.data(), text.size());
  const hs_error_t status =
      hs_scan(database, bytes, static_cast<unsigned>(text.size()), 0, scratch.get(), on_match, &hits);
  GE_ASSERT(status == HS_SUCCESS || status == HS_SCAN_TERMINATED, "the database fits this processor");
  const auto before = [](const Hit& a, const Hit& b) { return a.end != b.end ? a.end < b.end : a.atom < b.atom; };
  if (!std::is_sorted(hits.begin(), hits.end(), before)) std::sort(hits.begin(), hits.end(), before);
  thread_local std::vector<Hit> searched;
  thread_local std::vector<Hit> looked_up;
  searched.swap(hits);
  looked_up.clear();
  words_.scan(text, kHitsMax, looked_up);
  hits.resize(searched.size() + looked_up.size());
  std::merge(searched.begin(), searched.end(), looked_up.begin(), looked_up.end(), hits.begin(), before);
  hits.erase(std::unique(hits.begin(), hits.end(),
                         [](const Hit& a, const Hit& b) { return a.end == b.end && a.atom == b.atom; }),
             hits.end());
  if (hits.size() > kHitsMax) hits.resize(kHitsMax);
}

}  // namespace godseye::guard
