#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>

// One MessagePack document as JSON, so that what travels in either form is decoded once.
namespace godseye::msgpack {

inline constexpr size_t kJsonDepthMax = 64;

// Appends the value at the start of `document` to `out` as JSON and returns how many bytes it took. Map keys that are
// no strings become text, binary becomes a string like any other text, bytes that are not UTF-8 become U+FFFD, NaN and
// infinities null, extension types null. kInvalidArgument with the byte position for bytes that end early or begin no
// value and for nesting deeper than kJsonDepthMax; then `out` is as before. The output is at most 6 times the input.
base::Result<size_t> append_json(std::string_view document, std::string& out);

}  // namespace godseye::msgpack
