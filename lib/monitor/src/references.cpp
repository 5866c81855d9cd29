#include <algorithm>

#include <godseye/monitor/spec.h>
#include <godseye/registry/monitors.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

Error wrong(const std::string& sentence) { return {ErrorCode::kInvalidArgument, "query: " + sentence}; }

}  // namespace

Status check_references(registry::ReadSession& session, const ValidMonitor& monitor, int64_t own_id) {
  const bool composite = monitor.kind == MonitorKind::kComposite;
  // With no composite inside another there is no cycle and no depth; a change of type could bring one about.
  if (own_id != 0) {
    Result<std::optional<registry::MonitorRow>> row = registry::find_monitor(session, own_id);
    if (!row) return std::move(row).error();
    const auto old = *row ? ddapi::decode_monitor((*row)->document) : Result<ddapi::MonitorSpec>(wrong(""));
    if (old && (old->type == "composite") != composite) {
      return Error(ErrorCode::kInvalidArgument,
                   "type: a monitor does not become a composite, nor stop being one; "
                   "make a new monitor");
    }
  }
  if (!composite) return base::ok();
  for (const int64_t id : lang::composite_members(monitor.composite)) {
    const std::string name = "monitor " + std::to_string(id);
    if (id == own_id) return wrong(name + " is this one itself: a composite cannot contain itself");
    Result<std::optional<registry::MonitorRow>> row = registry::find_monitor(session, id);
    if (!row) return std::move(row).error();
    if (!*row) return wrong(name + " does not exist");
    const Result<ddapi::MonitorSpec> member = ddapi::decode_monitor((*row)->document);
    if (member && member->type == "composite") {
      return wrong(name + " is itself a composite; name its members instead");
    }
  }
  return base::ok();
}

Result<std::vector<int64_t>> composites_of(registry::ReadSession& session, int64_t monitor_id) {
  Result<std::vector<registry::MonitorRow>> rows = registry::list_monitors(session);
  if (!rows) return std::move(rows).error();
  std::vector<int64_t> ids;
  for (const registry::MonitorRow& row : *rows) {
    // Most monitors are none: a look at the text saves reading them.
    if (row.document.find("composite") == std::string::npos) continue;
    const Result<ddapi::MonitorSpec> spec = ddapi::decode_monitor(row.document);
    if (!spec || spec->type != "composite") continue;
    const Result<lang::Composite> composite = lang::parse_composite(spec->query);
    if (!composite) continue;
    const std::vector<int64_t> members = lang::composite_members(*composite);
    if (std::find(members.begin(), members.end(), monitor_id) != members.end()) ids.push_back(row.id);
  }
  return ids;
}

}  // namespace godseye::monitor
