#include "control_impl.h"
#include "sealed_keys.h"

#include <set>

#include <godseye/base/log.h>

// Feedback and keys: changes like the others, apart since they are many.
namespace godseye::control {

using base::Error;
using base::ErrorCode;
using base::Status;
using registry::ReadSession;
using registry::WriteSession;

namespace {

Error no_vault() {
  return {ErrorCode::kUnimplemented,
          "provider keys cannot be stored: this server has no key to encrypt them with (GODSEYE_SECRET_KEY, or a data "
          "directory that can be written)"};
}

std::string feedback_json(const registry::FeedbackRow& row) {
  return "{\"id\":" + std::to_string(row.id) + ",\"verdict\":" + base::json_quoted(row.verdict) +
         ",\"call_id\":" + base::json_quoted(row.call_id) + ",\"session\":" + base::json_quoted(row.session) +
         ",\"user\":" + base::json_quoted(row.user) + ",\"note\":" + base::json_quoted(row.note) +
         ",\"exempt_until\":" + std::to_string(row.exempt_until_s) + "}";
}

}  // namespace

base::Result<Control::FeedbackEffect> Control::add_feedback(registry::FeedbackRow row, std::string_view actor) {
  if (row.verdict != "false_positive" && row.verdict != "true_positive") {
    return Error(ErrorCode::kInvalidArgument, "verdict: expected false_positive or true_positive");
  }
  if (row.session.empty() && row.call_id.empty()) {
    return Error(ErrorCode::kInvalidArgument, "feedback: expected a call_id or a session");
  }
  const int64_t now = impl_->now_s();
  row.time_s = now;
  row.author = actor;
  const bool exempts = row.verdict == "false_positive" && !row.session.empty();
  row.exempt_until_s = exempts ? now + impl_->exempt_s.load() : 0;
  std::vector<registry::BlockRow> lifted;
  FeedbackEffect effect;
  const base::MutexLock lock(impl_->changes_mutex);
  Status written = impl_->registry.write([&](WriteSession& session) -> Status {
    lifted.clear();
    if (Status added = registry::add_feedback(session, row); !added) return added;
    if (Status noted = impl_->audit(session, actor, "feedback." + row.verdict,
                                    row.session.empty() ? "call:" + row.call_id : "session:" + row.session, "",
                                    feedback_json(row));
        !noted) {
      return noted;
    }
    if (!exempts) return base::ok();
    // What a person blocked, a person lifts by saying so.
    for (const auto& [kind, value] :
         {std::pair(gateway::BlockKind::kSession, row.session), std::pair(gateway::BlockKind::kUser, row.user)}) {
      auto open = registry::find_block(session, static_cast<int>(kind), value, now);
      if (!open) return std::move(open).error();
      if (!*open || !(*open)->automatic) continue;
      registry::BlockRow gone;
      if (Status done = impl_->lift(session, kind, value, actor, now, gone); !done) return done;
      lifted.push_back(std::move(gone));
    }
    return base::ok();
  });
  if (!written) return std::move(written).error();
  if (Status loaded = impl_->load_settings(); !loaded) return std::move(loaded).error();
  for (const registry::BlockRow& block : lifted) effect.lifted.push_back(block_of(block));
  if (lifted.empty()) {
    auto version = impl_->registry.fetch<int64_t>([](ReadSession& s) { return registry::gateway_revision(s); });
    impl_->tell({.version = version ? static_cast<uint64_t>(*version) : 0, .settings = true});
  } else {
    impl_->publish(lifted, true);
  }
  effect.row = std::move(row);
  return effect;
}

Status Control::delete_feedback(int64_t id, std::string_view actor) {
  return impl_->change_settings([&](WriteSession& session) -> Status {
    if (Status gone = registry::delete_feedback(session, id); !gone) return gone;
    return impl_->audit(session, actor, "feedback.delete", "feedback:" + std::to_string(id), "", "");
  });
}

base::Result<Control::NewVirtualKey> Control::create_virtual_key(registry::VirtualKeyRow row, std::string_view actor) {
  NewVirtualKey made;
  row.created_s = impl_->now_s();
  row.author = actor;
  Status written = impl_->change_settings([&](WriteSession& session) -> Status {
    made.row = row;
    base::Result<std::string> text = registry::create_virtual_key(session, made.row);
    if (!text) return std::move(text).error();
    made.text = *std::move(text);
    return impl_->audit(session, actor, "virtual_key.create", "virtual_key:" + made.row.id, "", audit_json(made.row));
  });
  if (!written) return std::move(written).error();
  return made;
}

base::Result<registry::VirtualKeyRow> Control::update_virtual_key(const registry::VirtualKeyRow& row,
                                                                  std::string_view actor) {
  registry::VirtualKeyRow after;
  Status written = impl_->change_settings([&](WriteSession& session) -> Status {
    auto before = registry::find_virtual_key(session, row.id);
    if (!before) return std::move(before).error();
    if (Status done = registry::update_virtual_key(session, row); !done) return done;
    auto now = registry::find_virtual_key(session, row.id);
    if (!now) return std::move(now).error();
    after = **std::move(now);
    return impl_->audit(session, actor, "virtual_key.update", "virtual_key:" + row.id, audit_json(**before),
                        audit_json(after));
  });
  if (!written) return std::move(written).error();
  return after;
}

Status Control::delete_virtual_key(std::string_view id, std::string_view actor) {
  return impl_->change_settings([&](WriteSession& session) -> Status {
    auto before = registry::find_virtual_key(session, id);
    if (!before) return std::move(before).error();
    if (Status gone = registry::delete_virtual_key(session, id); !gone) return gone;
    return impl_->audit(session, actor, "virtual_key.delete", "virtual_key:" + std::string(id), audit_json(**before),
                        "");
  });
}

base::Result<registry::ProviderKeyRow> Control::add_provider_key(registry::ProviderKeyRow row, std::string_view text,
                                                                 std::string_view actor) {
  if (impl_->vault == nullptr) return no_vault();
  row.created_s = impl_->now_s();
  Status written = impl_->registry.write([&](WriteSession& session) -> Status {
    if (Status added = registry::add_provider_key(session, *impl_->vault, row, text); !added) return added;
    // Watchers that were away for a moment find by the number that something changed.
    if (auto revision = registry::next_gateway_revision(session); !revision) return std::move(revision).error();
    return impl_->audit(session, actor, "provider_key.add", "provider_key:" + std::to_string(row.id), "",
                        audit_json(row));
  });
  if (!written) return std::move(written).error();
  impl_->load_provider_keys();
  impl_->tell_keys_changed();
  return row;
}

Status Control::set_provider_key_disabled(int64_t id, bool disabled, std::string_view actor) {
  Status written = impl_->registry.write([&](WriteSession& session) -> Status {
    auto before = registry::find_provider_key(session, id);
    if (!before) return std::move(before).error();
    if (Status done = registry::set_provider_key_disabled(session, id, disabled); !done) return done;
    registry::ProviderKeyRow after = **before;
    after.disabled = disabled;
    if (auto revision = registry::next_gateway_revision(session); !revision) return std::move(revision).error();
    return impl_->audit(session, actor, disabled ? "provider_key.disable" : "provider_key.enable",
                        "provider_key:" + std::to_string(id), audit_json(**before), audit_json(after));
  });
  if (!written) return written;
  impl_->load_provider_keys();
  impl_->tell_keys_changed();
  return written;
}

Status Control::delete_provider_key(int64_t id, std::string_view actor) {
  Status written = impl_->registry.write([&](WriteSession& session) -> Status {
    auto before = registry::find_provider_key(session, id);
    if (!before) return std::move(before).error();
    if (Status gone = registry::delete_provider_key(session, id); !gone) return gone;
    if (auto revision = registry::next_gateway_revision(session); !revision) return std::move(revision).error();
    return impl_->audit(session, actor, "provider_key.delete", "provider_key:" + std::to_string(id),
                        audit_json(**before), "");
  });
  if (!written) return written;
  impl_->load_provider_keys();
  impl_->tell_keys_changed();
  return written;
}

void Control::Impl::load_provider_keys() {
  if (vault == nullptr) return;
  std::map<std::string, registry::ProviderKeyText, std::less<>> fresh;
  const int64_t now = now_s();
  Status read = registry.read([&](ReadSession& session) -> Status {
    auto rows = registry::list_provider_keys(session);
    if (!rows) return std::move(rows).error();
    std::set<std::string> providers;
    for (const auto& row : *rows) providers.insert(row.provider);
    for (const std::string& provider : providers) {
      auto key = registry::provider_key_text(session, *vault, provider, now);
      if (!key) {
        spdlog::error("provider {}: {}", provider, key.error().message());
      } else if (*key) {
        fresh.emplace(provider, **std::move(key));
      }
    }
    return base::ok();
  });
  const base::MutexLock lock(keys_mutex);
  if (read) {
    provider_keys.swap(fresh);
  } else {
    spdlog::warn("provider keys were not read: {}", read.error().message());
  }
}

std::optional<registry::ProviderKeyText> Control::provider_key(std::string_view provider) const {
  const int64_t now = impl_->now_s();
  const base::MutexLock lock(impl_->keys_mutex);
  const auto found = impl_->provider_keys.find(provider);
  if (found == impl_->provider_keys.end()) return std::nullopt;
  const registry::ProviderKeyRow& row = found->second.row;
  if (row.expires_s != 0 && row.expires_s <= now) return std::nullopt;
  return found->second;
}

base::Result<std::string> Control::sealed_keys_json(std::string_view public_key) const {
  std::string out = "{\"keys\":[";
  const int64_t now = impl_->now_s();
  const base::MutexLock lock(impl_->keys_mutex);
  for (const auto& [provider, key] : impl_->provider_keys) {
    if (key.row.expires_s != 0 && key.row.expires_s <= now) continue;
    base::Result<std::string> sealed = seal_for(public_key, key.text);
    if (!sealed) return std::move(sealed).error();
    if (out.back() != '[') out += ',';
    out += "{\"provider\":" + base::json_quoted(provider) + ",\"name\":" + base::json_quoted(key.row.name);
    if (key.row.expires_s != 0) out += ",\"expires\":" + std::to_string(key.row.expires_s);
    out += ",\"sealed\":\"" + *sealed + "\"}";
  }
  // Of a server without keys, too: a gateway with a wrong public key should hear of it.
  if (impl_->provider_keys.empty()) {
    if (base::Result<std::string> probe = seal_for(public_key, {}); !probe) return std::move(probe).error();
  }
  return out + "]}";
}

// Gateways that run alone ask for keys when they are told that something changed.
void Control::Impl::tell_keys_changed() {
  const base::MutexLock lock(changes_mutex);
  auto version = registry.fetch<int64_t>([](ReadSession& s) { return registry::gateway_revision(s); });
  tell({.version = version ? static_cast<uint64_t>(*version) : 0, .settings = true});
}

}  // namespace godseye::control
