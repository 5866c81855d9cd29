#include <algorithm>
#include <array>

#include <godseye/signal/event.h>

namespace godseye::signal {

namespace {

constexpr std::array<std::string_view, 7> kAlertTypes = {"info",        "success",        "warning", "error",
                                                         "user_update", "recommendation", "snapshot"};
constexpr std::array<std::string_view, 4> kCheckStatuses = {"ok", "warning", "critical", "unknown"};

}  // namespace

std::string_view alert_type_name(AlertType type) { return kAlertTypes[static_cast<size_t>(type)]; }

bool parse_alert_type(std::string_view name, AlertType& into) {
  const auto* found = std::find(kAlertTypes.begin(), kAlertTypes.end(), name);
  if (found == kAlertTypes.end()) return false;
  into = static_cast<AlertType>(found - kAlertTypes.begin());
  return true;
}

std::string_view check_status_name(CheckStatus status) { return kCheckStatuses[static_cast<size_t>(status)]; }

}  // namespace godseye::signal
