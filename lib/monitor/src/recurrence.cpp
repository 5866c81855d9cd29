#include "rule_text.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <godseye/monitor/recurrence.h>

#include <libical/ical.h>
#include <unicode/basictz.h>

// The adapter to libical (rules) and ICU (zones): neither shows in a header.
namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr int64_t kDay = 86400;
// Occurrences beyond are of no interest, and libical's calendar is sure of itself up to there.
constexpr int kYearMax = 2200;
// An answer is looked for so many years ahead of the question. A rule by days that never comes true (30 February) walks
// through each of them, and once for each time of the day.
constexpr int kYearsAhead = 30;
constexpr size_t kTimesADayMax = 288;     // five minutes apart
constexpr size_t kRareTimesADayMax = 24;  // of a rule by days that names days of a month

Error wrong(std::string what) { return {ErrorCode::kInvalidArgument, std::move(what)}; }

// Days since 1970-01-01 of a civil date, and back.
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

icaltimetype civil_of(int64_t local_s) {
  int64_t days = local_s / kDay;
  int64_t second = local_s % kDay;
  if (second < 0) {
    second += kDay;
    --days;
  }
  const int64_t z = days + 719468;
  const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t day_of_era = z - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  icaltimetype time = icaltime_null_time();
  time.day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  time.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  time.year = static_cast<int>(year_of_era + era * 400 + (time.month <= 2 ? 1 : 0));
  time.hour = static_cast<int>(second / 3600);
  time.minute = static_cast<int>(second / 60 % 60);
  time.second = static_cast<int>(second % 60);
  return time;
}

int64_t seconds_of(const icaltimetype& time) {
  return days_of(time.year, time.month, time.day) * kDay + time.hour * 3600 + time.minute * 60 + time.second;
}

bool take_number(std::string_view& text, size_t digits, int64_t& into) {
  if (text.size() < digits || text[0] < '0' || text[0] > '9') return false;
  const auto [end, code] = std::from_chars(text.data(), text.data() + digits, into);
  if (code != std::errc() || end != text.data() + digits) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// UNTIL as a wall clock of `zone`, the last second that may be an occurrence. Nothing: there is none.
Result<std::optional<int64_t>> until_of(std::string_view rule, const TimeZone& zone) {
  const size_t at = rule.find("UNTIL=");
  if (at == std::string_view::npos) return std::optional<int64_t>();
  const std::string_view given = rule.substr(at + 6, rule.find(';', at) - at - 6);
  const Error error = wrong("UNTIL is a day such as 20261231 or a time such as 20261231T235959Z, not " +
                            std::string(given.substr(0, 40)));
  const bool day = given.size() == 8;
  const bool moment = given.size() == 16 && given[15] == 'Z';
  if (!day && !moment && given.size() != 15) return error;
  if (!day && given[8] != 'T') return error;
  // 9999 says for ever. A leap year: 29 February is a day there.
  constexpr std::string_view kLastYear = "2196";
  const std::string_view year = given.substr(0, 4);
  const bool far = year > kLastYear && year.find_first_not_of("0123456789") == std::string_view::npos;
  std::string text(far ? kLastYear : year);
  text.append("-").append(given.substr(4, 2)).append("-").append(given.substr(6, 2));
  if (day) {
    text += "T23:59:59";
  } else {
    text.append("T").append(given.substr(9, 2)).append(":").append(given.substr(11, 2));
    text.append(":").append(given.substr(13, 2));
  }
  const Result<int64_t> local_s = parse_local_time(text);
  if (!local_s) return error;
  // The expansion knows no zones: an end given as a moment becomes a wall clock's.
  return std::optional(moment ? zone.to_local(*local_s) : *local_s);
}

// The last whole number of intervals after the start that is not after `local_s`. libical, told to jump, counts hours
// of a day anew; a rule by hours that starts whole intervals later is the same rule.
int64_t aligned_hours(const icalrecurrencetype& rule, int64_t start_local_s, int64_t local_s) {
  const int64_t unit_s = int64_t{3600} * rule.interval;
  return start_local_s + (local_s - start_local_s) / unit_s * unit_s;
}

bool has(const short* list) { return list[0] != ICAL_RECURRENCE_ARRAY_MAX; }

// How many values a list has, at least one: what is not given is that of the start.
size_t size_of(const short* list) {
  size_t size = 0;
  while (list[size] != ICAL_RECURRENCE_ARRAY_MAX) ++size;
  return std::max<size_t>(1, size);
}

// `rule` without what lies more than kYearsAhead behind both its start and the question.
icalrecurrencetype bounded(icalrecurrencetype rule, int64_t start_local_s, int64_t from_local_s) {
  const icaltimetype end = civil_of(std::max(start_local_s, from_local_s) + kYearsAhead * 366 * kDay);
  if (icaltime_is_null_time(rule.until) || seconds_of(rule.until) > seconds_of(end)) rule.until = end;
  return rule;
}

}  // namespace

