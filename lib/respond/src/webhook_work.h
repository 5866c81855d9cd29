#pragma once

#include <optional>
#include <string>

#include <godseye/ddapi/webhook.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/registry/incidents.h>
#include <godseye/respond/responder.h>

namespace godseye::respond {

struct WebhookContext {
  const ResponderConfig& config;
  const monitor::ValidMonitor& monitor;
  const monitor::GroupTransition& transition;
  std::string title;      // of the event
  std::string message;    // rendered, with handles
  std::string text_only;  // without
  int priority = 0;
  std::optional<registry::IncidentRow> incident;
};

// `$NAME` variables of the spec; custom variables are added by the caller.
ddapi::PayloadVariables payload_variables(const WebhookContext& context);

// Writes the delivery for webhook `name`. Returns a note for the transition when that could not be: not configured, a
// payload that is no JSON. Errors are the registry's alone.
base::Result<std::string> work_webhook(registry::WriteSession& session, const WebhookContext& context,
                                       const std::string& name, int64_t now_ms);

}  // namespace godseye::respond
