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
  std::string uuid;       // what Datadog's API calls its id
  int64_t owner_id = 0;   // the user it acts for; 0: nobody, it is an admin's equal
  // Of an application key: the names of the permissions it is limited to. Nothing: not limited.
  std::optional<std::vector<std::string>> scopes;
  int64_t used_s = 0;  // last use, to a minute; 0: never
};

struct NewKey {
  KeyRow row;
  std::string text;  // the only time it is seen
};

struct FirstKeys {
  std::string api_key;
  std::string app_key;
};

// Makes a key. `name` ≤ 200 bytes, `scopes` ≤ kScopesMax names of lower case letters, digits and _. kTooLarge beyond
// kKeysMax keys.
inline constexpr size_t kKeysMax = 10'000;
inline constexpr size_t kScopesMax = 100;
base::Result<NewKey> create_key(WriteSession& session, KeyKind kind, std::string_view name, int64_t now_s,
                                int64_t owner_id = 0,
                                const std::optional<std::vector<std::string>>& scopes = std::nullopt);
// The first pair, when there is no key at all; nothing otherwise. To be printed once.
base::Result<std::optional<FirstKeys>> create_first_keys(WriteSession& session, int64_t now_s);
// The key with this text. Nothing when unknown, of the other kind, or not of the shape. Case of the digits is ignored.
base::Result<std::optional<KeyRow>> find_key(ReadSession& session, KeyKind kind, std::string_view text);
base::Result<std::vector<KeyRow>> list_keys(ReadSession& session, KeyKind kind);
base::Result<std::vector<KeyRow>> list_keys_of(ReadSession& session, int64_t owner_id);
// The key with this uuid, or this id as a number. kNotFound.
base::Result<KeyRow> key_named(ReadSession& session, KeyKind kind, std::string_view text);
// Name and scopes of the key with this id.
base::Status update_key(WriteSession& session, const KeyRow& row);
base::Status touch_key(WriteSession& session, int64_t id, int64_t now_s);
// kNotFound when there is none.
base::Status delete_key(WriteSession& session, KeyKind kind, int64_t id);

}  // namespace godseye::registry
