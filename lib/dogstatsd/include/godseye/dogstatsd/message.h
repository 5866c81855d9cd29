#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// What a DogStatsD line says, as views into the packet (spec dogstatsd.md 3 to 6). Nothing here is normalised, checked
// for range or un-escaped: it is what the client wrote. The views die with the packet; the spans with the next line.
namespace godseye::dogstatsd {

enum class MetricKind : uint8_t { kCounter, kGauge, kTiming, kHistogram, kSet, kDistribution };
inline constexpr size_t kMetricKindCount = 6;

// "c", "g", "ms", "h", "s", "d".
std::string_view metric_kind_code(MetricKind kind);

// Where a message came from, as far as the client said (spec 6). Uninterpreted.
struct Origin {
  std::string_view local_data;     // the text after `c:`
  std::string_view external_data;  // the text after `e:`
  std::string_view cardinality;    // none, low, orchestrator or high; empty when absent or anything else
};

struct MetricMessage {
  std::string_view name;  // not empty
  MetricKind kind = MetricKind::kCounter;
  // One or more numbers, NaN and infinities included; empty for a set.
  std::span<const double> values;
  std::string_view set_value;  // the member, colons included; only of a set
  double sample_rate = 1;      // as sent: may be 0, negative, above 1 or NaN
  std::string_view tags;       // the comma list after `#`, see TagList
  int64_t timestamp_s = 0;     // the T field; 0 when absent
  Origin origin;
};

enum class EventPriority : uint8_t { kNormal, kLow };
enum class AlertType : uint8_t { kInfo, kError, kWarning, kSuccess };

struct EventMessage {
  std::string_view title;   // escaped: `\n` stands for a line feed, see unescape_newlines
  std::string_view text;    // likewise; may be empty
  int64_t timestamp_s = 0;  // 0: the time it was received
  std::string_view host;
  std::string_view aggregation_key;
  std::string_view source_type;
  EventPriority priority = EventPriority::kNormal;
  AlertType alert_type = AlertType::kInfo;
  std::string_view tags;
  Origin origin;
  uint32_t fields_ignored = 0;  // fields with a value that is not allowed; the event is kept without them
};

enum class CheckStatus : uint8_t { kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3 };

struct ServiceCheckMessage {
  std::string_view name;  // not empty
  CheckStatus status = CheckStatus::kUnknown;
  int64_t timestamp_s = 0;  // 0: the time it was received
  std::string_view host;
  std::string_view message;  // escaped by the client and left so, as the Agent does
  std::string_view tags;
  Origin origin;
  uint32_t fields_ignored = 0;
};

// Walks the comma list of a `#` field; empty elements are skipped.
//   for (TagList tags(message.tags); tags.next();) use(tags.tag());
class TagList {
 public:
  explicit TagList(std::string_view list) : rest_(list) {}
  bool next() {
    while (!rest_.empty()) {
      const size_t comma = rest_.find(',');
      tag_ = rest_.substr(0, comma);
      rest_.remove_prefix(comma == std::string_view::npos ? rest_.size() : comma + 1);
      if (!tag_.empty()) return true;
    }
    return false;
  }
  std::string_view tag() const { return tag_; }

 private:
  std::string_view rest_;
  std::string_view tag_;
};

}  // namespace godseye::dogstatsd
