#pragma once

#include "cursor.h"

#include <godseye/lang/monitor_query.h>

namespace godseye::lang {

// `> 4`; fails with `expected` when there is no comparator. False on failure, which is in the cursor.
bool read_comparison(Cursor& cursor, std::string_view expected, Comparator& comparator, double& threshold);
// Likewise at the end of a monitor query.
bool parse_comparison(Cursor& cursor, Comparator& comparator, double& threshold);

// `5m`, `2h`, `1d`, `1w`, `1mo` → seconds; 0 if it is none.
uint32_t duration_seconds(std::string_view text);

}  // namespace godseye::lang
