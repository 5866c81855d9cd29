#include "notify_path.h"

#include <godseye/base/log.h>
#include <godseye/notify/channel.h>

#include <boost/json.hpp>

namespace godseye::app {

namespace {

namespace json = boost::json;

constexpr size_t kFileBytesMax = 4 << 20;

// True when the channel was made, false when it was there.
base::Result<bool> import_one(registry::Registry& registry, const registry::KeyVault& vault, const json::value& entry,
                              int64_t now_s) {
  base::Result<notify::ChannelChange> change = notify::parse_channel(json::serialize(entry), nullptr);
  if (!change) return std::move(change).error();
  notify::Secrets secrets;
  for (const auto& [name, value] : change->secrets) {
    if (value) secrets[name] = *value;
  }
  if (base::Status enough = notify::check_secrets(change->row, secrets); !enough) return std::move(enough).error();
  change->row.created_s = change->row.modified_s = now_s;
  return registry.change<bool>([&](registry::WriteSession& session) -> base::Result<bool> {
    auto known = registry::find_channel(session, change->row.kind, change->row.name);
    if (!known) return std::move(known).error();
    if (*known) return false;
    if (base::Status added = registry::add_channel(session, change->row); !added) return added.error();
    if (secrets.empty()) return true;
    base::Status sealed = registry::set_channel_secrets(session, vault, change->row.id, notify::secret_names(secrets),
                                                        notify::encode_secrets(secrets));
    if (!sealed) return std::move(sealed).error();
    return true;
  });
}

}  // namespace

base::Status import_channels(const Settings& settings, registry::Registry& registry, const registry::KeyVault& vault,
                             const base::Clock& clock) {
  if (settings.notifications.empty()) return base::ok();
  const std::string& file = settings.notifications;
  base::Result<std::string> text = read_file(file, kFileBytesMax);
  if (!text) return std::move(text).error();
  boost::system::error_code failed;
  const json::value document = json::parse(*text, failed);
  const json::value* channels =
      !failed && document.is_object() ? document.as_object().if_contains("channels") : nullptr;
  if (channels == nullptr || !channels->is_array()) {
    return base::Error(base::ErrorCode::kInvalidArgument, file + ": expected {\"channels\":[…]}");
  }
  size_t made = 0;
  size_t at = 0;
  for (const json::value& entry : channels->as_array()) {
    auto imported = import_one(registry, vault, entry, base::unix_seconds(clock.wall()));
    if (!imported) return std::move(imported).error().within(file + ": channels[" + std::to_string(at) + "]");
    made += *imported ? 1 : 0;
    ++at;
  }
  spdlog::info("{}: {} notification channels imported, {} were there", file, made, at - made);
  return base::ok();
}

std::unique_ptr<notify::Notifier> start_notifier(const Settings& settings, registry::Registry& registry,
                                                 std::shared_ptr<const registry::KeyVault> vault,
                                                 const std::string& public_url, const base::Clock& clock) {
  auto transport =
      notify::real_transport({.allow_private = settings.allow_private_webhooks, .ca_file = settings.notification_ca});
  notify::NotifierConfig config;
  config.public_url = public_url;
  return std::make_unique<notify::Notifier>(registry, std::move(vault), std::move(transport), clock, std::move(config));
}

base::Result<std::vector<api::KnownHandle>> channel_handles(registry::ReadSession& session) {
  auto rows = registry::list_channels(session);
  if (!rows) return std::move(rows).error();
  std::vector<api::KnownHandle> handles;
  for (const registry::ChannelRow& row : *rows) {
    if (row.kind == "webhook") continue;
    handles.push_back({.handle = row.kind + "-" + row.name, .kind = row.kind, .about = row.kind});
  }
  return handles;
}

}  // namespace godseye::app
