#pragma once

#include <array>
#include <unordered_map>

#include <godseye/api/key_checker.h>
#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/registry/registry.h>

namespace godseye::app {

// The registry's keys as the API asks for them. A key that was found is remembered for `kFresh`, so that a busy client
// costs one read of the registry in that time and a deleted key stops working within it. Unknown keys are not
// remembered: a flood of them must not push good ones out. Threads: any.
class KeyCache final : public api::KeyChecker {
 public:
  static constexpr std::chrono::seconds kFresh{5};
  static constexpr size_t kEntriesMax = 4096;

  // `registry` must outlive this object.
  KeyCache(const registry::Registry& registry, base::Clock clock);
  bool api_key_valid(std::string_view key) const override;
  bool application_key_valid(std::string_view key) const override;

 private:
  bool valid(bool application, std::string_view key) const;

  const registry::Registry& registry_;
  const base::Clock clock_;
  std::array<unsigned char, 16> secret_;  // of the short hash, so that nobody can aim for a collision
  mutable base::Mutex mutex_;
  mutable std::unordered_map<uint64_t, base::TickTime> known_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::app
