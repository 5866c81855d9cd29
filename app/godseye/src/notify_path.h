#pragma once

#include "settings.h"

#include <memory>
#include <vector>

#include <godseye/api/monitor_page_routes.h>
#include <godseye/base/clock.h>
#include <godseye/notify/notifier.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/registry.h>

namespace godseye::app {

// Notification channels of the file --notifications that the registry does not have yet are made; what is there stays.
// An error names the file and the entry.
base::Status import_channels(const Settings& settings, registry::Registry& registry, const registry::KeyVault& vault,
                             const base::Clock& clock);

std::unique_ptr<notify::Notifier> start_notifier(const Settings& settings, registry::Registry& registry,
                                                 std::shared_ptr<const registry::KeyVault> vault,
                                                 const std::string& public_url, const base::Clock& clock);

// Channels but webhooks, for the list of handles that a monitor's message may name.
base::Result<std::vector<api::KnownHandle>> channel_handles(registry::ReadSession& session);

}  // namespace godseye::app
