#pragma once

#include <optional>
#include <string>

#include <godseye/monitor/evaluator.h>
#include <godseye/notify/channel.h>
#include <godseye/notify/notification.h>
#include <godseye/registry/incidents.h>
#include <godseye/respond/responder.h>

namespace godseye::respond {

struct WebhookContext {
  const ResponderConfig& config;
  const monitor::ValidMonitor& monitor;
  const monitor::GroupTransition& transition;
  std::string name;       // of the monitor, rendered
  std::string title;      // of the event
  std::string message;    // rendered, with handles
  std::string text_only;  // without
  int priority = 0;
  std::optional<registry::IncidentRow> incident;
};

notify::Notification notification_of(const WebhookContext& context);

// Writes the delivery for the channel that `handle` names. Returns a note for the transition when that could not be:
// not configured, disabled, a payload that is no JSON. Errors are the registry's alone.
base::Result<std::string> work_channel(registry::WriteSession& session, const WebhookContext& context,
                                       const notify::ChannelHandle& handle, int64_t now_ms);

}  // namespace godseye::respond
