#include <set>
#include <utility>

#include <godseye/notify/notification.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/registry.h>
#include <godseye/respond/pager.h>

namespace godseye::respond {

using registry::DeliveryRow;

base::Result<size_t> tell_pagers(registry::WriteSession& session, std::string_view incident_id, PagerAction action,
                                 int64_t now_ms) {
  base::Result<std::vector<DeliveryRow>> rows = registry::list_deliveries(
      session, {.kind = "pagerduty", .incident_id = std::string(incident_id), .count_max = kPagersMax});
  if (!rows) return std::move(rows).error();
  size_t told = 0;
  std::set<std::pair<std::string, std::string>> seen;  // channel and thread; the newest row comes first
  for (const DeliveryRow& row : *rows) {
    if (!seen.emplace(row.channel, row.thread).second) continue;
    base::Result<notify::Notification> last = notify::decode_notification(row.notification);
    if (!last || last->status == notify::AlertStatus::kOk) continue;
    const bool acknowledges = action == PagerAction::kAcknowledge;
    if (acknowledges && last->kind == notify::kAcknowledged) continue;
    last->event_id = registry::new_uuid();
    last->time_s = now_ms / 1000;
    if (acknowledges) {
      last->kind = notify::kAcknowledged;
    } else {
      last->kind = "Resolved";
      last->status = notify::AlertStatus::kOk;
    }
    DeliveryRow next{.event_id = last->event_id,
                     .kind = row.kind,
                     .channel = row.channel,
                     .target = row.target,
                     .thread = row.thread,
                     .notification = notify::encode_notification(*last),
                     .incident_id = row.incident_id,
                     .next_attempt_ms = now_ms,
                     .created_s = now_ms / 1000};
    base::Status added = registry::add_delivery(session, next);
    // Full of what nobody takes: the change of the incident is not held up by it.
    if (!added && added.error().code() == base::ErrorCode::kTooLarge) break;
    if (!added) return std::move(added).error();
    ++told;
  }
  return told;
}

}  // namespace godseye::respond
