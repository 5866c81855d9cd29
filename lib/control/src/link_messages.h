#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/gateway/policy.h>

// What a server tells a gateway that runs alone, as values. Pure.
namespace godseye::control {

struct WatchMessage {
  uint64_t version = 0;
  bool settings = false;
  std::vector<gateway::Block> blocks;
};
base::Result<WatchMessage> parse_watch(std::string_view json);

struct SyncMessage {
  uint64_t version = 0;
  gateway::GatewaySettings settings;
  std::vector<gateway::VirtualKey> virtual_keys;
  std::vector<gateway::AutoBlocker::Exemption> exemptions;
};
base::Result<SyncMessage> parse_sync(std::string_view json);

struct SealedKey {
  std::string provider;
  std::string name;
  int64_t expires_s = 0;
  std::string sealed;
};
base::Result<std::vector<SealedKey>> parse_sealed_keys(std::string_view json);

// The catalogues that the server has.
struct CatalogueVersion {
  std::string name;
  uint64_t version = 0;
  std::string updated;
  bool operator==(const CatalogueVersion&) const = default;
};
base::Result<std::vector<CatalogueVersion>> parse_catalogues(std::string_view json);

// The version in the answer to decisions; 0 when it says none.
uint64_t parse_version(std::string_view json);

// `policy.json`: what is in force, for the next start. `sync` is the server's answer as it came, "" when there was
// none.
struct SavedPolicy {
  uint64_t version = 0;
  std::vector<gateway::Block> blocks;
  std::string sync;
};
std::string saved_policy_json(const SavedPolicy& policy, int64_t now_s);
base::Result<SavedPolicy> parse_saved_policy(std::string_view json);

}  // namespace godseye::control
