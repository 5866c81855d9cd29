#pragma once

#include <functional>
#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/gateway/auto_block.h>
#include <godseye/gateway/blocks.h>
#include <godseye/gateway/decision.h>
#include <godseye/gateway/settings.h>
#include <godseye/gateway/virtual_keys.h>

// `Policy` is what a running gateway asks about people and rules, in memory. It is made first and outlives the gateway
// and whatever feeds it: `control::Control` in `godseye serve` (from the registry), `control::UpstreamLink` in `godseye
// gateway` alone. Both take its decisions and bring what follows from them back into it.
//
//   parts.blocks = &policy.blocks;
//   parts.judged = [&](const BlockEvent& event) { policy.auto_blocker.note(event); };
//   parts.recorded = [&](const auto& record) { policy.note_call(*record); };        // the audit log's entries
//   policy.on_settings([&](const auto& settings) { gateway->configure(*settings); });
//
// A decision of the AutoBlocker (unless shadowed) is in force in `blocks` before `note` returns.
// Threads: every function from any thread.
namespace godseye::gateway {

struct CallRecord;

class Policy {
 public:
  explicit Policy(base::Clock clock);
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  BlockTable blocks;
  VirtualKeyTable virtual_keys;
  SettingsCell settings;
  AutoBlocker auto_blocker;

  // Decides about nothing, tells what was decided: one decision for each rule that refused, redacted or stopped, or
  // would have in shadow mode. Calls refused by a block that was in force before are no new decision.
  void note_call(const CallRecord& record);
  // Fills in what is empty (id, time), holds its block, and hands it to the sink. Without a sink it is dropped.
  void decide(Decision&& decision) GE_EXCLUDES(mutex_);
  // Takes effect for later decisions; an empty one detaches. Waits for decisions being handed over.
  void set_sink(DecisionSink sink) GE_EXCLUDES(mutex_);

  // New settings in force, in all parts at once; `listener` is called now and at each change.
  using SettingsListener = std::function<void(const std::shared_ptr<const GatewaySettings>&)>;
  void set_settings(GatewaySettings settings) GE_EXCLUDES(mutex_);
  void on_settings(SettingsListener listener) GE_EXCLUDES(mutex_);

 private:
  const base::Clock clock_;
  mutable base::Mutex mutex_;
  SettingsListener listener_ GE_GUARDED_BY(mutex_);
  DecisionSink sink_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::gateway
