#pragma once

#include <array>
#include <chrono>
#include <unordered_map>

#include <godseye/api/key_checker.h>
#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/registry/registry.h>

namespace godseye::app {

// The registry's keys and sign-ins as the API asks for them. Who was found is remembered for `kFresh`, so that a busy
// client costs one read of the registry in that time; `forget` makes a change count at once. Unknown keys are not
// remembered: a flood of them must not push good ones out. Last uses are written at most once a minute each. Threads:
// any.
class KeyCache final : public api::KeyChecker {
 public:
  static constexpr std::chrono::seconds kFresh{5};
  static constexpr size_t kEntriesMax = 4096;

  // `registry` must outlive this object. A browser that was idle for `idle` is signed out.
  KeyCache(registry::Registry& registry, base::Clock clock, std::chrono::seconds idle);
  bool api_key_valid(std::string_view key) const override { return api_caller(key) != nullptr; }
  bool application_key_valid(std::string_view key) const override { return application_caller(key) != nullptr; }
  api::CallerPointer api_caller(std::string_view key) const override;
  api::CallerPointer application_caller(std::string_view key) const override;
  api::CallerPointer browser_caller(std::string_view token) const override;

  // Keys, users or sign-ins have changed: ask the registry again.
  void forget();

 private:
  struct Known {
    api::CallerPointer caller;
    base::TickTime until;
  };
  using Find = api::CallerPointer (KeyCache::*)(std::string_view text) const;
  api::CallerPointer remembered(char kind, std::string_view text, Find find) const;
  api::CallerPointer find_api_key(std::string_view text) const;
  api::CallerPointer find_application_key(std::string_view text) const;
  api::CallerPointer find_browser(std::string_view token) const;
  void used_key(int64_t id, int64_t used_s) const;
  int64_t now_s() const { return base::unix_seconds(clock_.wall()); }

  registry::Registry& registry_;
  const base::Clock clock_;
  const std::chrono::seconds idle_;
  std::array<unsigned char, 16> secret_;  // of the short hash, so that nobody can aim for a collision
  mutable base::Mutex mutex_;
  mutable std::unordered_map<uint64_t, Known> known_ GE_GUARDED_BY(mutex_);
  mutable uint64_t generation_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::app