Result<int64_t> parse_local_time(std::string_view text) {
  const std::string whole(text.substr(0, 60));
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  bool fine = take_number(text, 4, year) && take(text, '-') && take_number(text, 2, month) && take(text, '-') &&
              take_number(text, 2, day) && (take(text, 'T') || take(text, ' ')) && take_number(text, 2, hour) &&
              take(text, ':') && take_number(text, 2, minute);
  if (fine && take(text, ':')) fine = take_number(text, 2, second);
  if (fine && text == ".000000") text = {};
  fine = fine && text.empty() && year >= 1970 && year <= kYearMax && month >= 1 && month <= 12 && hour < 24 &&
         minute < 60 && second < 60;
  if (fine) {
    const int64_t days = days_of(year, month, day);
    const icaltimetype back = civil_of(days * kDay);
    if (back.day == day && back.month == month) return days * kDay + hour * 3600 + minute * 60 + second;
  }
  return wrong("expected a local time such as 2026-01-31T12:00 but found \"" + whole + "\"");
}

struct TimeZone::Impl {
  std::unique_ptr<icu::BasicTimeZone> zone;
};

Result<TimeZone> TimeZone::find(std::string_view name) {
  const auto unknown = [&] {
    return wrong("\"" + std::string(name.substr(0, 60)) +
                 "\" is not a time zone; expected a name such as Europe/Paris");
  };
  if (name.empty() || name.size() > 100) return unknown();
  std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())))));
  // ICU answers a name that it does not know with a zone called Unknown.
  if (found == nullptr || *found == icu::TimeZone::getUnknown()) return unknown();
  auto* basic = dynamic_cast<icu::BasicTimeZone*>(found.get());
  if (basic == nullptr) return unknown();
  found.release();
  return TimeZone(std::make_shared<const Impl>(Impl{std::unique_ptr<icu::BasicTimeZone>(basic)}));
}

int64_t TimeZone::to_unix(int64_t local_s) const {
  int32_t raw_ms = 0;
  int32_t saving_ms = 0;
  UErrorCode code = U_ZERO_ERROR;
  impl_->zone->getOffsetFromLocal(static_cast<double>(local_s) * 1000, UCAL_TZ_LOCAL_FORMER, UCAL_TZ_LOCAL_FORMER,
                                  raw_ms, saving_ms, code);
  return U_FAILURE(code) ? local_s : local_s - (raw_ms + saving_ms) / 1000;
}

int64_t TimeZone::to_local(int64_t unix_s) const {
  int32_t raw_ms = 0;
  int32_t saving_ms = 0;
  UErrorCode code = U_ZERO_ERROR;
  impl_->zone->getOffset(static_cast<double>(unix_s) * 1000, false, raw_ms, saving_ms, code);
  return U_FAILURE(code) ? unix_s : unix_s + (raw_ms + saving_ms) / 1000;
}

