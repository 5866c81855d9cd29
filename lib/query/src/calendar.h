#pragma once

#include "buckets.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/lang/metric_query.h>

// Days, weeks, months and years on the wall clock of a time zone. The adapter to ICU: its types stay in calendar.cpp.
//
// A time of day that the zone skips is read with the offset before the change, of one that it repeats the first is
// meant: a day whose midnight does not exist begins when the clocks change. kInvalidArgument for a zone that nobody
// knows.
namespace godseye::query {

enum class CalendarStep : uint8_t { kDay, kWeek, kMonth };

// Seconds from `unix_s` back to the same time of the day a step earlier, on the clock of `zone` (IANA: "Europe/Paris").
// So a day is 23 hours or 25 over a change of summer time; a month goes back to the same day of the month before, to
// its last where that is shorter.
base::Result<int64_t> seconds_back(CalendarStep step, std::string_view zone, int64_t unix_s);

base::Status check_zone(std::string_view zone);

// The calendar's buckets that cover [from_s, to_s) whole. Requires 0 <= from_s < to_s. kTooLarge beyond `buckets_max`:
// a coarser unit fits, and is the asker's to choose.
base::Result<Buckets> calendar_covering(const lang::CalendarRollup& calendar, int64_t from_s, int64_t to_s,
                                        size_t buckets_max);
// `count` buckets, the first of them `steps` after the one that holds `unix_s` (negative: before it).
base::Result<Buckets> calendar_buckets(const lang::CalendarRollup& calendar, int64_t unix_s, int64_t steps,
                                       size_t count);

}  // namespace godseye::query
