#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Virtual keys: what clients of the gateway present. Text "gsk-<12 digits>-<40 digits>"; the file holds its BLAKE2b-256
// hash. The text is returned once, by the call that makes it.
namespace godseye::registry {

struct VirtualKeyRow {
  std::string id;    // "vk_" and the 12 digits
  std::string hash;  // 64 hexadecimal digits
  std::string name;
  std::string user;                    // whose it is; may be empty
  std::vector<std::string> providers;  // allowed ones; empty: all
  std::vector<std::string> models;     // likewise
  std::string author;
  int64_t created_s = 0;  // Unix
  int64_t expires_s = 0;  // Unix; 0: never
  bool disabled = false;
};

inline constexpr size_t kVirtualKeysMax = 10'000;
inline constexpr size_t kVirtualKeyListMax = 100;  // providers, models

// Sets id and hash and returns the text. kInvalidArgument, kTooLarge beyond kVirtualKeysMax.
base::Result<std::string> create_virtual_key(WriteSession& session, VirtualKeyRow& row);
base::Result<std::vector<VirtualKeyRow>> list_virtual_keys(ReadSession& session);  // newest first
base::Result<std::optional<VirtualKeyRow>> find_virtual_key(ReadSession& session, std::string_view id);
// Writes name, user, providers, models, expiry and disabled. kNotFound.
base::Status update_virtual_key(WriteSession& session, const VirtualKeyRow& row);
base::Status delete_virtual_key(WriteSession& session, std::string_view id);

}  // namespace godseye::registry
