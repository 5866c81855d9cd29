#include "key_cache.h"

#include <cstring>
#include <string>

#include <godseye/registry/keys.h>
#include <godseye/registry/sign_ins.h>
#include <godseye/registry/users.h>

#include <sodium.h>

namespace godseye::app {
namespace {

using api::Caller;
using api::CallerPointer;
using registry::KeyKind;
using registry::ReadSession;

constexpr size_t kTokenDigits = 64;

// A key with its owner, or a sign-in with its person.
struct Owned {
  registry::KeyRow key;
  registry::SignInRow sign_in;
  std::optional<registry::UserRow> user;
};

}  // namespace

KeyCache::KeyCache(registry::Registry& registry, base::Clock clock, std::chrono::seconds idle)
    : registry_(registry), clock_(std::move(clock)), idle_(idle) {
  static_assert(sizeof(secret_) == crypto_shorthash_KEYBYTES);
  randombytes_buf(secret_.data(), secret_.size());
}

CallerPointer KeyCache::api_caller(std::string_view key) const {
  return key.size() == 32 ? remembered('a', key, &KeyCache::find_api_key) : nullptr;
}

CallerPointer KeyCache::application_caller(std::string_view key) const {
  return key.size() == 40 ? remembered('p', key, &KeyCache::find_application_key) : nullptr;
}

CallerPointer KeyCache::browser_caller(std::string_view token) const {
  return token.size() == kTokenDigits ? remembered('b', token, &KeyCache::find_browser) : nullptr;
}

void KeyCache::forget() {
  base::MutexLock lock(mutex_);
  known_.clear();
  ++generation_;
}

CallerPointer KeyCache::remembered(char kind, std::string_view text, Find find) const {
  const std::string kinded = kind + std::string(text);
  uint64_t hash = 0;
  unsigned char digest[crypto_shorthash_BYTES];
  crypto_shorthash(digest, reinterpret_cast<const unsigned char*>(kinded.data()), kinded.size(), secret_.data());
  std::memcpy(&hash, digest, sizeof(hash));
  const base::TickTime now = clock_.tick();
  uint64_t generation = 0;
  {
    base::MutexLock lock(mutex_);
    generation = generation_;
    const auto found = known_.find(hash);
    if (found != known_.end() && found->second.until > now) return found->second.caller;
  }
  CallerPointer caller = (this->*find)(text);
  if (!caller) return nullptr;
  base::MutexLock lock(mutex_);
  if (generation != generation_) return caller;  // read before a change: not worth remembering
  if (known_.size() >= kEntriesMax) known_.clear();
  known_[hash] = {caller, now + kFresh};
  return caller;
}

void KeyCache::used_key(int64_t id, int64_t used_s) const {
  const int64_t now = now_s();
  if (used_s + registry::kSeenStep_s > now) return;
  // Not worth failing a request for.
  (void)registry_.write([&](registry::WriteSession& session) { return registry::touch_key(session, id, now); });
}

CallerPointer KeyCache::find_api_key(std::string_view text) const {
  const auto row = registry_.fetch<std::optional<registry::KeyRow>>(
      [&](ReadSession& session) { return registry::find_key(session, KeyKind::kApi, text); });
  if (!row || !row->has_value()) return nullptr;
  used_key((*row)->id, (*row)->used_s);
  return std::make_shared<const Caller>(Caller{.kind = Caller::Kind::kApiKey,
                                               .name = "api key " + (*row)->name + " (…" + (*row)->last4 + ")",
                                               .key_id = (*row)->id});
}

CallerPointer KeyCache::find_application_key(std::string_view text) const {
  const auto found =
      registry_.fetch<std::optional<Owned>>([&](ReadSession& session) -> base::Result<std::optional<Owned>> {
        auto key = registry::find_key(session, KeyKind::kApplication, text);
        if (!key) return std::move(key).error();
        if (!key->has_value()) return std::optional<Owned>();
        Owned owned{.key = **key, .sign_in = {}, .user = {}};
        if (owned.key.owner_id == 0) return std::optional<Owned>(std::move(owned));
        auto user = registry::find_user(session, owned.key.owner_id);
        if (!user) return std::move(user).error();
        if (!user->has_value() || (*user)->disabled) return std::optional<Owned>();
        owned.user = *std::move(*user);
        return std::optional<Owned>(std::move(owned));
      });
  if (!found || !found->has_value()) return nullptr;
  const registry::KeyRow& key = (*found)->key;
  used_key(key.id, key.used_s);
  auto caller = std::make_shared<Caller>();
  caller->kind = Caller::Kind::kApplicationKey;
  caller->key_id = key.id;
  caller->role = registry::Role::kAdmin;
  caller->name = "key " + key.name + " (…" + key.last4 + ")";
  if (key.scopes) caller->scopes = api::permissions_of(*key.scopes);
  if ((*found)->user) {
    const registry::UserRow& user = *(*found)->user;
    caller->role = user.role;
    caller->user_id = user.id;
    caller->handle = user.handle;
    caller->name = user.handle + " (key " + key.name + ")";
  }
  return caller;
}

CallerPointer KeyCache::find_browser(std::string_view token) const {
  const int64_t now = now_s();
  const auto found =
      registry_.fetch<std::optional<Owned>>([&](ReadSession& session) -> base::Result<std::optional<Owned>> {
        auto sign_in = registry::find_sign_in(session, token, now, idle_.count());
        if (!sign_in) return std::move(sign_in).error();
        if (!sign_in->has_value()) return std::optional<Owned>();
        auto user = registry::find_user(session, (*sign_in)->user_id);
        if (!user) return std::move(user).error();
        if (!user->has_value() || (*user)->disabled) return std::optional<Owned>();
        return std::optional<Owned>(Owned{.key = {}, .sign_in = **std::move(sign_in), .user = *std::move(*user)});
      });
  if (!found || !found->has_value()) return nullptr;
  const registry::SignInRow& sign_in = (*found)->sign_in;
  if (sign_in.seen_s + registry::kSeenStep_s <= now) {
    (void)registry_.write(
        [&](registry::WriteSession& session) { return registry::touch_sign_in(session, sign_in.id, now); });
  }
  const registry::UserRow& user = *(*found)->user;
  return std::make_shared<const Caller>(Caller{.kind = Caller::Kind::kUser,
                                               .name = user.handle,
                                               .role = user.role,
                                               .user_id = user.id,
                                               .handle = user.handle,
                                               .sign_in_id = sign_in.id,
                                               .csrf = registry::csrf_token(token)});
}

}  // namespace godseye::app
