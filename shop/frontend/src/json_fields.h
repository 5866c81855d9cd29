#pragma once

#include "web_text.h"

#include <string_view>

#include <godseye/base/result.h>

// JSON from outside as the same names and values that forms have. Pure.
namespace vcommerce::frontend {

inline constexpr size_t kJsonDepthMax = 4;

// An object; objects within it become `address.city`. Texts as they are, numbers as written, true and false as "1" and
// ""; null is nothing. kInvalidArgument names the field: not an object, an array, a text that is not UTF-8 or has
// control characters, longer than kFieldBytesMax. kTooLarge: more than kFieldsMax.
base::Result<Fields> json_fields(std::string_view text);

}  // namespace vcommerce::frontend
