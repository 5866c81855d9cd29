#pragma once

#include <string>
#include <string_view>
#include <vector>

// The many spellings of a model's name, for the price table.
namespace godseye::pipeline {

// ASCII lower case, no blanks at the ends.
std::string lower_name(std::string_view name);

// Without the paths that providers put in front: "models/", "publishers/google/models/", "projects/…/models/".
std::string_view without_path(std::string_view model);

// Without one suffix that names a version, not a model: "-2024-08-06", "-20250929", "-0613", "-001", "-05-20",
// "-latest", "-preview", "-exp", "-v1:0", "@20250929". The same view when there is none.
std::string_view without_version(std::string_view model);

// What Bedrock's ids may be listed under: "us.anthropic.x" → "us.anthropic.x", "regional.anthropic.x",
// "global.anthropic.x", "anthropic.x"; other names: themselves.
std::vector<std::string> region_spellings(std::string_view model);

// `pattern` with `*` at its beginning, end, or both; without: equal.
bool matches_pattern(std::string_view text, std::string_view pattern);

}  // namespace godseye::pipeline
