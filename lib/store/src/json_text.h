#pragma once

#include <string>
#include <string_view>
#include <vector>

// The little JSON that the tables need: arrays of texts taken apart. Pure functions.
namespace godseye::store {

// The elements of a JSON array of strings. False for anything else; `out` then holds what was read before. \u escapes
// become UTF-8, a lone surrogate becomes U+FFFD.
bool parse_json_strings(std::string_view json, std::vector<std::string>& out);

}  // namespace godseye::store
