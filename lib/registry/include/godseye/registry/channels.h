#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/provider_keys.h>
#include <godseye/registry/session.h>

// Notification channels: where people and programs are told. (kind, name) is unique and is what a handle names
// (`@slack-ops`: kind slack, name ops). Webhooks of Datadog's integration are channels of kind webhook; webhooks.h is
// their older door to the same rows. What `settings_json` means is lib/notify's business.
//
// Secrets are one JSON text, sealed under the key vault and bound to the row's id and kind; `channel_secrets` is the
// only way out, for the sender. `secret_names` says which are set, so that pages can tell without opening them.
namespace godseye::registry {

inline constexpr size_t kChannelsMax = 1000;
inline constexpr size_t kChannelSecretsBytesMax = 16 * 1024;

struct ChannelRow {
  int64_t id = 0;
  std::string kind;  // webhook, slack, mail, pagerduty, console
  std::string name;
  std::string settings_json = "{}";
  std::string secret_names;  // "hmac_secret,url", sorted
  bool enabled = true;
  int rate_per_minute = 600;  // messages; 0: no limit
  int digest_after = 0;       // messages in a window after which the rest become one; 0: never
  int digest_window_s = 30;
  int64_t created_s = 0;  // Unix
  int64_t modified_s = 0;
};

// Sets `row.id`. kAlreadyExists, kTooLarge beyond kChannelsMax. Stores no secrets.
base::Status add_channel(WriteSession& session, ChannelRow& row);
// All but id, kind, created_s and the secrets. kNotFound, kAlreadyExists.
base::Status update_channel(WriteSession& session, const ChannelRow& row);
// Deliveries still owed to it fail.
base::Status delete_channel(WriteSession& session, int64_t id);
base::Result<std::optional<ChannelRow>> find_channel(ReadSession& session, int64_t id);
base::Result<std::optional<ChannelRow>> find_channel(ReadSession& session, std::string_view kind,
                                                     std::string_view name);
base::Result<std::vector<ChannelRow>> list_channels(ReadSession& session);  // by kind and name

// Replaces all secrets; empty `secrets_json` removes them.
base::Status set_channel_secrets(WriteSession& session, const KeyVault& vault, int64_t id,
                                 std::string_view secret_names, std::string_view secrets_json);
// "" when there are none. kCorrupt when they do not open under this vault.
base::Result<std::string> channel_secrets(ReadSession& session, const KeyVault& vault, int64_t id);

}  // namespace godseye::registry
