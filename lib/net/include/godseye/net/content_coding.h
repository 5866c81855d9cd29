#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>

// Content-Encoding: gzip, deflate and zstd in both directions where we need them. Pure functions.
namespace godseye::net {

// `bytes` decoded by `coding` (a Content-Encoding value: identity, gzip, x-gzip, deflate, zstd, zstd1; case ignored).
// Output never grows past `bytes_max`: kTooLarge, however small the input was (a "bomb"). kUnimplemented for another
// coding or a list of them, kInvalidArgument for damaged or truncated bytes or bytes after the end.
base::Result<std::string> decode_content(std::string_view coding, std::string_view bytes, size_t bytes_max);

// One gzip member; `level` 1 (fast) to 9 (small).
std::string gzip(std::string_view bytes, int level = 1);

// True when an Accept-Encoding value allows gzip ("gzip", "*", not "gzip;q=0").
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace godseye::net
