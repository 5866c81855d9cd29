#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/signal/metric.h>

// Events (something happened: a deployment, a conversion) and service checks (something is well or not), as they travel
// from the intakes to the store. Plain values. Tags are normalised, sorted, unique; the host is a field of its own
// here, since it is one in every form in which events come.
namespace godseye::signal {

// Order is on disk; append-only.
enum class AlertType : uint8_t {
  kInfo = 0,
  kSuccess = 1,
  kWarning = 2,
  kError = 3,
  kUserUpdate = 4,
  kRecommendation = 5,
  kSnapshot = 6
};
// "info", "success", …; and back: false for other words.
std::string_view alert_type_name(AlertType type);
bool parse_alert_type(std::string_view name, AlertType& into);

// Order is on disk; append-only. The numbers are Datadog's.
enum class CheckStatus : uint8_t { kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3 };
std::string_view check_status_name(CheckStatus status);  // "ok", "warning", "critical", "unknown"

// The source of what product analytics calls are kept as.
inline constexpr std::string_view kProductAnalyticsSource = "product_analytics";

struct Event {
  uint64_t id = 0;      // unique; below 2^53, so that every client reads it exactly
  int64_t time_ms = 0;  // Unix
  AlertType alert_type = AlertType::kInfo;
  bool low_priority = false;
  std::string title;
  std::string text;  // markdown, or JSON of properties
  std::string host;
  std::string source;  // Datadog's source_type_name: "my_apps", "deploy", …
  std::string aggregation_key;
  std::vector<std::string> tags;
  Attribution attribution;
  std::vector<std::pair<std::string, double>> values;  // numbers that belong to it: latency_ms, cost_usd, value
  bool operator==(const Event&) const = default;
};

struct ServiceCheck {
  int64_t time_s = 0;  // Unix
  CheckStatus status = CheckStatus::kUnknown;
  std::string check;
  std::string host;
  std::string message;
  std::vector<std::string> tags;
  bool operator==(const ServiceCheck&) const = default;
};

struct EventBatch {
  std::vector<Event> events;
  std::vector<ServiceCheck> checks;
  bool empty() const { return events.empty() && checks.empty(); }
};

}  // namespace godseye::signal
