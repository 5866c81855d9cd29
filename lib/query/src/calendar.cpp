#include "calendar.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include <unicode/basictz.h>

namespace godseye::query {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

namespace {

constexpr double kMillisecond = 1000;
constexpr int64_t kDayS = 86400;

// The rules of one zone. Its clock is counted like Unix time: seconds since 1970-01-01T00:00 as it showed them.
class Zone {
 public:
  static base::Result<Zone> find(std::string_view name) {
    const base::Error unknown(base::ErrorCode::kInvalidArgument,
                              "there is no time zone '" + std::string(name) + "'; names are like 'Europe/Paris'");
    if (name.empty()) return unknown;
    const icu::UnicodeString text =
        icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
    Zone zone;
    zone.found_.reset(icu::TimeZone::createTimeZone(text));
    zone.rules_ = dynamic_cast<const icu::BasicTimeZone*>(zone.found_.get());
    if (zone.rules_ == nullptr || *zone.found_ == icu::TimeZone::getUnknown()) return unknown;
    return zone;
  }

  int64_t local(int64_t unix_s) {
    int32_t standard_ms = 0;
    int32_t saving_ms = 0;
    rules_->getOffset(static_cast<double>(unix_s) * kMillisecond, false, standard_ms, saving_ms, code_);
    return unix_s + (standard_ms + saving_ms) / 1000;
  }
  int64_t unix_of(int64_t local_s) {
    int32_t standard_ms = 0;
    int32_t saving_ms = 0;
    rules_->getOffsetFromLocal(static_cast<double>(local_s) * kMillisecond, UCAL_TZ_LOCAL_FORMER, UCAL_TZ_LOCAL_FORMER,
                               standard_ms, saving_ms, code_);
    return local_s - (standard_ms + saving_ms) / 1000;
  }
  // What went wrong in any call so far.
  base::Status status() const {
    if (U_SUCCESS(code_)) return base::ok();
    return base::Error(base::ErrorCode::kInternal, "the time zone's rules cannot be read");
  }

 private:
  std::unique_ptr<icu::TimeZone> found_;
  const icu::BasicTimeZone* rules_ = nullptr;
  UErrorCode code_ = U_ZERO_ERROR;
};

int64_t stepped(CalendarStep step, int64_t local_s) {
  if (step == CalendarStep::kDay) return local_s - kDayS;
  if (step == CalendarStep::kWeek) return local_s - 7 * kDayS;
  const sys_seconds time{seconds(local_s)};
  const auto day = floor<days>(time);
  year_month_day before = year_month_day(day) - std::chrono::months(1);
  if (!before.ok()) before = before.year() / before.month() / std::chrono::last;
  return (sys_days(before).time_since_epoch() + (time - day)).count();
}

// Steps of a calendar are numbered; where each begins, on the zone's clock.
class Steps {
 public:
  Steps(const lang::CalendarRollup& calendar, Zone& zone) : calendar_(calendar), zone_(zone) {}

  int64_t begin(int64_t step) { return zone_.unix_of(local_begin(step)); }

  // The step that holds `unix_s`.
  int64_t holding(int64_t unix_s) {
    const int64_t local_s = zone_.local(unix_s);
    int64_t step = near(local_s);
    // `near` is off by one where a step begins late in its day or month, and a change of the clocks may add one more.
    while (begin(step) > unix_s) --step;
    while (begin(step + 1) <= unix_s) ++step;
    return step;
  }

