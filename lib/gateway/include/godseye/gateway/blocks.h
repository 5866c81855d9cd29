#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

// Who must not pass, in memory. `BlockTable` is asked for every call of the gateway (session, user, address, key) and
// answers in a few dozen nanoseconds: kinds without any block cost one atomic load, the others a hash and one look
// under a lock that only writers of the same shard hold. What is in it comes from the registry (control.h) or from an
// upstream server (upstream_link.h), numbered by versions that only grow; what this gateway decided by itself is held
// beside it until the numbered truth has caught up.
//
// Expiry is by the clock passed in: an expired block is not found any more, with or without anybody's telling.
// Bounded: `entries_max`; beyond it `apply` and `hold` give kTooLarge and count, and the table is otherwise unchanged.
// Threads: every function from any thread; `find` never waits for a change of more than one entry.
namespace godseye::gateway {

// Stored; append-only.
enum class BlockKind : uint8_t { kSession = 1, kUser = 2, kAddress = 3, kKey = 4 };
inline constexpr std::array<BlockKind, 4> kBlockKinds = {BlockKind::kSession, BlockKind::kUser, BlockKind::kAddress,
                                                         BlockKind::kKey};
// "session", "user", "address", "key"; and back, nothing for other words.
std::string_view block_kind_name(BlockKind kind);
std::optional<BlockKind> parse_block_kind(std::string_view name);

inline constexpr size_t kBlockValueBytesMax = 256;
inline constexpr size_t kBlockReasonBytesMax = 1000;
inline constexpr size_t kBlockAuthorBytesMax = 200;
inline constexpr size_t kBlocksMax = 100'000;  // in force at once

struct Block {
  int64_t id = 0;        // of the registry; 0: not stored yet
  uint64_t version = 0;  // of the change that made it what it is
  BlockKind kind = BlockKind::kSession;
  std::string value;
  std::string reason;     // for a person
  std::string author;     // who set it; "gateway" when automatic
  std::string rule;       // of an automatic one: "refused_messages", "suspicious_messages", "hostile_uploads"
  int64_t created_s = 0;  // Unix
  int64_t expires_s = 0;  // Unix; 0: never
  int64_t lifted_s = 0;   // 0: not lifted
  std::string lifted_by;  //
  bool automatic = false;
  uint32_t times = 1;  // how often in a row it was blocked automatically: the time doubles with it

  bool active(int64_t now_s) const { return lifted_s == 0 && (expires_s == 0 || expires_s > now_s); }
  bool operator==(const Block&) const = default;
};

// The form in which a value is stored and looked up: addresses as the system writes them (IPv4 in IPv6 as IPv4), client
// keys as `client_key_name`, the rest as it is. kInvalidArgument: empty, too long, control characters, no address.
base::Result<std::string> block_value(BlockKind kind, std::string_view value);
// A name for a client's key that does not give it away: the id of a virtual key ("vk_…"), else "sha256:" and 16
// digits. What is such a name already stays as it is.
std::string client_key_name(std::string_view key);

struct BlockTableStats {
  size_t entries = 0;         // expired ones included until they are swept
  uint64_t version = 0;       //
  uint64_t refused_full = 0;  // changes that found the table full
  uint64_t changes = 0;       //
};

class BlockTable {
 public:
  explicit BlockTable(base::Clock clock, size_t entries_max = 2 * kBlocksMax);
  ~BlockTable();
  BlockTable(const BlockTable&) = delete;
  BlockTable& operator=(const BlockTable&) = delete;

  // The block in force on `value`, which must be in the form of `block_value`. Empty values are never blocked.
  std::optional<Block> find(BlockKind kind, std::string_view value) const;
  // Whether anything of this kind may be blocked: when it is dear to say the value.
  bool has(BlockKind kind) const { return of_kind_[static_cast<size_t>(kind)].load(std::memory_order_acquire) != 0; }

  // One change of version `block.version`: in force, or lifted or expired, which removes it. A change that is not newer
  // than what the table knows of this value is ignored.
  base::Status apply(const Block& block);
  // Everything in force at `version`. What is held and not settled by then stays.
  base::Status replace(const std::vector<Block>& blocks, uint64_t version);
  // In force here at once, before the numbered truth knows of it.
  base::Status hold(const Block& block);
  // The truth has taken up what was held; from `version` on it decides.
  void settle(BlockKind kind, std::string_view value, uint64_t version);

  // Nothing up to `version` is missing, although no block changed with it.
  void reach(uint64_t version) { advance(version); }

  // What is in force now, sorted by kind and value.
  std::vector<Block> snapshot() const;
  uint64_t version() const { return version_.load(std::memory_order_acquire); }
  // Forgets expired entries; about once a minute.
  void sweep();
  BlockTableStats stats() const;

 private:
  struct Shard;
  static constexpr size_t kShards = 64;
  Shard& shard(BlockKind kind, std::string_view value) const;
  base::Status put(const Block& block, uint64_t held_until);
  void advance(uint64_t version);

  const base::Clock clock_;
  const size_t entries_max_;
  std::unique_ptr<std::array<Shard, kShards>> shards_;
  std::array<std::atomic<size_t>, 5> of_kind_{};  // entries by kind, so that a kind without any costs nothing
  std::atomic<uint64_t> version_{0};
  std::atomic<uint64_t> refused_full_{0};
  std::atomic<uint64_t> changes_{0};
};

}  // namespace godseye::gateway
