#pragma once

#include <functional>
#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/monitor/evaluator.h>

// `Responder` turns transitions into what people and programs see: it renders the monitor's message, opens, updates and
// resolves incidents for `@incident-NAME`, and writes a delivery for each `@webhook-NAME`. All of it happens inside the
// evaluator's transaction (monitor::TransitionSink), so it is there exactly when the transition is.
//
// Incidents. One for each (monitor, group): the first transition to Alert, Warn or No Data whose message names an
// `@incident-…` handle opens it, later ones are entries of its timeline, a recovery resolves it whatever the recovery
// message says. `attributes.fields.attributed_to` holds the group (`session_id:mallory-77`), severity follows the
// monitor's priority (P1 → SEV-1 … P5 → SEV-5) or its tag `severity:…`. The summary says what, why and what next; the
// last is the message, or of it what follows a line that begins with `Next:`.
// Webhooks. One delivery for each (transition, webhook); the body is rendered now, so that retries are byte for byte
// the same. Unknown handles and webhooks that are not configured are noted on the transition and in the timeline.
//
// Threads: `apply` on the registry's writer thread. `on_change` (may be empty) is called after each commit.
namespace godseye::respond {

struct ResponderConfig {
  std::string public_url = "http://127.0.0.1:8080";  // for links in messages and payloads
  std::string organization = "godseye";
};

class Responder : public monitor::TransitionSink {
 public:
  explicit Responder(ResponderConfig config, base::Clock clock, std::function<void()> on_change = {});
  base::Status apply(registry::WriteSession& session, const monitor::ValidMonitor& monitor,
                     std::span<monitor::GroupTransition> transitions) override;
  void committed() override;

 private:
  ResponderConfig config_;
  base::Clock clock_;
  std::function<void()> on_change_;
};

}  // namespace godseye::respond
