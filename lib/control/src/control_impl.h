#pragma once

#include "audit_entry.h"

#include <atomic>
#include <deque>
#include <map>
#include <thread>

#include <godseye/base/mutex.h>
#include <godseye/control/control.h>
#include <godseye/registry/blocks.h>

namespace godseye::control {

registry::BlockRow row_of(const gateway::Block& block);

class Control::Impl {
 public:
  Impl(registry::Registry& where, gateway::Policy& what, std::shared_ptr<const registry::KeyVault> keys,
       base::Clock time, ControlConfig given)
      : registry(where), policy(what), vault(std::move(keys)), clock(std::move(time)), config(std::move(given)) {}

  int64_t now_s() const { return base::unix_seconds(clock.wall()); }

  base::Status load() GE_EXCLUDES(changes_mutex);
  base::Status load_settings() GE_REQUIRES(changes_mutex);
  void load_provider_keys() GE_EXCLUDES(keys_mutex);

  base::Status change_settings(const std::function<base::Status(registry::WriteSession&)>& work)
      GE_EXCLUDES(changes_mutex);
  void publish(const std::vector<registry::BlockRow>& rows, bool settings) GE_REQUIRES(changes_mutex);
  void tell(Change change) GE_REQUIRES(changes_mutex);
  void tell_keys_changed() GE_EXCLUDES(changes_mutex);

  // Inside a transaction.
  base::Status audit(registry::WriteSession& session, std::string_view actor, std::string action, std::string target,
                     std::string before, std::string after) const;
  base::Status lift(registry::WriteSession& session, gateway::BlockKind kind, const std::string& value,
                    std::string_view actor, int64_t now, registry::BlockRow& row) const;
  base::Status write_decision(registry::WriteSession& session, const gateway::Decision& decision, int64_t now,
                              std::vector<registry::BlockRow>& rows);

  void enqueue(gateway::Decision&& decision) GE_EXCLUDES(queue_mutex);
  void run(Control& control) GE_EXCLUDES(queue_mutex);
  void tidy();

  registry::Registry& registry;
  gateway::Policy& policy;
  const std::shared_ptr<const registry::KeyVault> vault;
  const base::Clock clock;
  const ControlConfig config;

  // Held over a whole change: written, in force, told.
  base::Mutex changes_mutex;
  std::function<void(const Change&)> listener GE_GUARDED_BY(changes_mutex);

  base::Mutex queue_mutex;
  base::ConditionVariable queue_filled;
  std::deque<gateway::Decision> queue GE_GUARDED_BY(queue_mutex);
  bool stopping GE_GUARDED_BY(queue_mutex) = false;

  mutable base::Mutex keys_mutex;
  std::map<std::string, registry::ProviderKeyText, std::less<>> provider_keys GE_GUARDED_BY(keys_mutex);

  std::atomic<uint32_t> audit_days{365};
  std::atomic<int64_t> exempt_s{86'400};
  std::atomic<uint64_t> changes{0}, decisions{0}, decisions_known{0}, decisions_lost{0}, audit_pruned{0};
  std::thread thread;
};

}  // namespace godseye::control
