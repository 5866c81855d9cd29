#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/monitor/evaluator.h>

// `Responder` turns transitions into what people and programs see: it renders the monitor's message, opens, updates and
// resolves incidents for `@incident-NAME`, and writes a delivery for each channel that a handle names (`@webhook-NAME`,
// `@slack-NAME`, `@mail-NAME`, an address, `@pagerduty-NAME`, `@console-NAME`: notify/channel.h). All of it happens
// inside the evaluator's transaction (monitor::TransitionSink), so it is there exactly when the transition is.
//
// Incidents. The first transition to Alert, Warn or No Data of a (monitor, group) whose message names an `@incident-…`
// handle finds its incident, in this order:
//   1. one that it had and that was resolved at most `IncidentRules::reopen` ago is opened again (a `completed` one,
//      whose post-mortem is written, never is);
//   2. an open one of the same subject (session or user of the group), or, when the group names nobody, an open one
//      of the same service that names nobody either, takes it in, unless its latest alert is older than
//      `IncidentRules::group_window` or it has kIncidentMembersMax alerts;
//   3. a new one is opened, with a checklist of the items of the message's lists and the runbooks.
// Later transitions are entries of its timeline; it is resolved when the last of its alerts recovers, whatever the
// recovery message says, or when a person resolves it. `attributes.fields.attributed_to` holds the first group
// (`session_id:mallory-77`); severity follows the monitor's priority (P1 → SEV-1 … P5 → SEV-5) or its tag
// `severity:…`, and rises with a worse alert that joins. The summary says what, why and what next; the last is the
// message, or of it what follows a line that begins with `Next:`.
// Cases. `@case-NAME` opens a case instead, one for each (monitor, group); a recovery is told in it but does not close
// it, and an alert at most `reopen` after a person closed it opens it again.
// Channels. One delivery for each (transition, channel); a webhook's body is rendered now, so that retries are byte for
// byte the same, other channels when they are sent. Unknown handles and channels that are not configured are noted on
// the transition and in the timeline.
//
// Threads: `apply` on the registry's writer thread. `on_change` (may be empty) is called after each commit.
namespace godseye::respond {

struct IncidentRules {
  std::chrono::seconds group_window{30 * 60};
  std::chrono::seconds reopen{10 * 60};
};

struct ResponderConfig {
  std::string public_url = "http://127.0.0.1:8080";  // for links in messages and payloads
  std::string organization = "godseye";
  IncidentRules incidents{};
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
