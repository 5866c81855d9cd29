#include <array>

#include <godseye/api/access.h>
#include <godseye/base/assert.h>

namespace godseye::api {
namespace {

using enum Permission;
using registry::Role;

// Who may do what: each role has its lines and those of the roles before it.
constexpr std::array kPermissions = {
    PermissionInfo{kSignedIn, "signed_in", Role::kViewer, "one's own account, sessions and password"},
    PermissionInfo{kMetricsRead, "metrics_read", Role::kViewer, "list metrics and their tags"},
    PermissionInfo{kTimeseriesQuery, "timeseries_query", Role::kViewer, "query metrics"},
    PermissionInfo{kMonitorsRead, "monitors_read", Role::kViewer, "see monitors, their states and downtimes"},
    PermissionInfo{kEventsRead, "events_read", Role::kViewer, "read events"},
    PermissionInfo{kIncidentRead, "incident_read", Role::kViewer, "read incidents and their timelines"},
    PermissionInfo{kCasesRead, "cases_read", Role::kViewer, "read cases"},
    PermissionInfo{kApmRead, "apm_read", Role::kViewer,
                   "read traces, sessions, prompts and answers as they are stored"},
    PermissionInfo{kIntegrationsRead, "integrations_read", Role::kViewer, "see where notifications go and went"},
    PermissionInfo{kGatewayRead, "gateway_read", Role::kViewer, "see calls, blocks, settings and prices"},
    PermissionInfo{kGuardInspect, "guard_inspect", Role::kViewer, "have a text or an image inspected"},
    PermissionInfo{kSystemRead, "system_read", Role::kViewer, "see how Godseye itself is doing"},
    PermissionInfo{kUserAccessRead, "user_access_read", Role::kViewer, "list users and roles"},
    PermissionInfo{kUserAppKeys, "user_app_keys", Role::kViewer, "one's own application keys"},

    PermissionInfo{kMonitorsDowntime, "monitors_downtime", Role::kResponder, "mute monitors and plan downtimes"},
    PermissionInfo{kIncidentWrite, "incident_write", Role::kResponder, "declare, change, comment and close incidents"},
    PermissionInfo{kCasesWrite, "cases_write", Role::kResponder, "open and change cases"},
    PermissionInfo{kBlocksWrite, "gateway_blocks_write", Role::kResponder, "block, unblock and give feedback"},
    PermissionInfo{kAuditLogsRead, "audit_logs_read", Role::kResponder, "read the audit log"},

    PermissionInfo{kMonitorsWrite, "monitors_write", Role::kEditor, "create, change and delete monitors"},
    PermissionInfo{kIntegrationsWrite, "manage_integrations", Role::kEditor, "change where notifications go"},
    PermissionInfo{kGatewayWrite, "gateway_write", Role::kEditor, "change settings, policies and prices"},
    PermissionInfo{kGatewayUse, "gateway_use", Role::kEditor, "call models from the playground"},
    PermissionInfo{kCatalogueWrite, "catalogues_write", Role::kEditor, "deliver and delete catalogues"},
    PermissionInfo{kIntakeWrite, "intake_write", Role::kEditor, "send data as a person (programs use an API key)"},

    PermissionInfo{kUserAccessManage, "user_access_manage", Role::kAdmin, "add, change and disable users"},
    PermissionInfo{kApiKeysRead, "api_keys_read", Role::kAdmin, "list API keys"},
    PermissionInfo{kApiKeysWrite, "api_keys_write", Role::kAdmin, "make, rename and revoke API keys"},
    PermissionInfo{kOrgAppKeysRead, "org_app_keys_read", Role::kAdmin, "list everybody's application keys"},
    PermissionInfo{kOrgAppKeysWrite, "org_app_keys_write", Role::kAdmin, "change and revoke everybody's"},
    PermissionInfo{kGatewayKeys, "gateway_keys_write", Role::kAdmin, "keys of providers and virtual keys"},
    PermissionInfo{kDataErase, "data_erase", Role::kAdmin, "erase what is stored about a person or session"},
    PermissionInfo{kBackupsWrite, "backups_write", Role::kAdmin, "make backups"},
    PermissionInfo{kOtherRead, "other_read", Role::kViewer, "read what no line above names"},
    PermissionInfo{kOtherChange, "other_change", Role::kAdmin, "change what no line above names"},
};

struct AccessRule {
  std::string_view methods;  // "GET", "PUT PATCH"; "*": every one
  std::string_view pattern;  // of the route; "…*" stands for all that begin so
  Permission permission;
};

// Every route that is not open. The first line that fits decides. A route without a line is read by viewers and changed
// by admins, and tests/end_to_end/access.test.mjs fails until it has one.
constexpr AccessRule kRules[] = {
    // Monitors and downtimes
    {"POST", "/api/v1/monitor/validate", kMonitorsRead},
    {"POST", "/api/v1/monitor/{id}/validate", kMonitorsRead},
    {"POST", "/api/v1/monitor/mute_all", kMonitorsDowntime},
    {"POST", "/api/v1/monitor/unmute_all", kMonitorsDowntime},
    {"POST", "/api/v1/monitor/{id}/mute", kMonitorsDowntime},
    {"POST", "/api/v1/monitor/{id}/unmute", kMonitorsDowntime},
    {"POST", "/api/godseye/v1/monitors/try", kMonitorsRead},
    {"POST", "/api/godseye/v1/monitors/preview", kMonitorsRead},
    {"GET", "/api/v1/monitor*", kMonitorsRead},
    {"GET", "/api/v2/monitor*", kMonitorsRead},
    {"GET", "/api/godseye/v1/monitor*", kMonitorsRead},
    {"*", "/api/v1/monitor*", kMonitorsWrite},
    {"*", "/api/v2/monitor*", kMonitorsWrite},
    {"*", "/api/godseye/v1/monitor*", kMonitorsWrite},
    {"GET", "/api/godseye/v1/handles", kMonitorsRead},
    {"GET", "/api/godseye/v1/recording*", kMonitorsRead},
    {"*", "/api/godseye/v1/recording*", kMonitorsWrite},
    {"GET", "/api/v1/downtime*", kMonitorsRead},
    {"GET", "/api/v2/downtime*", kMonitorsRead},
    {"*", "/api/v1/downtime*", kMonitorsDowntime},
    {"*", "/api/v2/downtime*", kMonitorsDowntime},

    // Incidents and cases
    {"GET", "/api/v2/incidents*", kIncidentRead},
    {"GET", "/api/godseye/v1/incidents*", kIncidentRead},
    {"*", "/api/v2/incidents*", kIncidentWrite},
    {"*", "/api/godseye/v1/incidents*", kIncidentWrite},
    {"GET", "/api/v2/cases*", kCasesRead},
    {"GET", "/api/godseye/v1/cases*", kCasesRead},
    {"*", "/api/v2/cases*", kCasesWrite},
    {"*", "/api/godseye/v1/cases*", kCasesWrite},

    // Notifications
    {"GET", "/api/v1/integration*", kIntegrationsRead},
    {"GET", "/api/godseye/v1/deliveries*", kIntegrationsRead},
    {"GET", "/api/godseye/v1/notification*", kIntegrationsRead},
    {"GET", "/api/godseye/v1/channels*", kIntegrationsRead},
    {"*", "/api/v1/integration*", kIntegrationsWrite},
    {"*", "/api/godseye/v1/deliveries*", kIntegrationsWrite},
    {"*", "/api/godseye/v1/notification*", kIntegrationsWrite},
    {"*", "/api/godseye/v1/channels*", kIntegrationsWrite},

    // Metrics, events, traces
    {"GET", "/api/v1/query*", kTimeseriesQuery},
    {"POST", "/api/v2/query/*", kTimeseriesQuery},
    {"GET", "/api/v1/metrics*", kMetricsRead},
    {"GET", "/api/v2/metrics*", kMetricsRead},
    {"GET", "/api/godseye/v1/metrics*", kMetricsRead},
    {"GET", "/api/v1/search", kMetricsRead},
    {"POST", "/api/v2/events/search", kEventsRead},
    {"GET", "/api/v1/events*", kEventsRead},
    {"GET", "/api/v2/events*", kEventsRead},
    {"*", "/api/v2/spans/events*", kApmRead},
    {"POST", "/api/v2/spans/analytics/aggregate", kApmRead},
    {"*", "/api/v2/llm-obs/v1/spans/*", kApmRead},
    {"GET", "/api/v1/trace/*", kApmRead},
    {"GET", "/api/godseye/v1/traces*", kApmRead},
    {"GET", "/api/godseye/v1/spans*", kApmRead},
    {"GET", "/api/godseye/v1/sessions*", kApmRead},
    {"GET", "/api/godseye/v1/users*", kApmRead},
    {"GET", "/api/godseye/v1/service-map", kApmRead},
    {"GET", "/api/godseye/v1/errors", kApmRead},
    {"DELETE", "/api/godseye/v1/sessions/{id}", kDataErase},
    {"DELETE", "/api/godseye/v1/users/{id}", kDataErase},

    // Gateway and guard
    {"POST", "/api/godseye/v1/inspect/*", kGuardInspect},
    {"POST", "/api/godseye/v1/gateway/playground", kGatewayUse},
    {"POST", "/api/godseye/v1/gateway/decisions", kGatewayKeys},  // gateways that stand alone, with a key
    {"POST", "/api/godseye/v1/gateway/spans", kGatewayKeys},
    {"POST", "/api/godseye/v1/gateway/metrics", kGatewayKeys},
    {"POST", "/api/godseye/v1/gateway/provider-keys", kGatewayKeys},
    {"GET", "/api/godseye/v1/gateway/sync", kGatewayKeys},
    {"GET", "/api/godseye/v1/gateway*", kGatewayRead},
    {"*", "/api/godseye/v1/gateway*", kGatewayWrite},
    {"GET", "/api/godseye/v1/blocks*", kGatewayRead},
    {"*", "/api/godseye/v1/blocks*", kBlocksWrite},
    {"GET", "/api/godseye/v1/feedback*", kGatewayRead},
    {"*", "/api/godseye/v1/feedback*", kBlocksWrite},
    {"GET", "/api/godseye/v1/audit*", kAuditLogsRead},
    {"GET", "/api/godseye/v1/provider-keys*", kGatewayRead},  // names and last digits
    {"GET", "/api/godseye/v1/virtual-keys*", kGatewayRead},
    {"*", "/api/godseye/v1/provider-keys*", kGatewayKeys},
    {"*", "/api/godseye/v1/virtual-keys*", kGatewayKeys},
    {"GET", "/api/godseye/v1/prices*", kGatewayRead},
    {"*", "/api/godseye/v1/prices*", kGatewayWrite},
    {"GET", "/api/godseye/v1/catalogues*", kGatewayRead},
    {"*", "/api/godseye/v1/catalogues*", kCatalogueWrite},

    // Access itself
    {"*", "/api/godseye/v1/access/session*", kSignedIn},
    {"*", "/api/godseye/v1/access/password", kSignedIn},
    {"GET", "/api/godseye/v1/access/routes", kUserAccessRead},
    {"*", "/api/godseye/v1/access/users*", kUserAccessManage},
    {"GET", "/api/v2/current_user", kSignedIn},
    {"*", "/api/v2/current_user/application_keys*", kUserAppKeys},
    {"GET", "/api/v2/users*", kUserAccessRead},
    {"*", "/api/v2/users*", kUserAccessManage},
    {"GET", "/api/v2/roles*", kUserAccessRead},
    {"*", "/api/v2/roles*", kUserAccessManage},
    {"GET", "/api/v2/permissions", kUserAccessRead},
    {"GET", "/api/v2/api_keys*", kApiKeysRead},
    {"*", "/api/v2/api_keys*", kApiKeysWrite},
    {"GET", "/api/v2/application_keys*", kOrgAppKeysRead},
    {"*", "/api/v2/application_keys*", kOrgAppKeysWrite},

    // Godseye itself
    {"GET", "/api/v1/validate", kSignedIn},
    {"GET", "/api/v2/validate*", kSignedIn},
    {"GET", "/api/godseye/v1/live", kSignedIn},  // says that something changed, not what
    {"GET", "/api/godseye/v1/ingestion*", kSystemRead},
    {"GET", "/api/godseye/v1/system*", kSystemRead},
    {"GET", "/metrics", kSystemRead},
    {"*", "/api/godseye/v1/backups*", kBackupsWrite},

    // What programs send with an API key
    {"POST", "/api/v1/series", kIntakeWrite},
    {"POST", "/api/v2/series", kIntakeWrite},
    {"POST", "/api/v1/distribution_points", kIntakeWrite},
    {"POST", "/api/godseye/v1/history", kIntakeWrite},
    {"POST", "/api/beta/sketches", kIntakeWrite},
    {"POST", "/api/v1/sketches", kIntakeWrite},
    {"POST", "/api/v1/events", kIntakeWrite},
    {"POST", "/api/v2/events", kIntakeWrite},
    {"POST", "/api/v1/check_run", kIntakeWrite},
    {"POST", "/api/godseye/v1/analytics", kIntakeWrite},
    {"POST", "/api/v2/llmobs", kIntakeWrite},
    {"POST", "/api/intake/*", kIntakeWrite},
    {"POST", "/v1/input", kIntakeWrite},
    {"POST", "/api/v2/spans", kIntakeWrite},
    {"POST", "/api/v2/apmtelemetry", kIntakeWrite},
};

bool method_fits(std::string_view methods, std::string_view method) {
  if (methods == "*") return true;
  while (!methods.empty()) {
    const size_t space = std::min(methods.find(' '), methods.size());
    if (methods.substr(0, space) == method) return true;
    methods.remove_prefix(std::min(space + 1, methods.size()));
  }
  return false;
}

bool pattern_fits(std::string_view rule, std::string_view pattern) {
  if (!rule.ends_with('*')) return rule == pattern;
  return pattern.starts_with(rule.substr(0, rule.size() - 1));
}

}  // namespace

std::span<const PermissionInfo> permission_table() { return kPermissions; }

const PermissionInfo& info_of(Permission permission) {
  const PermissionInfo& info = kPermissions[static_cast<size_t>(permission)];
  GE_ASSERT(info.permission == permission, "the table is in the order of the enumeration");
  return info;
}

std::optional<Permission> permission_named(std::string_view name) {
  for (const PermissionInfo& info : kPermissions) {
    if (info.name == name) return info.permission;
  }
  return std::nullopt;
}

PermissionSet permissions_of(Role role) {
  PermissionSet set;
  for (const PermissionInfo& info : kPermissions) {
    if (info.least <= role) set.add(info.permission);
  }
  return set;
}

PermissionSet permissions_of(const std::vector<std::string>& scopes) {
  PermissionSet set;
  for (const std::string& scope : scopes) {
    if (const std::optional<Permission> known = permission_named(scope)) set.add(*known);
  }
  return set;
}

RouteRule rule_of(std::string_view method, std::string_view pattern) {
  for (const AccessRule& rule : kRules) {
    if (method_fits(rule.methods, method) && pattern_fits(rule.pattern, pattern)) return {rule.permission, true};
  }
  return {method == "GET" ? kOtherRead : kOtherChange, false};
}

}  // namespace godseye::api
