#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <godseye/sdk/settings.h>

// Who is blocked right now: sessions, users and addresses, as people and gateways decided (docs/blocks.md).
//
//   if (sdk.blocks().blocked("session", session_id)) return polite_page();
//
// A thread follows Godseye's stream of changes; a change is known here within a second. While the server is away the
// last list holds, and a block ends when it expires. Without `Settings::api_url` nobody is blocked. Threads: any.
namespace godseye::sdk {

struct BlockListStats {
  uint64_t version = 0;  // of the server's list; 0: none was received yet
  size_t blocks = 0;
  bool connected = false;
  uint64_t connects = 0;
};

class BlockWatch;

class BlockList {
 public:
  explicit BlockList(std::shared_ptr<BlockWatch> watch);
  // `kind`: "session", "user", "address". A lookup in memory.
  bool blocked(std::string_view kind, std::string_view value) const;
  BlockListStats stats() const;

 private:
  std::shared_ptr<BlockWatch> watch_;
};

}  // namespace godseye::sdk
