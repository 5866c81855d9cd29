#include "key_cache.h"

#include <cstring>
#include <string>

#include <godseye/registry/keys.h>

#include <sodium.h>

namespace godseye::app {

KeyCache::KeyCache(const registry::Registry& registry, base::Clock clock)
    : registry_(registry), clock_(std::move(clock)) {
  static_assert(sizeof(secret_) == crypto_shorthash_KEYBYTES);
  randombytes_buf(secret_.data(), secret_.size());
}

bool KeyCache::api_key_valid(std::string_view key) const { return valid(false, key); }

bool KeyCache::application_key_valid(std::string_view key) const { return valid(true, key); }

bool KeyCache::valid(bool application, std::string_view key) const {
  if (key.size() != (application ? 40U : 32U)) return false;
  const std::string kinded = (application ? "p" : "a") + std::string(key);
  uint64_t hash = 0;
  unsigned char digest[crypto_shorthash_BYTES];
  crypto_shorthash(digest, reinterpret_cast<const unsigned char*>(kinded.data()), kinded.size(), secret_.data());
  std::memcpy(&hash, digest, sizeof(hash));
  const base::TickTime now = clock_.tick();
  {
    base::MutexLock lock(mutex_);
    const auto found = known_.find(hash);
    if (found != known_.end() && found->second > now) return true;
  }
  const auto kind = application ? registry::KeyKind::kApplication : registry::KeyKind::kApi;
  const auto row = registry_.fetch<std::optional<registry::KeyRow>>(
      [&](registry::ReadSession& session) { return registry::find_key(session, kind, key); });
  if (!row || !row->has_value()) return false;
  base::MutexLock lock(mutex_);
  if (known_.size() >= kEntriesMax) known_.clear();
  known_[hash] = now + kFresh;
  return true;
}

}  // namespace godseye::app
