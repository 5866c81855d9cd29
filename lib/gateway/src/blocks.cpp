#include <algorithm>
#include <charconv>
#include <functional>
#include <tuple>

#include <godseye/base/hash.h>
#include <godseye/base/log.h>
#include <godseye/gateway/blocks.h>
#include <godseye/gateway/virtual_keys.h>

#include <arpa/inet.h>

namespace godseye::gateway {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr uint64_t kUnsettled = UINT64_MAX;

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return base::hash64(text); }
};

struct Entry {
  Block block;
  // 0: numbered. Else it was held here, and a snapshot of a version below this does not know of it.
  uint64_t held_until = 0;
};

size_t kind_index(BlockKind kind) { return static_cast<size_t>(kind); }

base::Result<std::string> canonical_address(std::string_view text) {
  const std::string copy(text);
  char out[INET6_ADDRSTRLEN];
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return copy;
  in6_addr v6{};
  if (inet_pton(AF_INET6, copy.c_str(), &v6) != 1) {
    return Error(ErrorCode::kInvalidArgument, "address: " + base::quoted(text) +
                                                  " is no IPv4 or IPv6 address (networks and names cannot be blocked)");
  }
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    return std::string(inet_ntop(AF_INET, &v6.s6_addr[12], out, sizeof out));
  }
  return std::string(inet_ntop(AF_INET6, &v6, out, sizeof out));
}

bool is_key_name(std::string_view text) {
  const auto hex = [](std::string_view digits, size_t count) {
    return digits.size() == count && digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  return (text.starts_with("vk_") && hex(text.substr(3), 12)) ||
         (text.starts_with("sha256:") && hex(text.substr(7), 16));
}

}  // namespace

std::string_view block_kind_name(BlockKind kind) {
  switch (kind) {
    case BlockKind::kSession:
      return "session";
    case BlockKind::kUser:
      return "user";
    case BlockKind::kAddress:
      return "address";
    case BlockKind::kKey:
      return "key";
  }
  return "";
}

