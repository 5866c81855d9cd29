#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// What is asked of every text that comes from outside, and the ids that are made here.
namespace vcommerce {

// Ids and keys: 1 to `bytes_max` letters, digits, `-`, `_`, `.`, `:`, `/` or `@`. kInvalidArgument names `field`.
base::Status check_id(std::string_view id, std::string_view field, size_t bytes_max = 128);
// Well-formed UTF-8 without control characters, at most `bytes_max`. Empty passes only with `empty_allowed`.
base::Status check_text(std::string_view text, std::string_view field, size_t bytes_max, bool empty_allowed = false);

// 128 bits from the system's generator after `prefix`, as hexadecimal digits: nobody guesses another's order.
std::string random_id(std::string_view prefix);
// A stable fingerprint of `text` (64 bits of XXH3, hexadecimal): tells bodies apart, hides nothing.
std::string fingerprint(std::string_view text);

}  // namespace vcommerce
