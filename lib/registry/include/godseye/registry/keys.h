#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// API keys (32 hexadecimal digits) and application keys (40), Datadog's shapes (spec datadog-api.md 1). A key's text is
// returned once, by the call that makes it; the file holds its BLAKE2b hash under a random secret of this file. The
// keys are random, so a fast keyed hash is enough: there is nothing to guess.
namespace godseye::registry {

enum class KeyKind : uint8_t { kApi = 1, kApplication = 2 };  // stored

struct KeyRow {
  int64_t id = 0;
  KeyKind kind = KeyKind::kApi;
  std::string name;
  std::string last4;      // of the text, for a person to tell keys apart
  int64_t created_s = 0;  // Unix
};

struct NewKey {
  KeyRow row;
  std::string text;  // the only time it is seen
};

struct FirstKeys {
  std::string api_key;
  std::string app_key;
};

// Makes a key. `name` ≤ 200 bytes. kTooLarge beyond kKeysMax keys.
inline constexpr size_t kKeysMax = 10'000;
base::Result<NewKey> create_key(WriteSession& session, KeyKind kind, std::string_view name, int64_t now_s);
// The first pair, when there is no key at all; nothing otherwise. To be printed once.
base::Result<std::optional<FirstKeys>> create_first_keys(WriteSession& session, int64_t now_s);
// The key with this text. Nothing when unknown, of the other kind, or not of the shape. Case of the digits is ignored.
base::Result<std::optional<KeyRow>> find_key(ReadSession& session, KeyKind kind, std::string_view text);
base::Result<std::vector<KeyRow>> list_keys(ReadSession& session, KeyKind kind);
// kNotFound when there is none.
base::Status delete_key(WriteSession& session, KeyKind kind, int64_t id);

}  // namespace godseye::registry
