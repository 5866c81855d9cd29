#pragma once

#include <string>
#include <string_view>
#include <vector>

// The little JSON that the tables need: texts quoted, and arrays of texts taken apart. Pure functions.
namespace godseye::store {

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 stay as they are.
void put_json_string(std::string& out, std::string_view text);

// The elements of a JSON array of strings. False for anything else; `out` then holds what was read before. \u escapes
// become UTF-8, a lone surrogate becomes U+FFFD.
bool parse_json_strings(std::string_view json, std::vector<std::string>& out);

}  // namespace godseye::store
