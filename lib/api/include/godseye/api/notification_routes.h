#pragma once

#include <functional>
#include <memory>

#include <godseye/api/management_routes.h>
#include <godseye/notify/notifier.h>
#include <godseye/registry/channels.h>

// Notification channels and the delivery log (docs/notifications.md). All need both keys; changes are in the audit log,
// without secrets. Secrets go in and never come out: answers say which are set.
//
//   GET POST /api/godseye/v1/notifications/channels          {"channels":[…]}; 201 with the channel
//   GET PATCH DELETE …/channels/{id}                         PATCH changes what it names; 204
//   POST …/channels/{id}/test                                {"delivered":…,"status":…,"error":…,"answer":…,…}
//   GET /api/godseye/v1/notifications/deliveries?kind=&channel=&state=&incident_id=&before=&limit=
//   GET …/deliveries/{id}                                    with every attempt
//   POST …/deliveries/{id}/resend                            202; the same event id once more
namespace godseye::api {

struct NotificationParts {
  ManagementParts management;
  std::shared_ptr<const registry::KeyVault> vault;  // null: channels with secrets cannot be made
  std::function<notify::Notifier*()> notifier;      // may return null while there is none yet
};

void add_notification_routes(Router& router, const NotificationParts& parts);

}  // namespace godseye::api
