#include "calendar.h"

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

// The clock of a zone is counted like Unix time: seconds since 1970-01-01T00:00 as it showed them.
int64_t stepped(CalendarStep step, int64_t local_s) {
  constexpr int64_t kDayS = 86400;
  if (step == CalendarStep::kDay) return local_s - kDayS;
  if (step == CalendarStep::kWeek) return local_s - 7 * kDayS;
  const sys_seconds time{seconds(local_s)};
  const auto day = floor<days>(time);
  year_month_day before = year_month_day(day) - std::chrono::months(1);
  if (!before.ok()) before = before.year() / before.month() / std::chrono::last;
  return (sys_days(before).time_since_epoch() + (time - day)).count();
}

}  // namespace

base::Result<int64_t> seconds_back(CalendarStep step, std::string_view zone, int64_t unix_s) {
  const base::Error unknown(base::ErrorCode::kInvalidArgument,
                            "there is no time zone '" + std::string(zone) + "'; names are like 'Europe/Paris'");
  if (zone.empty()) return unknown;
  const icu::UnicodeString name =
      icu::UnicodeString::fromUTF8(icu::StringPiece(zone.data(), static_cast<int32_t>(zone.size())));
  const std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(name));
  const auto* rules = dynamic_cast<const icu::BasicTimeZone*>(found.get());
  if (rules == nullptr || *found == icu::TimeZone::getUnknown()) return unknown;
  int32_t standard_ms = 0;
  int32_t saving_ms = 0;
  UErrorCode code = U_ZERO_ERROR;
  rules->getOffset(static_cast<double>(unix_s) * kMillisecond, false, standard_ms, saving_ms, code);
  const int64_t earlier_local_s = stepped(step, unix_s + (standard_ms + saving_ms) / 1000);
  rules->getOffsetFromLocal(static_cast<double>(earlier_local_s) * kMillisecond, UCAL_TZ_LOCAL_FORMER,
                            UCAL_TZ_LOCAL_FORMER, standard_ms, saving_ms, code);
  if (U_FAILURE(code)) return base::Error(base::ErrorCode::kInternal, "the time zone's rules cannot be read");
  return unix_s - (earlier_local_s - (standard_ms + saving_ms) / 1000);
}

}  // namespace godseye::query