 private:
  static int64_t divide_down(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
  static int64_t local_day(std::chrono::year_month_day date) {
    return sys_days(date).time_since_epoch().count() * kDayS;
  }

  int64_t local_begin(int64_t step) const {
    using lang::CalendarUnit;
    // Day 0 of Unix time is a Thursday; Sunday 0 is three days later.
    constexpr int64_t kFirstSunday = 3;
    switch (calendar_.unit) {
      case CalendarUnit::kDay:
        return step * kDayS + static_cast<int64_t>(calendar_.begins) * 3600;
      case CalendarUnit::kWeek:
        return (step * 7 + kFirstSunday + calendar_.begins) * kDayS;
      case CalendarUnit::kMonth: {
        const auto month = year_month_day(std::chrono::year(1970) / 1 / 1) + std::chrono::months(step);
        const auto date = month.year() / month.month() / std::chrono::day(calendar_.begins);
        return local_day(date.ok() ? date : year_month_day(month.year() / month.month() / std::chrono::last));
      }
      case CalendarUnit::kYear:
        return local_day(std::chrono::year(static_cast<int>(1970 + step)) / std::chrono::month(calendar_.begins) / 1);
    }
    return 0;
  }

  int64_t near(int64_t local_s) const {
    using lang::CalendarUnit;
    const int64_t day = divide_down(local_s, kDayS);
    if (calendar_.unit == CalendarUnit::kDay) return day;
    if (calendar_.unit == CalendarUnit::kWeek) return divide_down(day, 7);
    const year_month_day date{sys_days(days(day))};
    const int64_t years = static_cast<int>(date.year()) - 1970;
    return calendar_.unit == CalendarUnit::kYear ? years : years * 12 + static_cast<unsigned>(date.month()) - 1;
  }

  const lang::CalendarRollup& calendar_;
  Zone& zone_;
};

// What one usually lasts: where whole numbers of buckets stand for seconds, as in timeshift(…).
uint32_t usual_seconds(lang::CalendarUnit unit) {
  switch (unit) {
    case lang::CalendarUnit::kDay:
      return 86400;
    case lang::CalendarUnit::kWeek:
      return 7 * 86400;
    case lang::CalendarUnit::kMonth:
      return 30 * 86400;
    case lang::CalendarUnit::kYear:
      return 365 * 86400;
  }
  return 86400;
}

Buckets buckets_from(const lang::CalendarRollup& calendar, Steps& steps, int64_t first, size_t count) {
  Buckets buckets{.start_s = 0, .interval_s = usual_seconds(calendar.unit), .count = count, .edges = {}};
  buckets.edges.reserve(count + 1);
  for (size_t i = 0; i <= count; ++i) buckets.edges.push_back(steps.begin(first + static_cast<int64_t>(i)));
  buckets.start_s = buckets.edges.front();
  return buckets;
}

}  // namespace

base::Result<int64_t> seconds_back(CalendarStep step, std::string_view name, int64_t unix_s) {
  base::Result<Zone> zone = Zone::find(name);
  if (!zone) return std::move(zone).error();
  const int64_t back = unix_s - zone->unix_of(stepped(step, zone->local(unix_s)));
  if (base::Status read = zone->status(); !read) return std::move(read).error();
  return back;
}

base::Status check_zone(std::string_view name) {
  base::Result<Zone> zone = Zone::find(name);
  return zone ? base::ok() : base::Status(std::move(zone).error());
}

base::Result<Buckets> calendar_covering(const lang::CalendarRollup& calendar, int64_t from_s, int64_t to_s,
                                        size_t buckets_max) {
  base::Result<Zone> zone = Zone::find(calendar.zone);
  if (!zone) return std::move(zone).error();
  Steps steps(calendar, *zone);
  const int64_t first = steps.holding(from_s);
  const int64_t last = steps.holding(to_s - 1);
  if (base::Status read = zone->status(); !read) return std::move(read).error();
  const auto count = static_cast<size_t>(last - first + 1);
  if (count > buckets_max) {
    return base::Error(base::ErrorCode::kTooLarge, "the range takes " + std::to_string(count) +
                                                       " buckets of rollup(…, " + to_text(calendar) + "), more than " +
                                                       std::to_string(buckets_max) + "; take longer ones");
  }
  return buckets_from(calendar, steps, first, count);
}

base::Result<Buckets> calendar_buckets(const lang::CalendarRollup& calendar, int64_t unix_s, int64_t steps_on,
                                       size_t count) {
  base::Result<Zone> zone = Zone::find(calendar.zone);
  if (!zone) return std::move(zone).error();
  Steps steps(calendar, *zone);
  Buckets buckets = buckets_from(calendar, steps, steps.holding(unix_s) + steps_on, count);
  if (base::Status read = zone->status(); !read) return std::move(read).error();
  return buckets;
}

}  // namespace godseye::query
