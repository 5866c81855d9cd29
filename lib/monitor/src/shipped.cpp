#include <algorithm>

#include <godseye/monitor/shipped.h>
#include <godseye/monitor/spec.h>
#include <godseye/registry/monitors.h>

namespace godseye::monitor {

using base::Status;

namespace {

std::string import_key(const ddapi::MonitorSpec& spec) {
  const auto rule =
      std::find_if(spec.tags.begin(), spec.tags.end(), [](const std::string& tag) { return tag.starts_with("rule:"); });
  return (rule == spec.tags.end() ? std::string() : *rule) + "/" + spec.name;
}

}  // namespace

base::Result<ImportReport> import_monitors(registry::Registry& registry, std::string_view json, int64_t now_s) {
  base::Result<std::vector<ddapi::MonitorSpec>> specs = ddapi::decode_monitors(json);
  if (!specs) return std::move(specs).error();
  return registry.change<ImportReport>([&](registry::WriteSession& session) -> base::Result<ImportReport> {
    ImportReport report;
    for (const ddapi::MonitorSpec& spec : *specs) {
      const std::string key = import_key(spec);
      base::Result<bool> seen = registry::import_key_seen(session, key);
      if (!seen) return std::move(seen).error();
      if (*seen) {
        ++report.present;
        continue;
      }
      std::vector<std::string> warnings;
      base::Result<ValidMonitor> valid = validate(spec, &warnings);
      if (!valid) {
        if (valid.error().code() != base::ErrorCode::kUnimplemented) {
          return std::move(valid).error().within("monitor \"" + spec.name + "\"");
        }
        report.unsupported.push_back(key + ": " + valid.error().message());
        continue;
      }
      for (const std::string& warning : warnings) report.warnings.push_back(key + ": " + warning);
      auto created = registry::create_monitor(session, ddapi::encode_monitor_spec(spec), key, now_s);
      if (!created) return std::move(created).error();
      ++report.created;
    }
    return report;
  });
}

}  // namespace godseye::monitor
