#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/gateway/blocks.h>

// `Decision`: one thing that a gateway decided by itself about somebody. Each ends in the audit log of the server,
// whichever gateway decided it: directly (control.h), or over the link and its spool (upstream_link.h). `id` makes it
// count once however often it is sent.
namespace godseye::gateway {

enum class DecisionKind : uint8_t {
  kMessageRefused = 1,   // 403 by a guard
  kMessageRedacted = 2,  // passed with something taken out
  kAnswerStopped = 3,    // an answer withheld or cut off
  kBlockSet = 4,         // a session or user blocked: `block`
};
std::string_view decision_kind_name(DecisionKind kind);  // "message.refused", …
base::Result<DecisionKind> parse_decision_kind(std::string_view name);

inline constexpr size_t kDecisionSampleBytesMax = 500;

struct Decision {
  std::string id;  // unique
  int64_t time_ms = 0;
  DecisionKind kind = DecisionKind::kMessageRefused;
  bool shadow = false;  // only noted: the call went on
  std::string rule;     // "injection", "pii", "refused_messages", …
  std::string route;    // path of the call
  std::string call_id;  //
  std::string session;  //
  std::string user;     //
  std::string gateway;  // which one; filled in by the sink when empty
  double score = -1;    // -1: none
  std::string sample;   // of the text, personal data and secrets masked already; cut at kDecisionSampleBytesMax
  Block block;          // of kBlockSet
};

// Takes a decision over. Never blocks; from any thread.
using DecisionSink = std::function<void(Decision&&)>;

// One JSON object without line breaks, and back. kInvalidArgument names the member that is wrong.
std::string decision_json(const Decision& decision);
base::Result<Decision> parse_decision(std::string_view json);
// {"id","kind","value","reason","author","created","expires","active","automatic","rule","times","version",
// "lifted","lifted_by"}; times are Unix seconds, `expires` null: never.
std::string block_json(const Block& block, int64_t now_s);
base::Result<Block> parse_block(std::string_view json);
base::Result<std::vector<Block>> parse_blocks(std::string_view json_array);

}  // namespace godseye::gateway
