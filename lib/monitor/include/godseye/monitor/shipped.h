#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/registry.h>

// Importing monitors from a file in Datadog's JSON: an array of monitors, or an object `{"monitors": […]}`.
namespace godseye::monitor {

struct ImportReport {
  size_t created = 0;
  size_t present = 0;                    // imported before (also when their owner deleted them since)
  std::vector<std::string> unsupported;  // "rule 5 quality drop: pct_change is not supported yet"
  std::vector<std::string> warnings;
};

// Imports each monitor that has not been imported before; the tag `rule:…` (else the name) tells. Monitors whose query
// cannot be evaluated yet are not stored but reported, and tried again at the next start. kInvalidArgument when the
// file is not such JSON. One transaction.
base::Result<ImportReport> import_monitors(registry::Registry& registry, std::string_view json, int64_t now_s);

}  // namespace godseye::monitor
