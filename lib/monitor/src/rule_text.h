#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// The text of a recurrence rule, part by part, before a library sees it: libical takes 65537 for 1, 0 for "not given"
// and combinations that RFC 5545 forbids for a rule without occurrences.
namespace godseye::monitor {

// `rule` in capitals and without "RRULE:", or kInvalidArgument with a sentence that names the part.
base::Result<std::string> checked_rule(std::string_view rule);

}  // namespace godseye::monitor
