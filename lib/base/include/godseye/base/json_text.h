#pragma once

#include <string>
#include <string_view>

// Text inside JSON that is put together by hand: answers, log lines, columns. Pure.
namespace godseye::base {

// How many bytes at the front of `text` are one well-formed UTF-8 character (RFC 3629); 0: none. Requires: not empty.
size_t utf8_length(std::string_view text);

// Appends `text` as a JSON string with its quotes. Control characters are escaped; bytes that are not UTF-8 become
// U+FFFD, one for each. At most 6 bytes for one, and the quotes.
void append_json_string(std::string_view text, std::string& out);
std::string json_quoted(std::string_view text);

}  // namespace godseye::base
