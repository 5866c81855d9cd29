#pragma once

#include "cursor.h"

#include <godseye/lang/metric_query.h>

// The calendar's part of `.rollup(…)`:
//   unit [',' begin] [',' zone] ')'
//   unit := 'daily' | 'weekly' | 'monthly' | 'yearly'
//   begin := '12am' … '11pm' | 'sunday' … 'saturday' | '1st' … '31st' | 'january' … 'december', as fits the unit
// Words may be quoted, and in upper case.
namespace godseye::lang {

// Whether the next word is a unit; consumes nothing.
bool at_calendar_unit(Cursor& cursor);
// From the unit up to and with the closing parenthesis; false on failure, which is in the cursor.
bool parse_calendar_rollup(Cursor& cursor, CalendarRollup& out);

}  // namespace godseye::lang
