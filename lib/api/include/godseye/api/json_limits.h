#pragma once

#include <cstddef>
#include <string_view>

#include <godseye/base/result.h>

namespace godseye::api {

inline constexpr size_t kJsonDepthMax = 64;
inline constexpr size_t kJsonBytesMax = 8 * 1024 * 1024;

// Refuses a body that a JSON parser should not even begin with: larger than `bytes_max` (kTooLarge) or nested deeper
// than `depth_max` (kInvalidArgument). One pass, no allocation; says nothing about whether the text is JSON.
base::Status check_json_limits(std::string_view body, size_t depth_max = kJsonDepthMax,
                               size_t bytes_max = kJsonBytesMax);

}  // namespace godseye::api
