#pragma once

#include <string>
#include <string_view>

#include <godseye/base/json_text.h>
#include <godseye/gateway/decision.h>
#include <godseye/registry/audit.h>
#include <godseye/registry/provider_keys.h>
#include <godseye/registry/virtual_keys.h>

// What an entry of the audit log looks like. Keys are never in it, neither whole nor as hashes. Pure.
namespace godseye::control {

inline std::string target_of(const gateway::Block& block) {
  return std::string(gateway::block_kind_name(block.kind)) + ":" + block.value;
}

inline std::string target_of(const gateway::Decision& decision) {
  if (decision.kind == gateway::DecisionKind::kBlockSet) return target_of(decision.block);
  if (!decision.session.empty()) return "session:" + decision.session;
  if (!decision.user.empty()) return "user:" + decision.user;
  return "call:" + decision.call_id;
}

inline registry::AuditRow entry_of(const gateway::Decision& decision) {
  return {.time_ms = decision.time_ms,
          .actor = decision.gateway.empty() ? "gateway" : "gateway " + decision.gateway,
          .action = (decision.shadow ? "shadow." : "") + std::string(gateway::decision_kind_name(decision.kind)),
          .target = target_of(decision),
          .before_json = {},
          .after_json = gateway::decision_json(decision),
          .dedup = decision.id,
          .automatic = true};
}

inline std::string audit_json(const registry::VirtualKeyRow& row) {
  const auto list = [](const std::vector<std::string>& items) {
    std::string out = "[";
    for (const std::string& item : items) out += (out.size() > 1 ? "," : "") + base::json_quoted(item);
    return out + "]";
  };
  return "{\"id\":" + base::json_quoted(row.id) + ",\"name\":" + base::json_quoted(row.name) +
         ",\"user\":" + base::json_quoted(row.user) + ",\"providers\":" + list(row.providers) +
         ",\"models\":" + list(row.models) + ",\"expires\":" + std::to_string(row.expires_s) +
         ",\"disabled\":" + (row.disabled ? "true" : "false") + "}";
}

inline std::string audit_json(const registry::ProviderKeyRow& row) {
  return "{\"id\":" + std::to_string(row.id) + ",\"provider\":" + base::json_quoted(row.provider) +
         ",\"name\":" + base::json_quoted(row.name) + ",\"last4\":" + base::json_quoted(row.last4) +
         ",\"expires\":" + std::to_string(row.expires_s) + ",\"disabled\":" + (row.disabled ? "true" : "false") + "}";
}

}  // namespace godseye::control
