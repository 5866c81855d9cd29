#include "downtime_list.h"

namespace godseye::api {

using registry::DowntimeRow;

base::Result<LoadedDowntime> load_downtime(DowntimeRow row) {
  base::Result<ddapi::DowntimeSpec> spec = ddapi::decode_downtime_spec(row.document);
  if (!spec) return std::move(spec).error();
  base::Result<monitor::ValidDowntime> valid = monitor::validate_downtime(*spec, row.created_s);
  if (!valid) return std::move(valid).error();
  valid->id = row.id;
  valid->canceled_s = row.canceled_s;
  return LoadedDowntime{.row = std::move(row), .spec = *std::move(spec), .valid = *std::move(valid)};
}

std::string status_of(const LoadedDowntime& downtime, int64_t now_s) {
  return std::string(monitor::downtime_status(downtime.valid, now_s));
}

ddapi::DowntimeView view_of(const LoadedDowntime& downtime, int64_t now_s) {
  ddapi::DowntimeView view{.id = downtime.row.id,
                           .uuid = downtime.row.uuid,
                           .spec = downtime.spec,
                           .status = status_of(downtime, now_s),
                           .created_s = downtime.row.created_s,
                           .modified_s = downtime.row.modified_s,
                           .canceled_s = downtime.row.canceled_s};
  std::optional<monitor::Period> period = downtime.valid.current_or_next(now_s);
  if (!period && downtime.spec.recurrences.empty()) period = downtime.valid.once;
  if (!period) return view;
  view.current_start_s = period->start_s;
  view.current_end_s = period->end_s == monitor::kForEverS ? 0 : period->end_s;
  return view;
}

base::Result<DowntimeList> DowntimeList::read(const registry::Registry& registry, bool finished) {
  auto rows = registry.fetch<std::vector<DowntimeRow>>(
      [&](registry::ReadSession& session) { return registry::list_downtimes(session, finished); });
  if (!rows) return std::move(rows).error();
  DowntimeList list;
  for (DowntimeRow& row : *rows) {
    if (base::Result<LoadedDowntime> loaded = load_downtime(std::move(row))) list.all_.push_back(*std::move(loaded));
  }
  return list;
}

std::vector<const LoadedDowntime*> DowntimeList::active_for(int64_t monitor_id, const std::vector<std::string>& tags,
                                                            int64_t now_s) const {
  std::vector<const LoadedDowntime*> active;
  for (const LoadedDowntime& downtime : all_) {
    if (downtime.row.canceled_s != 0 || !monitor::applies_to(downtime.valid, monitor_id, tags)) continue;
    if (status_of(downtime, now_s) == "active") active.push_back(&downtime);
  }
  return active;
}

void DowntimeList::annotate(ddapi::MonitorView& view, int64_t now_s) const {
  for (const LoadedDowntime* downtime : active_for(view.id, view.spec.tags, now_s)) {
    const ddapi::DowntimeView seen = view_of(*downtime, now_s);
    view.downtimes.push_back({.id = seen.id,
                              .scope = downtime->spec.scope,
                              .start_s = seen.current_start_s,
                              .end_s = seen.current_end_s,
                              .mute = downtime->row.mute && downtime->spec.monitor_id.has_value()});
  }
}

}  // namespace godseye::api
