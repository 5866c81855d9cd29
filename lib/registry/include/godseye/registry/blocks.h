#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Blocks: who must not use the gateway, why, and until when. What the kinds mean is `gateway`; this library stores
// them. At most one row of a (kind, value) is open, that is neither lifted nor superseded: a unique index.
//
// Every change takes the next number of `gateway_revision` and writes it into the row, so that whoever knows the blocks
// as of a revision gets what changed since by one query, after any restart.
namespace godseye::registry {

inline constexpr size_t kBlocksOpenMax = 100'000;

struct BlockRow {
  int64_t id = 0;
  int64_t revision = 0;  // of its last change
  int kind = 0;          // gateway::BlockKind
  std::string value;
  std::string reason;
  std::string author;
  std::string rule;       // of an automatic one
  int64_t created_s = 0;  // Unix
  int64_t expires_s = 0;  // Unix; 0: never
  int64_t lifted_s = 0;   // 0: not lifted
  std::string lifted_by;
  bool automatic = false;
  int64_t times = 1;
  bool operator==(const BlockRow&) const = default;
};

// Grows with every change of blocks, gateway settings, virtual keys and feedback.
base::Result<int64_t> gateway_revision(ReadSession& session);
base::Result<int64_t> next_gateway_revision(WriteSession& session);

// Writes `row` as the open block of its (kind, value) and sets id and revision: the row that is open and still in force
// at `now_s` is changed in place (id and created stay), one that expired is closed. kTooLarge beyond kBlocksOpenMax in
// force.
base::Status put_block(WriteSession& session, BlockRow& row, int64_t now_s);
// Lifts the open block in force. Nothing when there is none.
base::Result<std::optional<BlockRow>> lift_block(WriteSession& session, int kind, std::string_view value,
                                                 std::string_view by, int64_t now_s);
// The open one, in force at `now_s`.
base::Result<std::optional<BlockRow>> find_block(ReadSession& session, int kind, std::string_view value, int64_t now_s);
base::Result<std::optional<BlockRow>> find_block_id(ReadSession& session, int64_t id);
// The newest automatic block of (kind, value), open or not, whose time had not ended before `since_s`.
base::Result<std::optional<BlockRow>> last_automatic_block(ReadSession& session, int kind, std::string_view value,
                                                           int64_t since_s);
struct BlockFilter {
  int kind = 0;            // 0: all
  std::string value;       // empty: all
  bool ended = false;      // lifted and expired ones as well
  int64_t before_id = 0;   // 0: from the newest
  size_t count_max = 100;  //
};
// Newest first.
base::Result<std::vector<BlockRow>> list_blocks(ReadSession& session, const BlockFilter& filter, int64_t now_s);
// Rows changed after `revision`, in the order of their changes. Nothing when rows that old were pruned: then
// `list_blocks` is the way.
base::Result<std::optional<std::vector<BlockRow>>> blocks_changed_since(ReadSession& session, int64_t revision,
                                                                        size_t count_max);
// Forgets ended ones that ended before `before_s`, at most `count_max` a call.
base::Status prune_blocks(WriteSession& session, int64_t before_s, size_t count_max);

}  // namespace godseye::registry
