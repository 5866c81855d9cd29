#pragma once

#include "cursor.h"

#include <string>
#include <string_view>
#include <vector>

#include <godseye/lang/metric_query.h>

namespace godseye::lang {

// Up to three function names that resemble `name`, nearest first.
std::vector<std::string_view> near_functions(std::string_view name);

// "moving_rollup(query, number[, string])", for errors.
std::string function_usage(const FunctionSignature& signature);

// Whether the next thing is `name =`. Consumes nothing.
bool at_keyword_argument(Cursor& cursor);

}  // namespace godseye::lang
