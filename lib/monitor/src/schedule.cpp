#include "schedule.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr int64_t kDayS = 86400;
constexpr const char* kWindow = "options.scheduling_options.evaluation_window";

Error wrong(const std::string& field, const std::string& what) {
  return {ErrorCode::kInvalidArgument, field + ": " + what};
}

// "07:30" as seconds.
std::optional<int64_t> time_of_day(std::string_view text) {
  int64_t hours = 0;
  int64_t minutes = 0;
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto read = [&](size_t at, int64_t& into) {
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + at + 2, into);
    return code == std::errc() && end == text.data() + at + 2 && into >= 0;
  };
  if (!read(0, hours) || !read(3, minutes) || hours > 23 || minutes > 59) return std::nullopt;
  return hours * 3600 + minutes * 60;
}

int64_t floor_to(int64_t value, int64_t unit) { return value - ((value % unit) + unit) % unit; }

// The first day of the month of a local day, both as days since 1970.
int64_t month_begin(int64_t local_day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days(local_day)}};
  return std::chrono::sys_days(date.year() / date.month() / 1).time_since_epoch().count();
}

Status read_window(const ddapi::MonitorSchedule& given, ValidMonitor& monitor, Schedule& into,
                   std::vector<std::string>& warnings) {
  if (monitor.kind != MonitorKind::kMetric || monitor.query.window.kind != lang::WindowKind::kCurrent) {
    if (given.has_window()) {
      warnings.emplace_back(std::string(kWindow) + " has a meaning for windows current_1h, current_1d and current_1mo");
    }
    return base::ok();
  }
  const std::string& text = monitor.query.window.text;
  if (text == "current_1h") {
    into.period = Schedule::Period::kHour;
  } else if (text == "current_1d") {
    into.period = Schedule::Period::kDay;
  } else if (text == "current_1mo") {
    into.period = Schedule::Period::kMonth;
  } else {
    return wrong("query", "a cumulative window is current_1h, current_1d or current_1mo, not " + text);
  }
  if (monitor.query.change) return wrong("query", "change and pct_change need a window last_…");
  into.minute = given.hour_starts.value_or(0);
  if (into.minute < 0 || into.minute > 59) return wrong(std::string(kWindow) + ".hour_starts", "expected 0 to 59");
  const std::optional<int64_t> second = time_of_day(given.day_starts.value_or("00:00"));
  if (!second) return wrong(std::string(kWindow) + ".day_starts", "expected HH:MM, like \"07:30\"");
  into.day_second = *second;
  if (given.month_starts.value_or(1) != 1) {
    return wrong(std::string(kWindow) + ".month_starts", "expected 1, the only day at which months begin");
  }
  base::Result<TimeZone> zone = TimeZone::find(given.window_timezone.value_or("UTC"));
  if (!zone) return std::move(zone).error().within(std::string(kWindow) + ".timezone");
  into.zone = *std::move(zone);
  return base::ok();
}

Status read_rules(const ddapi::MonitorSchedule& given, Schedule& into) {
  for (size_t i = 0; i < given.recurrences.size(); ++i) {
    const ddapi::MonitorRecurrence& rule = given.recurrences[i];
    const std::string path = "options.scheduling_options.custom_schedule.recurrences[" + std::to_string(i) + "]";
    base::Result<TimeZone> zone = TimeZone::find(rule.timezone.empty() ? "UTC" : rule.timezone);
    if (!zone) return std::move(zone).error().within(path + ".timezone");
    // Without a start the rule has gone on for ever, by whole days.
    base::Result<int64_t> start = rule.start.empty() ? base::Result<int64_t>(0) : parse_local_time(rule.start);
    if (!start) return std::move(start).error().within(path + ".start");
    base::Result<Recurrence> recurrence = Recurrence::parse(rule.rrule, *start, *zone);
    if (!recurrence) return std::move(recurrence).error().within(path + ".rrule");
    if (!recurrence->first_from(zone->to_unix(*start))) return wrong(path + ".rrule", "the rule never occurs");
    into.rules.push_back(*std::move(recurrence));
  }
  return base::ok();
}

}  // namespace

int64_t Schedule::period_start(int64_t to_s) const {
  const int64_t local_s = zone ? zone->to_local(to_s) : to_s;
  int64_t begin_s = local_s;
  switch (period) {
    case Period::kNone:
      return to_s;
    case Period::kHour:
      begin_s = floor_to(local_s - minute * 60, 3600) + minute * 60;
      break;
    case Period::kDay:
      begin_s = floor_to(local_s - day_second, kDayS) + day_second;
      break;
    case Period::kMonth:
      begin_s = month_begin(floor_to(local_s, kDayS) / kDayS) * kDayS;
      break;
  }
  return std::min(to_s, zone ? zone->to_unix(begin_s) : begin_s);
}

bool Schedule::occurs(int64_t after_s, int64_t until_s) const {
  return std::any_of(rules.begin(), rules.end(), [&](const Recurrence& rule) {
    const std::optional<int64_t> next = rule.first_from(after_s + 1);
    return next && *next <= until_s;
  });
}

Status read_schedule(const ddapi::MonitorOptions& options, ValidMonitor& monitor, std::vector<std::string>& warnings) {
  base::Result<ddapi::MonitorSchedule> given = ddapi::decode_monitor_schedule(options);
  if (!given) return std::move(given).error();
  Schedule schedule;
  if (Status status = read_window(*given, monitor, schedule, warnings); !status) return status;
  if (Status status = read_rules(*given, schedule); !status) return status;
  if (schedule.period != Schedule::Period::kNone || !schedule.rules.empty()) {
    monitor.schedule = std::make_shared<const Schedule>(std::move(schedule));
  }
  // What a day says does not change in ten seconds, and it is the store that has to read it.
  const int64_t window_s = monitor.query.window.seconds;
  if (window_s >= 2 * kDayS) {
    monitor.every_s = 1800;
  } else if (window_s >= kDayS) {
    monitor.every_s = 600;
  }
  return base::ok();
}

}  // namespace godseye::monitor
