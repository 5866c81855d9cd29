#pragma once

#include <cstdint>
#include <string_view>

#include <godseye/base/result.h>

// Days, weeks and months back on the wall clock of a time zone. The adapter to ICU: its types stay in calendar.cpp.
namespace godseye::query {

enum class CalendarStep : uint8_t { kDay, kWeek, kMonth };

// Seconds from `unix_s` back to the same time of the day a step earlier, on the clock of `zone` (IANA: "Europe/Paris").
// So a day is 23 hours or 25 over a change of summer time; a month goes back to the same day of the month before, to
// its last where that is shorter. A time that the zone skips is read with the offset before the change, of one that it
// repeats the first is meant. kInvalidArgument for a zone that nobody knows.
base::Result<int64_t> seconds_back(CalendarStep step, std::string_view zone, int64_t unix_s);

}  // namespace godseye::query
