#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/notify/notification.h>

// What the renderers share. Pure.
namespace godseye::notify {

// Control characters become blanks, bytes that are not UTF-8 U+FFFD.
std::string one_line(std::string_view text);
std::string iso_time(int64_t unix_s);                // "2026-01-02T03:04:05Z"
std::string mail_time(int64_t unix_s);               // "Fri, 2 Jan 2026 03:04:05 +0000"
std::string_view status_colour(AlertStatus status);  // "#d63b3b"

}  // namespace godseye::notify
