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
constexpr size_t kTimesADayMax = 24;  // of a rule by days that names days of a month or year, or weeks

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

// The names a rule may have, once each. Durations and starts have fields of their own.
base::Status check_names(std::string_view rule) {
  constexpr std::string_view kKnown[] = {"FREQ",       "INTERVAL",  "COUNT",    "UNTIL",   "BYDAY",
                                         "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS",
                                         "WKST",       "BYHOUR",    "BYMINUTE", "BYSECOND"};
  std::string seen = ";";
  while (!rule.empty()) {
    const std::string_view part = rule.substr(0, rule.find(';'));
    rule.remove_prefix(std::min(rule.size(), part.size() + 1));
    const size_t equals = part.find('=');
    const std::string name(part.substr(0, equals));
    if (equals == std::string_view::npos || equals + 1 == part.size()) {
      return wrong("\"" + std::string(part.substr(0, 40)) +
                   "\" is not NAME=VALUE; a rule reads like "
                   "FREQ=WEEKLY;BYDAY=MO");
    }
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
      return wrong(name.substr(0, 40) +
                   " has no place in a rule here; a start and a duration have fields of their own");
    }
    if (seen.find(";" + name + ";") != std::string::npos) return wrong(name + " is given twice");
    seen += name + ";";
  }
  return base::ok();
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
  if (rule.starts_with("RRULE:")) rule.remove_prefix(6);
  if (rule.size() > kRuleBytesMax) return wrong("the rule is longer than " + std::to_string(kRuleBytesMax) + " bytes");
  if (base::Status names = check_names(rule); !names) return names.error();
  const std::string text(rule);
  icalrecurrencetype parsed = icalrecurrencetype_from_string(text.c_str());
  if (parsed.freq == ICAL_NO_RECURRENCE) {
    return wrong("\"" + text.substr(0, 100) + "\" is not a recurrence rule; it reads like FREQ=WEEKLY;BYDAY=MO,TU");
  }
  if (parsed.freq == ICAL_SECONDLY_RECURRENCE || parsed.freq == ICAL_MINUTELY_RECURRENCE) {
    return wrong("the smallest frequency is FREQ=HOURLY");
  }
  // Rules that look for a rare day hour by hour cost more than they say.
  if (parsed.freq == ICAL_HOURLY_RECURRENCE &&
      (has(parsed.by_month) || has(parsed.by_month_day) || has(parsed.by_year_day) || has(parsed.by_week_no))) {
    return wrong("FREQ=HOURLY takes no days of a month or year and no weeks; use FREQ=DAILY with BYHOUR");
  }
  const bool rare_days = has(parsed.by_month_day) || has(parsed.by_year_day) || has(parsed.by_week_no);
  const size_t times_a_day = size_of(parsed.by_hour) * size_of(parsed.by_minute) * size_of(parsed.by_second);
  if (parsed.freq == ICAL_DAILY_RECURRENCE && rare_days && times_a_day > kTimesADayMax) {
    return wrong("FREQ=DAILY with days of a month or year takes at most " + std::to_string(kTimesADayMax) +
                 " times a day (BYHOUR, BYMINUTE and BYSECOND together); use FREQ=MONTHLY or FREQ=YEARLY");
  }
  if (parsed.count > kCountMax) return wrong("COUNT is at most " + std::to_string(kCountMax));
  if (parsed.interval < 1 || parsed.interval > 1000) return wrong("INTERVAL is 1 to 1000");
  if (!icaltime_is_null_time(parsed.until)) {
    // The expansion knows no zones: an end given as a moment becomes a wall clock's.
    if (parsed.until.is_date != 0) {
      parsed.until.is_date = 0;
      parsed.until.hour = 23;
      parsed.until.minute = parsed.until.second = 59;
    } else if (icaltime_is_utc(parsed.until) != 0) {
      parsed.until = civil_of(zone.to_local(seconds_of(parsed.until)));
    }
    parsed.until.zone = nullptr;
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
