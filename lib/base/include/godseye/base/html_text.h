#pragma once

#include <string>
#include <string_view>

// Text inside HTML. Pure; threads: any.
namespace godseye::base {

// What stands for `c` in an element or a quoted attribute: "&lt;" for <. Empty: the character itself.
std::string_view html_entity(char c);

// `text` as HTML shows it literally; every other byte as it is.
std::string escape_html(std::string_view text);

}  // namespace godseye::base
