#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/json_text.h>
#include <godseye/guard/image.h>
#include <godseye/guard/inject.h>
#include <godseye/guard/pii.h>

// Answers of the guard as JSON, written once for the command line and HTTP. Each function returns members without the
// braces around them ("\"score\":0.93,…"), so that callers join what they have. Bytes that are not UTF-8 become U+FFFD.
namespace godseye::guard {

using base::json_quoted;
// Six significant digits; what is no number is 0.
std::string json_number(double value);

// "score","label","reasons"[,"truncated":true]
std::string json_members(const InjectScore& score);
// "entities":[{"type","start","end","score"}], offsets in UTF-8 bytes.
std::string json_members(const std::vector<PiiEntity>& entities);
// "verdict","kind","format","reasons":[{"kind","verdict","detail"}],"width","height","frames","decoded_bytes"
std::string json_members(const ImageReport& report);

}  // namespace godseye::guard
