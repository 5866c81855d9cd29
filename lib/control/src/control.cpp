#include "control_impl.h"

#include <algorithm>
#include <set>

#include <godseye/base/log.h>

namespace godseye::control {

using base::Error;
using base::ErrorCode;
using base::Status;
using gateway::Block;
using gateway::Decision;
using registry::ReadSession;
using registry::WriteSession;

namespace {

constexpr size_t kSeedsMax = 10'000;
constexpr size_t kChangesMax = 10'000;  // of one answer to a watcher; beyond it gets the whole list
constexpr size_t kPruneStep = 5'000;

}  // namespace

Block block_of(const registry::BlockRow& row) {
  return {.id = row.id,
          .version = static_cast<uint64_t>(row.revision),
          .kind = static_cast<gateway::BlockKind>(row.kind),
          .value = row.value,
          .reason = row.reason,
          .author = row.author,
          .rule = row.rule,
          .created_s = row.created_s,
          .expires_s = row.expires_s,
          .lifted_s = row.lifted_s,
          .lifted_by = row.lifted_by,
          .automatic = row.automatic,
          .times = static_cast<uint32_t>(row.times)};
}

registry::BlockRow row_of(const Block& block) {
  return {.kind = static_cast<int>(block.kind),
          .value = block.value,
          .reason = block.reason,
          .author = block.author,
          .rule = block.rule,
          .created_s = block.created_s,
          .expires_s = block.expires_s,
          .automatic = block.automatic,
          .times = block.times};
}

gateway::VirtualKey virtual_key_of(const registry::VirtualKeyRow& row) {
  return {.id = row.id,
          .hash = row.hash,
          .name = row.name,
          .user = row.user,
          .providers = row.providers,
          .models = row.models,
          .expires_s = row.expires_s,
          .disabled = row.disabled};
}

// Everything in force, from the registry into the policy.
Status Control::Impl::load() {
  const base::MutexLock lock(changes_mutex);
  const int64_t now = now_s();
  std::vector<Block> blocks;
  int64_t revision = 0;
  Status read = registry.read([&](ReadSession& session) -> Status {
    base::Result<int64_t> version = registry::gateway_revision(session);
    if (!version) return std::move(version).error();
    revision = *version;
    auto rows = registry::list_blocks(session, {.count_max = registry::kBlocksOpenMax}, now);
    if (!rows) return std::move(rows).error();
    for (const auto& row : *rows) blocks.push_back(block_of(row));
    auto ended = registry::list_blocks(session, {.ended = true, .count_max = kSeedsMax}, now);
    if (!ended) return std::move(ended).error();
    std::reverse(ended->begin(), ended->end());
    for (const auto& row : *ended) policy.auto_blocker.seed(block_of(row));
    return base::ok();
  });
  if (!read) return read;
  if (Status put = policy.blocks.replace(blocks, static_cast<uint64_t>(revision)); !put) return put;
  return load_settings();
}

Status Control::Impl::load_settings() {
  std::vector<gateway::VirtualKey> keys;
  std::vector<gateway::AutoBlocker::Exemption> exempt;
  registry::GatewaySettingsRow row;
  Status read = registry.read([&](ReadSession& session) -> Status {
    auto stored = registry::gateway_settings(session);
    if (!stored) return std::move(stored).error();
    row = *std::move(stored);
    auto rows = registry::list_virtual_keys(session);
    if (!rows) return std::move(rows).error();
    for (const auto& key : *rows) keys.push_back(virtual_key_of(key));
    auto feedback = registry::list_exemptions(session, now_s(), gateway::AutoBlocker::kExemptionsMax);
    if (!feedback) return std::move(feedback).error();
    for (const auto& entry : *feedback) exempt.push_back({.session = entry.session, .until_s = entry.exempt_until_s});
    return base::ok();
  });
  if (!read) return read;
  policy.virtual_keys.replace(std::move(keys));
  policy.auto_blocker.set_exempt(exempt);
  gateway::GatewaySettings settings;
  if (!row.document.empty()) {
    base::Result<gateway::GatewaySettings> parsed = gateway::parse_settings(row.document);
    if (parsed) {
      settings = *std::move(parsed);
    } else {
      // Of another version of the program. The defaults refuse attacks; what was set can be put again.
      spdlog::error("the stored gateway settings are not understood, the defaults are in force: {}",
                    parsed.error().message());
    }
  }
  settings.version = static_cast<uint64_t>(row.version);
  audit_days.store(settings.audit_days);
  exempt_s.store(settings.exempt.count());
  policy.set_settings(std::move(settings));
  return base::ok();
}

void Control::Impl::tell(Change change) {
  ++changes;
  if (listener) listener(change);
}

Status Control::Impl::audit(WriteSession& session, std::string_view actor, std::string action, std::string target,
                            std::string before, std::string after) const {
  registry::AuditRow row{.time_ms = base::unix_millis(clock.wall()),
                         .actor = std::string(actor),
                         .action = std::move(action),
                         .target = std::move(target),
                         .before_json = std::move(before),
                         .after_json = std::move(after)};
  return registry::add_audit(session, row);
}

// Settings, virtual keys or exemptions changed by `work`: in force and told when it returns.
Status Control::Impl::change_settings(const std::function<Status(WriteSession&)>& work) {
  const base::MutexLock lock(changes_mutex);
  int64_t version = 0;
  Status written = registry.write([&](WriteSession& session) -> Status {
    if (Status done = work(session); !done) return done;
    base::Result<int64_t> now = registry::gateway_revision(session);
    if (!now) return std::move(now).error();
    version = *now;
    return base::ok();
  });
  if (!written) return written;
  if (Status loaded = load_settings(); !loaded) return loaded;
  tell({.version = static_cast<uint64_t>(version), .settings = true});
  return base::ok();
}

// In force and told. `rows` are in the order of their revisions.
void Control::Impl::publish(const std::vector<registry::BlockRow>& rows, bool settings) {
  Change change{.settings = settings};
  for (const registry::BlockRow& row : rows) {
    Block block = block_of(row);
    if (Status applied = policy.blocks.apply(block); !applied) spdlog::error("{}", applied.error().message());
    if (block.lifted_s != 0) policy.auto_blocker.forget(block.kind, block.value);
    if (block.automatic && block.lifted_s == 0) policy.auto_blocker.seed(block);
    change.version = std::max(change.version, block.version);
    change.blocks.push_back(std::move(block));
  }
  if (!change.blocks.empty() || settings) tell(std::move(change));
}

base::Result<Block> Control::set_block(Block block, std::string_view actor) {
  base::Result<std::string> value = gateway::block_value(block.kind, block.value);
  if (!value) return std::move(value).error();
  block.value = *std::move(value);
  const int64_t now = impl_->now_s();
  block.created_s = now;
  if (block.expires_s != 0 && block.expires_s <= now) {
    return Error(ErrorCode::kInvalidArgument, "expires: " + std::to_string(block.expires_s) +
                                                  " is not in the future (Unix seconds, now is " + std::to_string(now) +
                                                  ")");
  }
  const base::MutexLock lock(impl_->changes_mutex);
  registry::BlockRow row = row_of(block);
  Status written = impl_->registry.write([&](WriteSession& session) -> Status {
    auto before = registry::find_block(session, row.kind, row.value, now);
    if (!before) return std::move(before).error();
    if (Status put = registry::put_block(session, row, now); !put) return put;
    return impl_->audit(session, actor, "block.set", target_of(block),
                        *before ? gateway::block_json(block_of(**before), now) : "",
                        gateway::block_json(block_of(row), now));
  });
  if (!written) return std::move(written).error();
  impl_->publish({row}, false);
  return block_of(row);
}

base::Result<Block> Control::lift_block(gateway::BlockKind kind, std::string_view raw, std::string_view actor) {
  base::Result<std::string> value = gateway::block_value(kind, raw);
  if (!value) return std::move(value).error();
  const int64_t now = impl_->now_s();
  const base::MutexLock lock(impl_->changes_mutex);
  registry::BlockRow row;
  Status written = impl_->registry.write(
      [&](WriteSession& session) -> Status { return impl_->lift(session, kind, *value, actor, now, row); });
  if (!written) return std::move(written).error();
  impl_->publish({row}, false);
  return block_of(row);
}

Status Control::Impl::lift(WriteSession& session, gateway::BlockKind kind, const std::string& value,
                           std::string_view actor, int64_t now, registry::BlockRow& row) const {
  auto before = registry::find_block(session, static_cast<int>(kind), value, now);
  if (!before) return std::move(before).error();
  if (!*before) {
    return Error(ErrorCode::kNotFound, "no block is in force on " + std::string(gateway::block_kind_name(kind)) + " " +
                                           base::quoted(value) + " (godseye blocks lists them)");
  }
  auto lifted = registry::lift_block(session, static_cast<int>(kind), value, actor, now);
  if (!lifted) return std::move(lifted).error();
  row = **std::move(lifted);
  return audit(session, actor, "block.lift", target_of(block_of(row)), gateway::block_json(block_of(**before), now),
               gateway::block_json(block_of(row), now));
}

namespace {

// What reads well and contradicts itself. Asked when it is written only: what an older version stored stays in force.
Status check_agreement(const gateway::GatewaySettings& settings) {
  if (settings.suspicious_score > settings.refuse_score) {
    return Error(ErrorCode::kInvalidArgument,
                 "thresholds.suspicious: expected at most thresholds.refuse; lower it, or raise refuse");
  }
  std::set<std::string_view> names;
  for (const gateway::RouteSettings& route : settings.routes) {
    if (names.insert(route.name).second) continue;
    return Error(ErrorCode::kInvalidArgument,
                 "routes: two are called \"" + route.name + "\"; give each route a name of its own");
  }
  return base::ok();
}

}  // namespace

base::Result<gateway::GatewaySettings> Control::put_settings(std::string_view json, int64_t if_version,
                                                             std::string_view actor) {
  base::Result<gateway::GatewaySettings> settings = gateway::parse_settings(json);
  if (!settings) return settings;
  if (Status agrees = check_agreement(*settings); !agrees) return agrees.error();
  Status written = impl_->change_settings([&](WriteSession& session) -> Status {
    auto before = registry::gateway_settings(session);
    if (!before) return std::move(before).error();
    auto row = registry::put_gateway_settings(session, json, if_version, impl_->now_s());
    if (!row) return std::move(row).error();
    settings->version = static_cast<uint64_t>(row->version);
    return impl_->audit(session, actor, "settings.put", "settings", before->document, std::string(json));
  });
  if (!written) return std::move(written).error();
  return settings;
}

// Writes one decision; the row of its block, if it made or changed one, is added to `rows`.
Status Control::Impl::write_decision(WriteSession& session, const Decision& decision, int64_t now,
                                     std::vector<registry::BlockRow>& rows) {
  Decision named = decision;
  if (named.gateway.empty()) named.gateway = config.gateway_name;
  registry::AuditRow entry = entry_of(named);
  const bool blocks = decision.kind == gateway::DecisionKind::kBlockSet && !decision.shadow;
  if (Status added = registry::add_audit(session, entry); !added) return added;
  if (entry.id == 0) {
    ++decisions_known;
    return base::ok();
  }
  ++decisions;
  if (!blocks || !decision.block.active(now)) return base::ok();
  registry::BlockRow row = row_of(decision.block);
  auto open = registry::find_block(session, row.kind, row.value, now);
  if (!open) return std::move(open).error();
  // A person's longer word, or another gateway's, stands.
  if (*open && ((*open)->expires_s == 0 || (*open)->expires_s >= row.expires_s)) {
    rows.push_back(**std::move(open));
    return base::ok();
  }
  if (Status put = registry::put_block(session, row, now); !put) return put;
  if (decision.block.kind == gateway::BlockKind::kSession) {
    // A person may have spoken for the session while the decision was on its way; the gateway that decided holds the
    // block until it hears that it was lifted.
    auto exempt = registry::list_exemptions(session, now, gateway::AutoBlocker::kExemptionsMax);
    if (!exempt) return std::move(exempt).error();
    if (std::any_of(exempt->begin(), exempt->end(), [&](const auto& entry) { return entry.session == row.value; })) {
      registry::BlockRow gone;
      if (Status lifted = lift(session, decision.block.kind, row.value, "feedback", now, gone); !lifted) return lifted;
      row = std::move(gone);
    }
  }
  rows.push_back(std::move(row));
  return base::ok();
}

base::Result<uint64_t> Control::take(const std::vector<Decision>& decisions) {
  const base::MutexLock lock(impl_->changes_mutex);
  const int64_t now = impl_->now_s();
  for (size_t begin = 0; begin < decisions.size(); begin += kDecisionsPerWrite) {
    const size_t end = std::min(decisions.size(), begin + kDecisionsPerWrite);
    std::vector<registry::BlockRow> rows;
    Status written = impl_->registry.write([&](WriteSession& session) -> Status {
      rows.clear();
      for (size_t i = begin; i < end; ++i) {
        if (Status done = impl_->write_decision(session, decisions[i], now, rows); !done) return done;
      }
      return base::ok();
    });
    if (!written) return std::move(written).error();
    impl_->publish(rows, false);
  }
  return impl_->policy.blocks.version();
}

void Control::on_change(std::function<void(const Change&)> listener) {
  const base::MutexLock lock(impl_->changes_mutex);
  impl_->listener = std::move(listener);
}

Status Control::catch_up(std::optional<uint64_t> after, const std::function<void(const Change&)>& take) {
  const base::MutexLock lock(impl_->changes_mutex);
  Change change;
  Status read = impl_->registry.read([&](ReadSession& session) -> Status {
    base::Result<int64_t> version = registry::gateway_revision(session);
    if (!version) return std::move(version).error();
    change.version = static_cast<uint64_t>(*version);
    if (after && *after <= change.version) {
      auto rows = registry::blocks_changed_since(session, static_cast<int64_t>(*after), kChangesMax);
      if (!rows) return std::move(rows).error();
      if (*rows) {
        for (const auto& row : **rows) change.blocks.push_back(block_of(row));
        change.settings = *after < change.version;
        return base::ok();
      }
    }
    change.whole = true;
    change.settings = true;
    auto rows = registry::list_blocks(session, {.count_max = registry::kBlocksOpenMax}, impl_->now_s());
    if (!rows) return std::move(rows).error();
    for (const auto& row : *rows) change.blocks.push_back(block_of(row));
    return base::ok();
  });
  if (!read) return read;
  take(change);
  return base::ok();
}

base::Result<std::string> Control::sync_json() const {
  std::string out;
  Status read = impl_->registry.read([&](ReadSession& session) -> Status {
    base::Result<int64_t> version = registry::gateway_revision(session);
    if (!version) return std::move(version).error();
    auto settings = registry::gateway_settings(session);
    if (!settings) return std::move(settings).error();
    auto rows = registry::list_virtual_keys(session);
    if (!rows) return std::move(rows).error();
    auto exempt = registry::list_exemptions(session, impl_->now_s(), gateway::AutoBlocker::kExemptionsMax);
    if (!exempt) return std::move(exempt).error();
    std::vector<gateway::VirtualKey> keys;
    for (const auto& row : *rows) keys.push_back(virtual_key_of(row));
    out = "{\"version\":" + std::to_string(*version) + ",\"settings_version\":" + std::to_string(settings->version) +
          ",\"settings\":" + (settings->document.empty() ? "{}" : settings->document) +
          ",\"virtual_keys\":" + gateway::virtual_keys_json(keys) + ",\"exemptions\":[";
    for (const auto& entry : *exempt) {
      if (out.back() != '[') out += ',';
      out += "{\"session\":" + base::json_quoted(entry.session) + ",\"until\":" + std::to_string(entry.exempt_until_s) +
             "}";
    }
    out += "]}";
    return base::ok();
  });
  if (!read) return std::move(read).error();
  return out;
}

void Control::Impl::tidy() {
  policy.blocks.sweep();
  load_provider_keys();  // an older key takes over from one that has expired
  const int64_t before_s = now_s() - int64_t{audit_days.load()} * 86'400;
  Status done = registry.write([&](WriteSession& session) -> Status {
    if (Status pruned = registry::prune_blocks(session, before_s, kPruneStep); !pruned) return pruned;
    base::Result<size_t> gone = registry::prune_audit(session, before_s * 1000, kPruneStep);
    if (!gone) return std::move(gone).error();
    audit_pruned += *gone;
    return base::ok();
  });
  if (!done) spdlog::warn("old blocks and audit entries were not removed: {}", done.error().message());
}

void Control::Impl::enqueue(Decision&& decision) {
  const base::MutexLock lock(queue_mutex);
  if (queue.size() >= config.decisions_max) {
    if (decisions_lost++ == 0) spdlog::error("decisions are lost for the audit log: the registry does not keep up");
    return;
  }
  queue.push_back(std::move(decision));
  // The first wakes the writer; those that follow within `flush` go with it.
  if (queue.size() == 1) queue_filled.notify_one();
}

// The writer of this gateway's own decisions, and the broom.
void Control::Impl::run(Control& control) {
  base::TickTime tidied = base::system_clock().tick();
  for (;;) {
    std::vector<Decision> batch;
    bool stop = false;
    {
      const base::MutexLock lock(queue_mutex);
      if (queue.empty() && !stopping) queue_filled.wait_until(queue_mutex, tidied + config.tidy_every);
      if (!stopping && !queue.empty()) {
        queue_filled.wait_until(queue_mutex, base::system_clock().tick() + config.flush);
      }
      batch.assign(std::make_move_iterator(queue.begin()), std::make_move_iterator(queue.end()));
      queue.clear();
      stop = stopping;
    }
    if (!batch.empty()) {
      base::Result<uint64_t> taken = control.take(batch);
      if (!taken) {
        decisions_lost += batch.size();
        spdlog::error("{} decisions are not in the audit log: {}", batch.size(), taken.error().message());
      }
    }
    if (stop) return;
    if (base::system_clock().tick() - tidied >= config.tidy_every) {
      tidied = base::system_clock().tick();
      tidy();
    }
  }
}

Control::Control(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<Control>> Control::open(registry::Registry& registry, gateway::Policy& policy,
                                                     std::shared_ptr<const registry::KeyVault> vault, base::Clock clock,
                                                     ControlConfig config) {
  std::unique_ptr<Control> control(
      new Control(std::make_unique<Impl>(registry, policy, std::move(vault), std::move(clock), std::move(config))));
  Impl& impl = *control->impl_;
  if (Status loaded = impl.load(); !loaded) return std::move(loaded).error().within("blocks and gateway settings");
  impl.load_provider_keys();
  policy.set_sink([&impl](Decision&& decision) { impl.enqueue(std::move(decision)); });
  impl.thread = std::thread([&impl, running = control.get()] { impl.run(*running); });
  return control;
}

Control::~Control() {
  impl_->policy.set_sink({});
  {
    const base::MutexLock lock(impl_->queue_mutex);
    impl_->stopping = true;
    impl_->queue_filled.notify_one();
  }
  if (impl_->thread.joinable()) impl_->thread.join();
}

registry::Registry& Control::registry() const { return impl_->registry; }

ControlStats Control::stats() const {
  ControlStats stats;
  stats.changes = impl_->changes;
  stats.decisions = impl_->decisions;
  stats.decisions_known = impl_->decisions_known;
  stats.decisions_lost = impl_->decisions_lost;
  stats.audit_pruned = impl_->audit_pruned;
  const base::MutexLock lock(impl_->queue_mutex);
  stats.decisions_waiting = impl_->queue.size();
  return stats;
}

}  // namespace godseye::control
