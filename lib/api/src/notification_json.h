#pragma once

#include <string>
#include <vector>

#include <godseye/notify/notifier.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/deliveries.h>

namespace godseye::api {

// What the notification routes answer. Secrets are not in the rows; addresses of webhooks are shown to whoever may
// change them (Datadog's own route does), in the delivery log without user, password and query.
std::string channel_json(const registry::ChannelRow& row, const notify::ChannelHealth& health);
std::string channels_json(const std::vector<registry::ChannelRow>& rows,
                          const std::vector<notify::ChannelHealth>& healths);
std::string test_json(const notify::TestResult& result);
std::string deliveries_json(const std::vector<registry::DeliveryRow>& rows, int64_t next);
std::string delivery_json(const registry::DeliveryRow& row, const std::vector<registry::AttemptRow>& attempts);

// Without user, password and query, which may hold secrets.
std::string shown_url(std::string_view url);
std::string_view delivery_state_name(registry::DeliveryState state);

}  // namespace godseye::api
