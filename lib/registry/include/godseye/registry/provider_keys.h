#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Keys of model providers, encrypted (XChaCha20-Poly1305) under a key that is not in the file: `KeyVault`. A key's text
// goes in once and comes out only through `provider_key_text`, for the call to the provider; no route returns it.
// The row's id, provider and expiry are authenticated with it: a row copied over another one does not open.
namespace godseye::registry {

// Holds the key of keys. Threads: any.
class KeyVault {
 public:
  static constexpr size_t kKeyBytes = 32;
  // 64 hexadecimal digits, as an environment variable carries them.
  static base::Result<std::shared_ptr<const KeyVault>> parse(std::string_view hex);
  // Reads the file, or makes it with a random key and mode 0600. kPermissionDenied when others can read it.
  static base::Result<std::shared_ptr<const KeyVault>> open(const std::string& path);
  ~KeyVault();
  KeyVault(const KeyVault&) = delete;
  KeyVault& operator=(const KeyVault&) = delete;

  std::string seal(std::string_view text, std::string_view about) const;
  // kCorrupt: another vault's, another `about`, or damaged.
  base::Result<std::string> open_sealed(std::string_view sealed, std::string_view about) const;

 private:
  KeyVault() = default;
  std::array<unsigned char, kKeyBytes> key_{};
};

inline constexpr size_t kProviderKeysMax = 1000;
inline constexpr size_t kProviderKeyBytesMax = 4096;

struct ProviderKeyRow {
  int64_t id = 0;
  std::string provider;  // as in --provider NAME=URL
  std::string name;
  std::string last4;      // "" for keys shorter than 12 characters
  int64_t created_s = 0;  // Unix
  int64_t expires_s = 0;  // Unix; 0: not known
  bool disabled = false;
};

// Sets id, last4. kInvalidArgument: empty or too long text, control characters; kTooLarge beyond kProviderKeysMax.
base::Status add_provider_key(WriteSession& session, const KeyVault& vault, ProviderKeyRow& row, std::string_view text);
base::Result<std::vector<ProviderKeyRow>> list_provider_keys(ReadSession& session);  // by provider, newest first
base::Result<std::optional<ProviderKeyRow>> find_provider_key(ReadSession& session, int64_t id);
base::Status set_provider_key_disabled(WriteSession& session, int64_t id, bool disabled);
base::Status delete_provider_key(WriteSession& session, int64_t id);

struct ProviderKeyText {
  ProviderKeyRow row;
  std::string text;  // never log, never return
};
// The newest of the provider that is neither expired nor disabled; nothing when there is none.
base::Result<std::optional<ProviderKeyText>> provider_key_text(ReadSession& session, const KeyVault& vault,
                                                               std::string_view provider, int64_t now_s);

}  // namespace godseye::registry
