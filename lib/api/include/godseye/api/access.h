#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/registry/users.h>

// Who may do what. Two tables in `src/access_rules.cpp` say it all: the permissions, each with the least role that has
// it, and for every route the permission it asks for. Names are Datadog's where it has them, so scopes of application
// keys mean the same here.
//
// A caller may use a route when its role has the route's permission, and, for an application key with scopes, when the
// permission is among them. A key without owner acts as an admin; a key with an owner as its owner. Intake routes ask
// an API key and nothing else; the permission in the table is asked of people.
namespace godseye::api {

enum class Permission : uint8_t {
  kSignedIn,  // one's own account: whoever is known
  kMetricsRead,
  kTimeseriesQuery,
  kMonitorsRead,
  kEventsRead,
  kIncidentRead,
  kCasesRead,
  kApmRead,
  kIntegrationsRead,
  kGatewayRead,
  kGuardInspect,
  kSystemRead,
  kUserAccessRead,
  kUserAppKeys,
  kMonitorsDowntime,
  kIncidentWrite,
  kCasesWrite,
  kBlocksWrite,
  kAuditLogsRead,
  kMonitorsWrite,
  kIntegrationsWrite,
  kGatewayWrite,
  kGatewayUse,
  kCatalogueWrite,
  kIntakeWrite,
  kUserAccessManage,
  kApiKeysRead,
  kApiKeysWrite,
  kOrgAppKeysRead,
  kOrgAppKeysWrite,
  kGatewayKeys,
  kDataErase,
  kBackupsWrite,
  kOtherRead,    // what the table of routes does not name
  kOtherChange,  //
};

struct PermissionInfo {
  Permission permission;
  std::string_view name;  // as a scope: "monitors_write"
  registry::Role least;   // and every role after it
  std::string_view text;  // "create, change and delete monitors"
};
std::span<const PermissionInfo> permission_table();
const PermissionInfo& info_of(Permission permission);
std::optional<Permission> permission_named(std::string_view name);

// A set of permissions in one word.
class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  void add(Permission permission) { bits_ |= bit(permission); }
  bool has(Permission permission) const { return (bits_ & bit(permission)) != 0; }
  // Every member of `other` is in this one.
  bool covers(PermissionSet other) const { return (other.bits_ & ~bits_) == 0; }
  friend bool operator==(PermissionSet, PermissionSet) = default;

 private:
  static constexpr uint64_t bit(Permission permission) { return uint64_t{1} << static_cast<unsigned>(permission); }
  uint64_t bits_ = 0;
};
PermissionSet permissions_of(registry::Role role);
// Names that are no permission of ours (Datadog has many) count for nothing.
PermissionSet permissions_of(const std::vector<std::string>& scopes);

// The one who asks. Made by the composition root (`KeyChecker`), read by handlers.
struct Caller {
  enum class Kind : uint8_t { kNobody, kAnonymous, kApiKey, kApplicationKey, kUser };
  Kind kind = Kind::kNobody;
  std::string name;  // for the audit log: "alice", "alice (key deploy)", "key first (…ab12)"
  registry::Role role = registry::Role::kViewer;
  std::optional<PermissionSet> scopes{};  // of an application key; nothing: not limited
  int64_t user_id = 0;                    // the person, or the owner of the key; 0: none
  std::string handle{};                   // theirs
  int64_t key_id = 0;                     // of the application key, else of the API key
  int64_t sign_in_id = 0;                 // of a browser
  std::string csrf{};                     // what a change by a browser must carry; empty: nothing

  bool may(Permission permission) const {
    if (kind == Kind::kAnonymous) return true;
    if (kind != Kind::kApplicationKey && kind != Kind::kUser) return false;
    return permissions_of(role).has(permission) &&
           (!scopes || permission == Permission::kSignedIn || scopes->has(permission));
  }
};
using CallerPointer = std::shared_ptr<const Caller>;

// The rule for a route.
struct RouteRule {
  Permission permission = Permission::kOtherChange;
  bool decided = false;  // the table names it; else it is the default: reading for viewers, changing for admins
};
RouteRule rule_of(std::string_view method, std::string_view pattern);

}  // namespace godseye::api