std::optional<BlockKind> parse_block_kind(std::string_view name) {
  for (const BlockKind kind : kBlockKinds) {
    if (block_kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string client_key_name(std::string_view key) {
  if (is_key_name(key)) return std::string(key);
  if (std::string id = virtual_key_id(key); !id.empty()) return id;
  return "sha256:" + key_digest(key).substr(0, 16);
}

base::Result<std::string> block_value(BlockKind kind, std::string_view value) {
  const std::string what(block_kind_name(kind));
  if (value.empty()) return Error(ErrorCode::kInvalidArgument, what + ": the value is empty");
  if (kind == BlockKind::kKey) return client_key_name(value);
  if (value.size() > kBlockValueBytesMax) {
    return Error(ErrorCode::kInvalidArgument, what + ": the value has " + std::to_string(value.size()) +
                                                  " bytes, at most " + std::to_string(kBlockValueBytesMax) +
                                                  " are taken");
  }
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return Error(ErrorCode::kInvalidArgument, what + ": the value has a control character");
    }
  }
  if (kind == BlockKind::kAddress) return canonical_address(value);
  return std::string(value);
}

struct BlockTable::Shard {
  mutable base::Mutex mutex;
  std::array<std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>, 5> kinds GE_GUARDED_BY(mutex);
};

BlockTable::BlockTable(base::Clock clock, size_t entries_max)
    : clock_(std::move(clock)), entries_max_(entries_max), shards_(std::make_unique<std::array<Shard, kShards>>()) {}
BlockTable::~BlockTable() = default;

BlockTable::Shard& BlockTable::shard(BlockKind kind, std::string_view value) const {
  return (*shards_)[(base::hash64(value) >> 32 ^ kind_index(kind)) % kShards];
}

std::optional<Block> BlockTable::find(BlockKind kind, std::string_view value) const {
  if (value.empty() || of_kind_[kind_index(kind)].load(std::memory_order_acquire) == 0) return std::nullopt;
  const Shard& at = shard(kind, value);
  base::MutexLock lock(at.mutex);
  const auto& entries = at.kinds[kind_index(kind)];
  const auto found = entries.find(value);
  if (found == entries.end() || !found->second.block.active(base::unix_seconds(clock_.wall()))) return std::nullopt;
  return found->second.block;
}

void BlockTable::advance(uint64_t version) {
  uint64_t seen = version_.load(std::memory_order_relaxed);
  while (seen < version && !version_.compare_exchange_weak(seen, version, std::memory_order_release)) {
  }
}

Status BlockTable::put(const Block& block, uint64_t held_until) {
  changes_.fetch_add(1, std::memory_order_relaxed);
  const size_t kind = kind_index(block.kind);
  Shard& at = shard(block.kind, block.value);
  base::MutexLock lock(at.mutex);
  auto& entries = at.kinds[kind];
  const auto found = entries.find(block.value);
  const bool active = block.active(base::unix_seconds(clock_.wall()));
  if (found != entries.end()) {
    const Entry& known = found->second;
    if (held_until == 0 && known.held_until == 0 && known.block.version > block.version) return base::ok();
    // What is held never shortens what somebody said.
    if (held_until != 0 && known.block.active(block.created_s) &&
        (known.block.expires_s == 0 || (block.expires_s != 0 && known.block.expires_s >= block.expires_s))) {
      return base::ok();
    }
    if (active) {
      found->second = {block, held_until};
    } else {
      entries.erase(found);
      of_kind_[kind].fetch_sub(1, std::memory_order_release);
    }
    return base::ok();
  }
  if (!active) return base::ok();
  size_t all = 0;
  for (const auto& count : of_kind_) all += count.load(std::memory_order_relaxed);
  if (all >= entries_max_) {
    refused_full_.fetch_add(1, std::memory_order_relaxed);
    return Error(ErrorCode::kTooLarge, "the table of blocks is full (" + std::to_string(entries_max_) +
                                           " entries): lift some, or set shorter ones");
  }
  entries.emplace(block.value, Entry{block, held_until});
  of_kind_[kind].fetch_add(1, std::memory_order_release);
  return base::ok();
}

Status BlockTable::apply(const Block& block) {
  Status done = put(block, 0);
  advance(block.version);
  return done;
}

Status BlockTable::hold(const Block& block) { return put(block, kUnsettled); }

void BlockTable::settle(BlockKind kind, std::string_view value, uint64_t version) {
  Shard& at = shard(kind, value);
  base::MutexLock lock(at.mutex);
  const auto found = at.kinds[kind_index(kind)].find(value);
  if (found != at.kinds[kind_index(kind)].end() && found->second.held_until == kUnsettled) {
    found->second.held_until = std::max<uint64_t>(version, 1);
  }
}

Status BlockTable::replace(const std::vector<Block>& blocks, uint64_t version) {
  // First what is new, then away with what is not named: nobody slips through in between.
  Status result = base::ok();
  std::unordered_map<std::string, char> named;
  for (const Block& block : blocks) {
    named.emplace(std::string(block_kind_name(block.kind)) + ":" + block.value, 0);
    if (Status done = put(block, 0); !done) result = std::move(done);
  }
  for (Shard& at : *shards_) {
    base::MutexLock lock(at.mutex);
    for (const BlockKind kind : kBlockKinds) {
      const size_t gone = std::erase_if(at.kinds[kind_index(kind)], [&](const auto& item) {
        const Entry& entry = item.second;
        if (entry.held_until > version) return false;
        if (entry.held_until == 0 && entry.block.version > version) return false;
        return !named.contains(std::string(block_kind_name(kind)) + ":" + item.first);
      });
      of_kind_[kind_index(kind)].fetch_sub(gone, std::memory_order_release);
    }
  }
  advance(version);
  return result;
}

std::vector<Block> BlockTable::snapshot() const {
  const int64_t now_s = base::unix_seconds(clock_.wall());
  std::vector<Block> blocks;
  for (const Shard& at : *shards_) {
    base::MutexLock lock(at.mutex);
    for (const auto& entries : at.kinds) {
      for (const auto& [value, entry] : entries) {
        if (entry.block.active(now_s)) blocks.push_back(entry.block);
      }
    }
  }
  std::sort(blocks.begin(), blocks.end(),
            [](const Block& a, const Block& b) { return std::tie(a.kind, a.value) < std::tie(b.kind, b.value); });
  return blocks;
}

void BlockTable::sweep() {
  const int64_t now_s = base::unix_seconds(clock_.wall());
  for (Shard& at : *shards_) {
    base::MutexLock lock(at.mutex);
    for (const BlockKind kind : kBlockKinds) {
      const size_t gone =
          std::erase_if(at.kinds[kind_index(kind)], [&](const auto& item) { return !item.second.block.active(now_s); });
      of_kind_[kind_index(kind)].fetch_sub(gone, std::memory_order_release);
    }
  }
}

BlockTableStats BlockTable::stats() const {
  BlockTableStats stats;
  for (const auto& count : of_kind_) stats.entries += count.load(std::memory_order_relaxed);
  stats.version = version();
  stats.refused_full = refused_full_.load(std::memory_order_relaxed);
  stats.changes = changes_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace godseye::gateway
