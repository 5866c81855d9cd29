#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// `Recurrence` answers when a rule of RFC 5545 (`FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=…`) begins again, in local time of a
// zone.
//
// The rule is expanded on the wall clock and each occurrence turned into a moment afterwards, so `02:00 every day`
// stays 02:00 over a change of summer time. A local time that does not exist (the hour skipped in spring) is read with
// the offset before the change, one that exists twice is the first.
//
// Taken: FREQ (HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, COUNT or UNTIL (a day, a wall clock's time or, with
// Z, a moment), BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSECOND, BYSETPOS and WKST, each
// once, in capitals or not, with or without "RRULE:". Refused: any other part (DTSTART, DURATION, RSCALE …), numbers
// out of range (COUNT=0, INTERVAL=0, BYHOUR=24, BYMONTHDAY=0), what RFC 5545 does not allow together (COUNT with UNTIL,
// BYWEEKNO or BYYEARDAY without FREQ=YEARLY, BYSETPOS alone, a numbered day in weeks …), an UNTIL before the start,
// FREQ=HOURLY with days of a month or year or with weeks, and more than 288 times a day (24 with FREQ=DAILY and days of
// a month).
//
// Bounded: a text of at most kRuleBytesMax, hours as the smallest frequency, at most kCountMax occurrences by COUNT, at
// most kStepsMax steps and 30 years a question; a rule that finds nothing within them has no further occurrence.
// Threads: const functions from any thread. Errors: kInvalidArgument with a sentence that says what would be right.
namespace godseye::monitor {

// A civil time without a zone, as seconds since 1970-01-01T00:00 on that clock.
base::Result<int64_t> parse_local_time(std::string_view text);  // "2026-01-31T12:00", seconds optional

class TimeZone {
 public:
  static base::Result<TimeZone> find(std::string_view name);  // IANA: "Europe/Paris", "UTC"
  int64_t to_unix(int64_t local_s) const;
  int64_t to_local(int64_t unix_s) const;

 private:
  struct Impl;
  explicit TimeZone(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

class Recurrence {
 public:
  static constexpr size_t kRuleBytesMax = 500;
  static constexpr int kCountMax = 2'000;
  static constexpr int kIntervalMax = 1'000;
  static constexpr size_t kStepsMax = 10'000;

  // `start_local_s` is the first possible occurrence; it is one only when the rule agrees.
  static base::Result<Recurrence> parse(std::string_view rule, int64_t start_local_s, TimeZone zone);

  // The first occurrence that begins at `unix_s` or later.
  std::optional<int64_t> first_from(int64_t unix_s) const;

 private:
  struct Impl;
  explicit Recurrence(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace godseye::monitor
