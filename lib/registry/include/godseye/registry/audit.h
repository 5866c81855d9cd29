#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// The audit log: who changed what about gateways, and what gateways decided by themselves. Append-only: no function
// changes a row. An entry of a person's change is written in the transaction of the change.
//
// Bounded: entries older than the age set are pruned; beyond kAutomaticAuditMax automatic ones (an attacker can cause
// those) the oldest automatic ones go first, people's entries never by count.
namespace godseye::registry {

inline constexpr size_t kAutomaticAuditMax = 500'000;
inline constexpr size_t kAuditTextBytesMax = 16 * 1024;  // of before and after; longer ones are cut and say so

struct AuditRow {
  int64_t id = 0;
  int64_t time_ms = 0;      // Unix
  std::string actor;        // "app key ab12", "gateway"
  std::string action;       // "block.set", "block.lift", "settings.put", "message.refused", "shadow.message.refused"
  std::string target;       // "session:mallory-77", "settings", "provider_key:3"
  std::string before_json;  // "" when there was nothing
  std::string after_json;
  std::string dedup;  // of a decision that may be told twice: its id; else empty
  bool automatic = false;
};

// Sets `row.id`; 0 when `dedup` is known already, and nothing is written.
base::Status add_audit(WriteSession& session, AuditRow& row);

struct AuditFilter {
  std::string action;  // a prefix: "block." ; empty: all
  std::string actor;   // exact; empty: all
  std::string target;  // exact; empty: all
  int automatic = -1;  // 0, 1; -1: both
  int64_t from_ms = 0;
  int64_t to_ms = INT64_MAX;  // not included
  int64_t before_id = 0;      // 0: from the newest
  size_t count_max = 100;
};
// Newest first.
base::Result<std::vector<AuditRow>> list_audit(ReadSession& session, const AuditFilter& filter);
// How many entries fit, by action and the member "rule" of `after`.
struct AuditCount {
  std::string action;
  std::string rule;
  int64_t count = 0;
};
base::Result<std::vector<AuditCount>> count_audit(ReadSession& session, const AuditFilter& filter);
// At most `count_max` a call; returns how many went.
base::Result<size_t> prune_audit(WriteSession& session, int64_t before_ms, size_t count_max);

}  // namespace godseye::registry
