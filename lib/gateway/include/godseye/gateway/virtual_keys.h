#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

// Virtual keys: what clients of the gateway present instead of a provider's key. Text "gsk-<12>-<40>": the 12 digits
// name the key (id "vk_<12>"), the 40 are its secret. Whoever checks holds only the BLAKE2b-256 hash of the text; the
// secret has 160 random bits, so nothing can be guessed from it.
// Threads: every function of `VirtualKeyTable` from any thread; `check` copies one shared pointer and hashes 57 bytes.
namespace godseye::gateway {

struct VirtualKey {
  std::string id;    // "vk_0123456789ab"
  std::string hash;  // 64 hexadecimal digits
  std::string name;
  std::string user;                    // calls with it are this user's unless they say otherwise; may be empty
  std::vector<std::string> providers;  // names; empty: all
  std::vector<std::string> models;     // exact, or with * at the end; empty: all
  int64_t expires_s = 0;               // Unix; 0: never
  bool disabled = false;

  bool allows_provider(std::string_view provider) const;
  bool allows_model(std::string_view model) const;
  bool operator==(const VirtualKey&) const = default;
};

inline constexpr size_t kVirtualKeysMax = 10'000;

// Whether the text has the shape of a virtual key, and the id in it ("" if not).
std::string virtual_key_id(std::string_view text);
// 64 hexadecimal digits.
std::string virtual_key_hash(std::string_view text);
// SHA-256 of any text, 64 hexadecimal digits: for names of keys that are not ours.
std::string key_digest(std::string_view text);

class VirtualKeyTable {
 public:
  explicit VirtualKeyTable(base::Clock clock);
  ~VirtualKeyTable();
  // The key of this text. kUnauthenticated says why not: unknown, expired or disabled (never the text).
  base::Result<std::shared_ptr<const VirtualKey>> check(std::string_view text) const;
  void replace(std::vector<VirtualKey> keys);
  size_t size() const;

 private:
  struct Keys;
  const base::Clock clock_;
  mutable base::Mutex mutex_;
  std::shared_ptr<const Keys> keys_ GE_GUARDED_BY(mutex_);
};

// A JSON array, as the link carries it, and back.
std::string virtual_keys_json(const std::vector<VirtualKey>& keys);
base::Result<std::vector<VirtualKey>> parse_virtual_keys(std::string_view json_array);

}  // namespace godseye::gateway
