#pragma once

#include "scope_sql.h"
#include "span_keys.h"

#include <string>

#include <godseye/base/result.h>
#include <godseye/lang/search.h>

// Searches as SQL. Text from outside becomes a parameter, never part of the statement.
namespace godseye::query {

// `start` in [from_ns, to_ns).
std::string time_condition(int64_t from_ns, int64_t to_ns);

// The condition of `node` over rows of `table`; "1" for everything. Never NULL for any row, so that NOT is its
// complement. A key of the other table becomes a subquery over that table and the same range. Errors: kInvalidArgument
// with the column (a text where a number is needed).
base::Result<std::string> search_condition(const lang::SearchNode& node, SpanTable table, int64_t from_ns,
                                           int64_t to_ns, SqlParameters& parameters);

// A glob of lang::SearchValue as a pattern of LIKE.
std::string like_of_glob(std::string_view glob);

}  // namespace godseye::query