struct Recurrence::Impl {
  icalrecurrencetype rule;
  icaltimetype start;
  int64_t start_local_s;
  TimeZone zone;
};

Result<Recurrence> Recurrence::parse(std::string_view rule, int64_t start_local_s, TimeZone zone) {
  const Result<std::string> text = checked_rule(rule);
  if (!text) return text.error();
  const Result<std::optional<int64_t>> until = until_of(*text, zone);
  if (!until) return until.error();
  icalrecurrencetype parsed = icalrecurrencetype_from_string(text->c_str());
  if (parsed.freq == ICAL_NO_RECURRENCE) {
    return wrong("\"" + text->substr(0, 100) + "\" is not a recurrence rule; it reads like FREQ=WEEKLY;BYDAY=MO,TU");
  }
  // Rules that look for a rare day hour by hour cost more than they say.
  if (parsed.freq == ICAL_HOURLY_RECURRENCE &&
      (has(parsed.by_month) || has(parsed.by_month_day) || has(parsed.by_year_day) || has(parsed.by_week_no))) {
    return wrong("FREQ=HOURLY takes no days of a month or year and no weeks; use FREQ=DAILY with BYHOUR");
  }
  const bool rare_days = has(parsed.by_month_day) || has(parsed.by_year_day) || has(parsed.by_week_no);
  const bool hourly = parsed.freq == ICAL_HOURLY_RECURRENCE;
  const size_t hours = hourly && !has(parsed.by_hour) ? 24 : size_of(parsed.by_hour);
  const size_t times_a_day = hours * size_of(parsed.by_minute) * size_of(parsed.by_second);
  const size_t times_max = parsed.freq == ICAL_DAILY_RECURRENCE && rare_days ? kRareTimesADayMax : kTimesADayMax;
  if (times_a_day > times_max) {
    return wrong("a rule takes at most " + std::to_string(times_max) +
                 " times a day (BYHOUR, BYMINUTE and BYSECOND together)" +
                 (times_max < kTimesADayMax ? ", with FREQ=DAILY and days of a month; use FREQ=MONTHLY" : ""));
  }
  if (*until) {
    if (**until < start_local_s) return wrong("UNTIL is before the start: the rule never occurs");
    parsed.until = civil_of(**until);
  }
  const auto impl = std::make_shared<const Impl>(Impl{parsed, civil_of(start_local_s), start_local_s, std::move(zone)});
  return Recurrence(impl);
}

std::optional<int64_t> Recurrence::first_from(int64_t unix_s) const {
  // A local hour may come twice: a day early, and then by the moments themselves.
  const int64_t from_local_s = impl_->zone.to_local(unix_s) - kDay;
  // Rules with a COUNT are counted from their start, which is why it has a limit.
  const bool jumps = impl_->rule.count == 0 && from_local_s > impl_->start_local_s;
  const bool hourly = impl_->rule.freq == ICAL_HOURLY_RECURRENCE;
  const icaltimetype start =
      jumps && hourly ? civil_of(aligned_hours(impl_->rule, impl_->start_local_s, from_local_s)) : impl_->start;
  icalrecur_iterator* iterator =
      icalrecur_iterator_new(bounded(impl_->rule, impl_->start_local_s, from_local_s), start);
  if (iterator == nullptr) return std::nullopt;
  if (jumps && !hourly) (void)icalrecur_iterator_set_start(iterator, civil_of(from_local_s));
  std::optional<int64_t> found;
  for (size_t step = 0; step < kStepsMax; ++step) {
    const icaltimetype next = icalrecur_iterator_next(iterator);
    if (icaltime_is_null_time(next) || next.year > kYearMax) break;
    const int64_t at_s = impl_->zone.to_unix(seconds_of(next));
    if (at_s < unix_s) continue;
    found = at_s;
    break;
  }
  icalrecur_iterator_free(iterator);
  return found;
}

}  // namespace godseye::monitor
