#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Personal data out of JSON that must stay JSON: the arguments of a tool call. Pure.
namespace godseye::gateway {

// `json` with personal data in its strings replaced by its kind in brackets, and a number that is personal data
// (a card, a phone) by such a string; all other bytes as they were. The name of a member counts as the words before its
// value. `found` grows by what was replaced. Nothing when a string does not end: it is not whole.
std::optional<std::string> redact_json(std::string_view json, int64_t& found);

}  // namespace godseye::gateway
