#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <godseye/lang/metric_query.h>

// Queries of metric monitors: text ⇄ tree, pure.
//
//   avg(last_5m):avg:system.load.1{env:prod} by {host} > 4
//   pct_change(avg(last_5m),last_30m):avg:m{*} by {service} < -20
//
// Errors and limits as in metric_query.h. What parses is what the language has; whether it can be evaluated (change,
// next_…, current_…) is for `query` and `monitor` to say.
namespace godseye::lang {

enum class TimeAggregator : uint8_t { kAvg, kSum, kMin, kMax, kPercentile };
// The percentile of `percentile(last_5m):p99:m{*}`: that of the series query, over the window as a whole.
inline constexpr double kSeriesPercentile = -1;
enum class WindowKind : uint8_t { kLast, kNext, kCurrent };

struct Window {
  WindowKind kind = WindowKind::kLast;
  uint32_t seconds = 0;  // a month counts 30 days
  std::string text;      // as written: `last_5m`
  bool operator==(const Window&) const = default;
};

// `change(…)` and `pct_change(…)`: now compared with `shift_s` seconds earlier.
struct Change {
  bool percent = false;
  uint32_t shift_s = 0;
  std::string shift_text;  // `5m_ago`, `last_30m`
  bool operator==(const Change&) const = default;
};

struct MonitorQuery {
  TimeAggregator time_aggregator = TimeAggregator::kAvg;
  double percentile = 0;  // kPercentile only; kSeriesPercentile possible
  Window window;
  std::optional<Change> change;
  Expression expression;
  Comparator comparator = Comparator::kGreater;
  double threshold = 0;
};
bool operator==(const MonitorQuery& a, const MonitorQuery& b);

base::Result<MonitorQuery> parse_monitor_query(std::string_view text);
std::string to_text(const MonitorQuery& query);

// Keys of all `by {…}` of the expression, in order of appearance, unique: what groups of the monitor are named by.
std::vector<std::string> group_keys(const Expression& expression);

}  // namespace godseye::lang
