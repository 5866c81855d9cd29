#pragma once

#include <functional>
#include <string>
#include <vector>

#include <godseye/api/management_routes.h>

// What the pages of monitors need beyond Datadog's API. All need both keys; errors as everywhere, {"errors":["…"]}.
//
//   GET /api/godseye/v1/monitors/{id}/history?from=&to=&group=&limit=
//     {"from","to","complete","transitions":[{"id","time","group","from","to","kind","value","threshold","notes"}]},
//     newest first, Unix seconds; `complete` is false when there are more than `limit`.
//   GET /api/godseye/v1/monitors/{id}/groups?search=&status=&page=&per_page=
//     {"total","found","page","per_page","counts":{"Alert":3},"groups":[{"name","status","since",…,"value"}]}, the
//     worst first. Bounded whatever the number of groups: a page of them is sent, the rest is counted.
//   POST /api/godseye/v1/monitors/preview {"monitor":{…},"sample":{"status","from","renotify","value","group"}}
//     {"title","text","priority","cut","handles":[{"handle","kind","known","note"}],"other_handles":[…]}: what the
//     message would say for that sample (respond/preview.h). Nothing is stored, nobody is told.
//   GET /api/godseye/v1/handles
//     {"handles":[{"handle","kind","about"}]}: whom a message can name.
namespace godseye::api {

inline constexpr size_t kTransitionsShownMax = 5000;
inline constexpr size_t kTransitionsShownDefault = 1000;
inline constexpr size_t kGroupsPageMax = 500;
inline constexpr size_t kGroupsPageDefault = 50;

struct KnownHandle {
  std::string handle;  // without `@`
  std::string kind;    // "incident", "case", "webhook", "slack"…
  std::string about;   // for a person; may be empty
};

// Handles that are configured, in a read of the registry.
using HandleList = std::function<base::Result<std::vector<KnownHandle>>(registry::ReadSession& session)>;

// `more` (may be empty) adds to the notification channels.
void add_monitor_page_routes(Router& router, const ManagementParts& parts, HandleList more = {});

}  // namespace godseye::api
