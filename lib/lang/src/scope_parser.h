#pragma once

#include "cursor.h"

#include <godseye/lang/metric_query.h>

namespace godseye::lang {

// What stands between `{` and `}`; both are left to the caller. False on failure, which is in the cursor.
bool parse_scope(Cursor& cursor, Scope& scope);

// One tag key as it stands in `by {…}`; empty if there is none.
std::string_view tag_key(Cursor& cursor);

}  // namespace godseye::lang
