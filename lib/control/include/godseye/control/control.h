#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/gateway/decision.h>
#include <godseye/gateway/policy.h>
#include <godseye/registry/audit.h>
#include <godseye/registry/blocks.h>
#include <godseye/registry/gateway_settings.h>
#include <godseye/registry/provider_keys.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/virtual_keys.h>

// `Control` is the one place where what people and gateways decide becomes true: written into the registry together
// with its audit entry, then in force in the `Policy` of this process, then told to whoever watches (other gateways,
// pages, the SDK). Used by `godseye serve`; a gateway alone has an `UpstreamLink` to one.
//
// Changes are made one at a time and numbered by the registry's `gateway_revision`; listeners hear them in that order.
// Decisions of the policy's own gateway come through its sink into a bounded queue and are written together within
// `flush`, since each is a transaction; their blocks are in force before that. When the queue is full the newest are
// lost for the audit log and counted, never their effect.
// Threads: every function from any thread, none from inside a listener; all block on the registry's writer.
namespace godseye::control {

inline constexpr size_t kDecisionsPerWrite = 500;

struct ControlConfig {
  std::string gateway_name = "serve";    // of decisions made in this process
  size_t decisions_max = 10'000;         // waiting to be written
  std::chrono::milliseconds flush{100};  // decisions wait at most so long
  std::chrono::seconds tidy_every{60};   // expired blocks and old audit entries go
};

// What watchers are told.
struct Change {
  uint64_t version = 0;
  bool whole = false;                  // `blocks` are all those in force; else those that changed
  std::vector<gateway::Block> blocks;  // of a change: lifted ones as well
  bool settings = false;               // settings, virtual keys or exemptions changed: ask for `sync_json`
};

struct ControlStats {
  uint64_t changes = 0;
  uint64_t decisions = 0;        // written
  uint64_t decisions_known = 0;  // told again
  uint64_t decisions_lost = 0;   // the queue was full, or the registry refused
  size_t decisions_waiting = 0;
  uint64_t audit_pruned = 0;
};

class Control {
 public:
  // Loads what is in force into `policy`. `registry` and `policy` must outlive this. `vault` may be null: no provider
  // keys.
  static base::Result<std::unique_ptr<Control>> open(registry::Registry& registry, gateway::Policy& policy,
                                                     std::shared_ptr<const registry::KeyVault> vault, base::Clock clock,
                                                     ControlConfig config = {});
  // Writes what waits.
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // `actor` is who did it, for the audit log. Values are brought into the form of `gateway::block_value`.
  base::Result<gateway::Block> set_block(gateway::Block block, std::string_view actor);
  // kNotFound when nothing is in force on it.
  base::Result<gateway::Block> lift_block(gateway::BlockKind kind, std::string_view value, std::string_view actor);
  // The document as people wrote it, checked; `if_version` −1: whatever is there.
  base::Result<gateway::GatewaySettings> put_settings(std::string_view json, int64_t if_version,
                                                      std::string_view actor);
  // A false positive exempts its session for the time of the settings and lifts the automatic blocks on its session and
  // user.
  struct FeedbackEffect {
    registry::FeedbackRow row;
    std::vector<gateway::Block> lifted;
  };
  base::Result<FeedbackEffect> add_feedback(registry::FeedbackRow row, std::string_view actor);
  base::Status delete_feedback(int64_t id, std::string_view actor);

  struct NewVirtualKey {
    registry::VirtualKeyRow row;
    std::string text;  // the only time it is seen
  };
  base::Result<NewVirtualKey> create_virtual_key(registry::VirtualKeyRow row, std::string_view actor);
  base::Result<registry::VirtualKeyRow> update_virtual_key(const registry::VirtualKeyRow& row, std::string_view actor);
  base::Status delete_virtual_key(std::string_view id, std::string_view actor);

  // kUnimplemented without a vault.
  base::Result<registry::ProviderKeyRow> add_provider_key(registry::ProviderKeyRow row, std::string_view text,
                                                          std::string_view actor);
  base::Status set_provider_key_disabled(int64_t id, bool disabled, std::string_view actor);
  base::Status delete_provider_key(int64_t id, std::string_view actor);
  // For calls to a provider: the newest usable key, from memory. Nothing when there is none or it does not open
  // (logged at the start and at changes). Does not block: safe on an I/O loop.
  std::optional<registry::ProviderKeyText> provider_key(std::string_view provider) const;
  // {"keys":[{"provider","name","expires"?,"sealed"}]}: the usable key of each provider for a gateway that runs alone,
  // sealed for the key pair that the gateway drew; nobody else can read them. kInvalidArgument: `public_key` is none.
  base::Result<std::string> sealed_keys_json(std::string_view public_key) const;

  // Decisions of gateways, here or elsewhere: once each, however often they are told. Returns the version after them.
  base::Result<uint64_t> take(const std::vector<gateway::Decision>& decisions);

  // `listener` is called after each change, in order, under the lock of changes. Before the first change; once.
  void on_change(std::function<void(const Change&)> listener);
  // What a watcher that knows `after` lacks: changes, or everything (also when `after` is nothing, or older than what
  // is kept). Calls `take` under the lock of changes, so that no change falls between this answer and the next event.
  base::Status catch_up(std::optional<uint64_t> after, const std::function<void(const Change&)>& take);

  // {"version","settings":{…},"virtual_keys":[…],"exemptions":[{"session","until"}]}: what a gateway alone needs.
  base::Result<std::string> sync_json() const;

  registry::Registry& registry() const;
  ControlStats stats() const;

 private:
  class Impl;
  explicit Control(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Rows of the registry as values of the gateway.
gateway::Block block_of(const registry::BlockRow& row);
gateway::VirtualKey virtual_key_of(const registry::VirtualKeyRow& row);

}  // namespace godseye::control
